"""The whole loop by keys alone, in a real terminal: rows, mask, adapter, run, answers, votes; and the same place again."""

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT, Bench
from tests.terminal import Terminal
from workbench.label.store import open_store
from workbench.runs.folder import RunFolder


@pytest.fixture
def folder(bench: Bench) -> Path:
    """A folder with alpaca rows, as a person has it before the first start."""
    shutil.copy(ROOT / "sample_data" / "alpaca.json", bench.folder)
    return bench.folder


def test_the_loop_by_keys(bench: Bench, folder: Path) -> None:
    command = bench.command("alpaca.json")
    with Terminal(command, folder, WORKBENCH_LOCKS=str(bench.locks), PYTHONWARNINGS="always") as terminal:
        terminal.wait("prompt")
        terminal.wait("alpaca.json:1")
        terminal.press("down", "down")
        terminal.press(">", ">")  # row → mask: two keys
        terminal.wait("2 Template")
        terminal.wait("starter")
        terminal.press("enter")  # no model is chosen yet: the starter
        terminal.wait("stop trained")
        assert "━━━" in terminal.text and "alpaca.json:3" in terminal.text
        terminal.press(">", ">")
        terminal.wait("trainable")
        terminal.press("-")
        terminal.wait("r8")
        terminal.press(">", ">")
        terminal.wait("4 Train")
        terminal.press("n")
        terminal.wait("workbench train start")
        terminal.press("enter")
        terminal.wait("▶", 60)
        terminal.wait("finished", 240)
        terminal.press(">", ">", "enter")  # run → answers: three keys
        terminal.wait("5 Compare")
        terminal.wait("stopped", 120)
        terminal.press("v")
        for _ in range(5):
            terminal.wait("A clearly", 60)
            terminal.press("s")
        terminal.press("escape", "q")
        assert terminal.ended() == 0
        assert "Warning" not in terminal.raw.decode(errors="replace")
    (run,) = [RunFolder(path) for path in (folder / "runs").iterdir()]
    assert run.status == "finished" and run.spec.tuning.rank == 8
    with open_store(folder / "labels.db") as store:
        assert sum(each.votes for each in store.sets()) == 5
    with Terminal(bench.command(), folder) as terminal:
        terminal.wait("5 Compare")
        terminal.wait(run.name)
    assert json.loads((folder / ".workbench" / "place.json").read_text())["row"] == 3
