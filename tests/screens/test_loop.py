"""The whole loop by keys alone, in a real terminal: rows, mask, adapter, run, answers, votes; then the same place."""

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT, Bench
from tests.terminal import Terminal
from workbench.label.store import open_store
from workbench.runs.folder import RunFolder

ROW_TO_MASK = (">", ">")
CSV_TO_RUN = (*ROW_TO_MASK, "enter", ">", ">", ">", ">", "enter")  # the starter; LoRA; the start screen; go
RUN_TO_BLIND = (">", ">", "v")
VOTE = ("s",)


@pytest.fixture
def folder(bench: Bench) -> Path:
    """A folder with the questions of alpaca.json as a CSV file, as a person has it before the first start."""
    rows = json.loads((ROOT / "sample_data" / "alpaca.json").read_text())[:160]
    lines = ["question;answer", *(f'"{row["instruction"]} {row["input"]}";"{row["output"]}"' for row in rows)]
    (bench.folder / "geo.csv").write_text("\n".join(lines) + "\n")
    return bench.folder


def test_the_loop_by_keys_within_its_budgets(bench: Bench, folder: Path) -> None:
    assert (len(ROW_TO_MASK), len(CSV_TO_RUN), len(VOTE)) == (2, 8, 1) and len(RUN_TO_BLIND) <= 4
    with Terminal(
        bench.command("geo.csv"), folder, WORKBENCH_LOCKS=str(bench.locks), PYTHONWARNINGS="always"
    ) as terminal:
        terminal.wait("question")
        terminal.press("down", "down", *CSV_TO_RUN[:2])
        terminal.wait("2 Template")
        terminal.press(CSV_TO_RUN[2])
        terminal.wait("stop trained: all")
        assert "━━━" in terminal.text and "geo.csv:3" in terminal.text
        terminal.press(*CSV_TO_RUN[3:5])
        terminal.wait("trainable")
        terminal.press("-")  # a smaller adapter: not part of the budget
        terminal.wait("r8")
        terminal.press(*CSV_TO_RUN[5:7])
        terminal.wait("nothing blocks it")
        assert "$ workbench train start" in terminal.text
        terminal.press(CSV_TO_RUN[7])
        terminal.wait("finished 10 steps", 240)
        terminal.press(*RUN_TO_BLIND)
        terminal.wait("5 Compare")
        for vote in range(1, 6):
            terminal.wait("A clearly", 120)
            terminal.press(*VOTE)
            terminal.wait(f"saved ✓ {vote}")
        terminal.press("i", *"2 = two")
        terminal.wait("2 = two")
        terminal.press("ctrl+q")
        assert terminal.ended() == 0
        assert b"Warning" not in terminal.raw.partition(b"\x1b[?1049l")[0]
    (run,) = [RunFolder(path) for path in (folder / "runs").iterdir()]
    assert (run.name, run.status, run.spec.tuning.rank) == ("sft-starter-1", "finished", 8)
    with open_store(folder / "labels.db") as store:
        assert [(each.name, each.votes) for each in store.sets()] == [("sft-starter-1", 5)]
    with Terminal(bench.command(), folder, (80, 24), WORKBENCH_LOCKS=str(bench.locks)) as terminal:
        terminal.wait("5 Compare")
        terminal.wait("2 = two")
        terminal.wait("✓ sft-starter-1")
        terminal.press("escape", "1")
        terminal.wait("▸    3")
