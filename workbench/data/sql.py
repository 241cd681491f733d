"""DuckDB where it can neither read nor write anything but what it is given, within 150 MB."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from workbench.data.table import Type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LARGEST_LINE = 4 << 20  # bytes
NUMBER = "__row__"
_NOTHING = "__nothing__"
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
_JSON_TYPES: dict[Type, str] = {
    "text": "('VARCHAR')",
    "integer": "('BIGINT', 'UBIGINT')",
    "number": "('DOUBLE', 'BIGINT', 'UBIGINT')",
    "boolean": "('BOOLEAN')",
    "list": "('ARRAY')",
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


def lines(file: Path, types: Mapping[str, Type]) -> str:
    """Return the FROM of the rows of a JSON Lines file with columns of `types`; NUMBER counts non-blank lines from 1.

    A line that cannot be read, or is longer than LARGEST_LINE, raises InvalidInputException. (DuckDB's `ignore_errors`
    would take such a line for nulls, and of a key that stands twice in a line the first value, where the json module
    takes the last.) A value of another type than its column's is cast where that can be: see `is_other`.
    """
    columns = ", ".join(
        f"{name(column)}: '{SQL_TYPES[kind]}'" for column, kind in (types or {_NOTHING: "text"}).items()
    )
    how = f"format = 'newline_delimited', records = true, maximum_object_size = {LARGEST_LINE}"
    source = f"read_json({literal(str(file))}, {how}, columns = {{{columns}}})"
    return f"(SELECT row_number() OVER () AS {NUMBER}, * FROM {source})"  # noqa: S608 - names and path are quoted


def as_null(column: str, kind: Type) -> str:
    """Return the expression of a column in which JSON's null is SQL's."""
    quoted = name(column)
    return (
        f"CASE WHEN json_type({quoted}) = 'NULL' THEN NULL ELSE {quoted} END" if SQL_TYPES[kind] == "JSON" else quoted
    )


def is_other(column: str, kind: Type) -> str:
    """Return the condition that the value of a column that is read as JSON is not of type `kind`."""
    json, usual = name(column), _JSON_TYPES.get(kind)
    if usual is None:
        return "false"
    too_large = f" OR TRY_CAST({json} AS BIGINT) IS NULL" if kind == "integer" else ""
    return f"({json} IS NOT NULL AND json_type({json}) != 'NULL' AND (json_type({json}) NOT IN {usual}{too_large}))"
