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

APPLICATION = 0x57424C42  # "WBLB", in the file's header
BUSY_SECONDS = 10.0

_SCHEMA_1 = (
    "CREATE TABLE sets (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """CREATE TABLE pairs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        set_id INTEGER NOT NULL REFERENCES sets (id),
        digest TEXT NOT NULL,
        prompt TEXT NOT NULL,
        first TEXT NOT NULL,
        second TEXT NOT NULL,
        source TEXT NOT NULL,
        UNIQUE (set_id, digest)
    )""",
    "CREATE INDEX pairs_of_set ON pairs (set_id)",
    """CREATE TABLE votes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        set_id INTEGER NOT NULL REFERENCES sets (id),
        pair_id INTEGER NOT NULL REFERENCES pairs (id),
        annotator TEXT NOT NULL,
        choice TEXT NOT NULL,
        shown_left TEXT,
        note TEXT NOT NULL,
        at REAL NOT NULL,
        undone REAL
    )""",
    "CREATE INDEX standing_votes ON votes (set_id, annotator, pair_id) WHERE undone IS NULL",
    "CREATE INDEX latest_votes ON votes (set_id, annotator) WHERE undone IS NULL",
    "CREATE VIEW standing AS SELECT * FROM votes WHERE undone IS NULL",
    """CREATE VIEW named_pairs AS
        SELECT pairs.id, name AS set_name, prompt, first, second, source, digest, set_id
        FROM pairs JOIN sets ON sets.id = set_id""",
)
_MIGRATIONS = (_SCHEMA_1,)
"""The statements that bring a file from each version to the next."""
VERSION = len(_MIGRATIONS)

_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "lustre", "gpfs", "beegfs", "fuse.sshfs", "glusterfs")
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

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._told():
            self._connection = _connected(path)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection; what SQLite refuses is raised as a WorkbenchError."""
        with self._told():
            yield self._connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection in a transaction: all of it is on disk at the end, or none of it."""
        with self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _prepare(self) -> None:
        version = self._version()
        if self._connection.execute("PRAGMA query_only").fetchone()[0]:
            if version < VERSION:
                raise Missing(f"{self.path} may only be read, and is of an older version", _FIXES["SQLITE_READONLY"])
            return
        _keep_safe(self._connection, self.path)
        if version < VERSION:
            with self.writing() as connection:
                for statements in _MIGRATIONS[self._version() :]:  # another process may have been quicker
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


def _keep_safe(connection: sqlite3.Connection, path: Path) -> None:
    """Have each commit reach the disk. A write-ahead log is quick, but unsafe where several hosts share the file."""
    wanted = "delete" if is_on_network(path) else "wal"
    deadline = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
        try:
            connection.execute(f"PRAGMA journal_mode = {wanted}")
            break  # a file system that cannot do it keeps its rollback journal
        except sqlite3.OperationalError:  # SQLite does not wait here by itself
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def is_on_network(path: Path, mounts: str | None = None) -> bool:
    """Whether `path` lies on a file system that other hosts see too; `mounts` is /proc/mounts by default."""
    if mounts is None:
        try:
            mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
    place = path.absolute()
    best, kind = "", ""
    for line in mounts.splitlines():
        _, point, name, *_ = [*line.split(" "), "", "", ""]
        point = point.replace("\\040", " ")
        if len(point) >= len(best) and place.is_relative_to(point or "/nowhere"):
            best, kind = point, name
    return kind.startswith(_NETWORK)
