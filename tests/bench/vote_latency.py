"""Time from a vote's key to the next pair on the screen, with the vote on disk; and what SQLite alone needs for it.

The peer is one synced transaction of Python's sqlite3 that stores the same row. Prints one JSON line.
    python -m tests.bench.vote_latency
"""

import json
import sqlite3
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.app_workspace import app
from tests.terminal import Terminal
from workbench.label.store import open_store

_PAIRS, _VOTES = 2_000, 40
_PAUSE_SECONDS = 0.35
"""A vote counts only when its pair could be seen."""
_MOST_SECONDS = 2.0


def voted(terminal: Terminal, number: int) -> float:
    """Milliseconds from the key to the next question on the screen."""
    terminal.read(_PAUSE_SECONDS)
    wanted, started = f"question {number + 1}?", time.perf_counter()
    terminal.write("a")
    while wanted not in terminal.text and time.perf_counter() - started < _MOST_SECONDS:
        terminal._take(_MOST_SECONDS)
    return 1000 * (time.perf_counter() - started)


def transactions(folder: Path) -> list[float]:
    """Milliseconds of a transaction that is on disk when it ends."""
    connection = sqlite3.connect(folder / "peer.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE votes (pair INTEGER, annotator TEXT, choice TEXT, at REAL)")
    taken = []
    for number in range(_VOTES):
        started = time.perf_counter()
        connection.execute("INSERT INTO votes VALUES (?, 'ana', 'first', ?)", (number, time.time()))
        taken.append(1000 * (time.perf_counter() - started))
    connection.close()
    return taken


def main() -> None:
    """Measure on a machine at rest."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with open_store(folder / "labels.db") as store:
            for number in range(_PAIRS):
                store.add_pair("pairs", f"question {number}?", f"yes, it is number {number}", f"no, not {number}")
        (folder / ".workbench").mkdir()
        (folder / ".workbench" / "place.json").write_text('{"pairs": "pairs", "pane": "label"}')
        with app(folder) as terminal:
            terminal.wait("question 0?")
            taken = [voted(terminal, number) for number in range(_VOTES)]
        with open_store(folder / "labels.db") as store:
            stored = len(store.votes("pairs"))
        peer = statistics.median(transactions(folder))
    median = statistics.median(taken)
    print(json.dumps({
        "bench": "vote_latency", "pairs": _PAIRS, "votes": _VOTES, "stored": stored, "median_ms": round(median, 1),
        "worst_ms": round(max(taken), 1), "transaction_ms": round(peer, 2), "ratio": round(median / peer, 1),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
