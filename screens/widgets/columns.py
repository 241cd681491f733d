"""How the width of a table is dealt out to its columns, in cells."""

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 2
_LEAST = 12  # cells that a long column gets at least before the table scrolls sideways
_MOST = 28  # cells that a column gets at most in a table that scrolls
_WORTH_DRAWING = 4


@dataclass(frozen=True)
class Column:
    """The head of a column; `is_part` where the schema has a use for it."""

    name: str
    is_number: bool = False
    is_part: bool = False


def widths(needs: Sequence[int], room: int) -> list[int]:
    """Return the width of each column: what it needs, where that is little; else equal parts of what is left.

    Columns that would become too narrow for that are made wider, so that the table scrolls.
    """
    room -= GAP * (len(needs) - 1)
    if sum(min(need, _LEAST) for need in needs) > room:
        return [min(need, _MOST) for need in needs]
    given = [0] * len(needs)
    for done, place in enumerate(sorted(range(len(needs)), key=needs.__getitem__)):
        given[place] = min(needs[place], room // (len(needs) - done))
        room -= given[place]
    return given


def visible(given: Sequence[int], first: int, room: int) -> list[tuple[int, int]]:
    """Return the columns that are seen when `first` is the leftmost, each with its width; the last may be cut."""
    seen: list[tuple[int, int]] = []
    for column in range(first, len(given)):
        width = min(given[column], room)
        if width < min(given[column], _WORTH_DRAWING) or width <= 0:
            break
        seen.append((column, width))
        room -= width + GAP
    return seen


def rightmost_first(given: Sequence[int], room: int) -> int:
    """Return the furthest that a table can be scrolled: the column at the left edge when the last is seen whole."""
    first = len(given)
    while first > 0 and given[first - 1] <= room:
        first -= 1
        room -= given[first] + GAP
    return min(first, max(len(given) - 1, 0))
