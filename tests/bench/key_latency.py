"""Time from a key to the first byte that answers it, on every pane, while a run trains and answers stream.

The peer is the same key in a Textual hello-world that changes a word, while the same run trains. Prints one JSON line.
    python -m tests.bench.key_latency
"""

import json
import statistics
import sys
import time
from pathlib import Path

from tests.bench.app_workspace import PANES, app, start_live_run, workspace
from tests.terminal import KEYS, Terminal

_ROUNDS = 10
_MOST_SECONDS = 2.0
HELLO = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    BINDINGS = [("f1", "change")]
    def compose(self):
        yield Static("hello, world")
    def action_change(self):
        word = self.query_one(Static)
        word.update("hello again" if "world" in str(word.content) else "hello, world")
Hello().run()
"""


_OWN_KEYS = {
    "data": ("down", "up"), "template": ("right", "left"), "lora": ("right", "left"), "train": ("down", "up"),
    "compare": ("o", "o"), "label": ("f3", "f3"),
}  # fmt: skip


def latency(terminal: Terminal, key: str) -> float:
    """Milliseconds from the key to the first byte after it."""
    terminal.read(0.15)
    before, started = len(terminal.raw), time.perf_counter()
    terminal.write(KEYS.get(key, key))
    while len(terminal.raw) == before and time.perf_counter() - started < _MOST_SECONDS:
        terminal._take(_MOST_SECONDS)
    taken = 1000 * (time.perf_counter() - started)
    terminal.read(0.15)
    return taken


def figures(terminal: Terminal, *keys: str) -> dict[str, float]:
    """Keys that change what is shown, one after the other."""
    taken = [latency(terminal, key) for _ in range(_ROUNDS) for key in keys]
    return {"median_ms": round(statistics.median(taken), 1), "worst_ms": round(max(taken), 1)}


def main() -> None:
    """Measure with the machine busy: a run trains, and Compare answers prompts."""
    with workspace() as folder:
        start_live_run(folder)
        (folder / "hello.py").write_text(HELLO)
        with Terminal([sys.executable, "hello.py"], Path(folder)) as hello:
            hello.settle(1.0, 10.0)
            peer = figures(hello, "f1", "f1")
        found = {}
        with app(folder) as terminal:
            for number, pane in enumerate(PANES, 1):
                terminal.press("5", "enter")  # the answers stream on while another pane is shown
                terminal.press(str(number))
                terminal.settle(0.3, 3.0)
                found[pane] = figures(terminal, *_OWN_KEYS[pane])
                found[f"{pane}, help"] = figures(terminal, "f1", "f1")
    worst = max(each["median_ms"] for each in found.values())
    ratio = round(worst / peer["median_ms"], 2)
    print(json.dumps({"bench": "key_latency", "panes": found, "hello_world": peer, "ratio": ratio}))


if __name__ == "__main__":
    main()
