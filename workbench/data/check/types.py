"""Columns whose values are of one type in most rows and of another in some."""

from collections.abc import Iterator

from workbench.data.check.problems import MOST_ROWS, Findings
from workbench.data.found import is_absent
from workbench.data.table import Row, type_of

_ANY_TYPE = {"tools", "functions", "answers", "history"}
"""Columns that may well hold JSON as text in one row and as it is in another."""


_MOST_COLUMNS = 1_000  # times types: rows may name their columns as they like
_TYPES = (str, bool, int, float, list, dict)


class Types:
    """Counts the types of each column, also of those that play no part: a spoilt label makes none of it."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, type], int] = {}
        self._rows: dict[tuple[str, type], list[int]] = {}

    def take(self, number: int, row: Row) -> None:
        """Count a row."""
        for key in zip(row, map(type, row.values()), strict=True):
            if key[1] is float and is_absent(row[key[0]]):
                continue
            count = self._counts.get(key, 0)
            if not count and len(self._counts) == _MOST_COLUMNS:
                continue
            self._counts[key] = count + 1
            if count < MOST_ROWS:
                self._rows.setdefault(key, []).append(number)

    def end(self, findings: Findings) -> None:
        """Note the rows in which a column is not of its usual type; a row counts once."""
        odd: dict[int, str] = {}
        count = listed = 0
        for column in dict.fromkeys(name for name, _ in self._counts if name not in _ANY_TYPE):
            for kind, usual in self._unusual(column):
                rows = self._rows[column, kind]
                count, listed = count + self._counts[column, kind], listed + len(rows)
                odd |= dict.fromkeys(rows, f"{column} is {_name(kind)} here, {_name(usual)} in most rows")
        numbers = sorted(odd)
        for number in numbers:
            findings.add("mixed-types", number, odd[number])
        if count > listed:
            findings.add_rows("mixed-types", (), count - len(numbers), odd[numbers[-1]])

    def _unusual(self, column: str) -> Iterator[tuple[type, type]]:
        """The types of a column but the usual one, each with that; whole and other numbers are of one type."""
        kinds = {kind: count for (of, kind), count in self._counts.items() if of == column and kind in _TYPES}
        if not kinds:
            return
        usual = max(kinds, key=kinds.__getitem__)
        for kind in kinds:
            if kind is not usual and {kind, usual} != {int, float}:
                yield kind, usual


def _name(kind: type) -> str:
    return type_of(kind())
