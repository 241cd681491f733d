"""Rows written to a new file, whole or not at all; never to one that they come from.

What the file is called says what it becomes: .jsonl, .json, .csv, .tsv or .parquet.
"""

import csv
import json
import os
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from workbench.data.table import Row, Rows, columns_of
from workbench.errors import WorkbenchError, WrongUse
from workbench.strict_json import finite

_BATCH = 10_000  # rows; a Parquet file's types are those of the first batch


def write_rows(out: Path, rows: Iterable[Row], sources: Iterable[Path]) -> int:
    """Write `rows` to `out` and return how many they were.

    Raises WrongUse when `out` is one of `sources` or no kind of data file, and WorkbenchError when it cannot be
    written; then `out` is as it was.
    """
    writer = _writer(out)
    _check_apart(out, sources)
    with _replaced(out) as file:
        return writer(file, out, rows)


def copy_rows(rows: Rows, numbers: Sequence[int], out: Path) -> int:
    """Write the rows with those numbers, counted from 1, to `out`; a line of JSON stays the line it is.

    Raises as `write_rows` does, and BadRow for a row that cannot be read where it cannot be copied as it is.
    """
    lines = getattr(rows, "lines", None)
    if lines is None or _suffix(out) != ".jsonl":
        return write_rows(out, (rows[number - 1] for number in numbers), rows.files)
    _check_apart(out, rows.files)
    with _replaced(out) as file:
        for line in lines(numbers):
            file.write(line.rstrip(b"\r\n") + b"\n")
    return len(numbers)


def check_out(out: Path, sources: Iterable[Path]) -> None:
    """Raise what `write_rows` would raise for `out`, before any work is done."""
    _writer(out)
    _check_apart(out, sources)
    if not out.parent.is_dir():
        raise WrongUse(f"{out.parent}: no such folder, so {out.name} cannot be written", "make the folder first")


def _check_apart(out: Path, sources: Iterable[Path]) -> None:
    if any(out.exists() and source.exists() and out.samefile(source) for source in sources):
        raise WrongUse(f"{out} is the file that is read; it is never changed", "name another file")


def _suffix(out: Path) -> str:
    suffix = out.suffix.lower()
    return ".jsonl" if suffix == ".ndjson" else suffix


def _writer(out: Path) -> Callable[[IO[bytes], Path, Iterable[Row]], int]:
    writer = _WRITERS.get(_suffix(out))
    if writer is None:
        raise WrongUse(f"{out}: its name says no format to write", f"end it in {', '.join(_WRITERS)}")
    if out.is_dir():
        raise WrongUse(f"{out} is a folder", "name a file")
    return writer


@contextmanager
def _replaced(out: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `out` when all of it is on disk."""
    fresh = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with fresh.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(out)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise WorkbenchError(f"{out} was not written: {why}", "make room, or name another place") from error
    finally:
        fresh.unlink(missing_ok=True)


def _write_lines(file: IO[bytes], _: Path, rows: Iterable[Row]) -> int:
    count = 0
    for row in rows:
        file.write(_json(row) + b"\n")
        count += 1
    return count


def _write_array(file: IO[bytes], _: Path, rows: Iterable[Row]) -> int:
    count = 0
    for row in rows:
        file.write((b",\n" if count else b"[\n") + _json(row))
        count += 1
    file.write(b"\n]\n" if count else b"[]\n")
    return count


def _write_table(delimiter: str) -> Callable[[IO[bytes], Path, Iterable[Row]], int]:
    def write(file: IO[bytes], _: Path, rows: Iterable[Row]) -> int:
        held = list(rows)
        names = list(dict.fromkeys(name for row in held for name in row))
        lines = csv.writer(_Encoded(file), delimiter=delimiter, lineterminator="\n")
        lines.writerow(names)
        lines.writerows([_cell(row.get(name)) for name in names] for row in held)
        return len(held)

    return write


def _write_parquet(file: IO[bytes], out: Path, rows: Iterable[Row]) -> int:
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    left = iter(rows)
    first = list(islice(left, _BATCH))
    names = dict.fromkeys(column.name for column in columns_of(first))
    written = at_hand = 0
    writer: Any = None
    try:
        for batch in chain([first], iter(lambda: list(islice(left, _BATCH)), [])):
            at_hand = len(batch)
            _refuse_new_names(out, batch, names)
            columns = {name: [row.get(name) for row in batch] for name in names}
            table = pyarrow.table(columns, schema=writer.schema if writer else None)
            writer = writer or ParquetWriter(file, table.schema)
            writer.write_table(table)
            written += len(batch)
    except (pyarrow.ArrowException, UnicodeEncodeError) as error:
        where = f"rows {written + 1:,} to {written + at_hand:,}"
        what = f"{out} was not written: {where} are of mixed types: {str(error).splitlines()[0]}"
        raise WorkbenchError(what, "write .jsonl, which holds any row") from error
    finally:
        if writer:
            writer.close()
    return written


def _refuse_new_names(out: Path, batch: list[Row], names: Container[str]) -> None:
    late = next((name for row in batch for name in row if name not in names), None)
    if late is not None:
        what = f"{out} was not written: the first {_BATCH:,} rows have no column {late}"
        raise WorkbenchError(what, "write .jsonl, which holds any row")


class _Encoded:
    """Text into a file of bytes, without a lone surrogate."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode("utf-8", "replace"))


def _json(value: Any) -> bytes:
    """A value on one line; numbers that JSON has no word for become null, and lone surrogates stay escapes."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:
        text = json.dumps(finite(value), ensure_ascii=False, default=str)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(json.loads(text)).encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else _json(value).decode()


_WRITERS: dict[str, Callable[[IO[bytes], Path, Iterable[Row]], int]] = {
    ".jsonl": _write_lines,
    ".json": _write_array,
    ".csv": _write_table(","),
    ".tsv": _write_table("\t"),
    ".parquet": _write_parquet,
}
SUFFIXES = tuple(_WRITERS)
"""What the name of a new file can end in."""
