"""Rows that meet a condition in DuckDB's SQL, evaluated where it can neither read nor write anything else."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from workbench.data.table import Column, Row, Rows, Type, type_of
from workbench.errors import WrongUse

_BATCH = 10_000
_NUMBER = "__row__"
_CONFINED: dict[str, Any] = {
    "memory_limit": "150MB",
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "python_enable_replacements": False,
    "lock_configuration": True,
}
_SQL_TYPES: dict[Type, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "list": "JSON[]",
    "object": "JSON",
    "mixed": "JSON",
}


class _OtherType(Exception):
    """A value is not of its column's type."""

    def __init__(self, column: str) -> None:
        self.column = column


def select(rows: Rows, where: str) -> list[int]:
    """Return the numbers, counted from 1, of the rows that meet the condition `where`, in order.

    Objects and columns of mixed types are JSON, lists are lists of it: `info->>'id' = 'x'`, `len(turns) > 4`.
    Raises WrongUse with DuckDB's words when the condition is none, and BadRow when a row cannot be read.
    """
    _check(where)
    types = {column.name: column.type for column in rows.columns if column.name}
    while True:
        try:
            return _matching(rows, types, where)
        except _OtherType as error:
            types[error.column] = "mixed"


def _check(where: str) -> None:
    """Refuse everything but one condition over the row itself."""
    import duckdb

    try:
        duckdb.SQLExpression(where)
        words = duckdb.tokenize(where)
    except duckdb.Error as error:
        raise _wrong(where, error) from error
    for start, kind in words:
        if kind == duckdb.token_type.keyword and where[start : start + 6].lower() == "select":
            raise WrongUse(f"not a condition: {where}", "a condition over one row holds no SELECT")


def _matching(rows: Rows, types: dict[str, Type], where: str) -> list[int]:
    import duckdb

    columns = [_NUMBER]
    columns += [
        f"TRY_CAST({_NUMBER}{place} AS {_SQL_TYPES[kind]}) AS {_quoted(name)}"
        for place, (name, kind) in enumerate(types.items())
    ]
    table = f"SELECT {', '.join(columns)} FROM batch"  # noqa: S608 - the condition is checked, the names are quoted
    query = f"SELECT {_NUMBER} FROM ({table}) WHERE ({where}\n) ORDER BY {_NUMBER}"  # noqa: S608
    numbers: list[int] = []
    with duckdb.connect(":memory:", config=_CONFINED) as connection:
        for batch in _batches(rows, types):
            connection.register("batch", batch)
            try:
                numbers += [number for (number,) in connection.execute(query).fetchall()]
            except duckdb.Error as error:
                raise _wrong(where, error) from error
    return numbers


def _batches(rows: Rows, types: dict[str, Type]) -> Iterator[Any]:
    """The rows as Arrow tables; at least one, so that a wrong condition is found in an empty file too."""
    import pyarrow

    numbered = enumerate(rows, 1)
    batch = list(islice(numbered, _BATCH))
    while True:
        columns = {_NUMBER: pyarrow.array([number for number, _ in batch], pyarrow.int64())}
        for place, (name, kind) in enumerate(types.items()):
            columns[f"{_NUMBER}{place}"] = _array([row for _, row in batch], Column(name, kind))
        yield pyarrow.table(columns)
        batch = list(islice(numbered, _BATCH))
        if not batch:
            return


def _array(rows: list[Row], column: Column) -> Any:
    import pyarrow

    arrow = {
        "text": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "boolean": pyarrow.bool_(),
        "list": pyarrow.list_(pyarrow.string()),
    }.get(column.type, pyarrow.string())
    try:
        return pyarrow.array([_cell(row.get(column.name), column) for row in rows], arrow)
    except (OverflowError, pyarrow.ArrowInvalid) as error:
        raise _OtherType(column.name) from error


def _cell(value: Any, column: Column) -> Any:
    if value is None:
        return None
    found = type_of(value)
    if found == "text" and column.type == "number":
        return _number(value, column)
    if column.type in ("object", "mixed"):
        return json.dumps(value)
    if found != column.type and (found, column.type) != ("integer", "number"):
        raise _OtherType(column.name)
    if found == "list":
        return [json.dumps(element) for element in value]
    if found == "text":
        return _utf8(value)
    return value


def _number(text: str, column: Column) -> float | None:
    """A cell of a CSV column of numbers that is kept as it is written."""
    try:
        return float(text) if text else None
    except ValueError as error:
        raise _OtherType(column.name) from error


def _utf8(text: str) -> str:
    """`text` without the lone surrogates that JSON can hold and DuckDB cannot."""
    return text.encode("utf-8", "replace").decode()


def _quoted(name: str) -> str:
    return '"' + _utf8(name).replace('"', '""') + '"'


def _wrong(where: str, error: Exception) -> WrongUse:
    sentence = str(error).partition("\n\nLINE")[0].replace("\n", " ")
    return WrongUse(
        f"the condition {where} does not work: {sentence}", "a condition in DuckDB's SQL, such as: length(answer) > 100"
    )
