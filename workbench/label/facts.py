"""Who said what of which pair, without the texts: what agreement, order and pace are reckoned from.

Only votes that stand are here, and of several on a pair the last, apart from hidden repeats: those stand beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.label.database import Database
from workbench.label.records import Answer, Choice

_PAIRS = "SELECT id, digest, source FROM named_pairs WHERE set_name = ? ORDER BY id"
_VOTES = "SELECT * FROM standing WHERE set_id = (SELECT id FROM sets WHERE name = ?) ORDER BY id"


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


def read_facts(database: Database, set_name: str) -> Facts:
    """Read a set in two questions; one that is not there has no pairs."""
    with database.reading() as connection:
        pairs = [PairFact(row[0], at, *row[1:]) for at, row in enumerate(connection.execute(_PAIRS, (set_name,)), 1)]
        cursor = connection.execute(_VOTES, (set_name,))
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
    return Facts(tuple(pairs), _standing(rows))


def _standing(rows: list[dict[str, Any]]) -> tuple[VoteFact, ...]:
    first: dict[tuple[int, str], VoteFact] = {}
    repeats: dict[tuple[int, str], VoteFact] = {}
    for row in rows:
        if row.get("criterion"):  # votes on one side of the quality are no votes on which answer is better
            continue
        key = (row["item_id"] if "item_id" in row else row["pair_id"], row["annotator"])
        vote = VoteFact(
            *key, row["choice"], row["shown_left"], _is_repeat(row, first.get(key)), row["at"], row.get("seconds")
        )
        kept = repeats if vote.is_repeat else first
        kept.pop(key, None)  # the last one stands where it was given, not where the one before it was
        kept[key] = vote
    return tuple(sorted((*first.values(), *repeats.values()), key=lambda vote: vote.at))


def _is_repeat(row: Mapping[str, Any], before: VoteFact | None) -> bool:
    """What the store says; where it does not keep that, the sides tell: nobody else sees a pair the other way round."""
    if "repeat" in row:
        return bool(row["repeat"])
    if before is None or before.choice == "skip" or before.shown_left is None or row["shown_left"] is None:
        return False
    return bool(before.shown_left != row["shown_left"])
