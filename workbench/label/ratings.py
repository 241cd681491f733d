"""Votes as a table of items by annotators, in the categories that agreement is measured on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from workbench.label.bootstrap import Codes
from workbench.label.records import CHOICES, Choice

NONE = -1
"""Where an annotator said nothing of an item."""
ANSWERS = ("first", "tie", "second", "bad")
"""Which answer is better, whatever the grade: without an order."""
STEPS: tuple[Choice, ...] = CHOICES[:5]
"""The five steps from the first answer to the second, in their order; that both are bad has no place among them."""


def answer_of(choice: str) -> str:
    """Return a choice between two answers without its grade: one of ANSWERS, or skip."""
    return choice.removesuffix("-clearly")


@dataclass(frozen=True)
class Scale:
    """What can be said of an item: the categories that agreement is measured on."""

    answers: tuple[str, ...] = ANSWERS
    answer_of: Callable[[str], str] = answer_of
    """From a choice as it is stored to one of the answers."""
    steps: tuple[str, ...] = STEPS
    """The choices that have an order, in it; () where none have."""
    parts: Mapping[int, int] = field(default_factory=dict)
    """Of items that are parts of another, such as each two answers of a ranking: which, by their ids."""


PAIRS = Scale()


def nominal(answers: Sequence[str], parts: Mapping[int, int] | None = None) -> Scale:
    """Return the scale of choices that are the same or not, and nothing else."""
    return Scale(tuple(answers), str, (), parts or {})


@dataclass(frozen=True)
class Ratings:
    """One row an item, one column an annotator: the place of what was said among the categories, or NONE."""

    items: tuple[int, ...]
    annotators: tuple[str, ...]
    categories: tuple[str, ...]
    codes: Codes

    @property
    def shared(self) -> Codes:
        """The rows of items that two annotators or more said something of."""
        rows: Codes = self.codes[(self.codes != NONE).sum(axis=1) >= 2]
        return rows

    @property
    def overlapping(self) -> tuple[str, ...]:
        """The annotators who share an item with another."""
        present = (self.shared != NONE).any(axis=0)
        return tuple(name for name, is_there in zip(self.annotators, present, strict=True) if is_there)

    def of(self, annotator: str) -> Codes:
        """Return what one annotator said, an item each."""
        column: Codes = self.codes[:, self.annotators.index(annotator)]
        return column


def ratings(votes: Iterable[tuple[int, str, str]], categories: Sequence[str]) -> Ratings:
    """Return votes (item, annotator, category) as a table; of two of one annotator on an item the last counts.

    A category that is not among `categories` counts as nothing said.
    """
    place = {category: at for at, category in enumerate(categories)}
    kept = {(item, annotator): place[said] for item, annotator, said in votes if said in place}
    items = list(dict.fromkeys(item for item, _ in kept))
    annotators = sorted({annotator for _, annotator in kept})
    codes = np.full((len(items), len(annotators)), NONE, dtype=np.int64)
    rows = {item: at for at, item in enumerate(items)}
    columns = {annotator: at for at, annotator in enumerate(annotators)}
    for (item, annotator), code in kept.items():
        codes[rows[item], columns[annotator]] = code
    return Ratings(tuple(items), tuple(annotators), tuple(categories), codes)


def counts(codes: Codes, categories: int) -> Codes:
    """Return how many annotators put each item into each category: (items, categories)."""
    found: Codes = (codes[:, :, None] == np.arange(categories)).sum(axis=1)
    return found


def alike(table: Codes, of: Codes | None = None) -> tuple[Codes, Codes, Codes | None]:
    """Return the different rows of a table of `counts` that have two votes or more, and how many items have each.

    Items that were judged alike weigh alike, and there are far fewer rows than items. Those that are parts `of`
    others, (items,), are not put together; what these are parts of is returned beside them.
    """
    several = table.sum(axis=1) >= 2
    table = table[several]
    if of is not None:
        return table, np.ones(len(table), dtype=np.int64), of[several]
    base, width = int(table.sum(axis=1).max(initial=0)) + 1, table.shape[1]
    if width * np.log2(base) < 63:  # a row is a number then, which is quicker to sort
        _, first, times = np.unique(table @ base ** np.arange(width), return_index=True, return_counts=True)
        return table[first], times.astype(np.int64), None
    found, times = np.unique(table, axis=0, return_counts=True)
    return found, times.astype(np.int64), None
