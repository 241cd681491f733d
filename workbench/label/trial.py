"""A model judge on trial: it may label alone once it agrees with people as far as was asked for.

It is measured against what most people said of a pair, and against itself with the answers in the other order.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workbench.label.agreement import Two, agreement_of_two
from workbench.label.consistency import Share, self_consistency, to_the_left
from workbench.label.facts import VoteFact
from workbench.label.ratings import answer_of
from workbench.metrics.exact import wilson_interval

NEEDED_KAPPA = 0.6
"""Where agreement is called substantial (Landis and Koch 1977)."""
PEOPLE = "people"
JUDGE = "judge:"
"""What the names of annotators begin with that are models."""
EACH_ORDER = "each-order"
"""The criterion under which a judge's votes in each of the two orders stand; the overall vote is its verdict."""


def each_order_by(criterion: str) -> str:
    """Return under which criterion those votes stand where the verdict is one by `criterion`, "" for the overall one.

    No criterion of a rubric is called like that: its name is one word.
    """
    return f"{EACH_ORDER}:{criterion}" if criterion else EACH_ORDER


@dataclass(frozen=True)
class Trial:
    """How a judge compares with people."""

    judge: str
    with_people: Two
    """With what most of them said, a pair where nothing has a majority left out."""
    itself: Share
    """Pairs whose answer it named again in the other order."""
    left: Share
    """Decided votes for the answer that it read first."""
    needed: float
    criterion: str = ""
    """What it votes by; "" for all in all."""

    @property
    def has_passed(self) -> bool:
        """Whether its kappa is as high as needed, even at the lower end of its interval, on pairs enough to know."""
        return self._is_high and not self.is_too_short

    @property
    def is_too_short(self) -> bool:
        """Whether kappa may be too low only because there are too few pairs.

        Where all pairs agree drawing them again shows no spread, so kappa is also taken where the observed agreement
        lies at the lower end of Wilson's interval, with the same agreement by chance (a half, where all agree).
        """
        observed, kappa = self.with_people.observed.value, self.with_people.kappa.value
        if not self._is_high or observed is None or kappa is None:
            return False
        pairs = self.with_people.pairs
        least, _ = wilson_interval(round(observed * pairs), pairs)
        by_chance = (observed - kappa) / (1 - kappa) if kappa < 1 else 0.5
        return (least - by_chance) / (1 - by_chance) < self.needed

    @property
    def lacks(self) -> str:
        """Return what it would need to pass, in words."""
        few = "which are too few to be sure"
        return few if self.is_too_short else f"and {self.needed:g} is needed at the lower end"

    @property
    def _is_high(self) -> bool:
        interval = self.with_people.kappa.interval
        return interval is not None and interval[0] >= self.needed


def judges_in(votes: Iterable[VoteFact]) -> list[str]:
    """Return the annotators that are models, by name."""
    return sorted({vote.annotator for vote in votes if vote.annotator.startswith(JUDGE)})


def trial(
    votes: Sequence[VoteFact], judge: str, judges: Sequence[str] = (), needed: float = NEEDED_KAPPA,
    orders: Sequence[VoteFact] | None = None, criterion: str = "",
) -> Trial:  # fmt: skip
    """Return how `judge` does on the votes of a set (`scales.on_scale`) by a criterion; other `judges` are no people.

    `orders` are the votes in each order, where those of the set are verdicts of both.
    """
    own = [vote for vote in votes if vote.annotator == judge and vote.choice != "skip"]
    people = [vote for vote in votes if vote.annotator not in (judge, *judges)]
    against = [*(vote for vote in own if not vote.is_repeat), *_majorities(people)]
    asked = own if orders is None else [vote for vote in orders if vote.annotator == judge]
    with_people = agreement_of_two(against, judge, PEOPLE)
    return Trial(judge, with_people, self_consistency(asked), to_the_left(asked), needed, criterion)


def _majorities(votes: Sequence[VoteFact]) -> list[VoteFact]:
    """One vote for each pair: the answer that more than half of its votes name, whatever their grades."""
    by_pair: dict[int, list[VoteFact]] = {}
    for vote in votes:
        if vote.choice != "skip" and not vote.is_repeat:
            by_pair.setdefault(vote.item_id, []).append(vote)
    found = []
    for given in by_pair.values():
        answer, times = Counter(answer_of(vote.choice) for vote in given).most_common(1)[0]
        if 2 * times > len(given):
            first = next(vote for vote in given if answer_of(vote.choice) == answer)
            found.append(replace(first, annotator=PEOPLE))
    return found
