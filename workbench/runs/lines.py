"""A file of JSON lines that only grows: what was added is on disk; a last line that was torn by a crash is passed over.

One process writes, any number may read at the same time.
"""

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workbench.strict_json import dumps


class Lines:
    """The writer; made with the first line. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        self._file = path.open("ab", buffering=0)
        if is_torn(path):
            self._file.write(b"\n")

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, entries: Iterable[dict[str, Any]]) -> None:
        """Append a line for each entry, and wait for the disk."""
        text = "".join(dumps(each) + "\n" for each in entries).encode()
        while text:
            text = text[self._file.write(text) or 0 :]
        os.fsync(self._file.fileno())


def read_lines(path: Path, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Return the whole lines from a byte on, and the byte behind the last; none of a file that is not there."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            found = file.read()
    except FileNotFoundError:
        return [], offset
    whole = found[: found.rfind(b"\n") + 1]
    entries = []
    for line in whole.splitlines():
        with contextlib.suppress(ValueError, RecursionError):  # torn
            entry = json.loads(line)
            if isinstance(entry, dict):
                entries.append(entry)
    return entries, offset + len(whole)


def is_torn(path: Path) -> bool:
    """Whether the last line of a file has no end."""
    size = path.stat().st_size
    if not size:
        return False
    with path.open("rb") as file:
        file.seek(size - 1)
        return file.read(1) != b"\n"
