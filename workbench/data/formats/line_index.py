"""Where the rows of a file of lines begin: one pass over its bytes, a chunk at a time."""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

BOM = b"\xef\xbb\xbf"
_CHUNK = 1 << 20
_NEWLINE = ord("\n")
_BRACE = ord("{")


@dataclass
class Index:
    """The places of the non-blank lines of a file."""

    starts: "array[int]" = field(default_factory=lambda: array("Q"))
    """The byte at which each begins."""
    blanks: "array[int]" = field(default_factory=lambda: array("Q"))
    """For each blank line, how many others stand before it."""
    odd: int = 0
    """How many of them do not begin with a brace."""


def is_blank(line: bytes) -> bool:
    """Whether a line holds no row."""
    return line.isspace() or line.rstrip() == BOM


def index_lines(path: Path, goes_on: Callable[[float], None] = lambda _: None) -> Index:
    """Return where the lines of the file at `path` begin.

    `goes_on` is told the share that is done, after each chunk; what it raises ends the pass.
    """
    import numpy

    index = Index()
    size = max(path.stat().st_size, 1)
    chunk = bytearray(_CHUNK)
    at, is_at_start = 0, True
    with path.open("rb", buffering=0) as file, path.open("rb") as lines:
        while count := file.readinto(chunk):
            found = numpy.frombuffer(chunk, numpy.uint8, count)
            starts = numpy.flatnonzero(found == _NEWLINE) + 1
            if is_at_start:
                starts = numpy.concatenate(([0], starts))
            is_at_start = bool(starts.size) and starts[-1] == count
            starts = starts[: starts.size - is_at_start]
            _take(index, lines, starts + at, found[starts])
            at += count
            goes_on(at / size)
    return index


def _take(index: Index, lines: BinaryIO, starts: Any, first: Any) -> None:
    """Add the lines that begin at the bytes `starts` of the file; `first` are the bytes there."""
    import numpy

    is_kept = first != _NEWLINE
    for place in numpy.flatnonzero(is_kept & (first != _BRACE)):
        lines.seek(int(starts[place]))
        line = lines.readline()
        if is_blank(line):
            is_kept[place] = False
        elif not line.removeprefix(BOM).lstrip().startswith(b"{"):
            index.odd += 1
    before = len(index.starts) + numpy.cumsum(is_kept)
    index.blanks.frombytes(before[~is_kept].astype(numpy.uint64).tobytes())
    index.starts.frombytes(starts[is_kept].astype(numpy.uint64).tobytes())
