"""Pay per look: each look asks for its own files, says what it costs, and works without a connection afterwards."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.hub.looks import Person
from tests.hub.tiny_model import write_tiny_model
from tests.hub_server import HubServer

TOKENIZER = ["chat_template.jinja", "tokenizer.json", "tokenizer_config.json"]


def test_each_look_downloads_only_what_the_one_before_did_not(tmp_path: Path) -> None:
    with HubServer({"acme/tiny": write_tiny_model(tmp_path / "tiny")}) as hub:
        person = Person(hub, tmp_path / "home")
        steps = [
            ("config", ["config.json", "generation_config.json"]),
            ("config", []),
            ("tokenizer", TOKENIZER),
            ("weights", ["model.safetensors"]),
        ]
        for what, files in steps:
            hub.requests.clear()
            answer = person.looks("acme/tiny", what)
            assert hub.downloaded("acme/tiny") == files, what
        folder = Path(answer["folder"])
        assert sorted(path.name for path in folder.iterdir()) == sorted(
            ["config.json", "generation_config.json", "model.safetensors", *TOKENIZER]
        )
        assert answer["total"] == sum(path.stat().st_size for path in (tmp_path / "tiny").iterdir())
        assert answer["said"] == []


def test_a_commit_that_is_cached_costs_no_request(tmp_path: Path) -> None:
    with HubServer({"acme/tiny": write_tiny_model(tmp_path / "tiny")}) as hub:
        person = Person(hub, tmp_path / "home")
        commit = person.looks("acme/tiny", "config")["revision"]
        hub.requests.clear()
        assert person.looks("acme/tiny", "config", revision=commit)["revision"] == commit
        assert hub.requests == []


def test_a_large_download_says_size_place_and_free_space_first(tmp_path: Path) -> None:
    folder = write_tiny_model(tmp_path / "tiny")
    (folder / "model.safetensors").write_bytes(bytes(25_000_000))
    with HubServer({"acme/tiny": folder}) as hub:
        said = Person(hub, tmp_path / "home").looks("acme/tiny", "weights")["said"]
    assert said[0].startswith(f"acme/tiny: 25 MB to {tmp_path}/home/hub, ")
    assert said[0].endswith(" free")


def test_what_does_not_fit_is_refused_before_it_starts(tmp_path: Path) -> None:
    with HubServer({"acme/tiny": write_tiny_model(tmp_path / "tiny")}) as hub:
        hub.repos["acme/tiny"].claimed["model.safetensors"] = 10**15
        answer = Person(hub, tmp_path / "home").looks("acme/tiny", "weights")
        assert answer["error"].startswith("acme/tiny needs 1000 TB, and ")
        assert "HF_HOME" in answer["fix"]
        assert answer["code"] == 3
        assert hub.downloaded("acme/tiny") == []


def test_weights_that_are_only_pickles_are_refused_without_a_download(tmp_path: Path) -> None:
    folder = write_tiny_model(tmp_path / "tiny")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with HubServer({"acme/tiny": folder}) as hub:
        answer = Person(hub, tmp_path / "home").looks("acme/tiny", "weights")
        assert "only as pickles (pytorch_model.bin)" in answer["error"]
        assert "safetensors" in answer["fix"]
        assert hub.downloaded("acme/tiny") == []


def test_a_data_set_gives_the_files_of_one_split(tmp_path: Path) -> None:
    folder = tmp_path / "rows"
    for name in ("README.md", "data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    with HubServer(datasets={"acme/rows": folder}) as hub:
        person = Person(hub, tmp_path / "home")
        answer = person.looks("acme/rows", "data", kind="dataset", split="test")
        assert hub.downloaded("datasets/acme/rows") == ["data/test-00000-of-00001.parquet"]
        fetched = Path(answer["folder"]) / answer["files"][0]
        assert fetched.read_text() == "data/test-00000-of-00001.parquet"
        absent = person.looks("acme/rows", "data", kind="dataset", split="dev")
        assert absent["error"] == "acme/rows has no file of the split 'dev'"
        assert "data/train-00000-of-00001.parquet" in absent["fix"]


def test_without_a_connection_the_cache_answers_and_says_what_it_lacks(tmp_path: Path) -> None:
    with HubServer({"acme/tiny": write_tiny_model(tmp_path / "tiny")}) as hub:
        person = Person(hub, tmp_path / "home")
        online = person.looks("acme/tiny", "tokenizer")
        hub.requests.clear()
        offline = Person(hub, tmp_path / "home", {"HF_HUB_OFFLINE": "1"})
        assert offline.looks("acme/tiny", "tokenizer")["folder"] == online["folder"]
        lacking = offline.looks("acme/tiny", "weights")
        assert lacking["error"] == ("HF_HUB_OFFLINE is set, and the cache lacks model.safetensors of acme/tiny")
        assert lacking["code"] == 3
        assert hub.requests == []
    assert person.looks("acme/tiny", "tokenizer")["folder"] == online["folder"]
    lacking = person.looks("acme/none", "config")
    assert lacking["error"].startswith(f"{hub.endpoint} cannot be reached: ")
    assert lacking["error"].endswith(", and the cache lacks the config files of acme/none")


def test_a_cache_that_another_program_filled_is_used_offline(tmp_path: Path) -> None:
    with HubServer({"acme/tiny": write_tiny_model(tmp_path / "tiny")}) as hub:
        script = (
            "import sys; from huggingface_hub import hf_hub_download as get; [get(*a.split('#')) for a in sys.argv[1:]]"
        )
        Person(hub, tmp_path / "home").runs(script, "acme/tiny#config.json")
        offline = Person(hub, tmp_path / "home", {"TRANSFORMERS_OFFLINE": "1"})
        assert offline.looks("acme/tiny", "config")["files"] == ["config.json"]
        assert offline.looks("acme/tiny", "weights")["error"].endswith("the cache lacks the weights files of acme/tiny")


def test_a_data_set_of_which_the_cache_may_hold_a_part_is_not_used_offline(tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    for name in ("train-0.csv", "train-1.csv"):
        (tmp_path / "rows" / name).write_text("a\n1\n")
    with HubServer(datasets={"acme/rows": tmp_path / "rows"}) as hub:
        script = (
            "from huggingface_hub import hf_hub_download as get; get('acme/rows', 'train-0.csv', repo_type='dataset')"
        )
        Person(hub, tmp_path / "home").runs(script)
        offline = Person(hub, tmp_path / "home", {"HF_HUB_OFFLINE": "1"})
        assert "lacks the data files of acme/rows" in offline.looks("acme/rows", "data", kind="dataset")["error"]
        whole = Person(hub, tmp_path / "home").looks("acme/rows", "data", kind="dataset")
        assert offline.looks("acme/rows", "data", kind="dataset")["folder"] == whole["folder"]


def test_a_hub_that_never_answers_is_given_up(tmp_path: Path) -> None:
    import socket

    script = """
import time
from workbench.errors import Missing
from workbench.hub import What, look, plan
look.ANSWER_SECONDS = 0.5
began = time.monotonic()
try:
    plan("acme/tiny", What.CONFIG)
except Missing as error:
    print(error.what)
assert time.monotonic() - began < 5
"""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hub = HubServer()
        hub.endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert "cannot be reached" in Person(hub, tmp_path / "home").runs(script)


def test_importing_it_costs_nothing() -> None:
    script = "import sys, workbench.hub, workbench.models.find; sys.exit('huggingface_hub' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "not-an-address"])
def test_a_wrong_endpoint_is_named(tmp_path: Path, endpoint: str) -> None:
    hub = HubServer()
    hub.endpoint = endpoint
    answer = Person(hub, tmp_path / "home").looks("acme/tiny", "config")
    assert answer["error"].startswith(f"{endpoint} cannot be reached")
    assert "HF_ENDPOINT" in answer["fix"]
