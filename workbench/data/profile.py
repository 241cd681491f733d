"""What stands in one column of a file: types, empty values, distinct ones, lengths; found in one pass over the rows.

Of each value a hash of 64 bits and a length are kept, 16 bytes; two different values of a million count as one in
about one file of 40 million.
"""

import math
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.data.shown import cell, plain
from workbench.data.table import BadRow, Rows, Type, type_of

_AT_ONCE = 1_000  # rows
_MOST_FREQUENT = 5
SAMPLE = 2_000  # values whose tokens are counted


@dataclass(frozen=True)
class Spread:
    """How numbers are distributed: `bins` are the counts in equal stretches, `width` each, from the least on."""

    least: float
    median: float
    mean: float
    greatest: float
    bins: tuple[int, ...]
    width: float

    def start(self, place: int) -> float:
        """Return the number that a bin begins with."""
        return self.least + place * self.width


@dataclass(frozen=True)
class Profile:
    """A column over the first `rows` rows; complete when `is_done`."""

    column: str
    rows: int
    types: dict[Type, int]
    """How many values are of each type; nulls are not counted."""
    absent: int
    """Rows without the column, or with null in it."""
    empty: int
    """Texts of white space only, and lists and objects without anything."""
    unreadable: int
    distinct: int
    measure: str
    """What `spread` is of: characters, items, or the numbers themselves."""
    spread: Spread | None
    frequent: tuple[tuple[str, int], ...] = ()
    """The values that occur most often, in a few words; none where all differ."""
    is_done: bool = False


@dataclass
class _Pass:
    types: "Counter[Type]" = field(default_factory=Counter)
    absent: int = 0
    empty: int = 0
    unreadable: int = 0
    hashes: "array[int]" = field(default_factory=lambda: array("q"))
    places: "array[int]" = field(default_factory=lambda: array("Q"))
    sizes: "array[float]" = field(default_factory=lambda: array("d"))


def profile(rows: Rows, column: str, bins: int = 40) -> Iterator[Profile]:
    """Yield what is known of a column after every thousand rows, and last of all what is known of all."""
    done, found = 0, _Pass()
    for done, row in enumerate(rows.each(), 1):
        if isinstance(row, BadRow):
            found.unreadable += 1
        else:
            _take(found, done - 1, row.get(column))
        if done % _AT_ONCE == 0:
            yield Profile(column, done, dict(found.types), found.absent, found.empty, found.unreadable, 0, "", None)
    yield _whole(rows, column, done, found, bins)


def texts_of(rows: Rows, column: str) -> list[str]:
    """Return the texts of a column in at most SAMPLE rows at equal distances."""
    step = max(1, -(-len(rows) // SAMPLE))
    found = []
    for index in range(0, len(rows), step):
        try:
            value = rows[index].get(column)
        except BadRow:
            continue
        if value is not None:
            found.append(plain(value, 1 << 20))
    return found


def spread_of(numbers: Sequence[float], bins: int) -> Spread | None:
    """Return how finite numbers are distributed, in at most so many bins; None where there are none.

    A bin of whole numbers holds the same number of them as every other, so that none looks more frequent than it is.
    """
    import numpy

    known = numpy.asarray(numbers, float)
    known = known[numpy.isfinite(known)]
    if not len(known):
        return None
    least, greatest = float(known.min()), float(known.max())
    width = (greatest - least) / bins or 1.0
    if (known == known.round()).all():
        width = math.ceil((greatest - least + 1) / bins)
    count = min(bins, int((greatest - least) // width) + 1)
    counts = numpy.bincount(numpy.minimum((known - least) // width, count - 1).astype(int), minlength=count)
    return Spread(
        least, float(numpy.median(known)), float(known.mean()), greatest, tuple(counts.tolist()), float(width)
    )


def _take(found: _Pass, index: int, value: Any) -> None:
    if value is None:
        found.absent += 1
        return
    kind = type_of(value)
    found.types[kind] += 1
    if value in ([], {}) or (isinstance(value, str) and not value.strip()):
        found.empty += 1
    found.hashes.append(hash((kind, value if isinstance(value, (str, int, float)) else plain(value, 1 << 30))))
    found.places.append(index)
    found.sizes.append(_size(value))


def _size(value: Any) -> float:
    if isinstance(value, (str, list, dict)):
        return len(value)
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _whole(rows: Rows, column: str, done: int, found: _Pass, bins: int) -> Profile:
    import numpy

    _, first, counts = numpy.unique(numpy.frombuffer(found.hashes, numpy.int64), return_index=True, return_counts=True)
    often = [place for place in numpy.argsort(-counts, kind="stable")[:_MOST_FREQUENT] if counts[place] > 1]
    frequent = tuple((cell(rows[found.places[first[place]]].get(column)), int(counts[place])) for place in often)
    kinds = found.types.keys()
    are_numbers = bool(kinds) and kinds <= {"integer", "number", "boolean"}
    measure = "numbers" if are_numbers else "characters" if kinds <= {"text"} else "items"
    spread = spread_of(found.sizes, bins) if are_numbers or kinds <= {"text"} or kinds <= {"list", "object"} else None
    return Profile(
        column, done, dict(found.types), found.absent, found.empty, found.unreadable, len(counts), measure, spread,
        frequent, is_done=True,
    )  # fmt: skip
