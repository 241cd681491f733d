"""`workbench label sample`: pairs from a model, from two, and from one that was stopped on the way."""

import itertools
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Bench
from tests.judge_server import JudgeServer
from tests.small import make_model, make_tokenizer
from workbench.label.records import Item
from workbench.label.store import open_store
from workbench.runs.folder import RunFolder
from workbench.runs.lines import read_lines

SHORT = ("--max-new-tokens", "6", "--wait")


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
    assert (found["prompts"], found["pairs"], found["status"]) == (2, len(made), "finished")
    assert (found["set"], found["models"], found["run"]) == ("geo", ["tiny"], "sample-tiny-1")
    assert len(made) == 6 and found["equal"] == 0  # 3 · 2 / 2 of each prompt
    assert len({(str(each.prompt), *map(str, each.answers)) for each in made}) == 6
    assert {each.source for each in made} == {"rows.jsonl:1", "rows.jsonl:2"}
    one, two = made[0].origins
    assert one == two and one is not None and (one.model, one.run) == ("tiny", "")
    assert one.settings == {"max_new_tokens": 6, "temperature": 0.8, "top_p": 1.0, "seed": 7}
    again = bench(*asked)
    assert "every prompt of rows.jsonl has its pairs in geo" in again.out and len(items(bench)) == 6
    assert bench(*asked, "--json").json["known"] == 2
    assert [path.name for path in (bench.folder / "runs").iterdir()] == ["sample-tiny-1"]


def test_two_models_stand_first_and_second(bench: Bench, other: Path) -> None:
    (bench.folder / "other").symlink_to(other)
    ran = bench(
        *("label", "sample", "geo", "--model", "tiny", "--against", "other", "-p", "rows.jsonl", "--rows", "3"),
        *(*SHORT, "--json"),
    )
    made = items(bench)
    assert ran.json["pairs"] == len(made) == 3 and "finished 3/3" in ran.err
    assert [[origin and origin.model for origin in each.origins] for each in made] == [["tiny", "other"]] * 3
    drawn = ("--temperature", "0.8", "--seed", "7")
    alone = bench("compare", "tiny", "other", "-p", "rows.jsonl", "--rows", "3", *drawn, *SHORT[:2], "--json").json
    assert [list(each.answers) for each in made] == [list(row["answers"].values()) for row in alone["rows"]]


def test_equal_answers_and_prompts_make_no_pairs_twice(bench: Bench, tiny: Path) -> None:
    shutil.copytree(tiny, bench.folder / "same")
    (bench.folder / "twice.jsonl").write_text('{"prompt": "p"}\n' * 2)
    asked = ("label", "sample", "geo", "--model", "tiny", "--against", "same", "-p", "twice.jsonl", *SHORT)
    found = bench(*asked, "--json").json
    assert (found["prompts"], found["pairs"], found["equal"]) == (1, 0, 1) and items(bench) == []


def many(bench: Bench, count: int = 48) -> tuple[str, ...]:
    rows = "".join(json.dumps({"prompt": f"say {n}"}) + "\n" for n in range(count))
    (bench.folder / "many.jsonl").write_text(rows)
    return ("label", "sample", "geo", "--model", "tiny", "-p", "many.jsonl", "-n", "2", "--max-new-tokens", "24")


def until(condition: Callable[[], Any]) -> Any:
    for _ in range(6000):
        if found := condition():
            return found
        time.sleep(0.01)
    raise AssertionError("never came true")


def test_a_run_that_was_killed_goes_on_without_doubles_and_loses_nothing(bench: Bench) -> None:
    started = bench(*many(bench), "--run", "drawn", "--json").json
    assert (started["run"], started["set"]) == ("drawn", "geo") and "pairs" not in started
    run = RunFolder(bench.folder / "runs" / "drawn")
    lines = until(lambda: read_lines(run.answers_file)[0])
    assert run.state is not None
    os.kill(run.state.process.pid, signal.SIGKILL)
    until(lambda: run.status == "lost")
    with run.answers_file.open("a") as torn:
        torn.write('{"row": 40, "prompt": "say')
    bench("label", "list")  # collects of a run that is lost, too
    kept = items(bench)
    assert len(kept) >= len(lines) >= 8 and len({str(each.prompt) for each in kept}) == len(kept) < 48
    resumed = bench("train", "resume", "drawn", "--wait", "--json")
    assert resumed.json["status"] == "finished", resumed.err
    both = [subprocess.Popen(bench.command("label", "list"), cwd=bench.folder, env=bench.environment) for _ in "12"]
    assert [each.wait() for each in both] == [0, 0]
    made = items(bench)
    assert made[: len(kept)] == kept and len(made) == len({str(each.prompt) for each in made}) == 48
    shown = bench.show("drawn")
    assert (shown["task"], shown["step"], shown["steps"]) == ("sample", 48, 48)
    assert shown["result"]["drawn"] == {"prompts": 48, "pairs": 48, "equal": 0, "empty": 0}
    shutil.rmtree(run.path)
    assert bench("label", "list", "--json").json["sets"][0]["pairs"] == 48


def test_ctrl_c_leaves_the_run_and_says_how_to_stop_it(bench: Bench) -> None:
    child = subprocess.Popen(
        bench.command(*many(bench, 2000), "--run", "drawn", "--wait"), cwd=bench.folder, env=bench.environment,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    run = RunFolder(bench.folder / "runs" / "drawn")
    until(lambda: run.status == "running")
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 4 and "left drawn; it goes on" in err and "workbench train stop drawn" in err
    stopped = bench("train", "stop", "drawn")
    assert stopped.code == 0 and "drawn stopped at prompt" in stopped.out
    listed = bench("train", "list", "--json").json["runs"]
    assert [(each["task"], each["status"], each["loss"]) for each in listed] == [("sample", "stopped", None)]


def test_answers_behind_an_address_become_pairs_and_its_key_is_kept_nowhere(bench: Bench) -> None:
    said = itertools.count()
    with JudgeServer(lambda asked: f"answer {next(said)} to {asked}") as server:
        asked = ("label", "sample", "geo", "--endpoint", server.url, "--endpoint-model", "m", "-p", "rows.jsonl")
        ran = bench(*asked, "--rows", "3", "-n", "2", "--wait", "--json", OPENAI_API_KEY="sk-secret-1")
        assert ran.json["pairs"] == 3 and set(server.keys) == {"Bearer sk-secret-1"}
        assert {(each["temperature"], each["max_tokens"]) for each in server.heard} == {(0.8, 256)}
    origin = items(bench)[0].origins[0]
    assert origin is not None and (origin.model, origin.settings["endpoint"]) == ("m", server.url)
    files = [path for path in bench.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if b"sk-secret" in path.read_bytes()]


def test_a_provider_without_its_key_is_refused_before_anything_is_made(bench: Bench) -> None:
    at = ("--endpoint", "https://api.openai.com/v1", "--endpoint-model", "m", "-p", "rows.jsonl")
    ran = bench("label", "sample", "geo", *at, OPENAI_API_KEY="")
    assert ran.code == 3 and "OPENAI_API_KEY is not set" in ran.err and not (bench.folder / "runs").exists()
    secret = bench("label", "sample", "geo", "--endpoint", "http://me:pw@127.0.0.1/v1", *at[2:])
    assert secret.code == 2 and "leave it out" in secret.err and "pw" not in secret.err


def test_what_makes_no_pairs_is_refused(bench: Bench) -> None:
    asked = ("label", "sample", "geo", "--model", "tiny", "-p", "rows.jsonl")
    (bench.folder / "also-tiny").symlink_to(bench.folder / "tiny")
    for more in (("-n", "1"), ("--temperature", "0"), ("--against", "tiny"), ("--against", "also-tiny")):
        assert bench(*asked, *more).code == 2
    assert bench(*asked[:-1], "nowhere.jsonl").code == 3
    assert not (bench.folder / "labels.db").exists()
