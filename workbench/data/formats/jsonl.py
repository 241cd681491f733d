"""JSON Lines: each non-blank line is a row.

Only the places of the lines are held; a row is parsed when it is asked for.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, BinaryIO

from workbench.data.formats.line_index import BOM, Index, index_lines, is_blank
from workbench.data.table import RAW, BadRow, Row, Rows, json_word

_CHUNK = 1 << 20


class JsonlRows(Rows):
    """Rows of a JSON Lines file."""

    format = "jsonl"

    @cached_property
    def is_of_one_type(self) -> dict[str, bool]:
        """Whether a column is of its type in all rows, as far as that was looked for."""
        return {}

    def __len__(self) -> int:
        return len(self._index.starts)

    def count(self, goes_on: Callable[[float], None]) -> int:
        """Return the number of rows; the places of their lines are kept."""
        if "_index" not in vars(self):
            vars(self)["_index"] = index_lines(self.path, goes_on)
        return len(self)

    def __iter__(self) -> Iterator[Row]:
        for row in self.each():
            if isinstance(row, BadRow):
                raise row
            yield row

    def each(self) -> Iterator[Row | BadRow]:
        """Return every row in order, or what is wrong with it; needs no index, so the first come at once."""
        with self.path.open("rb", buffering=_CHUNK) as file:
            for index, (number, _, line) in enumerate(_lines(file)):
                yield self._parsed(index, number, line)

    def slice(self, start: int, stop: int) -> list[Row]:
        """Return the rows from `start` up to `stop`, counted from 0; fewer where the file ends."""
        indices = range(max(start, 0), min(stop, len(self)))
        with self.path.open("rb") as file:
            return [self._read(file, index) for index in indices]

    def lines(self, numbers: Sequence[int]) -> Iterator[bytes]:
        """Return the lines of the rows with those numbers, counted from 1, as they stand in the file."""
        with self.path.open("rb") as file:
            for number in numbers:
                yield self._line(file, number - 1).removeprefix(BOM)

    def _row(self, index: int) -> Row:
        with self.path.open("rb") as file:
            return self._read(file, index)

    def _read(self, file: BinaryIO, index: int) -> Row:
        row = self._parsed(index, index + 1 + bisect_right(self._index.blanks, index), self._line(file, index))
        if isinstance(row, BadRow):
            raise row
        return row

    @property
    def may_hold_others(self) -> bool:
        """Whether some line does not even begin as an object."""
        return self._index.odd > 0

    @cached_property
    def _index(self) -> Index:
        return index_lines(self.path)

    def _line(self, file: BinaryIO, index: int) -> bytes:
        file.seek(self._index.starts[index])
        return file.readline()

    def _parsed(self, index: int, number: int, line: bytes) -> Row | BadRow:
        """The row on `line`, which is line `number` of the file; or what is wrong with it."""
        detail, fix = "", "mend that line or take it out"
        try:
            value: Any = json.loads(line.removeprefix(BOM).decode())
            if isinstance(value, dict):
                return value
            detail = f"{json_word(value)}, not an object with named fields"
            fix = 'write each row as {"prompt": …, "completion": …} or the like'
        except UnicodeDecodeError as error:
            detail = f"not UTF-8 at byte {error.start + 1} of the line"
            fix = f"make the file UTF-8: iconv -f cp1252 -t utf-8 {self.path} > NEW"
        except json.JSONDecodeError as error:
            detail = f"malformed JSON at column {error.colno}: {error.msg.removesuffix(' at')}"
        except (RecursionError, ValueError) as error:
            detail = f"JSON that cannot be read: {error}"
        raw = line[: 4 * RAW].decode("utf-8", "replace").rstrip("\r\n")[:RAW]
        return BadRow(self.path, index + 1, f"line {number}: {detail}", fix, raw)


def _lines(file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Each non-blank line after its number, counted from 1 with the blank ones, and the byte that it starts at."""
    start = 0
    for number, line in enumerate(file, 1):
        if not is_blank(line):
            yield number, start, line
        start += len(line)
