"""Whatever the Hub, the connection or the disk refuses: what happened and what to do, and exit code 3."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.looks import Person
from tests.hub.tiny_model import write_tiny_model
from tests.hub_server import HubServer, Repo

SIZE = 25_000_000
CHUNK = 10 * 1024 * 1024  # what huggingface_hub writes at a time


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubServer]:
    with HubServer({"acme/tiny": write_tiny_model(tmp_path / "tiny")}) as server:
        yield server


@pytest.fixture
def person(hub: HubServer, tmp_path: Path) -> Person:
    return Person(hub, tmp_path / "home")


@pytest.fixture
def large(hub: HubServer, tmp_path: Path) -> Repo:
    """The repository, with weights of 25 MB that differ everywhere."""
    content = b"".join(number.to_bytes(5, "big") for number in range(SIZE // 5))
    (tmp_path / "tiny" / "model.safetensors").write_bytes(content)
    return hub.repos["acme/tiny"]


def weights_of(answer: dict) -> bytes:
    return (Path(answer["folder"]) / "model.safetensors").read_bytes()


def test_a_gated_model_names_its_licence_and_the_login(hub: HubServer, person: Person) -> None:
    hub.repos["acme/tiny"].gated = True
    answer = person.looks("acme/tiny", "config")
    assert answer["error"] == "acme/tiny is gated: its owner asks you to accept a licence first"
    assert answer["fix"] == f"accept it at {hub.endpoint}/acme/tiny and log in with: hf auth login"
    assert answer["code"] == 3


def test_a_private_or_absent_repository(hub: HubServer, person: Person) -> None:
    for name in ("acme/none", "acme/tiny"):
        hub.repos["acme/tiny"].private = True
        answer = person.looks(name, "config")
        assert answer["error"] == f"{hub.endpoint} has no model {name}, or it is private"
        assert "hf auth login" in answer["fix"]


def test_a_revision_that_is_not_there(person: Person) -> None:
    answer = person.looks("acme/tiny", "config", revision="v9")
    assert answer["error"] == "acme/tiny has no revision 'v9'"


def test_a_name_that_is_none(person: Person) -> None:
    answer = person.looks("acme/tiny/more", "config")
    assert answer["code"] == 2
    assert "organisation/name" in answer["fix"]


def test_a_bad_token_is_said_and_never_shown(hub: HubServer, person: Person) -> None:
    hub.bad_tokens.add("hf_secretsecret")
    person.environment["HF_TOKEN"] = "hf_secretsecret"
    answer = person.looks("acme/tiny", "config")
    assert answer["error"] == "the Hub does not accept your token"
    assert "HF_TOKEN" in answer["fix"]
    assert "hf_secret" not in str(answer)
    written = [path.read_bytes() for path in person.home.rglob("*") if path.is_file()]
    assert not any(b"hf_secret" in content for content in written)


def test_an_interrupted_download_goes_on_where_it_stopped(hub: HubServer, person: Person, large: Repo) -> None:
    person.environment["HF_TOKEN"] = "hf_good"
    large.interrupt("model.safetensors", after=22_000_000)
    answer = person.looks("acme/tiny", "weights")
    assert answer["error"].startswith("the download of acme/tiny was interrupted: ")
    assert answer["fix"] == "run it again: it goes on where it stopped"
    assert answer["code"] == 3
    large.mend()
    again = person.looks("acme/tiny", "weights")
    assert weights_of(again) == (large.folder / "model.safetensors").read_bytes()
    assert again["cached"] >= 2 * CHUNK
    assert hub.ranges() == ["", f"bytes={2 * CHUNK}-"]
    assert not any(asked.with_token for asked in hub.requests if asked.from_storage)


def test_a_short_break_is_survived(hub: HubServer, person: Person, large: Repo) -> None:
    large.interrupt("model.safetensors", after=12_000_000, then_down=False)
    answer = person.looks("acme/tiny", "weights")
    assert weights_of(answer) == (large.folder / "model.safetensors").read_bytes()
    assert hub.ranges() == ["", f"bytes={CHUNK}-"]


def test_a_file_of_the_wrong_length_is_completed_by_the_next_run(hub: HubServer, person: Person, large: Repo) -> None:
    large.shortened["model.safetensors"] = 15_000_000
    assert "a file arrived incomplete" in person.looks("acme/tiny", "weights")["error"]
    large.mend()
    assert weights_of(person.looks("acme/tiny", "weights")) == (large.folder / "model.safetensors").read_bytes()
    assert hub.ranges() == ["", "bytes=15000000-"]


def test_a_damaged_file_is_removed_and_fetched_again(person: Person, large: Repo) -> None:
    large.damaged.add("model.safetensors")
    answer = person.looks("acme/tiny", "weights")
    assert answer["error"] == "acme/tiny: model.safetensors arrived damaged and was removed"
    large.mend()
    assert weights_of(person.looks("acme/tiny", "weights")) == (large.folder / "model.safetensors").read_bytes()


def test_a_full_disk_is_said(person: Person, large: Repo) -> None:
    import hashlib

    name = hashlib.sha256((large.folder / "model.safetensors").read_bytes()).hexdigest()
    blobs = person.home / "hub" / "models--acme--tiny" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{name}.incomplete").symlink_to("/dev/full")
    answer = person.looks("acme/tiny", "weights")
    assert answer["error"] == f"the disk of {person.home}/hub is full"
    assert "HF_HOME" in answer["fix"]


def test_a_listed_file_that_is_not_there(hub: HubServer, person: Person) -> None:
    hub.repos["acme/tiny"].ghosts.add("vocab.txt")
    assert "no longer has a file that it listed" in person.looks("acme/tiny", "tokenizer")["error"]


def test_a_name_that_leads_out_of_the_cache_is_ignored(hub: HubServer, tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "train.csv").write_text("a\n1\n")
    hub.repos["datasets/acme/rows"] = Repo(
        tmp_path / "rows", ghosts={"../../../../out.csv", "/etc/x.csv", "a\\..\\b.csv"}
    )
    answer = Person(hub, tmp_path / "home").looks("acme/rows", "data", kind="dataset")
    assert answer["files"] == ["train.csv"]


def test_a_server_error_is_said(hub: HubServer, person: Person) -> None:
    hub.repos["acme/tiny"].disabled = True
    assert person.looks("acme/tiny", "config")["error"] == "the Hub has disabled acme/tiny"
