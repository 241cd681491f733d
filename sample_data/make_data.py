"""Write the sample data: the text the starter model reads, rows to tune it with, and held-out questions.

    python -m sample_data.make_data [--out FOLDER]

The files are the same, byte for byte, on every machine and on every Python from 3.11 on.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from random import Random

from sample_data import rows, tasks
from sample_data.plain_text import plain_text
from sample_data.world import World, make_world


def files(world: World) -> dict[str, str]:
    """The content of each file by its name. Each has its own seed, so that none depends on another."""
    return {
        "world.txt": plain_text(world),
        "alpaca.json": _json(rows.alpaca(world, Random(21))),
        "chat.jsonl": _json_lines(rows.chat(world, Random(22))),
        "prompt_completion.jsonl": _json_lines(rows.prompt_completion(world, Random(23))),
        "preference.jsonl": _json_lines(rows.preference(world, Random(24))),
        "kto.jsonl": _json_lines(rows.kto(world, Random(25))),
        "classes.csv": _csv(("text", "label"), tasks.classes(world, Random(26))),
        "translation.jsonl": _json_lines(tasks.translation(Random(27))),
        "summary.jsonl": _json_lines(tasks.summary(world, Random(28))),
        "squad.json": _json(tasks.squad(world, Random(29))),
        "held_out.jsonl": _json_lines(rows.held_out(world)),
    }


def write(folder: Path) -> None:
    """Write every file into ``folder``, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files(make_world()).items():
        (folder / name).write_text(content, encoding="utf-8", newline="\n")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _json_lines(items: Iterable[object]) -> str:
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items)


def _csv(header: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return buffer.getvalue()


def main() -> None:
    """Read the one option and write."""
    parser = argparse.ArgumentParser(description="Write the sample data.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to write into")
    write(parser.parse_args().out)


if __name__ == "__main__":
    main()
