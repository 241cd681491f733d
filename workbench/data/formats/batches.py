"""Formats that keep rows in batches of columns: one batch is in memory at a time."""

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from workbench.data.formats.arrow_values import bytes_note, holds_bytes, plain, type_word
from workbench.data.table import BadFile, BadRow, Column, Row, Rows

_AT_ONCE = 256  # rows that are turned into Python at once


class BatchRows(Rows):
    """Rows of a file of batches; bytes are read as their number, dates as ISO text."""

    def __init__(self, path: Path, schema: Any, sizes: Iterable[int], notes: Iterable[str] = ()) -> None:
        """`sizes`: the number of rows of each batch; `schema` is Arrow's."""
        super().__init__(path, [*notes, *bytes_note(field.name for field in schema if holds_bytes(field.type))])
        self._starts: list[int] = [0, *accumulate(sizes)]
        self._held: tuple[int, Any] = (-1, None)
        self.columns = [Column(field.name, type_word(field.type)) for field in schema]

    def __len__(self) -> int:
        return self._starts[-1]

    def slice(self, start: int, stop: int) -> list[Row]:
        """Return the rows from `start` up to `stop`, counted from 0; fewer where the file ends."""
        at, stop = max(start, 0), min(stop, len(self))
        rows: list[Row] = []
        while at < stop:
            number = bisect_right(self._starts, at) - 1
            upto = min(stop, self._starts[number + 1])
            piece = self._batch(number).slice(at - self._starts[number], upto - at)
            rows += [
                {name: plain(value) for name, value in row.items()} for row in piece.to_pylist(maps_as_pydicts="lossy")
            ]
            at = upto
        return rows

    def each(self) -> Iterator[Row | BadRow]:
        """Return every row in order."""
        for start in range(0, len(self), _AT_ONCE):
            yield from self.slice(start, start + _AT_ONCE)

    def __iter__(self) -> Iterator[Row]:
        return self.readable()

    def _row(self, index: int) -> Row:
        return self.slice(index, index + 1)[0]

    def _batch(self, number: int) -> Any:
        import pyarrow

        at, batch = self._held
        if at == number:
            return batch
        self._held = (-1, None)
        try:
            batch = self._read(number)
        except (pyarrow.ArrowException, OSError) as error:
            rows = f"rows {self._starts[number] + 1:,} to {self._starts[number + 1]:,}"
            raise BadFile(f"{self.path}, {rows}: cannot be read: {first_line(error)}", "fetch it again") from error
        self._held = (number, batch)
        return batch

    @abstractmethod
    def _read(self, number: int) -> Any:
        """The batch with that number, counted from 0, as an Arrow table or record batch."""


def first_line(error: Exception) -> str:
    """Return the first line of what a library says."""
    return str(error).partition("\n")[0]
