"""Several files as one set of rows, in order; a file is opened when a row of it is asked for.

A row is numbered within the set; what is wrong with one also names its own file.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from workbench.data.table import SAMPLE, BadRow, Column, Row, Rows, Type, common_type

_KEPT = 16  # opened files: those of a set may be many, and a table is in memory as long as it is open


@dataclass(frozen=True)
class Part:
    """One file of a set, by the path that a person knows."""

    path: Path
    open: Callable[[], Rows]


class ChainedRows(Rows):
    """The rows of one file after those of another. `path` is what a person named."""

    def __init__(self, path: Path, parts: Sequence[Part], notes: Iterable[str] = ()) -> None:
        super().__init__(path, notes)
        self._parts = parts
        self._opened: OrderedDict[int, Rows] = OrderedDict()
        self._noted: set[int] = set()
        self.format = self._part(0).format

    @property
    def files(self) -> list[Path]:
        """The files of the set, in the order of their rows."""
        return [part.path for part in self._parts]

    @property
    def only(self) -> Rows | None:
        """The rows of a packed file, unpacked; None where there are several files."""
        return self._part(0) if len(self._parts) == 1 else None

    def __len__(self) -> int:
        return self._starts[-1]

    def __iter__(self) -> Iterator[Row]:
        for row in self.each():
            if isinstance(row, BadRow):
                raise row
            yield row

    def each(self) -> Iterator[Row | BadRow]:
        """Return every row in order, or what is wrong with it; only the files that are reached are opened."""
        start = 0
        for number in range(len(self._parts)):
            count = 0
            for row in self._part(number).each():
                count += 1
                yield self._moved(row, number, start) if isinstance(row, BadRow) else row
            start += count

    def slice(self, start: int, stop: int) -> list[Row]:
        """Return the rows from `start` up to `stop`, counted from 0; fewer where the set ends."""
        at, stop = max(start, 0), min(stop, len(self))
        rows: list[Row] = []
        while at < stop:
            number, first = self._place(at)
            try:
                piece = self._part(number).slice(at - first, stop - first)
            except BadRow as error:
                raise self._moved(error, number, first) from error
            rows += piece
            at += len(piece)
        return rows

    @property
    def lines(self) -> Callable[[Sequence[int]], Iterator[bytes]] | None:
        """What returns the lines of rows as they stand in their files; None where they are not all lines."""
        return self._lines if all(has_lines for _, has_lines in self._counted) else None

    @cached_property
    def columns(self) -> list[Column]:
        """The columns of the files that hold the first SAMPLE rows."""
        if len(self._parts) == 1:
            return self._part(0).columns
        found: dict[str, set[Type]] = {}
        count = 0
        for number in range(len(self._parts)):
            for column in self._part(number).columns:
                found.setdefault(column.name, set()).add(column.type)
            count += len(self._part(number))
            if count >= SAMPLE:
                break
        return [Column(name, common_type(types)) for name, types in found.items()]

    def _row(self, index: int) -> Row:
        number, first = self._place(index)
        try:
            return self._part(number)[index - first]
        except BadRow as error:
            raise self._moved(error, number, first) from error

    @cached_property
    def _counted(self) -> list[tuple[int, bool]]:
        """Of each file, how many rows it has, and whether they are lines."""
        parts = map(self._part, range(len(self._parts)))
        return [(len(part), getattr(part, "lines", None) is not None) for part in parts]

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(count for count, _ in self._counted)]

    def _place(self, index: int) -> tuple[int, int]:
        """The number of the file that the row at `index` is in, and the index of that file's first row."""
        number = bisect_right(self._starts, index) - 1
        return number, self._starts[number]

    def _lines(self, numbers: Sequence[int]) -> Iterator[bytes]:
        for number in numbers:
            part, first = self._place(number - 1)
            yield from getattr(self._part(part), "lines")([number - first])  # noqa: B009 - some formats have it

    def _part(self, number: int) -> Rows:
        """The rows of a file, opened again where it was closed to make room."""
        rows = self._opened.pop(number, None)
        if rows is None:
            rows = self._parts[number].open()
            self._note(number, rows)
        self._opened[number] = rows
        if len(self._opened) > _KEPT:
            self._opened.popitem(last=False)
        return rows

    def _note(self, number: int, rows: Rows) -> None:
        if number not in self._noted:
            self._noted.add(number)
            named = f"{self._name(number)}: " if len(self._parts) > 1 else ""
            self.notes += [named + note for note in rows.notes]

    def _name(self, number: int) -> str:
        path = self._parts[number].path
        return str(path.relative_to(self.path)) if path.is_relative_to(self.path) else path.name

    def _moved(self, error: BadRow, number: int, first: int) -> BadRow:
        """What is wrong with a row of a file, with the row's number in the set."""
        named = f"{self._name(number)}, row {error.row}: " if len(self._parts) > 1 else ""
        return BadRow(self.path, first + error.row, named + error.detail, error.fix, error.raw)
