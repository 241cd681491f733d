"""Parquet: one row group in memory at a time."""

from pathlib import Path
from typing import Any

from workbench.data.formats.batches import BatchRows, first_line
from workbench.data.table import BadFile


class ParquetRows(BatchRows):
    """Rows of a Parquet file."""

    format = "parquet"

    def __init__(self, path: Path) -> None:
        import pyarrow
        from pyarrow.parquet import ParquetFile

        try:
            self._file = ParquetFile(path)
        except (pyarrow.ArrowException, OSError) as error:
            raise BadFile(f"{path}: {_broken(path, error)}", "fetch or write it again") from error
        metadata = self._file.metadata
        sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
        super().__init__(path, self._file.schema_arrow, sizes)

    def _read(self, number: int) -> Any:
        return self._file.read_row_group(number)


def _broken(path: Path, error: Exception) -> str:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - 4, 0))
        if file.read() != b"PAR1":
            return f"a broken Parquet file, cut off after {size:,} bytes: its index, at the end, is missing"
    return f"a broken Parquet file: {first_line(error)}"
