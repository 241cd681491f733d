"""A JSON Lines file of a million rows and 560 MB: how soon its rows are there, and what moving about in it costs.

The file is made here. The filter is measured against DuckDB's own scan, `SELECT count(*) … WHERE …` with the types
that it finds itself, in turns in the same run. Prints one JSON line.
    python -m tests.bench.big_file [--rows 1000000]
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.terminal import KEYS, Terminal

_ROUNDS = 5
_WHERE = "length(answer) > 430 AND id % 7 = 3"


def write_rows(path: Path, rows: int) -> None:
    """About 560 bytes a row."""
    chance = random.Random(0)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 9))) for _ in range(5_000)]
    with path.open("w") as file:
        for number in range(rows):
            question, answer = (" ".join(chance.choices(words, k=count)) for count in (15, 62))
            file.write(json.dumps({"id": number, "question": question, "answer": answer, "tags": ["x"]}) + "\n")


def app_figures(path: Path, rows: int) -> dict[str, float]:
    """What a person meets in a terminal of 120×40."""
    command = [sys.executable, "-P", "-m", "workbench", path.name]
    started = time.perf_counter()
    with Terminal(command, path.parent) as terminal:
        terminal.wait("ROW 1", 60)
        first_rows = time.perf_counter() - started
        terminal.wait(f"{rows:,} rows", 60)
        counted = time.perf_counter() - started
        terminal.press("end", "home")
        taken, sent = zip(*(_key(terminal, "pagedown") for _ in range(30)), strict=True)
        anywhere = []
        for part in (0.25, 0.5, 0.75):
            terminal.press(":", str(int(rows * part)), "enter")
            anywhere.append(_key(terminal, "pagedown")[0])
        memory = psutil.Process(terminal.process.pid).memory_info().rss
    return {
        "first_rows_s": round(first_rows, 3),
        "all_rows_s": round(counted, 3),
        "page_down_ms": round(statistics.median(taken), 1),
        "page_down_anywhere_ms": round(statistics.median(anywhere), 1),
        "page_down_bytes": round(statistics.median(sent)),
        "memory_mb": round(memory / 1e6),
    }


def _key(terminal: Terminal, key: str) -> tuple[float, int]:
    """Milliseconds from a key to the first byte that it changes, and how many bytes it changes."""
    terminal.settle(0.1)
    before, started = len(terminal.raw), time.perf_counter()
    terminal.write(KEYS[key])
    while len(terminal.raw) == before and time.perf_counter() - started < 5:
        terminal._take(1.0)
    taken = 1000 * (time.perf_counter() - started)
    terminal.settle(0.1)
    return taken, len(terminal.raw) - before


def filter_figures(path: Path) -> dict[str, float]:
    """Our selection and DuckDB's own scan, in turns."""
    import duckdb

    from workbench.data.query import select
    from workbench.data.rows import open_rows

    opened = open_rows(path)
    len(opened)
    ours, peer = [], []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        found = len(select(opened, _WHERE).numbers)
        ours.append(time.perf_counter() - started)
        started = time.perf_counter()
        (count,) = duckdb.sql(f"SELECT count(*) FROM read_json('{path}') WHERE {_WHERE}").fetchall()[0]
        peer.append(time.perf_counter() - started)
        assert found == count
    return {"filter_s": round(statistics.median(ours), 3), "duckdb_s": round(statistics.median(peer), 3)}


def main() -> None:
    """Make the file, and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "rows.jsonl"
        write_rows(path, rows)
        os.environ["PYTHONPATH"] = str(Path.cwd())
        found = {"megabytes": round(path.stat().st_size / 1e6), **app_figures(path, rows), **filter_figures(path)}
    print(
        json.dumps(
            {"bench": "big_file", "rows": rows, **found, "ratio": round(found["filter_s"] / found["duckdb_s"], 2)}
        )
    )


if __name__ == "__main__":
    main()
