"""Who said what of which pair, without the texts: what agreement, order and pace are reckoned from.

Only votes that stand are here, on one question: which answer is better all in all, or by one criterion of the rubric.
Of several on a pair the last, and beside it the hidden repeat.
"""

from dataclasses import dataclass

from workbench.label.database import Database
from workbench.label.records import Answer, Choice

_PAIRS = (
    "SELECT id, digest, source FROM items WHERE set_id = (SELECT id FROM sets WHERE name = ? AND kind = 'pairs')"
    " ORDER BY id"
)
_VOTES = (
    "SELECT item_id, annotator, choice, shown_left, repeat, at, seconds FROM standing WHERE id IN (SELECT max(id)"
    " FROM standing WHERE set_id = (SELECT id FROM sets WHERE name = ?) AND criterion = ?"
    " GROUP BY item_id, annotator, repeat) ORDER BY id"
)


@dataclass(frozen=True)
class PairFact:
    """A pair by its names."""

    id: int
    number: int
    """In the set, counted from 1."""
    digest: str
    source: str


@dataclass(frozen=True)
class VoteFact:
    """A vote that stands."""

    pair_id: int
    annotator: str
    choice: Choice
    shown_left: Answer | None = None
    is_repeat: bool = False
    """Whether the annotator had voted on the pair before, and was shown it again with the sides swapped."""
    at: float = 0.0
    """Seconds since 1970."""
    seconds: float | None = None
    """From seeing the pair to voting on it, where that was kept."""


@dataclass(frozen=True)
class Facts:
    """A set: its pairs as they were added, its votes as they were given."""

    pairs: tuple[PairFact, ...]
    votes: tuple[VoteFact, ...]

    def firsts(self) -> list[VoteFact]:
        """Return the votes that say something of a pair: no skips, no repeats."""
        return [vote for vote in self.votes if vote.choice != "skip" and not vote.is_repeat]


def read_facts(database: Database, set_name: str, criterion: str = "") -> Facts:
    """Read a set in two questions; one that is not there has no pairs."""
    with database.reading() as connection:
        pairs = [PairFact(row[0], at, *row[1:]) for at, row in enumerate(connection.execute(_PAIRS, (set_name,)), 1)]
        votes = [
            VoteFact(pair_id, annotator, choice, shown_left, bool(repeat), at, seconds)
            for pair_id, annotator, choice, shown_left, repeat, at, seconds in connection.execute(
                _VOTES, (set_name, criterion)
            )
        ]
    return Facts(tuple(pairs), tuple(votes))
