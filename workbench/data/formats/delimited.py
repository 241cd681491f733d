"""CSV and its kin: cells between commas, tabs, semicolons or bars, under a header.

A column becomes numbers only where each number, written out again, gives the cell's own text; a column with
0.80 in it is called one of numbers, but its cells stay text, so that what is trained is what the file says.
"""

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workbench.data.table import BadFile, BadRow, Column, Row, Rows, Type, common_type, type_of

_DELIMITERS = ",\t;|"
_NAMED_AS_TABLE = {".csv", ".tsv"}
_HEADER_CELL = re.compile(r"\w([\w .()/-]{0,38}[\w)])?")
_DECIMAL = re.compile(r"(-?(0|[1-9]\d*)(\.\d+)?)?", re.ASCII)
_LOOK_AT = 20  # records that decide whether this is a table
_HEAD = 1 << 18
_LARGEST_CELL = 2**31 - 1


def open_delimited(path: Path, text: str, notes: Iterable[str] = ()) -> Rows | None:
    """Return the rows of a delimited table, or None when `text` is not one."""
    delimiter = _delimiter(text, named_as_table=path.suffix.lower() in _NAMED_AS_TABLE)
    if not delimiter:
        return None
    csv.field_size_limit(_LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header, *records = [cells for cells in reader if cells]
    except csv.Error as error:
        raise BadFile(f"{path}, line {reader.line_num}: malformed CSV: {error}", "mend the quotes") from error
    return DelimitedRows(path, header, records, notes)


def _delimiter(text: str, *, named_as_table: bool) -> str:
    """The character between the cells; "" when this is no table."""
    best, cells = "", 1
    for candidate in _DELIMITERS:
        records = _first_records(text, candidate)
        width = len(records[0])
        alike = sum(len(record) == width for record in records)
        regular = alike > len(records) / 2 if named_as_table else _is_evident(records, alike)
        if regular and width > cells:
            best, cells = candidate, width
    return best or ("," if named_as_table else "")


def _first_records(text: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(_LARGEST_CELL)
    lines = io.StringIO(text[:_HEAD], newline="")
    records = []
    for record in csv.reader(lines, delimiter=delimiter):
        if record:
            records.append(record)
        if len(records) == _LOOK_AT:
            return records
    return records[:-1] if len(text) > _HEAD and len(records) > 1 else records


def _is_evident(records: list[list[str]], alike: int) -> bool:
    """Whether a file that is not called a table is one all the same: even, with a header of short names."""
    header = records[0]
    named = len(set(header)) == len(header) and all(_HEADER_CELL.fullmatch(cell) for cell in header)
    return named and alike == len(records) >= 3


class DelimitedRows(Rows):
    """A table in memory. A record wider than the header raises BadRow when it is reached."""

    format = "csv"

    def __init__(self, path: Path, header: list[str], records: list[list[str]], notes: Iterable[str] = ()) -> None:
        super().__init__(path, notes)
        self._names = _unique_names(path, header)
        self._records: list[list[Any]] = records
        self._fill_up()
        self.columns = [self._converted(place, name) for place, name in enumerate(self._names)]

    def __len__(self) -> int:
        return len(self._records)

    def _row(self, index: int) -> Row:
        cells = self._records[index]
        if len(cells) != len(self._names):
            detail = f"{len(cells)} cells, but the header has {len(self._names)}"
            fix = "put cells that hold the delimiter in double quotes"
            raise BadRow(self.path, index + 1, detail, fix, " │ ".join(cells))
        return dict(zip(self._names, cells, strict=True))

    def _fill_up(self) -> None:
        """Take the cells that a short record lacks at its end for empty ones, and say so."""
        short = [number for number, record in enumerate(self._records, 1) if len(record) < len(self._names)]
        for number in short:
            record = self._records[number - 1]
            record += [""] * (len(self._names) - len(record))
        if short:
            named = ", ".join(map(str, short[:5])) + (f" and {len(short) - 5:,} more" if len(short) > 5 else "")
            self.notes.append(f"cells are missing at the end of row {named}; taken for empty")

    def _converted(self, place: int, name: str) -> Column:
        """Turn the cells at `place` into numbers or booleans where nothing is lost; return the column."""
        whole = [record for record in self._records if len(record) == len(self._names)]
        cells = [record[place] for record in whole]
        found = _type_of_cells(cells)
        if found == "text" and any(cells) and all(_DECIMAL.fullmatch(cell) for cell in cells):
            return Column(name, "number")
        if found != "text":
            for record in whole:
                record[place] = _value(record[place]) if record[place] else None
        return Column(name, found)


def _type_of_cells(cells: Iterable[str]) -> Type:
    """What all cells are; text unless they agree. An empty cell says nothing."""
    types: set[Type] = set()
    for cell in cells:
        if cell:
            types.add(type_of(_value(cell)))
        if "text" in types:
            return "text"
    common = common_type(types)
    return "text" if common == "mixed" else common


def _unique_names(path: Path, header: list[str]) -> list[str]:
    names = [cell.strip() or f"column{place}" for place, cell in enumerate(header, 1)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadFile(f"{path}: the header names the column {twice!r} twice", "give each column its own name")
    return names


def _value(cell: str) -> str | int | float | bool:
    """The number or boolean whose own text is `cell`; else `cell`."""
    if cell in ("true", "false"):
        return cell == "true"
    for kind in (int, float):
        try:
            number = kind(cell)
        except ValueError:
            continue
        if str(number) == cell and cell not in ("nan", "inf", "-inf"):
            return number
    return cell
