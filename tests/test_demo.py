"""The demo is true: tuned is far above both baselines, over seeds, and a model that never read the facts is not."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Bench
from tests.terminal import Terminal
from workbench.runs.state import read_state


def demo(bench: Bench, *arguments: str) -> dict[str, Any]:
    ran = bench("demo", "--headless", "--json", *arguments)
    assert ran.code == 0, ran.err
    found: dict[str, Any] = ran.json
    return found


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_the_tuned_starter_answers_held_out_questions_and_the_base_does_not(bench: Bench, seed: str) -> None:
    found = demo(bench, "--seed", seed)
    assert found["questions"] == 100
    assert found["tuned_accuracy"] >= 0.8
    assert found["tuned_interval"][0] > max(found["base_interval"][1], found["few_shot_interval"][1]) + 0.5
    assert found["tuned_loss"] < found["base_loss"] / 10
    for base, tuned in zip(found["base_examples"], found["tuned_examples"], strict=True):
        assert base["answer"].count("?") >= 2 and base["expected"] not in base["answer"]
        assert tuned["answer"].endswith(".") and "?" not in tuned["answer"]
    assert Path(found["folder"]).is_dir() and found["run"] == "sft-starter-1"


def test_the_same_tuning_of_a_model_that_never_read_the_facts_stays_near_chance(bench: Bench) -> None:
    found = demo(bench, "--model", str(ROOT / "sample_data" / "starter_without_facts"))
    assert found["tuned_accuracy"] < 0.1  # chance, over the relations' possible answers, is 3.2 %
    assert all(tuned["answer"].endswith(".") for tuned in found["tuned_examples"])


def test_the_demo_for_people_prints_its_steps_and_its_figures(bench: Bench) -> None:
    ran = bench("-C", "elsewhere", "demo", "--headless", "--seed", "4")
    assert ran.code == 0 and "sft-starter-1 finished" in ran.err
    assert "tuned" in ran.out and "95 % interval" in ran.out and "100 held-out questions" in ran.out
    assert (bench.folder / "elsewhere" / "runs" / "sft-starter-1" / "output").is_dir()


def test_the_demo_in_a_terminal_opens_on_a_run_that_moves_and_goes_on_alone(bench: Bench) -> None:
    with Terminal(bench.command("demo"), bench.folder, WORKBENCH_LOCKS=str(bench.locks)) as terminal:
        terminal.wait("①")
        terminal.wait("▶ sft-starter-1")
        text = terminal.wait("/150")
        assert "4 Train" in text and "2 shows which tokens" in text
        terminal.press("2")
        terminal.wait("marked tokens are trained")
        terminal.press("q")
        assert terminal.ended() == 0
    (file,) = bench.folder.rglob("runs/sft-starter-1/state.json")
    deadline = time.monotonic() + 120
    while (state := read_state(file)) is None or state.step == 0:
        assert time.monotonic() < deadline, "the run never moved"
        time.sleep(0.05)
    assert state.seen in ("running", "finished")
