"""The workspace that the benchmarks of the app use: the demo's data, and the app on it in a terminal of 120×40."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.terminal import Terminal

SAMPLE = Path(__file__).parents[2] / "sample_data"
COMMAND = [sys.executable, "-m", "workbench"]
PANES = ("data", "template", "lora", "train", "compare", "label")


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder with the sample data, a draft of the demo, a finished run and a set of pairs."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("alpaca.json", "held_out.jsonl", "preference.jsonl", "demo.yaml"):
            shutil.copy(SAMPLE / file, folder)
        (folder / ".workbench").mkdir()
        shutil.copy(SAMPLE / "demo.yaml", folder / ".workbench" / "draft.yaml")
        spec = (folder / ".workbench" / "draft.yaml").read_text().replace("alpaca.json", str(folder / "alpaca.json"))
        spec = spec.replace("held_out.jsonl", str(folder / "held_out.jsonl"))
        (folder / ".workbench" / "draft.yaml").write_text(spec)
        (folder / ".workbench" / "place.json").write_text('{"run": "first", "pairs": "geo-pairs"}')
        _run(folder, "train", "start", "--set", "name=first", "--wait")
        _run(folder, "label", "import", "preference.jsonl", "--into", "geo-pairs")
        yield folder
        for run in ("live",):
            subprocess.run([*COMMAND, "train", "stop", run], cwd=folder, capture_output=True)


@contextmanager
def app(folder: Path) -> Iterator[Terminal]:
    """The app, at rest."""
    with Terminal(COMMAND, folder) as terminal:
        terminal.wait("1 Data")
        terminal.settle(1.0, 20.0)
        yield terminal


def start_live_run(folder: Path) -> None:
    """A run that goes on for as long as a benchmark may need."""
    _run(folder, "train", "start", "--set", "name=live", "--set", "max_steps=100000", "--set", "save_every=50000",
         "--set", "eval_every=50000")  # fmt: skip


def _run(folder: Path, *arguments: str) -> None:
    subprocess.run([*COMMAND, *arguments], cwd=folder, check=True, capture_output=True)
