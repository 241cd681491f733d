"""A data set opened for looking at: its first rows at once, its number of rows when they are counted."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from workbench.data.lane import Lane
from workbench.data.rows import Row, Rows, locate, open_rows
from workbench.data.schema import Schema, schema_of
from workbench.errors import Missing, WorkbenchError, WrongUse

_HEAD = 128  # rows
_COUNTED_AT_ONCE = 16 << 20  # bytes: below that counting takes no time that a person could notice

Stamp = tuple[int, ...]


@dataclass(frozen=True)
class Noted:
    """Something is to be said while a data set is being opened: a download, for one."""

    text: str


@dataclass(frozen=True)
class Failed:
    """A data set cannot be opened."""

    error: WorkbenchError


@dataclass(frozen=True)
class Opened:
    """What is known of a file before all of it was read."""

    rows: Rows
    schema: Schema
    head: tuple[Row, ...]
    """The first rows, up to the first broken one."""
    count: int | None
    """None where `len(rows)` has to read the whole file first."""
    stamp: Stamp
    """Tells whether the file is still the same; see `stamp_of`."""
    doubt: str = ""
    """Why the mapping that was asked for does not hold."""


def open_in(lane: Lane, file: str, map: Mapping[str, str], tell: Callable[["Noted | Failed | Opened"], None]) -> None:
    """Open a data set in a lane of its own; `tell` is called there."""

    def open_it() -> None:
        try:
            tell(open_data(file, map, lambda text: tell(Noted(text))))
        except WorkbenchError as error:
            tell(Failed(error))
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            tell(Failed(Missing(f"{file}: {why}", "choose a file that you may read")))
        except Exception as error:
            tell(Failed(WorkbenchError(f"{file}: unexpected {type(error).__name__}: {error}", "please report it")))

    lane.submit(open_it)


def open_data(file: str, map: Mapping[str, str], tell: Callable[[str], None]) -> Opened:
    """Open the data set that a person named; one of the Hub is downloaded, which is told.

    Raises WorkbenchError when there is none or it holds no rows, and OSError when it cannot be read.
    """
    rows = open_rows(locate(file, tell))
    is_quick = (len(rows.files) == 1 and rows.format != "jsonl") or _bytes(rows) < _COUNTED_AT_ONCE
    schema, doubt = _schema(rows, map)
    return Opened(rows, schema, _head(rows), len(rows) if is_quick else None, stamp_of(rows), doubt)


def stamp_of(rows: Rows) -> Stamp:
    """Return what changes when a file of `rows` is written to or replaced; zeros for one that is gone."""
    return tuple(number for file in rows.files for number in _stamp(file))


def _stamp(file: Path) -> Stamp:
    try:
        found = file.stat()
    except OSError:
        return (0, 0, 0)
    return found.st_ino, found.st_size, found.st_mtime_ns


def _bytes(rows: Rows) -> int:
    return sum(file.stat().st_size for file in rows.files)


def _schema(rows: Rows, map: Mapping[str, str]) -> tuple[Schema, str]:
    try:
        return schema_of(rows, map), ""
    except WrongUse as error:
        return schema_of(rows), str(error).replace("\n", " · ")


def _head(rows: Rows) -> tuple[Row, ...]:
    head: list[Row] = []
    with contextlib.suppress(WorkbenchError):
        head.extend(islice(rows, _HEAD))
    return tuple(head)
