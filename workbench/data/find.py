"""The rows that contain a text, in whatever column, upper and lower case alike; told piece by piece.

Who no longer wants to know stops iterating.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.data.shown import plain
from workbench.data.table import Row, Rows
from workbench.errors import WorkbenchError

_AT_ONCE = 64  # rows: few enough that rows of a megabyte each fit into memory


@dataclass(frozen=True)
class Looked:
    """The numbers, counted from 1, of the rows found since the last time; `upto` places have been looked at."""

    upto: int
    numbers: Sequence[int]


def find(rows: Rows, text: str, numbers: Sequence[int] | None = None) -> Iterator[Looked]:
    """Look for `text` in every value of the rows with those `numbers`, counted from 1, in their order; or of all.

    A row that cannot be read does not contain it. Raises OSError when the file can no longer be read.
    """
    needle = text.casefold()
    numbers = range(1, len(rows) + 1) if numbers is None else numbers
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        found = [number for number, row in _read(rows, some) if contains(row, needle)]
        yield Looked(start + len(some), array("Q", found))


def contains(row: Row, needle: str) -> bool:
    """Whether some value of a row, also inside lists and objects, contains the case-folded `needle`."""
    return any(needle in leaf.casefold() for leaf in _leaves(row))


def nearest(numbers: Sequence[int], number: int) -> int:
    """Return the place, counted from 0, of `number` in the ascending `numbers`, or of the nearest one there is."""
    place = bisect_left(numbers, number)
    if place == len(numbers):
        return max(place - 1, 0)
    if place > 0 and number - numbers[place - 1] < numbers[place] - number:
        return place - 1
    return place


def _read(rows: Rows, numbers: Sequence[int]) -> Iterator[tuple[int, Row]]:
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        try:
            yield from enumerate(rows.slice(numbers[0] - 1, numbers[-1]), numbers[0])
            return
        except WorkbenchError:
            pass
    for number in numbers:
        try:
            row = rows[number - 1]
        except WorkbenchError:
            continue
        yield number, row


def _leaves(row: Row) -> Iterator[str]:
    left: list[Any] = [row]
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            left += value
        else:
            yield plain(value)
