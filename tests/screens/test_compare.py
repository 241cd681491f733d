"""The Compare pane: typed and held-out prompts, streamed; blind votes; an engine that dies or gives way."""

import os
import signal
from pathlib import Path

from tests.conftest import Bench
from tests.screens.conftest import Opened, screen_text, until
from workbench.label.annotator import login_name
from workbench.label.store import open_store
from workbench.runs.process import myself
from workbench.runs.state import State, write_state

WAIT = 90.0


def draft(bench: Bench) -> dict:
    return {"model": str(bench.folder / "tiny"), "data": {"train": str(bench.folder / "rows.jsonl")}}


def answered(pilot) -> bool:
    """Whether it stands below an answer how it ended."""
    return "hit the limit" in screen_text(pilot) or "stopped · " in screen_text(pilot)


async def test_without_anybody_to_ask_it_says_what_to_do(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="compare") as pilot:
        await until(pilot, lambda: "Ctrl+O chooses a run or a model" in screen_text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "no prompt" in screen_text(pilot))


async def test_a_model_answers_typed_and_held_out_prompts(opened: Opened, bench: Bench) -> None:
    async with opened(bench.folder, pane="compare", draft=draft(bench)) as pilot:
        await until(pilot, lambda: "» say 0" in screen_text(pilot))
        assert "expected  ok" in screen_text(pilot) and "Enter asks" in screen_text(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: answered(pilot), WAIT)
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "» say 1" in screen_text(pilot) and answered(pilot), WAIT)
        await pilot.press("i", *"1 2 [/]", "enter")
        await until(pilot, lambda: "» 1 2 [/]" in screen_text(pilot) and answered(pilot), WAIT)
        assert "a typed prompt" in screen_text(pilot) and pilot.app.active_pane.PANE == "compare"
        engine = pilot.app.active_pane._asker._session._engine._child._process.pid
        os.kill(engine, signal.SIGKILL)
        await pilot.press("enter")
        await until(pilot, lambda: "the engine died" in screen_text(pilot), WAIT)
        await pilot.press("enter")
        await until(pilot, lambda: answered(pilot), WAIT)
        run = bench.folder / "runs" / "other"
        run.mkdir(parents=True)
        (run / "run.yaml").write_text("task: sft\nmodel: tiny\ndata: rows.jsonl\n")
        await until(pilot, lambda: pilot.app.runs.has_looked)
        write_state(State("starting", myself()), run / "state.json")
        await until(pilot, lambda: "engine asleep: other starts" in screen_text(pilot))
        (run / "run.yaml").unlink()
        (run / "state.json").unlink()  # it names this very process
        await pilot.press("i", *"half", "ctrl+q")
    async with opened(bench.folder) as pilot:
        await until(pilot, lambda: "half" in screen_text(pilot))


async def test_controls_are_checked_and_kept(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="compare") as pilot:
        await pilot.press("c", "backspace", *"-1", "enter")
        await until(pilot, lambda: "✗ temperature is -1" in screen_text(pilot))
        await pilot.press("backspace", "backspace", *"0.7", "enter")
        await until(pilot, lambda: "T 0.7" in screen_text(pilot))
        await pilot.press("q")
    async with opened(tmp_path) as pilot:
        await until(pilot, lambda: "T 0.7" in screen_text(pilot))


async def test_blind_votes_hide_who_is_who_and_are_stored_by_answer(opened: Opened, bench: Bench) -> None:
    assert bench("train", "start", str(bench.spec("r1", max_steps=3)), "--wait").code == 0
    async with opened(bench.folder, pane="compare", run="r1", draft=draft(bench)) as pilot:
        await until(pilot, lambda: "» say 0" in screen_text(pilot))
        await pilot.press("v")
        await until(pilot, lambda: "a A clearly" in screen_text(pilot), WAIT)
        body = "\n".join(screen_text(pilot).splitlines()[1:])
        assert "BLIND" in body and "r1" not in body and "tiny" not in body and not answered(pilot)
        swapped = pilot.app.active_pane._left_is_second
        await pilot.press("a")
        await until(pilot, lambda: "» say 1" in screen_text(pilot) and "saved ✓ 1" in screen_text(pilot), WAIT)
        await pilot.press("1")  # digits are panes here
        assert pilot.app.active_pane.PANE == "data"
        await pilot.press("5")
        await until(pilot, lambda: "a A clearly" in screen_text(pilot), WAIT)
        await pilot.press("d")
        await until(pilot, lambda: "» say 2" in screen_text(pilot) and "a A clearly" in screen_text(pilot), WAIT)
        await pilot.press("u")
        await until(pilot, lambda: "» say 1" in screen_text(pilot))
        await until(pilot, lambda: "a A clearly" in screen_text(pilot), WAIT)
        await pilot.press("escape")
        await until(pilot, lambda: "after 1: r1" in screen_text(pilot))
    with open_store(bench.folder / "labels.db") as store:
        (found,) = store.sets()
        assert (found.name, found.pairs, found.votes) == ("r1", 2, 1)
        assert store.tally("r1", login_name())["second-clearly" if swapped else "first-clearly"] == 1
