"""JSON Lines: each non-blank line is a row.

Only the places of the lines are held; a row is parsed when it is asked for.
"""

import json
from array import array
from collections.abc import Iterator
from functools import cached_property
from typing import Any, BinaryIO

from workbench.data.table import BadRow, Row, Rows, type_of

_CHUNK = 1 << 20
_BOM = b"\xef\xbb\xbf"


class JsonlRows(Rows):
    """Rows of a JSON Lines file."""

    format = "jsonl"

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[Row]:
        with self.path.open("rb", buffering=_CHUNK) as file:
            for index, (_, line) in enumerate(_lines(file)):
                yield self._parsed(index, line)

    def slice(self, start: int, stop: int) -> list[Row]:
        """Return the rows from `start` up to `stop`, counted from 0; fewer where the file ends."""
        indices = range(max(start, 0), min(stop, len(self)))
        with self.path.open("rb") as file:
            return [self._parsed(index, self._line(file, index)) for index in indices]

    def readable(self) -> Iterator[Row]:
        """Return the rows in order without the broken ones; needs no index, so the first come at once."""
        with self.path.open("rb", buffering=_CHUNK) as file:
            for index, (_, line) in enumerate(_lines(file)):
                try:
                    row = self._parsed(index, line)
                except BadRow:
                    continue
                yield row

    def _row(self, index: int) -> Row:
        with self.path.open("rb") as file:
            return self._parsed(index, self._line(file, index))

    @cached_property
    def _starts(self) -> "array[int]":
        """Where each row's line begins, in bytes."""
        with self.path.open("rb", buffering=_CHUNK) as file:
            return array("Q", (start for start, _ in _lines(file)))

    def _line(self, file: BinaryIO, index: int) -> bytes:
        file.seek(self._starts[index])
        return file.readline()

    def _parsed(self, index: int, line: bytes) -> Row:
        try:
            value: Any = json.loads(line.removeprefix(_BOM).decode())
        except UnicodeDecodeError as error:
            detail = f"not UTF-8 at byte {error.start + 1} of the line"
            fix = f"make the file UTF-8: iconv -f cp1252 -t utf-8 {self.path} > NEW"
            raise self._bad(index, detail, fix) from error
        except json.JSONDecodeError as error:
            detail = f"malformed JSON at column {error.colno}: {error.msg}"
            raise self._bad(index, detail, "mend that line or take it out") from error
        except (RecursionError, ValueError) as error:
            raise self._bad(index, f"JSON that cannot be read: {error}", "take that line out") from error
        if not isinstance(value, dict):
            detail = f"a JSON {type_of(value)}, not an object with named fields"
            raise self._bad(index, detail, 'write each row as {"prompt": …, "completion": …} or the like')
        return value

    def _bad(self, index: int, detail: str, fix: str) -> BadRow:
        return BadRow(self.path, index + 1, f"line {self._line_number(index)}: {detail}", fix)

    def _line_number(self, index: int) -> int:
        """The line, counted from 1 with the blank ones, that row `index` is on."""
        with self.path.open("rb", buffering=_CHUNK) as file:
            rows = -1
            for number, line in enumerate(file, 1):
                rows += not _is_blank(line)
                if rows == index:
                    return number
        return index + 1


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each non-blank line with the byte that it starts at."""
    start = 0
    for line in file:
        if not _is_blank(line):
            yield start, line
        start += len(line)


def _is_blank(line: bytes) -> bool:
    return line.isspace() or line.rstrip() == _BOM
