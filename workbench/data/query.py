"""Rows that meet a condition in DuckDB's SQL, or stand in the order of a column.

The rows of JSON Lines are read by DuckDB itself, once it was seen that a column is of one type in all of them;
the rows of other formats, and of a file with a line that DuckDB cannot read, go to it in batches.
"""

import contextlib
import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.data import sql
from workbench.data.batches import Numbered, OtherType, batches, selected
from workbench.data.chain import ChainedRows
from workbench.data.formats.jsonl import JsonlRows
from workbench.data.sql import NUMBER
from workbench.data.table import Column, Rows, Type
from workbench.errors import Interrupted, WrongUse

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TOLD_APART = 100  # characters: a sort by whole texts would not fit into memory
_UNREADABLE = ("Malformed JSON", "JSON transform error", "maximum_object_size")


@dataclass(frozen=True)
class Order:
    """Rows by the values of a column: lists by their length, texts by their first 100 characters.

    Rows without a value come last, and equal ones as they stand in the file.
    """

    column: str
    is_descending: bool = False


@dataclass(frozen=True)
class Selection:
    """The numbers, counted from 1, of the rows that were found."""

    numbers: Sequence[int]
    as_json: tuple[str, ...] = ()
    """Columns of a type that changes below the rows that decide it: their values were compared as JSON."""
    unreadable: Sequence[int] = ()
    """The numbers of the rows that cannot be read, as far as they were met: they are never found."""


def select(rows: Rows, where: str = "", order: Order | None = None) -> Selection:
    """Return the rows that meet the condition `where`, in their own order or in `order`; see `Query`."""
    return Query(rows, where, order).run()


@dataclass
class Query:
    """A selection that another thread may interrupt.

    Objects and columns of mixed types are JSON, lists are lists of it: `info->>'id' = 'x'`, `len(turns) > 4`.
    """

    rows: Rows
    where: str = ""
    order: Order | None = None
    _types: dict[str, Type] = field(default_factory=dict, init=False)
    _late: list[str] = field(default_factory=list, init=False)
    _unreadable: list[int] = field(default_factory=list, init=False)
    _connection: "DuckDBPyConnection | None" = field(default=None, init=False)
    _is_interrupted: bool = field(default=False, init=False)

    def run(self) -> Selection:
        """Return what is selected.

        Raises WrongUse with DuckDB's words when the condition is none, and Interrupted.
        """
        self.where = sql.utf8(self.where)
        if self.where or self.order is None:
            check(self.where)
        self._types = _used(self.rows, self.where, self.order)
        while True:
            try:
                return Selection(self._numbers(), tuple(self._late), tuple(self._unreadable))
            except OtherType as error:
                self._late.append(error.column)
                self._types[error.column] = "mixed"

    def interrupt(self) -> None:
        """Have `run` raise Interrupted as soon as it can."""
        self._is_interrupted = True
        if self._connection is not None:
            import duckdb

            with contextlib.suppress(duckdb.ConnectionException):  # closed already
                self._connection.interrupt()

    def _numbers(self) -> Sequence[int]:
        self._in_batches([])  # a wrong condition is found before anything is read
        lines = self.rows.only if isinstance(self.rows, ChainedRows) else self.rows
        if isinstance(lines, JsonlRows) and not lines.may_hold_others:
            numbers = self._in_file(lines)
            if numbers is not None:
                return numbers
        return self._in_batches(enumerate(self.rows.each(), 1))

    def _in_batches(self, rows: Iterable[Numbered]) -> Sequence[int]:
        """The numbers of those of `rows` that are wanted."""
        import duckdb

        self._unreadable.clear()
        key, direction = self._key()
        query = f"SELECT {NUMBER}, {key or 'NULL'} AS key FROM {selected(self._types)} WHERE {self._condition}"  # noqa: S608
        with sql.confined() as self._connection:
            is_made = False
            for batch in batches(rows, self._types, self._unreadable):
                if self._is_interrupted:
                    raise Interrupted("the search was stopped")
                self._connection.register("batch", batch)
                verb = "INSERT INTO found" if is_made else "CREATE TABLE found AS"
                try:
                    self._connection.execute(f"{verb} {query}")
                except duckdb.Error as error:
                    raise self._wrong(error) from error
                is_made = True
            return self._fetched(f"SELECT {NUMBER} FROM found ORDER BY key {direction}, {NUMBER}")  # noqa: S608

    def _in_file(self, lines: JsonlRows) -> Sequence[int] | None:
        """The numbers as DuckDB finds them in the file; None where it cannot be trusted with it."""
        import duckdb

        with sql.confined(lines.path) as self._connection:
            try:
                self._look_for_other_types(lines)
                return self._fetched(self._query(sql.lines(lines.path, self._types)))
            except duckdb.InvalidInputException as error:
                if not any(each in str(error) for each in _UNREADABLE):
                    raise self._wrong(error) from error
            except duckdb.Error as error:
                raise self._wrong(error) from error
            return None

    def _look_for_other_types(self, lines: JsonlRows) -> None:
        """Take for JSON what is not of one type throughout the file; a file is looked through once for a column."""
        assert self._connection is not None
        known = lines.is_of_one_type
        fresh = {column: kind for column, kind in self._types.items() if column not in known}
        if fresh:
            source = sql.lines(lines.path, dict.fromkeys(fresh, "mixed"))
            asked = ", ".join(f"bool_or({sql.is_other(column, kind)})" for column, kind in fresh.items())
            found = self._connection.execute(f"SELECT {asked} FROM {source}").fetchall()[0]  # noqa: S608 - quoted names
            known |= {column: not other for column, other in zip(fresh, found, strict=True)}
        self._late = [column for column in self._types if not known[column]]
        self._types |= dict.fromkeys(self._late, "mixed")

    def _query(self, source: str) -> str:
        columns = [NUMBER]
        columns += [f"{sql.as_null(column, kind)} AS {sql.name(column)}" for column, kind in self._types.items()]
        key, direction = self._key()
        by = f"{key} {direction}, " if key else ""
        table = f"(SELECT {', '.join(columns)} FROM {source})"  # noqa: S608 - the names are quoted
        return f"SELECT {NUMBER} FROM {table} WHERE {self._condition} ORDER BY {by}{NUMBER}"  # noqa: S608

    @property
    def _condition(self) -> str:
        return f"({self.where}\n)" if self.where else "true"

    def _key(self) -> tuple[str, str]:
        if self.order is None:
            return "", ""
        key = sql.name(self.order.column)
        kind = self._types[self.order.column]
        if kind == "mixed":  # numbers by their size, then the others by their text
            text = f"left(CAST({key} AS VARCHAR), {_TOLD_APART})"
            key = f"CASE WHEN {key} IS NULL THEN NULL ELSE {{'n': TRY_CAST({key} AS DOUBLE), 't': {text}}} END"
        key = f"len({key})" if kind == "list" else f"left({key}, {_TOLD_APART})" if kind == "text" else key
        return key, "DESC NULLS LAST" if self.order.is_descending else "ASC NULLS LAST"

    def _fetched(self, query: str) -> Sequence[int]:
        import duckdb

        assert self._connection is not None
        if self._is_interrupted:
            raise Interrupted("the search was stopped")
        try:
            return array("Q", self._connection.execute(query).fetchnumpy()[NUMBER].tobytes())
        except duckdb.InterruptException as error:
            raise Interrupted("the search was stopped") from error

    def _wrong(self, error: Exception) -> Exception:
        if self._is_interrupted:
            return Interrupted("the search was stopped")
        refused = _refused(self.where, error)
        if self._late:
            names = ", ".join(self._late)
            refused.fix = f"{names} has values of several types, so it is JSON: TRY_CAST({self._late[0]} AS DOUBLE) > 5"
        return refused


def check(where: str) -> None:
    """Raise WrongUse for everything but one condition over the row itself."""
    import duckdb

    try:
        duckdb.SQLExpression(where)
        words = duckdb.tokenize(where)
    except duckdb.Error as error:
        raise _refused(where, error) from error
    for start, kind in words:
        if kind == duckdb.token_type.keyword and where[start : start + 6].lower() == "select":
            raise WrongUse(f"not a condition: {where}", "a condition over one row holds no SELECT")


def _refused(where: str, error: Exception) -> WrongUse:
    sentence = str(error).partition("\n\nLINE")[0].replace("\n", " ")
    fix = "a condition in DuckDB's SQL, such as: length(answer) > 100"
    return WrongUse(f"the condition {where} does not work: {sentence}", fix)


def _used(rows: Rows, where: str, order: Order | None) -> dict[str, Type]:
    """The columns that may be meant; DuckDB takes names without regard to case.

    Of two that differ only in case it is the one that is written, or sorted by. Raises WrongUse when both are, and
    for a name that SQL cannot write.
    """
    words = where.casefold()
    used: dict[str, Column] = {}
    for column in rows.columns:
        key, is_sorted_by = column.name.casefold(), order is not None and column.name == order.column
        if is_sorted_by and key in ("", NUMBER):
            raise WrongUse(f"SQL has no word for a column called {column.name!r}", "rename the column")
        if not (is_sorted_by or key.replace('"', '""') in words) or key in ("", NUMBER):
            continue
        other, is_exact = used.get(key), is_sorted_by or _is_written(column.name, where)
        if (
            other is not None
            and is_exact
            and (_is_written(other.name, where) or (order and order.column == other.name))
        ):
            raise WrongUse(f"{other.name} and {column.name} are one name in SQL", "rename one of these columns")
        if other is None or is_exact:
            used[key] = column
    return {column.name: column.type for column in used.values()}


def _is_written(column: str, where: str) -> bool:
    """Whether a condition has the name of a column, in this case."""
    return re.search(rf"(?<!\w){re.escape(column.replace(chr(34), chr(34) * 2))}(?!\w)", where) is not None
