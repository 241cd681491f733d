"""How long commands take from start to end: medians, against Typer's own smallest program in the same run.

Prints one JSON line. PYTHONDONTWRITEBYTECODE must not be set: it makes starts 2 to 4 times slower.
    python -m tests.bench.cold_start
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_ROUNDS = 11
_HELLO = "import typer\napp = typer.Typer()\n@app.command()\ndef hello():\n    print('hello')\napp()\n"


def seconds(command: list[str], folder: Path) -> float:
    """The wall time of one run."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=folder, env=environment)
    return time.perf_counter() - started


def main() -> None:
    """Measure in turns, so that a slow moment of the machine hits all alike."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hello.py").write_text(_HELLO)
        commands = {
            "hello_typer": [sys.executable, "hello.py"],
            "help": [sys.executable, "-m", "workbench", "--help"],
            "train_list": [sys.executable, "-m", "workbench", "train", "list"],
        }
        found: dict[str, list[float]] = {key: [] for key in commands}
        for _ in range(_ROUNDS):
            for key, command in commands.items():
                found[key].append(seconds(command, folder))
    medians = {key: round(statistics.median(values), 3) for key, values in found.items()}
    ratio = round(medians["help"] / medians["hello_typer"], 2)
    print(json.dumps({"bench": "cold_start", "seconds": medians, "ratio": ratio}))


if __name__ == "__main__":
    main()
