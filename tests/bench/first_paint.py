"""Time from start to the first paint of the app, against a Textual hello-world in the same run.

Both are started in turns in a pseudo-terminal of 120×40. For the app two moments count: the first bytes that draw
something, and the selected data's first rows on the screen. Prints one JSON line.
    python -m tests.bench.first_paint
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.terminal import Terminal

_ROUNDS = 9
_HELLO = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    def compose(self):
        yield Static("hello, world", markup=False)
Hello().run()
"""


def seconds_until(command: list[str], folder: Path, text: str) -> float:
    """The time from start until `text` is on the screen."""
    started = time.perf_counter()
    with Terminal(command, folder) as terminal:
        while text not in terminal.text:
            terminal._take(0.5)
        return time.perf_counter() - started


def main() -> None:
    """Measure in turns, so that a slow moment of the machine hits all alike."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hello.py").write_text(_HELLO)
        rows = [{"prompt": f"question {n}", "completion": f"answer {n}"} for n in range(1000)]
        (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        app = [sys.executable, "-m", "workbench"]
        measured = {
            "hello_world": ([sys.executable, "hello.py"], "hello, world"),
            "frame": (app, "1 Data"),
            "first_rows": ([*app, "rows.jsonl"], "Data"),
        }
        found: dict[str, list[float]] = {key: [] for key in measured}
        for _ in range(_ROUNDS + 1):
            for key, (command, text) in measured.items():
                found[key].append(seconds_until(command, folder, text))
    medians = {key: round(statistics.median(values[1:]), 3) for key, values in found.items()}  # the first warms up
    ratio = round(medians["frame"] / medians["hello_world"], 2)
    print(json.dumps({"bench": "first_paint", "seconds": medians, "ratio": ratio}))


if __name__ == "__main__":
    main()
