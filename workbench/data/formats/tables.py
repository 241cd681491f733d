"""Tables of databases: rows by their ids, a page of them in memory at a time."""

from abc import abstractmethod
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench.data.table import BadRow, Row, Rows
from workbench.errors import WrongUse

_PAGE = 256  # rows


class TableRows(Rows):
    """Rows of a table in the order of their ids."""

    def __init__(self, path: Path, table: str, names: Sequence[str], asked: str) -> None:
        """`asked`: the table as a person named it, "" where the file has only one."""
        super().__init__(Path(f"{path}:{asked}") if asked else path)
        self._file = path
        self._table, self._quoted = table, quoted(table)
        self._names = names
        self._held: tuple[int, list[Row | BadRow]] = (-1, [])

    @property
    def files(self) -> list[Path]:
        """The database."""
        return [self._file]

    def __len__(self) -> int:
        return len(self._numbers)

    def each(self) -> Iterator[Row | BadRow]:
        """Return every row in order, or what is wrong with it."""
        for start in range(0, len(self), _PAGE):
            yield from self._paged(start // _PAGE)

    def _row(self, index: int) -> Row:
        row = self._paged(index // _PAGE)[index % _PAGE]
        if isinstance(row, BadRow):
            raise row
        return row

    @cached_property
    def _numbers(self) -> "array[int]":
        return array("q", self._ids())

    def _paged(self, page: int) -> list[Row | BadRow]:
        at, rows = self._held
        if at != page:
            start = page * _PAGE
            ids = self._numbers[start : start + _PAGE]
            found = self._page(ids[0], ids[-1], len(ids))
            rows = [self._made(start + place, values) for place, values in enumerate(found)]
            self._held = (page, rows)
        return rows

    @abstractmethod
    def _ids(self) -> Iterable[int]:
        """The ids of all rows, ascending."""

    @abstractmethod
    def _page(self, first: int, last: int, count: int) -> Sequence[tuple[Any, ...]]:
        """The values of the `count` rows whose ids go from `first` to `last`."""

    @abstractmethod
    def _made(self, index: int, values: tuple[Any, ...]) -> Row | BadRow:
        """The row with those values."""


def chosen_table(path: Path, tables: Sequence[str], all_names: Sequence[str], asked: str) -> str:
    """Return the table that is meant: the one asked for, a view too, or the only one.

    Raises WrongUse with the tables' names when there is no such one, or several and none was asked for.
    """
    if asked in all_names:
        return asked
    names = list(tables or all_names)
    if not names:
        raise WrongUse(f"{path} is a database without tables", "name another file")
    if asked:
        raise WrongUse(f"{path} has no table {asked}: it has {', '.join(all_names)}", f"name one: {path}:{names[0]}")
    if len(names) > 1:
        raise WrongUse(f"{path} has {len(names)} tables: {', '.join(names)}", f"name one: {path}:{names[0]}")
    return names[0]


def quoted(name: str) -> str:
    """Return a table's name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
