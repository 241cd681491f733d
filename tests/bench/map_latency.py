"""Time from a key to the repainted map of a model with 80 layers: the cursor, the rank, a column, a rectangle.

The peer is a Textual hello-world that changes a word. Prints one JSON line.
    python -m tests.bench.map_latency
"""

import json
import os
import select
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.app_workspace import app
from tests.bench.key_latency import HELLO
from tests.lora.models import write_config
from tests.terminal import KEYS, Terminal

_ROUNDS = 15
_MOST_SECONDS = 2.0
_QUIET_SECONDS = 0.05
_KEYS = {"cursor": ("down", "up"), "rank": ("+", "-"), "column": ("space", "space"), "biases": ("b", "b")}
_SHAPE = {"hidden_size": 8192, "intermediate_size": 28_672, "num_hidden_layers": 80, "num_attention_heads": 64,
          "num_key_value_heads": 8, "vocab_size": 128_256}  # fmt: skip


def answered(terminal: Terminal, key: str) -> tuple[float, float]:
    """Milliseconds from the key to the first byte after it, and to the last before it was quiet.

    The bytes are drawn afterwards: a terminal that is written in Python takes longer than what it is to measure.
    """
    terminal.read(0.2)
    pieces: list[bytes] = []
    started = time.perf_counter()
    terminal.write(KEYS.get(key, key))
    first = last = started
    while select.select([terminal._master], [], [], _QUIET_SECONDS if pieces else _MOST_SECONDS)[0]:
        pieces.append(os.read(terminal._master, 1 << 16))
        last = time.perf_counter()
        first = last if len(pieces) == 1 else first
    terminal.raw += b"".join(pieces)
    terminal._stream.feed(b"".join(pieces))
    return 1000 * (first - started), 1000 * (last - started)


def figures(terminal: Terminal, *keys: str) -> dict[str, float]:
    """Keys that change what is shown, one after the other."""
    firsts, lasts = zip(*(answered(terminal, key) for _ in range(_ROUNDS) for key in keys), strict=True)
    return {
        "first_byte_median_ms": round(statistics.median(firsts), 1),
        "whole_median_ms": round(statistics.median(lasts), 1),
        "whole_worst_ms": round(max(lasts), 1),
    }


def main() -> None:
    """Measure on a machine at rest."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hello.py").write_text(HELLO)
        with Terminal([sys.executable, "hello.py"], folder) as hello:
            hello.settle(1.0, 10.0)
            peer = figures(hello, "f1", "f1")
        write_config(folder / "deep", "llama", **_SHAPE)
        (folder / ".workbench").mkdir()
        (folder / ".workbench" / "draft.yaml").write_text("task: sft\nmodel: deep\n")
        with app(folder) as terminal:
            terminal.press("3")
            terminal.wait("trainable")
            terminal.settle(1.0, 20.0)
            found = {name: figures(terminal, *keys) for name, keys in _KEYS.items()}
            terminal.press("v", "pagedown", "right", "right")
            found["rectangle"] = figures(terminal, "space", "space")
    worst = max(each["whole_median_ms"] for each in found.values())
    ratio = round(worst / peer["whole_median_ms"], 2)
    print(json.dumps({"bench": "map_latency", "layers": 80, "keys": found, "hello_world": peer, "ratio": ratio}))


if __name__ == "__main__":
    main()
