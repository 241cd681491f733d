"""A table of an SQLite database, read-only, by its row ids; nothing is ever written beside the file."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from weakref import finalize

from workbench.data.formats.arrow_values import bytes_note, plain
from workbench.data.formats.tables import TableRows, chosen_table, quoted
from workbench.data.table import RAW, BadFile, BadRow, Row

MAGIC = b"SQLite format 3\x00"
_WAL = 2  # at byte 18: this file's changes are written to a -wal file first
_IDS = ("rowid", "_rowid_", "oid")


def open_sqlite(path: Path, table: str, head: bytes) -> "SqliteRows":
    """Return the rows of a table of the database that begins with `head`; the only one when `table` is "".

    Raises WrongUse when there is no such table or no only one, and BadFile when the file is broken.
    """
    with _told(path):
        connection = _connected(path, is_wal=head[18:19] == bytes([_WAL]))
        found = connection.execute(
            "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
            " ORDER BY type, rowid"
        ).fetchall()
        tables = [name for name, kind in found if kind == "table"]
        return SqliteRows(path, chosen_table(path, tables, [name for name, _ in found], table), connection, table)


class SqliteRows(TableRows):
    """Rows of a table, in the order of their row ids; those of a view, and of a table without ids, as they come."""

    format = "sqlite"

    def __init__(self, path: Path, table: str, connection: sqlite3.Connection, asked: str) -> None:
        self._connection = connection
        finalize(
            self, connection.close
        )  # else it stays open, and whoever writes cannot tidy up, until cycles are freed
        cursor = connection.execute(f"SELECT * FROM {quoted(table)} LIMIT 0")  # noqa: S608 - the name is quoted
        names = [column[0] for column in cursor.description]
        super().__init__(path, table, names, asked)
        taken = {name.lower() for name in names}
        self._id = next((name for name in _IDS if name not in taken and self._has(name)), "")

    def _ids(self) -> Iterator[int]:
        with _told(self.path):
            if self._id:
                query = f"SELECT {self._id} FROM {self._quoted} ORDER BY {self._id}"  # noqa: S608
                yield from (number for (number,) in self._connection.execute(query))
            else:
                (count,) = self._connection.execute(f"SELECT count(*) FROM {self._quoted}").fetchone()  # noqa: S608
                yield from range(count)

    def _page(self, first: int, last: int, count: int) -> list[tuple[Any, ...]]:
        with _told(self.path):
            if self._id:
                query = f"SELECT * FROM {self._quoted} WHERE {self._id} BETWEEN ? AND ? ORDER BY {self._id}"  # noqa: S608
                return self._connection.execute(query, (first, last)).fetchall()
            query = f"SELECT * FROM {self._quoted} LIMIT ? OFFSET ?"  # noqa: S608
            return self._connection.execute(query, (count, first)).fetchall()

    def _made(self, index: int, values: tuple[Any, ...]) -> Row | BadRow:
        for name, value in zip(self._names, values, strict=True):
            if isinstance(value, str) and not value.isascii() and not _is_utf8(value):
                raw = value[:RAW].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                return BadRow(self.path, index + 1, f"{name} is not UTF-8 text", "write it again as UTF-8", raw)
        for note in bytes_note(name for name, value in zip(self._names, values, strict=True) if type(value) is bytes):
            if note not in self.notes:
                self.notes.append(note)
        return {name: plain(value) for name, value in zip(self._names, values, strict=True)}

    def _has(self, name: str) -> bool:
        """Whether the table has row ids by that name; a view and a table without row ids have none."""
        try:
            self._connection.execute(f"SELECT {name} FROM {self._quoted} LIMIT 0")  # noqa: S608
            kind = "SELECT type FROM sqlite_master WHERE name = ?"
            return bool(self._connection.execute(kind, (self._table,)).fetchone() == ("table",))
        except sqlite3.Error:
            return False


def _connected(path: Path, *, is_wal: bool) -> sqlite3.Connection:
    """A connection that writes nothing beside the file.

    A file with a -wal that holds changes is read with the help of the -shm of whoever writes it now; where that
    is gone, SQLite would make one, so a copy is read. Without changes in a -wal the file is all there is.
    """
    wal, shm = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
    has_changes = is_wal and wal.is_file() and wal.stat().st_size > 0
    if has_changes and not shm.exists():
        with tempfile.TemporaryDirectory(prefix="workbench-sqlite-") as folder:
            copy = Path(folder) / path.name
            shutil.copyfile(wal, copy.with_name(wal.name))
            shutil.copyfile(path, copy)
            here = sqlite3.connect(":memory:", check_same_thread=False)
            with sqlite3.connect(copy) as source:
                source.backup(here)
            source.close()
            return _prepared(here)
    how = "mode=ro" if has_changes or not is_wal else "mode=ro&immutable=1"
    return _prepared(
        sqlite3.connect(f"file:{quote(str(path.absolute()))}?{how}", uri=True, check_same_thread=False, timeout=5)
    )


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.text_factory = lambda content: content.decode("utf-8", "surrogateescape")
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What SQLite says, in a person's words."""
    try:
        yield
    except sqlite3.Error as error:
        fix = "try again when nothing writes to it" if "locked" in str(error) else "check it: sqlite3 FILE .recover"
        raise BadFile(f"{path}: SQLite cannot read it: {error}", fix) from error
