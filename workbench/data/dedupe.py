"""The rows of a file without those that repeat an earlier one, word for word or nearly."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from workbench.data.compared import Unreadable, compared_columns, compared_texts
from workbench.data.groups import Groups
from workbench.data.minhash import join_near
from workbench.data.shingles import shingles_of
from workbench.data.table import BadRow, Rows
from workbench.data.write import check_out, copy_rows
from workbench.errors import WrongUse

NEAR = 0.85
"""The Jaccard similarity of word 5-grams from which on two texts are near copies, unless a person says another."""

_TELL_EVERY = 1_000  # rows


@dataclass(frozen=True)
class Copies:
    """Which rows repeat each other. Numbers count from 1."""

    rows: int
    """Of the file, with those that cannot be read."""
    groups: list[list[int]]
    """The rows of each connected component with more than one, ascending; in the order of their first rows."""
    exact: frozenset[int]
    """The rows whose text is that of an earlier row."""
    without_text: int
    """Rows with nothing to compare: no copies of anything."""
    unreadable: Unreadable
    columns: list[str]
    """What was compared; empty for all values of a row."""

    @property
    def repeats(self) -> set[int]:
        """All rows but the first of each group."""
        return {number for group in self.groups for number in group[1:]}


@dataclass(frozen=True)
class Deduped:
    """What became of a file: its rows are those of `rows_out`, `exact`, `near` and those that cannot be read."""

    copies: Copies
    rows_out: int
    exact: int
    near: int


def dedupe(
    rows: Rows, out: Path, near: float = NEAR, on: str | None = None, tell: Callable[[int], None] = lambda _: None
) -> Deduped:
    """Write the rows to `out` in their order, of each group of copies only the first.

    Rows that cannot be read are left out: they cannot be compared. Raises as `find_copies` and `copy_rows` do.
    """
    check_out(out, rows.files)
    copies = find_copies(rows, near, on, tell)
    gone = copies.repeats.union(copies.unreadable.numbers)
    kept = copy_rows(rows, [number for number in range(1, copies.rows + 1) if number not in gone], out)
    return Deduped(copies, kept, len(copies.exact), len(copies.repeats) - len(copies.exact))


def find_copies(
    rows: Rows, near: float = NEAR, on: str | None = None, tell: Callable[[int], None] = lambda _: None
) -> Copies:
    """Return which rows are copies of each other: by their text in the column `on`, else in what the schema uses.

    Equal texts (by a hash of 128 bits) collapse first; `near` is the Jaccard similarity of word 5-grams from which on
    two different ones are copies too, and 1 leaves those alone; `tell` hears how many rows are read.
    Raises WrongUse for another `near` or column.
    """
    if not 0 < near <= 1:
        raise WrongUse(f"--near {near:g} is no similarity", "above 0 and up to 1, where 1 means exact copies only")
    columns = compared_columns(rows, on)
    distinct = _Distinct(rows, columns, tell)
    if near < 1:
        shingles = shingles_of(distinct)
        groups = Groups(len(shingles))
        join_near(shingles, near, groups)
    else:
        groups = Groups(sum(1 for _ in distinct))
    first_of = groups.labels().tolist()
    numbers_of = defaultdict(list)
    for place, number in zip(distinct.places, distinct.numbers, strict=True):
        numbers_of[first_of[place]].append(number)
    return Copies(
        rows=distinct.rows_read,
        groups=[numbers for numbers in numbers_of.values() if len(numbers) > 1],
        exact=frozenset(distinct.repeated),
        without_text=distinct.rows_read - len(distinct.numbers) - len(distinct.unreadable.numbers),
        unreadable=distinct.unreadable,
        columns=columns,
    )


class _Distinct:
    """The different texts of a file, each once; while they are iterated over it notes which rows have which."""

    def __init__(self, rows: Rows, columns: list[str], tell: Callable[[int], None]) -> None:
        self._texts = compared_texts(rows, columns)
        self._tell = tell
        self.rows_read = 0
        self.numbers = array("q")
        """The rows that have a text."""
        self.places = array("q")
        """Which of the different texts each of these has."""
        self.repeated = array("q")
        """Those whose text an earlier one has."""
        self.unreadable = Unreadable()

    def __iter__(self) -> Iterator[str]:
        place_of: dict[bytes, int] = {}
        for text in self._texts:
            self.rows_read += 1
            if self.rows_read % _TELL_EVERY == 0:
                self._tell(self.rows_read)
            if isinstance(text, BadRow):
                self.unreadable.add(text)
            elif text is not None:
                digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
                is_new = digest not in place_of
                self.numbers.append(self.rows_read)
                self.places.append(place_of.setdefault(digest, len(place_of)))
                if is_new:
                    yield text
                else:
                    self.repeated.append(self.rows_read)
