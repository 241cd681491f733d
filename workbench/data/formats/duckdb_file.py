"""A table of a DuckDB database, read-only, by its row ids, where SQL in the file can reach nothing else."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbench.data.formats.arrow_values import plain, type_word
from workbench.data.formats.batches import first_line
from workbench.data.formats.tables import TableRows, chosen_table, quoted
from workbench.data.table import BadFile, Column, Row

MAGIC = slice(8, 12), b"DUCK"
_CONFINED: dict[str, Any] = {
    "memory_limit": "150MB",
    "threads": 2,
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
}


def open_duckdb(path: Path, table: str) -> "DuckdbRows":
    """Return the rows of a table of the database; the only one when `table` is "".

    Raises WrongUse when there is no such table or no only one, and BadFile when the file cannot be read.
    """
    import duckdb

    with _told(path):
        connection = duckdb.connect(str(path), read_only=True, config=_CONFINED)
        listing = "SELECT {0}_name FROM duckdb_{0}s() WHERE NOT internal AND schema_name = 'main' ORDER BY {0}_oid"
        tables, views = (
            [name for (name,) in connection.execute(listing.format(kind)).fetchall()] for kind in ("table", "view")
        )
        chosen = chosen_table(path, tables, [*tables, *views], table)
        return DuckdbRows(path, chosen, connection, table, has_ids=chosen in tables)


class DuckdbRows(TableRows):
    """Rows of a table, in the order of their row ids; those of a view as they come."""

    format = "duckdb"

    def __init__(self, path: Path, table: str, connection: Any, asked: str, *, has_ids: bool) -> None:
        self._connection = connection
        shape = connection.sql(f"SELECT * FROM {quoted(table)} LIMIT 0").to_arrow_table().schema  # noqa: S608
        super().__init__(path, table, shape.names, asked)
        self._has_ids = has_ids and "rowid" not in {name.lower() for name in shape.names}
        self.columns = [Column(field.name, type_word(field.type)) for field in shape]

    def _ids(self) -> Iterable[int]:
        with _told(self.path):
            if self._has_ids:
                found = self._connection.execute(f"SELECT rowid FROM {self._quoted} ORDER BY rowid")  # noqa: S608
                while batch := found.fetchmany(10_000):
                    yield from (number for (number,) in batch)
            else:
                found = self._connection.execute(f"SELECT count(*) FROM {self._quoted}")  # noqa: S608
                yield from range(found.fetchone()[0])

    def _page(self, first: int, last: int, count: int) -> list[tuple[Any, ...]]:
        with _told(self.path):
            if self._has_ids:
                query = f"SELECT * FROM {self._quoted} WHERE rowid BETWEEN ? AND ? ORDER BY rowid"  # noqa: S608
                found = self._connection.execute(query, (first, last))
            else:
                query = f"SELECT * FROM {self._quoted} LIMIT ? OFFSET ?"  # noqa: S608
                found = self._connection.execute(query, (count, first))
            rows: list[tuple[Any, ...]] = found.fetchall()
            return rows

    def _made(self, index: int, values: tuple[Any, ...]) -> Row:  # noqa: ARG002 - every row can be read
        return {name: plain(value) for name, value in zip(self._names, values, strict=True)}


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What DuckDB says, in a person's words."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        is_locked = "lock" in str(error)
        fix = "close the program that has it open" if is_locked else "open it with the version of DuckDB that wrote it"
        raise BadFile(f"{path}: DuckDB cannot read it: {first_line(error)}", fix) from error
