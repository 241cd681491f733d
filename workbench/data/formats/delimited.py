"""CSV and its kin: cells between commas, tabs, semicolons or bars, with or without a header.

A column becomes numbers only where each number, written out again, gives the cell's own text; a column with
0.80 in it is called one of numbers, but its cells stay text, so that what is trained is what the file says.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from workbench.data.formats.csv_text import Broken, Record, delimiter_of, records_of
from workbench.data.formats.header import is_header
from workbench.data.table import RAW, BadFile, BadRow, Column, Row, Rows, Type, common_type, type_of

_NAMED_AS_TABLE = {".csv", ".tsv", ".tab"}
_DECIMAL = re.compile(r"(-?(0|[1-9]\d*)(\.\d+)?)?", re.ASCII)
_LOOK_AT = 100  # records that tell whether the first one is a header


def open_delimited(path: Path, text: str, notes: Iterable[str] = ()) -> Rows | None:
    """Return the rows of a delimited table, or None when `text` is not one."""
    delimiter = delimiter_of(text, named_as_table=path.suffix.lower() in _NAMED_AS_TABLE)
    if not delimiter:
        return None
    try:
        records, note = records_of(text, delimiter)
    except csv.Error as error:
        raise BadFile(f"{path}: malformed CSV: {error}", "mend the quotes") from error
    notes = [*notes, note] if note else list(notes)
    header, *rest = records
    assert not isinstance(header, Broken)  # records_of raises for a broken one
    if is_header(header, [record for record in rest[:_LOOK_AT] if not isinstance(record, Broken)]):
        return DelimitedRows(path, _unique_names(path, header), rest, notes)
    names = [f"column{place}" for place in range(1, len(header) + 1)]
    told = f"no header: the first line is a row like the others, so the columns are called {_few(names)}"
    return DelimitedRows(path, names, records, [*notes, told])


class DelimitedRows(Rows):
    """A table in memory. A record that is broken, or wider than the header, raises BadRow when it is reached."""

    format = "csv"

    def __init__(self, path: Path, names: Sequence[str], records: Sequence[Record], notes: Iterable[str] = ()) -> None:
        super().__init__(path, notes)
        self._names = names
        self._records = records
        self._fill_up()
        whole: list[list[Any]] = [
            record for record in records if not isinstance(record, Broken) and len(record) == len(names)
        ]
        self.columns = [_converted(whole, place, name) for place, name in enumerate(names)]

    def __len__(self) -> int:
        return len(self._records)

    def _row(self, index: int) -> Row:
        cells = self._records[index]
        if isinstance(cells, Broken):
            detail = f"line {cells.line}: malformed CSV: {cells.detail}"
            raise BadRow(self.path, index + 1, detail, "mend the quotes of that line", cells.raw)
        if len(cells) != len(self._names):
            detail = f"{len(cells)} cells, but the header has {len(self._names)}"
            fix = "put cells that hold the delimiter in double quotes"
            raise BadRow(self.path, index + 1, detail, fix, " │ ".join(map(str, cells))[:RAW])
        return dict(zip(self._names, cells, strict=True))

    def _fill_up(self) -> None:
        """Take the cells that a short record lacks at its end for empty ones, and say so."""
        short = []
        for number, record in enumerate(self._records, 1):
            if not isinstance(record, Broken) and len(record) < len(self._names):
                record += [""] * (len(self._names) - len(record))
                short.append(number)
        if short:
            named = ", ".join(map(str, short[:5])) + (f" and {len(short) - 5:,} more" if len(short) > 5 else "")
            self.notes.append(f"cells are missing at the end of row {named}; taken for empty")


def _converted(records: Sequence[list[Any]], place: int, name: str) -> Column:
    """Turn the cells at `place` into numbers or booleans where nothing is lost; return the column."""
    cells = [record[place] for record in records]
    found = _type_of_cells(cells)
    if found == "text" and any(cells) and all(_DECIMAL.fullmatch(cell) for cell in cells):
        return Column(name, "number")
    if found != "text":
        for record in records:
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


def _unique_names(path: Path, header: Sequence[str]) -> list[str]:
    names = [cell.strip() or f"column{place}" for place, cell in enumerate(header, 1)]
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise BadFile(f"{path}: the header names the column {twice!r} twice", "give each column its own name")
    return names


def _few(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


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
