"""Rows of any format as Arrow tables for DuckDB, some thousands at a time."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from workbench.data import sql
from workbench.data.table import BadRow, Column, Row, Type, type_of

_BATCH = 10_000  # rows

Numbered = tuple[int, Row | BadRow]


class OtherType(Exception):
    """A value is not of its column's type."""

    def __init__(self, column: str) -> None:
        self.column = column


def batches(rows: Iterable[Numbered], types: Mapping[str, Type], unreadable: list[int]) -> Iterator[Any]:
    """Yield the readable rows as Arrow tables, at least one; the numbers of the others go to `unreadable`.

    The column at place i is called NUMBER followed by i. Raises OtherType.
    """
    import pyarrow

    left = _readable(rows, unreadable)
    batch = list(islice(left, _BATCH))
    while True:
        columns = {sql.NUMBER: pyarrow.array([number for number, _ in batch], pyarrow.int64())}
        for place, (name, kind) in enumerate(types.items()):
            columns[f"{sql.NUMBER}{place}"] = _array([row for _, row in batch], Column(name, kind))
        yield pyarrow.table(columns)
        batch = list(islice(left, _BATCH))
        if not batch:
            return


def selected(types: Mapping[str, Type]) -> str:
    """Return the FROM of a table that `batches` made, under the columns' own names."""
    columns = [sql.NUMBER]
    columns += [
        f"TRY_CAST({sql.NUMBER}{place} AS {sql.SQL_TYPES[kind]}) AS {sql.name(name)}"
        for place, (name, kind) in enumerate(types.items())
    ]
    return f"(SELECT {', '.join(columns)} FROM batch)"  # noqa: S608 - the names are quoted


def _readable(rows: Iterable[Numbered], unreadable: list[int]) -> Iterator[tuple[int, Row]]:
    for number, row in rows:
        if isinstance(row, BadRow):
            unreadable.append(number)
        else:
            yield number, row


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
        raise OtherType(column.name) from error


def _cell(value: Any, column: Column) -> Any:
    if value is None:
        return None
    found = type_of(value)
    if found == "text" and column.type == "number":
        return _number(value, column)
    if column.type in ("object", "mixed"):
        return json.dumps(value)
    if found != column.type and (found, column.type) != ("integer", "number"):
        raise OtherType(column.name)
    if found == "list":
        return [json.dumps(element) for element in value]
    if found == "text":
        return sql.utf8(value)
    return value


def _number(text: str, column: Column) -> float | None:
    """A cell of a CSV column of numbers that is kept as it is written."""
    try:
        return float(text) if text else None
    except ValueError as error:
        raise OtherType(column.name) from error
