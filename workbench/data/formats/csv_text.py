"""CSV text taken apart: which character is between the cells, how they are quoted, and each record by itself.

A record that cannot be read is one bad record; the others stay readable.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.data.table import RAW

DELIMITERS = ",\t;|"
HEADER_CELL = re.compile(r"\w([\w .()/-]{0,38}[\w)])?")
_LOOK_AT = 20  # records that decide whether this is a table
_HEAD = 1 << 18
_LARGEST_CELL = 2**31 - 1
_READ_AGAIN = 20  # times the lines of the whole text that may be read again after broken quotes
_AT_LEAST = 1_000_000


@dataclass(frozen=True)
class Broken:
    """A record that cannot be read: its line, counted from 1, why, and what stands there."""

    line: int
    detail: str
    raw: str


Record = list[str] | Broken


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart; `options` are those of the csv module."""

    options: dict[str, Any]
    note: str = ""


def delimiter_of(text: str, *, named_as_table: bool) -> str:
    """Return the character between the cells; "" when this is no table."""
    best, cells = "", 1
    for candidate in DELIMITERS:
        quotings = (csv.QUOTE_MINIMAL, csv.QUOTE_NONE) if candidate == "\t" else (csv.QUOTE_MINIMAL,)
        for quoting in quotings:
            records = _first_records(text, candidate, quoting)
            width = len(records[0])
            alike = sum(len(record) == width for record in records)
            regular = alike > len(records) / 2 if named_as_table else _is_evident(records, alike, candidate)
            if regular and width > cells:
                best, cells = candidate, width
    return best or ("," if named_as_table else "")


def records_of(text: str, delimiter: str) -> tuple[list[Record], str]:
    """Return every record that is not blank, and what is to be said about how they are quoted.

    Raises csv.Error when so many quotes are broken that the records cannot be told apart.
    """
    csv.field_size_limit(_LARGEST_CELL)
    dialects = list(_dialects(text, delimiter))
    for dialect in dialects:
        try:
            records = [cells for cells in csv.reader(io.StringIO(text, newline=""), **dialect.options) if cells]
        except csv.Error:
            continue
        if dialect is dialects[0] or len({len(cells) for cells in records}) == 1:
            return list(records), dialect.note
    return _mended(text, dialects[0].options), dialects[0].note


def _dialects(text: str, delimiter: str) -> Iterator[Dialect]:
    """The ways in which the cells may be quoted, the likeliest first; the others count only if they fit throughout."""
    usual = {"delimiter": delimiter, "strict": True}
    if '"' not in text[:_HEAD] and _is_quoted_singly(text, delimiter):
        yield Dialect({**usual, "quotechar": "'"}, "cells are quoted with '")
    else:
        yield Dialect(usual)
    if '\\"' in text:
        escaped = {**usual, "escapechar": "\\", "doublequote": False}
        yield Dialect(escaped, 'a quote within a cell is written \\"')
    if delimiter == "\t":
        yield Dialect({**usual, "quoting": csv.QUOTE_NONE}, "no cell is quoted; quotes are part of the text")


def _is_quoted_singly(text: str, delimiter: str) -> bool:
    """Whether each line begins and ends with ', and some cell too."""
    lines = [line.strip("\r\n") for line in io.StringIO(text[:_HEAD], newline="")][:_LOOK_AT]
    return f"'{delimiter}'" in lines[0] and all(line[:1] == line[-1:] == "'" for line in lines if line)


def _first_records(text: str, delimiter: str, quoting: int) -> list[list[str]]:
    csv.field_size_limit(_LARGEST_CELL)
    lines = io.StringIO(text[:_HEAD], newline="")
    records = []
    for record in csv.reader(lines, delimiter=delimiter, quoting=quoting):  # type: ignore[arg-type]
        if record:
            records.append(record)
        if len(records) == _LOOK_AT:
            return records
    return records[:-1] if len(text) > _HEAD and len(records) > 1 else records


def _is_evident(records: list[list[str]], alike: int, delimiter: str) -> bool:
    """Whether a file that is not called a table is one all the same: even, with a header of short names, or tabs."""
    header = records[0]
    named = len(set(header)) == len(header) and all(HEADER_CELL.fullmatch(cell) for cell in header)
    return alike == len(records) >= (3 if named else 5) and (named or delimiter == "\t")


def _mended(text: str, options: dict[str, Any]) -> list[Record]:
    """The records of a text with broken quotes: reading goes on at the next line that can be a record."""
    lines = list(io.StringIO(text, newline=""))
    records: list[Record] = []
    at, again, width = 0, 0, 0
    while at < len(lines):
        reader = csv.reader((lines[number] for number in range(at, len(lines))), **options)
        good = at
        try:
            for cells in reader:
                good = at + reader.line_num
                if cells:
                    records.append(cells)
                    width = width or len(cells)
            return records
        except csv.Error as error:
            upto = at + reader.line_num
            again += upto - good
            if again > _READ_AGAIN * len(lines) + _AT_LEAST or not records:
                raise csv.Error(f"line {good + 1}: {error}") from error
            at = _next_start(lines, good + 1, upto, width, options)
            raw = "".join(lines[good:at])[:RAW].rstrip("\r\n")
            records.append(Broken(good + 1, str(error), raw))
    return records


def _next_start(lines: Sequence[str], at: int, upto: int, width: int, options: dict[str, Any]) -> int:
    """The first line from `at` on, before `upto`, that begins a record of its own."""
    while at < upto:
        try:
            cells = next(csv.reader([lines[at]], **options), [])
        except csv.Error:
            return at  # perhaps a record of several lines
        if len(cells) == width and lines[at].count('"') % 2 == 0:
            return at
        at += 1
    return at
