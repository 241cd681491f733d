"""Whether annotators agree with themselves: hidden repeats, and a liking for one side.

Where nobody has a liking, each side wins half of the decided votes, whatever the answers are: the sides are drawn.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from workbench.label.facts import VoteFact
from workbench.label.ratings import PAIRS, Scale, answer_of
from workbench.metrics.exact import wilson_interval


@dataclass(frozen=True)
class Share:
    """So many of so many, with Wilson's interval of 95 %."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """The share, None of nothing."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """From where to where the share may lie."""
        return wilson_interval(self.count, self.of) if self.of else None


def self_consistency(votes: Iterable[VoteFact], scale: Scale = PAIRS) -> Share:
    """Return how many repeats named the same answer as the annotator's first vote on the pair; grades may differ."""
    first: dict[tuple[int, str], str] = {}
    again: dict[tuple[int, str], str] = {}
    for vote in votes:
        if vote.choice != "skip":
            (again if vote.is_repeat else first)[vote.item_id, vote.annotator] = scale.answer_of(vote.choice)
    both = [said == first[key] for key, said in again.items() if key in first]
    return Share(sum(both), len(both))


def to_the_left(votes: Iterable[VoteFact]) -> Share:
    """Return how many of the decided votes went to the left; repeats count, votes without a screen do not."""
    decided = [
        answer_of(vote.choice) == vote.shown_left
        for vote in votes
        if vote.shown_left is not None and answer_of(vote.choice) in ("first", "second")
    ]
    return Share(sum(decided), len(decided))


def chance_of(share: Share) -> float | None:
    """Return p of the exact two-sided binomial test against one half; None of nothing.

    As the distribution is symmetric, that is twice the smaller tail, 1 at most.
    """
    if not share.of:
        return None
    fewer = min(share.count, share.of - share.count)
    logs = (_log_choose(share.of, k) - share.of * math.log(2) for k in range(fewer + 1))
    return min(1.0, 2 * math.fsum(math.exp(log) for log in logs))


def by_annotator(votes: Iterable[VoteFact]) -> dict[str, list[VoteFact]]:
    """Return each annotator's votes, in their order; names ascend."""
    found: dict[str, list[VoteFact]] = defaultdict(list)
    for vote in votes:
        found[vote.annotator].append(vote)
    return dict(sorted(found.items()))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
