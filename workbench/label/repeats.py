"""Hidden repeats: a stated share of what an annotator is shown are pairs of earlier on, with the sides swapped.

When one comes, and which, follows from the annotator, the seed and what was shown before: a restart changes nothing,
and an undone vote brings the same pair again.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from workbench.errors import WrongUse
from workbench.label.facts import VoteFact
from workbench.label.records import Answer

LARGEST_SHARE = 0.5

_KEY = b"workbench repeats"
_BLOCK = 20
"""Of so many pairs that are shown, the share is kept; where in the block the repeats stand is drawn."""


@dataclass(frozen=True)
class Repeats:
    """How many repeats there are. Raises WrongUse for a share that is none."""

    share: float = 0.0
    """Of what is shown, once the first repeat is possible: 0 to 0.5."""
    gap: int = 20
    """At least so many other pairs stand between a pair and its repeat; 1 or more."""
    seed: int = 7

    def __post_init__(self) -> None:
        if not 0 <= self.share <= LARGEST_SHARE:
            raise WrongUse(f"{self.share} is no share of repeats", f"choose one from 0 to {LARGEST_SHARE}")
        if self.gap < 1:
            raise WrongUse(f"a gap of {self.gap} shows a pair twice in a row", "choose 1 or more")


def repeat_due(shown: Sequence[VoteFact], repeats: Repeats, annotator: str) -> VoteFact | None:
    """Return the vote whose pair is to be shown again now, or None when a new pair is due.

    `shown` are all of the annotator's votes that stand, the first one first, skips and repeats with them. A pair is
    repeated once at most, and not when it was skipped or voted on without a screen.
    """
    if not _is_due(len(shown), repeats, annotator):
        return None
    again = {vote.item_id for vote in shown if vote.is_repeat}
    long_ago = shown[: len(shown) - repeats.gap]
    waiting = [
        vote
        for vote in long_ago
        if not vote.is_repeat and vote.choice != "skip" and vote.was_seen and vote.item_id not in again
    ]
    return min(waiting, key=lambda vote: _drawn(repeats.seed, annotator, "pair", vote.item_id), default=None)


def other_side(vote: VoteFact) -> Answer:
    """Return the answer that stands to the left when the pair of a vote is shown again."""
    return "second" if vote.shown_left == "first" else "first"


def repeats_to_come(shown: int, new: int, repeats: Repeats, annotator: str) -> int:
    """Return how many repeats are planned among the next `new` pairs, after `shown` that were shown."""
    if not repeats.share or not new:
        return 0

    def new_until(position: int) -> int:
        return position - _due_before(position, repeats, annotator)

    end = bisect_left(range(shown + 2 * new + _BLOCK + 1), new_until(shown) + new, key=new_until)
    return end - shown - new


def _is_due(position: int, repeats: Repeats, annotator: str) -> bool:
    return _due_before(position + 1, repeats, annotator) > _due_before(position, repeats, annotator)


def _due_before(position: int, repeats: Repeats, annotator: str) -> int:
    """How many repeats are planned before the pair shown at this position, counted from 0."""
    block, within = divmod(max(0, position - repeats.gap - 1), _BLOCK)
    places = _places(block, repeats, annotator)
    return _until(block, repeats) + bisect_left(places, within)


def _until(block: int, repeats: Repeats) -> int:
    return int(block * _BLOCK * repeats.share + 1e-9)


@lru_cache(maxsize=256)
def _places(block: int, repeats: Repeats, annotator: str) -> tuple[int, ...]:
    """Where in a block the repeats stand."""
    count = _until(block + 1, repeats) - _until(block, repeats)
    drawn = sorted(range(_BLOCK), key=lambda place: _drawn(repeats.seed, annotator, "place", block * _BLOCK + place))
    return tuple(sorted(drawn[:count]))


def _drawn(seed: int, annotator: str, what: str, number: int) -> bytes:
    return hashlib.blake2b(f"{seed} {annotator} {what} {number}".encode(), key=_KEY, digest_size=8).digest()
