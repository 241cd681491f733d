"""Who said what of which pair, or other item, without the texts: agreement, order and pace are reckoned from it.

Only votes that stand are here, on one question: which answer is better all in all, or by one criterion of the rubric.
Of several on an item the last, and beside it the hidden repeat.
"""

import json
from dataclasses import dataclass

from workbench.label.database import Database
from workbench.label.records import Answer
from workbench.label.schema import SetKind

_SET = "SELECT kind, classes FROM sets WHERE name = ?"
_ITEMS = (
    "SELECT id, digest, source, guess, probability FROM items WHERE set_id = (SELECT id FROM sets WHERE name = ?)"
    " ORDER BY id"
)
_VOTES = (
    "SELECT item_id, annotator, choice, shown_left, repeat, at, seconds FROM standing WHERE id IN (SELECT max(id)"
    " FROM standing WHERE set_id = (SELECT id FROM sets WHERE name = ?) AND criterion = ?"
    " GROUP BY item_id, annotator, repeat) ORDER BY id"
)


@dataclass(frozen=True)
class ItemFact:
    """A pair, or an item of another kind, without its texts."""

    id: int
    number: int
    """In the set, counted from 1."""
    digest: str
    source: str
    guess: str | None = None
    """The class that a model takes a row for."""
    probability: float | None = None


@dataclass(frozen=True)
class VoteFact:
    """A vote that stands."""

    item_id: int
    annotator: str
    choice: str
    """As the set's kind has it."""
    shown_left: Answer | None = None
    is_repeat: bool = False
    """Whether the annotator had voted on the item before, and was shown it again with the sides swapped."""
    at: float = 0.0
    """Seconds since 1970."""
    seconds: float | None = None
    """From seeing the item to voting on it, where that was kept."""

    @property
    def was_seen(self) -> bool:
        """Whether it was given on a screen."""
        return self.shown_left is not None or self.seconds is not None


@dataclass(frozen=True)
class Facts:
    """A set: its items as they were added, its votes as they were given."""

    items: tuple[ItemFact, ...]
    votes: tuple[VoteFact, ...]
    kind: SetKind = "pairs"
    classes: tuple[str, ...] = ()
    """What its rows may be called."""
    criterion: str = ""
    """What is voted on; "" for all in all."""

    def firsts(self) -> list[VoteFact]:
        """Return the votes that say something of an item: no skips, no repeats."""
        return [vote for vote in self.votes if vote.choice != "skip" and not vote.is_repeat]


def read_facts(database: Database, set_name: str, criterion: str = "") -> Facts:
    """Read a set of any kind in three questions; one that is not there has no items."""
    with database.reading() as connection:
        found: tuple[SetKind, str] | None = connection.execute(_SET, (set_name,)).fetchone()
        items = [ItemFact(row[0], at, *row[1:]) for at, row in enumerate(connection.execute(_ITEMS, (set_name,)), 1)]
        votes = [
            VoteFact(item_id, annotator, choice, shown_left, bool(repeat), at, seconds)
            for item_id, annotator, choice, shown_left, repeat, at, seconds in connection.execute(
                _VOTES, (set_name, criterion)
            )
        ]
    kind, classes = found or ("pairs", "[]")
    return Facts(tuple(items), tuple(votes), kind, tuple(json.loads(classes)), criterion)
