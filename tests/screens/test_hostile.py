"""Text from outside may hold anything: nothing of it reaches the terminal raw, and nothing of it ends the app."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Bench
from tests.terminal import Terminal
from workbench.runs.journal import Journal
from workbench.runs.process import myself
from workbench.runs.spec import read_spec, write_spec
from workbench.runs.state import State, write_state

TITLE = "\x1b]0;owned\x07"
COLOUR = "\x1b[31mred"
BIDI = "\u202eevil"
MARKUP = "[/] [bold]x[/bold] [@click=app.quit]q[/]"
HOSTILE = f"{TITLE}{COLOUR}{BIDI}{MARKUP}\r\x08\x9b31m 漢字 e\u0301\u200b"
RAW = [b"\x1b]0;", COLOUR.encode(), BIDI.encode(), "\u009b31m".encode(), b"\x9b31m", "\u200b".encode()]


def hostile_workspace(bench: Bench, tiny: Path) -> None:
    """Hostile rows, a hostile model, template and run."""
    folder = bench.folder
    rows = [{"prompt": HOSTILE, "completion": HOSTILE}, {"prompt": HOSTILE * 600, "completion": "wide 漢字" * 5000}]
    (folder / "evil.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pairs = [{"prompt": HOSTILE, "chosen": HOSTILE + str(n), "rejected": MARKUP + str(n)} for n in range(3)]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in pairs))
    model = folder / f"model{TITLE.replace('/', '')}{BIDI}[red]"
    model.symlink_to(tiny)
    spec = read_spec(bench.spec("evil", model=str(model), data="evil.jsonl"))
    run = folder / "runs" / "evil"
    run.mkdir(parents=True)
    write_spec(spec, run / "run.yaml")
    gone = replace(myself(), pid=999_999)
    write_state(State("failed", gone, 3, 9, 0.5, error=HOSTILE, fix=HOSTILE), run / "state.json")
    journal = Journal(run / "journal.jsonl")
    for step in range(1, 4):
        journal.write("metric", step=step, loss=1 / step, **{HOSTILE: 1.0})
    journal.write("warning", message=HOSTILE)
    journal.write("sample", step=1, prompt=HOSTILE, text=HOSTILE)
    (run / "log.txt").write_text(HOSTILE + "\n" + MARKUP + "\n")
    place = {"row": 1, "run": "evil", "pairs": "pairs"}
    (folder / ".workbench").mkdir()
    (folder / ".workbench" / "place.json").write_text(json.dumps(place))
    draft = f"task: sft\nmodel: {json.dumps(str(model))}\ndata: {json.dumps(str(folder / 'evil.jsonl'))}\n"
    (folder / ".workbench" / "draft.yaml").write_text(draft)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_hostile_text_is_shown_and_does_nothing(bench: Bench, tiny: Path, size: tuple[int, int]) -> None:
    hostile_workspace(bench, tiny)
    assert bench("label", "import", "pairs.jsonl", "--into", "pairs").code == 0
    with Terminal(bench.command(), bench.folder, size) as terminal:
        terminal.wait("1 Data")
        for pane in "123456":
            terminal.press(pane)
            terminal.settle(1.0)
            terminal.press("enter", "down", "escape", "f1", "escape", "ctrl+o", "escape", "]", "Y")
        terminal.press("4", "o")
        terminal.settle(0.5)
        terminal.press("escape")
        terminal.press("n")
        terminal.wait("Start a run")
        terminal.press("escape")
        terminal.press("5", "i")
        terminal.write(f"\x1b[200~{HOSTILE}\x1b[201~")  # a paste
        terminal.settle(0.5)
        terminal.press("escape", "1")
        terminal.wait("1 Data")
        assert terminal.process.poll() is None, terminal.text
        for raw in RAW:
            assert raw not in terminal.raw
        assert "owned" in terminal.text  # it is shown, harmless
        terminal.press("q")
        assert terminal.ended() == 0
