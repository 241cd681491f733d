"""Bytes that the app sends while nobody touches it: at rest, and while a run trains; on every pane, at 120×40.

The peer is a Textual app that shows a clock of one second, the least that a "live" screen costs. Prints one JSON line.
    python -m tests.bench.idle_bytes [--seconds 10]
"""

import argparse
import json
import sys
from pathlib import Path

from tests.bench.app_workspace import PANES, app, start_live_run, workspace
from tests.terminal import Terminal

_CLOCK = """
from textual.app import App
from textual.widgets import Header
class Clock(App):
    def compose(self):
        yield Header(show_clock=True)
Clock().run()
"""


def per_pane(terminal: Terminal, seconds: float) -> dict[str, int]:
    """Bytes in `seconds` on each pane, after it has come to rest."""
    found = {}
    for number, pane in enumerate(PANES, 1):
        terminal.press(str(number))
        terminal.settle(1.5, 20.0)
        found[pane] = terminal.read(seconds)
    return found


def main() -> None:
    """Measure at rest, then with a live run that is selected nowhere but in the list of runs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10.0)
    seconds = parser.parse_args().seconds
    with workspace() as folder:
        (folder / "clock.py").write_text(_CLOCK)
        with Terminal([sys.executable, "clock.py"], Path(folder)) as clock:
            clock.settle(1.5, 5.0)
            peer = clock.read(seconds)
        with app(folder) as terminal:
            idle = per_pane(terminal, seconds)
        start_live_run(folder)
        place = folder / ".workbench" / "place.json"
        place.write_text(json.dumps({**json.loads(place.read_text()), "run": "live"}))
        with app(folder) as terminal:
            live = {pane: round(count / seconds) for pane, count in per_pane(terminal, seconds).items()}
    found = {"bench": "idle_bytes", "seconds": seconds, "idle_bytes": idle, "live_bytes_per_second": live}
    print(json.dumps({**found, "clock_bytes_per_second": round(peer / seconds)}))


if __name__ == "__main__":
    main()
