"""What every opened data file offers: rows by position, named columns, and errors that name file and row.

Rows are counted from 0 in Python and from 1 wherever a person reads a number.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from workbench.errors import WorkbenchError, WrongUse

Row = dict[str, Any]
Format = Literal["json", "jsonl", "csv", "parquet", "arrow", "sqlite", "duckdb", "pickle", "text"]
Type = Literal["text", "integer", "number", "boolean", "list", "object", "mixed"]

RAW = 40_000  # characters that are kept of a row that cannot be read
_NAMED = 20
SAMPLE = 1000  # rows that decide the columns of a file which is not held in memory

_TYPES: dict[type, Type] = {
    str: "text",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "list",
    dict: "object",
}


class BadFile(WorkbenchError, ValueError):
    """The file is not data that can be opened, or is broken as a whole."""


class BadRow(WorkbenchError, ValueError):
    """One row is broken or does not fit; `row` is its number, counted from 1, and `raw` what the file says there."""

    def __init__(self, path: Path, row: int, detail: str, fix: str = "", raw: str = "") -> None:
        super().__init__(f"{path}, row {row}: {detail}", fix)
        self.row = row
        self.detail = detail
        self.raw = raw


class NoSuchRow(WrongUse, IndexError):
    """The file has fewer rows than that; `row` counts from 1."""

    def __init__(self, path: Path, row: int, count: int) -> None:
        fix = f"choose one from 1 to {count:,}" if count else "name a file with rows"
        super().__init__(f"{path} has {count:,} rows; there is no row {row:,}", fix)


@dataclass(frozen=True)
class Column:
    """A column's name and what its values are, in a person's words."""

    name: str
    type: Type


class Rows(ABC):
    """An opened data file. A row that cannot be read raises BadRow when it is reached, not before."""

    format: Format

    def __init__(self, path: Path, notes: Iterable[str] = ()) -> None:
        self.path = path
        self.notes = list(notes)

    @property
    def files(self) -> list[Path]:
        """The files that hold the rows: none of them is ever written to."""
        return [self.path]

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def _row(self, index: int) -> Row: ...

    def count(self, goes_on: Callable[[float], None]) -> int:  # noqa: ARG002 - for those that have to read the file
        """Return the number of rows; `goes_on` is told the share of the file that has been read for it.

        What `goes_on` raises ends that.
        """
        return len(self)

    def __getitem__(self, index: int) -> Row:
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise NoSuchRow(self.path, at + 1, len(self))
        return self._row(at)

    def __iter__(self) -> Iterator[Row]:
        return (self._row(index) for index in range(len(self)))

    def slice(self, start: int, stop: int) -> list[Row]:
        """Return the rows from `start` up to `stop`, counted from 0; fewer where the file ends."""
        return [self._row(index) for index in range(max(start, 0), min(stop, len(self)))]

    def each(self) -> Iterator[Row | BadRow]:
        """Return every row in order, or what is wrong with it."""
        for index in range(len(self)):
            try:
                yield self._row(index)
            except BadRow as error:
                yield error

    def readable(self) -> Iterator[Row]:
        """Return the rows in order without the broken ones: for looking around, never for training."""
        return (row for row in self.each() if not isinstance(row, BadRow))

    @cached_property
    def columns(self) -> list[Column]:
        """The columns in the order of their first appearance within the first SAMPLE readable rows."""
        return columns_of(islice(self.readable(), SAMPLE))

    @cached_property
    def column_names(self) -> list[str]:
        """The names of `columns`."""
        return [column.name for column in self.columns]


def some(names: Sequence[str]) -> str:
    """Return the names one after the other, the first ones of very many."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def type_of(value: object) -> Type:
    """Return what `value` is, in a person's words."""
    return _TYPES.get(type(value), "mixed")


def json_word(value: object) -> str:
    """Return what a JSON value is, in a sentence."""
    return "null" if value is None else f"a JSON {type_of(value)}"


def columns_of(rows: Iterable[Row]) -> list[Column]:
    """Return the columns of `rows`; null values do not count towards a type."""
    seen: dict[str, set[Type]] = {}
    for row in rows:
        for name, value in row.items():
            types = seen.setdefault(name, set())
            if value is not None:
                types.add(type_of(value))
    return [Column(name, common_type(types)) for name, types in seen.items()]


def common_type(types: set[Type]) -> Type:
    """Return the one type of a column in which `types` were seen; text where nothing was."""
    if not types:
        return "text"
    if types == {"integer", "number"}:
        return "number"
    return next(iter(types)) if len(types) == 1 else "mixed"
