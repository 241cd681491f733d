"""Opening labels.db: its version, how it is kept safe on disk, and SQLite's errors in a person's words.

A transaction that has ended is on disk. Several processes may have the file open; each waits for the others.
"""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.label.network import Lease, is_on_network
from workbench.label.schema import MIGRATIONS, VERSION

APPLICATION = 0x57424C42  # "WBLB", in the file's header
BUSY_SECONDS = 10.0

_FIXES = {
    "SQLITE_FULL": "free some space, then do it again: nothing that was stored is lost",
    "SQLITE_BUSY": "another program is writing to it: try again in a moment",
    "SQLITE_READONLY": "choose a workspace that you may write to: workbench -C FOLDER",
    "SQLITE_CANTOPEN": "choose a workspace that you may write to: workbench -C FOLDER",
    "SQLITE_CORRUPT": "put a copy of it back, or save what can be read: sqlite3 labels.db .recover",
    "SQLITE_NOTADB": "move that file away: labels.db is where Workbench keeps its votes",
    "SQLITE_IOERR": "see whether the disk is full or has gone away, then do it again",
}


class Database:
    """An open labels.db, for one thread at a time."""

    def __init__(self, path: Path, *, to_read: bool = False) -> None:
        self.path = path
        self._file: tuple[int, int] | None = None  # until it is open: _prepare may be making it
        self._lease = Lease(path) if is_on_network(path) else None
        with self._told():
            self._connection = _connected(path)
            try:
                self._prepare(to_read)
            except BaseException:
                self.close()
                raise
        self._file = self._file_there()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
        if self._lease:
            self._lease.give_up()

    @property
    def safety(self) -> str:
        """What a person should know of how the file is kept safe; "" where nothing is out of the ordinary."""
        if self._lease is None:
            return ""
        other = self._lease.other()
        if other is None:
            return "a network disk: one writer at a time, slower"
        return f"a network disk, one writer at a time: {other.words()} writes, here it can only be read"

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection; what SQLite refuses is raised as a WorkbenchError."""
        with self._told():
            yield self._connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection in a transaction: all of it is on disk at the end, or none of it."""
        with self._told():
            self._be_the_writer()
            self._be_in_place()
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._be_the_writer()  # still: this process may have slept meanwhile
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _be_the_writer(self) -> None:
        other = self._lease.hold() if self._lease else None
        if other is not None:
            what = f"{self.path} is on a network disk, and {other.words()} writes to it"
            raise WorkbenchError(what, "until that ends it can only be read here")

    def _be_in_place(self) -> None:
        """What is written to a file that was deleted, or moved away, would be lost without a word."""
        if self._file is not None and self._file_there() != self._file:
            what = f"{self.path} was deleted, moved or replaced while it was open, so nothing is stored"
            raise Missing(what, "put it back, or start Workbench again")

    def _file_there(self) -> tuple[int, int] | None:
        """Which file has the name now; over a network, where its number may change, only whether one has."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return (0, 0) if self._lease else (found.st_dev, found.st_ino)

    def _prepare(self, to_read: bool) -> None:
        version = self._version()
        if self._connection.execute("PRAGMA query_only").fetchone()[0]:
            if version < VERSION:
                raise Missing(f"{self.path} may only be read, and is of an older version", _FIXES["SQLITE_READONLY"])
            return
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        if self._lease and version == VERSION and (to_read or self._lease.hold()):
            return
        self._be_the_writer()
        _keep_journal(self._connection, "delete" if self._lease else "wal")
        if version < VERSION:
            self._upgrade()

    def _upgrade(self) -> None:
        with self.writing() as connection:
            for statements in MIGRATIONS[self._version() :]:  # another process may have been quicker
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute(f"PRAGMA application_id = {APPLICATION}")

    def _version(self) -> int:
        """The version of the file; 0 for an empty one. Raises WrongUse when it is not one of ours or too new."""
        tables, application, version = (  # the tables first: another process may be making the file right now
            self._connection.execute(question).fetchone()[0]
            for question in ("SELECT count(*) FROM sqlite_schema", "PRAGMA application_id", "PRAGMA user_version")
        )
        if tables and application != APPLICATION:
            raise WrongUse(f"{self.path} is a database of another program", "move it away, or use another workspace")
        if version > VERSION:
            what = f"{self.path} was written by a newer Workbench (version {version}; this one knows {VERSION})"
            raise WrongUse(what, "pip install --upgrade finetune-workbench")
        return int(version)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            fix = next((fix for key, fix in _FIXES.items() if name.startswith(key)), "")
            kind = Missing if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")) else WorkbenchError
            raise kind(f"{self.path}: {error}", fix) from error


def _connected(path: Path) -> sqlite3.Connection:
    """Open the file; one that may not be written to is opened for reading alone."""
    if not path.exists() or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return _connect(str(path), uri=False)
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    try:
        connection = _read_only(address)
    except sqlite3.OperationalError:  # in a folder where SQLite cannot even make its lock files
        connection = _read_only(f"{address}&immutable=1")
    return connection


def _read_only(address: str) -> sqlite3.Connection:
    connection = _connect(address, uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema")
        connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _connect(address: str, *, uri: bool) -> sqlite3.Connection:
    return sqlite3.connect(address, uri=uri, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _keep_journal(connection: sqlite3.Connection, wanted: str) -> None:
    """Keep the journal that each commit goes by. The write-ahead log is quick, but unsafe between several hosts."""
    deadline = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
        try:
            connection.execute(f"PRAGMA journal_mode = {wanted}")
            break  # a file system that cannot do it keeps its rollback journal
        except sqlite3.OperationalError:  # SQLite does not wait here by itself
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
