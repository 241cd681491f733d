"""DuckDB where it can neither read nor write anything but what it is given, within 150 MB."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from workbench.data.table import Type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LARGEST_LINE = 4 << 20  # bytes
NUMBER = "__row__"
NOTHING = "__nothing__"
_CONFINED: dict[str, Any] = {
    "memory_limit": "150MB",
    "threads": 2,  # each that reads lines holds 32 MiB
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "python_enable_replacements": False,
}
SQL_TYPES: dict[Type, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "list": "JSON[]",
    "object": "JSON",
    "mixed": "JSON",
}


@contextmanager
def confined(*files: Path) -> "Iterator[DuckDBPyConnection]":
    """Return a connection that can read `files`, and spill into a folder of its own; nothing else."""
    import duckdb

    with (
        TemporaryDirectory(prefix="workbench-") as folder,
        duckdb.connect(":memory:", config={**_CONFINED, "temp_directory": folder}) as connection,
    ):
        paths = ", ".join(literal(str(file)) for file in files)
        connection.execute(f"SET allowed_paths = [{paths}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection


def name(column: str) -> str:
    """Return a column's name as SQL writes it."""
    return '"' + utf8(column).replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + utf8(text).replace("'", "''") + "'"


def utf8(text: str) -> str:
    """Return `text` without the lone surrogates that JSON can hold and DuckDB cannot."""
    return text.encode("utf-8", "replace").decode()


def lines(file: Path, columns: Sequence[str]) -> str:
    """Return the FROM of the rows of a JSON Lines file: each column as JSON, NUMBER counts non-blank lines from 1.

    A line that cannot be read, or is longer than LARGEST_LINE, raises InvalidInputException. (DuckDB's `ignore_errors`
    would take such a line for nulls, and of a key that stands twice in a line the first value, where the json module
    takes the last.)
    """
    types = ", ".join(f"{name(column)}: 'JSON'" for column in columns or [NOTHING])
    how = f"format = 'newline_delimited', records = true, maximum_object_size = {LARGEST_LINE}"
    source = f"read_json({literal(str(file))}, {how}, columns = {{{types}}})"
    return f"(SELECT row_number() OVER () AS {NUMBER}, * FROM {source})"  # noqa: S608 - names and path are quoted


def typed(column: str, kind: Type, mark: str) -> str:
    """Return the expression of a JSON column as `kind`; InvalidInputException with `mark` where it is another."""
    json, fail = name(column), f"error({literal(mark)})"
    absent = f"{json} IS NULL OR json_type({json}) = 'NULL'"
    value = {
        "text": f"WHEN json_type({json}) = 'VARCHAR' THEN {json} ->> '$' ELSE {fail}",
        "integer": f"WHEN json_type({json}) IN ('BIGINT', 'UBIGINT')"
        f" THEN coalesce(TRY_CAST({json} AS BIGINT), {fail}) ELSE {fail}",
        "number": f"WHEN json_type({json}) IN ('DOUBLE', 'BIGINT', 'UBIGINT') THEN CAST({json} AS DOUBLE) ELSE {fail}",
        "boolean": f"WHEN json_type({json}) = 'BOOLEAN' THEN CAST({json} AS BOOLEAN) ELSE {fail}",
        "list": f"WHEN json_type({json}) = 'ARRAY' THEN CAST({json} AS JSON[]) ELSE {fail}",
    }.get(kind, f"ELSE {json}")
    return f"CASE WHEN {absent} THEN NULL {value} END"
