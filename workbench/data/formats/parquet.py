"""Parquet: one row group in memory at a time."""

from bisect import bisect_right
from datetime import date, datetime, time
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any

from workbench.data.table import BadFile, Column, Row, Rows, Type


class ParquetRows(Rows):
    """Rows of a Parquet file; bytes are shown as their length, dates as ISO text."""

    format = "parquet"

    def __init__(self, path: Path) -> None:
        import pyarrow
        from pyarrow.parquet import ParquetFile

        super().__init__(path)
        try:
            self._file = ParquetFile(path)
        except (pyarrow.ArrowException, OSError) as error:
            first = str(error).partition("\n")[0]
            raise BadFile(f"{path}: a broken Parquet file: {first}", "fetch or write it again") from error
        metadata = self._file.metadata
        sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
        self._starts: list[int] = [0, *accumulate(sizes)]
        self._group: tuple[int, Any] = (-1, None)
        self.columns = [Column(field.name, _type(field.type)) for field in self._file.schema_arrow]

    def __len__(self) -> int:
        return self._starts[-1]

    def _row(self, index: int) -> Row:
        group = bisect_right(self._starts, index) - 1
        at, table = self._group
        if at != group:
            table = self._read(group)
            self._group = (group, table)
        row: Row = table.slice(index - self._starts[group], 1).to_pylist()[0]
        return {name: _plain(value) for name, value in row.items()}

    def _read(self, group: int) -> Any:
        import pyarrow

        try:
            return self._file.read_row_group(group)
        except (pyarrow.ArrowException, OSError) as error:
            rows = f"rows {self._starts[group] + 1} to {self._starts[group + 1]}"
            first = str(error).partition("\n")[0]
            raise BadFile(f"{self.path}, {rows}: cannot be read: {first}", "fetch it again") from error


def _type(arrow: Any) -> Type:
    from pyarrow import types

    if types.is_dictionary(arrow):
        return _type(arrow.value_type)
    if types.is_integer(arrow):
        return "integer"
    if types.is_floating(arrow) or types.is_decimal(arrow):
        return "number"
    if types.is_boolean(arrow):
        return "boolean"
    if types.is_list(arrow) or types.is_large_list(arrow) or types.is_fixed_size_list(arrow):
        return "list"
    if types.is_struct(arrow) or types.is_map(arrow):
        return "object"
    return "text"


def _plain(value: Any) -> Any:
    """`value` as JSON could hold it."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(pair, tuple) for pair in value):
            return {str(key): _plain(inner) for key, inner in value}
        return [_plain(inner) for inner in value]
    if isinstance(value, bytes):
        return f"<{len(value):,} bytes>"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value
