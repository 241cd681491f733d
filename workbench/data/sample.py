"""A few rows of a file, drawn at random but the same for the same seed: so many overall, or of each class."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from workbench.data.compared import Unreadable, check_column
from workbench.data.found import value_at
from workbench.data.shown import EMPTY, plain
from workbench.data.table import BadRow, Row, Rows
from workbench.data.write import check_out, copy_rows
from workbench.errors import WrongUse

SEED = 7

_WHOLE = 1 << 30  # characters: a class is never known by the beginning of its name


@dataclass(frozen=True)
class Classes:
    """The rows of each class, by number, counted from 1; one class of all when no column says which."""

    rows: int
    """Of the file, with those that cannot be read."""
    numbers: dict[str, list[int]]
    """The classes by their names, the largest first; the rows of each ascend."""
    unreadable: Unreadable

    @property
    def sizes(self) -> dict[str, int]:
        """How many rows each class has."""
        return {name: len(numbers) for name, numbers in self.numbers.items()}


@dataclass(frozen=True)
class Sampled:
    """What was drawn: `taken` rows of each class; `rows_out` together."""

    classes: Classes
    rows_out: int
    taken: dict[str, int]


def sample(rows: Rows, out: Path, count: int, by: str | None = None, seed: int = SEED) -> Sampled:
    """Write `count` rows, or with `by` so many of each class, to `out` in their order; all where there are fewer.

    Rows that cannot be read are never drawn. Raises WrongUse for a `count` below 1 or when there is no column `by`,
    and as `copy_rows` does.
    """
    if count < 1:
        raise WrongUse(f"a sample of {count} rows is none", "draw 1 or more")
    check_out(out, rows.files)
    classes = classes_of(rows, by)
    drawn = {name: draw(numbers, count, seed, name) for name, numbers in classes.numbers.items()}
    written = copy_rows(rows, sorted(number for numbers in drawn.values() for number in numbers), out)
    return Sampled(classes, written, {name: len(numbers) for name, numbers in drawn.items()})


def classes_of(rows: Rows, by: str | None = None) -> Classes:
    """Return the rows of each class that the column `by`, or a place inside one, names.

    Raises WrongUse when there is no such column.
    """
    if by is not None:
        check_column(rows, by)
    unreadable, found, read = Unreadable(), defaultdict(list), 0
    for row in rows.each():
        read += 1
        if isinstance(row, BadRow):
            unreadable.add(row)
        else:
            found["" if by is None else class_of(row, by)].append(read)
    by_size = sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    return Classes(read, dict(by_size), unreadable)


def class_of(row: Row, by: str) -> str:
    """Return the class that a row says it is of: text as it is, all else as JSON; ∅ where it says nothing."""
    value = value_at(row, by)
    return EMPTY if value in (None, "") else plain(value, _WHOLE)


def draw(numbers: Sequence[int], count: int, seed: int, name: str = "") -> list[int]:
    """Return `count` of the `numbers`, or all of fewer; a class of another name is drawn from independently."""
    return Random(f"{seed} {name!a}").sample(numbers, min(count, len(numbers)))
