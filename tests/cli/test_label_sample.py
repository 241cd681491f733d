"""`workbench label sample`: pairs from a model, from two, and from one that was stopped on the way."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Bench
from tests.small import make_model, make_tokenizer
from workbench.label.records import Item
from workbench.label.store import open_store

SHORT = ("--max-new-tokens", "6")


def items(bench: Bench, name: str = "geo") -> list[Item]:
    with open_store(bench.folder / "labels.db", to_read=True) as store:
        return store.items(name)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model with other weights, far from even chances."""
    return make_model(make_tokenizer(tmp_path_factory.mktemp("models") / "other"), seed=1, initializer_range=0.3)


def test_every_two_answers_that_differ_are_a_pair_once(bench: Bench) -> None:
    asked = ("label", "sample", "geo", "--model", "tiny", "--prompts", "rows.jsonl", "--rows", "2", "-n", "3", *SHORT)
    found = bench(*asked, "--json").json
    made = items(bench)
    assert (found["prompts"], found["pairs"], found["known"]) == (2, len(made), 0)
    assert len(made) == 6 and found["equal"] == 0  # 3 · 2 / 2 of each prompt
    assert len({(str(each.prompt), *map(str, each.answers)) for each in made}) == 6
    assert {each.source for each in made} == {"rows.jsonl:1", "rows.jsonl:2"}
    one, two = made[0].origins
    assert one == two and one is not None and (one.model, one.run) == ("tiny", "")
    assert one.settings == {"max_new_tokens": 6, "temperature": 0.8, "top_p": 1.0, "seed": 7}
    again = bench(*asked)
    assert "2 had theirs" in again.out and len(items(bench)) == 6


def test_two_models_stand_first_and_second(bench: Bench, other: Path) -> None:
    (bench.folder / "other").symlink_to(other)
    ran = bench(
        *("label", "sample", "geo", "--model", "tiny", "--against", "other", "-p", "rows.jsonl", "--rows", "3"),
        *(*SHORT, "--json"),
    )
    made = items(bench)
    assert ran.json["pairs"] == len(made) == 3 and "sampling for geo 3/3" in ran.err
    assert [[origin and origin.model for origin in each.origins] for each in made] == [["tiny", "other"]] * 3
    drawn = ("--temperature", "0.8", "--seed", "7")
    alone = bench("compare", "tiny", "other", "-p", "rows.jsonl", "--rows", "3", *drawn, *SHORT, "--json").json
    assert [list(each.answers) for each in made] == [list(row["answers"].values()) for row in alone["rows"]]


def test_equal_answers_and_prompts_make_no_pairs_twice(bench: Bench, tiny: Path) -> None:
    (bench.folder / "same").symlink_to(tiny)
    (bench.folder / "twice.jsonl").write_text('{"prompt": "p"}\n' * 2)
    asked = ("label", "sample", "geo", "--model", "tiny", "--against", "same", "-p", "twice.jsonl", *SHORT)
    found = bench(*asked, "--json").json
    assert (found["prompts"], found["pairs"], found["equal"]) == (1, 0, 1) and items(bench) == []


def test_what_was_killed_goes_on_without_doubles(bench: Bench) -> None:
    rows = "".join(json.dumps({"prompt": f"say {n}"}) + "\n" for n in range(48))
    (bench.folder / "many.jsonl").write_text(rows)
    asked = ("label", "sample", "geo", "--model", "tiny", "-p", "many.jsonl", "-n", "2", "--max-new-tokens", "24")
    child = subprocess.Popen(
        bench.command(*asked), cwd=bench.folder, env=bench.environment, stderr=subprocess.PIPE, text=True
    )
    assert child.stderr is not None and child.stderr.readline().startswith("sampling for geo 16/48")
    child.send_signal(signal.SIGKILL)
    child.communicate()
    kept = items(bench)
    assert len({str(each.prompt) for each in kept}) in (16, 32)
    found = bench(*asked, "--json").json
    made = items(bench)
    assert found["known"] == len({str(each.prompt) for each in kept}) and len(made) == len(kept) + found["pairs"]
    assert made[: len(kept)] == kept and len({str(each.prompt) for each in made}) == len(made) == 48


def test_what_makes_no_pairs_is_refused(bench: Bench) -> None:
    asked = ("label", "sample", "geo", "--model", "tiny", "-p", "rows.jsonl")
    for more in (("-n", "1"), ("--temperature", "0"), ("--against", "tiny")):
        assert bench(*asked, *more).code == 2
    assert bench(*asked[:-1], "nowhere.jsonl").code == 3
    assert not (bench.folder / "labels.db").exists()
