"""Whether the first record of a table names its columns, or is a row like the others."""

from collections.abc import Sequence
from statistics import median

from workbench.data.targets import SYNONYMS

_KNOWN = {name for names in SYNONYMS.values() for name in names} | {"id", "name", "title", "url", "date", "index"}
_LONG = 60  # characters that a column's name rarely has
_WORDS = 5  # from here on it is a sentence
_YEARS = range(1800, 2101)


def is_header(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Return whether `first` names the columns of `others`, the records after it.

    It does unless something speaks against it, and nothing for it: a usual name, or a name above numbers.
    """
    if any(cell.strip().casefold() in _KNOWN for cell in first) or list(first) in [list(other) for other in others]:
        return True
    pairs = [(cell.strip(), _values(others, place)) for place, cell in enumerate(first)]
    if any(cell and not _is_number(cell) and column and all(map(_is_number, column)) for cell, column in pairs):
        return True
    named = [cell for cell, _ in pairs if cell]
    return len(set(named)) == len(named) and not any(_is_like(cell, column) for cell, column in pairs)


def _values(records: Sequence[Sequence[str]], place: int) -> list[str]:
    """The cells at `place` that are not blank."""
    return [record[place].strip() for record in records if place < len(record) and record[place].strip()]


def _is_like(cell: str, column: Sequence[str]) -> bool:
    """Whether a cell is a value of the column below it, rather than its name."""
    if _is_number(cell):
        return all(map(_is_number, column)) and not (cell.isdigit() and int(cell) in _YEARS)
    if cell and cell in column:
        return True
    if len(cell) > _LONG and median([len(value) for value in column] or [_LONG]) > _LONG / 2:
        return True
    return _words(cell) >= _WORDS and median([_words(value) for value in column] or [_WORDS]) >= _WORDS


def _words(text: str) -> int:
    return len(text.split())


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
