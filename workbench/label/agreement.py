"""How far the annotators of a set agree, of all together and of each two, and on which items they do not."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from workbench.label import kappa
from workbench.label.alpha import alpha
from workbench.label.bootstrap import RESAMPLES, Codes, Estimate
from workbench.label.facts import VoteFact
from workbench.label.ratings import NONE, PAIRS, Ratings, Scale, counts, ratings

_OF_MANY_TWOS = 4
"""Each two annotators get a fraction of the resamples: of ten people there are 45 twos."""


@dataclass(frozen=True)
class Two:
    """Two annotators: over the pairs, or other items, that both voted on."""

    names: tuple[str, str]
    pairs: int
    observed: Estimate
    kappa: Estimate
    """Cohen's; of pairs that of which answer is better: first, tie, second, both bad."""
    in_steps: Estimate | None
    """Cohen's with quadratic weights, of the five steps; a pair that either calls bad does not count. None where
    choices have no order."""


@dataclass(frozen=True)
class Agreement:
    """All annotators: over the pairs, or other items, with two votes or more."""

    pairs: int
    observed: Estimate
    kappa: Estimate
    kappa_is: str
    """Whose kappa: Cohen's of two annotators, Fleiss' of more."""
    alpha: Estimate
    """Krippendorff's, nominal: of pairs that of which answer is better."""
    alpha_in_steps: Estimate | None
    """Krippendorff's, ordinal: the five steps; None where choices have no order."""
    each_two: tuple[Two, ...]


@dataclass(frozen=True)
class Disagreement:
    """A pair, or another item, that its annotators do not agree on."""

    item_id: int
    share: float
    """Of its pairs of votes, those that name different answers."""
    votes: tuple[tuple[str, str], ...]


def agreement(votes: Sequence[VoteFact], scale: Scale = PAIRS, *, resamples: int = RESAMPLES) -> Agreement:
    """Return how far votes agree; no skips and no repeats should be among them (`Facts.firsts`)."""
    answers, steps = _answers(votes, scale), _steps(votes, scale)
    names, kinds, of = answers.overlapping, len(scale.answers), _wholes(answers, scale)
    if len(answers.annotators) < 2:
        nobody = Estimate(None, why=f"{len(answers.annotators) or 'no'} annotator: it takes two to agree")
        return Agreement(0, nobody, nobody, "Cohen", nobody, nobody if scale.steps else None, ())
    if len(names) == 2:
        all_kappa = kappa.cohen(answers.of(names[0]), answers.of(names[1]), kinds, of=of, resamples=resamples)
    else:
        all_kappa = kappa.fleiss(answers.codes, kinds, of=of, resamples=resamples)
    return Agreement(
        len(answers.shared),
        kappa.observed(answers.codes, kinds, of=of, resamples=resamples),
        all_kappa,
        "Fleiss" if len(names) > 2 else "Cohen",
        alpha(answers.codes, kinds, of=of, resamples=resamples),
        alpha(steps.codes, len(scale.steps), "ordinal", resamples=resamples) if steps else None,
        tuple(
            _two(answers, steps, of, one, other, resamples // _OF_MANY_TWOS) for one, other in combinations(names, 2)
        ),
    )


def agreement_of_two(
    votes: Sequence[VoteFact], one: str, other: str, scale: Scale = PAIRS, *, resamples: int = RESAMPLES
) -> Two:
    """Return how far two annotators agree; without a pair in common the figures have no value but a reason."""
    answers = _answers(votes, scale)
    return _two(answers, _steps(votes, scale), _wholes(answers, scale), one, other, resamples)


def disagreements(votes: Sequence[VoteFact], scale: Scale = PAIRS) -> list[Disagreement]:
    """Return the pairs whose annotators name different answers, the most disputed first, then by number of votes.

    Or the other items that they say different things of: of votes on parts, the wholes, without the votes.
    """
    by_item: dict[int, dict[str, str]] = {}
    for vote in votes:
        by_item.setdefault(vote.item_id, {})[vote.annotator] = vote.choice
    found = [
        Disagreement(item, share, tuple(sorted(by_item.get(item, {}).items())))
        for item, share in disputed(votes, scale).items()
        if share
    ]
    return sorted(found, key=lambda each: (-each.share, -len(each.votes), each.item_id))


def disputed(votes: Sequence[VoteFact], scale: Scale = PAIRS) -> dict[int, float]:
    """Return the share of differing pairs of votes of each item that has two votes or more, by its id.

    Of votes on parts that is the mean over the parts of each whole.
    """
    answers = _answers(votes, scale)
    table = counts(answers.codes, len(scale.answers))
    several = table.sum(axis=1) >= 2
    shares: dict[int, list[float]] = {}
    items = (item for item, is_one in zip(answers.items, several, strict=True) if is_one)
    for item, share in zip(items, 1 - kappa.agreeing(table[several]), strict=True):
        shares.setdefault(scale.parts.get(item, item), []).append(float(share))
    return {item: sum(found) / len(found) for item, found in shares.items()}


def _two(answers: Ratings, steps: Ratings | None, of: Codes | None, one: str, other: str, resamples: int) -> Two:
    if not {one, other} <= set(answers.annotators):
        nothing = Estimate(None, why=kappa.NO_OVERLAP)
        return Two((one, other), 0, nothing, nothing, nothing if steps else None)
    columns = [answers.annotators.index(name) for name in (one, other)]
    both, kinds = answers.codes[:, columns], len(answers.categories)
    return Two(
        (one, other),
        int((both != NONE).all(axis=1).sum()),
        kappa.observed(both, kinds, of=of, resamples=resamples),
        kappa.cohen(both[:, 0], both[:, 1], kinds, of=of, resamples=resamples),
        _in_steps(steps, one, other, resamples) if steps else None,
    )


def _in_steps(steps: Ratings, one: str, other: str, resamples: int) -> Estimate:
    if not {one, other} <= set(steps.annotators):
        return Estimate(None, why=kappa.NO_OVERLAP)
    return kappa.cohen(steps.of(one), steps.of(other), len(steps.categories), "quadratic", resamples=resamples)


def _answers(votes: Sequence[VoteFact], scale: Scale) -> Ratings:
    return ratings(((vote.item_id, vote.annotator, scale.answer_of(vote.choice)) for vote in votes), scale.answers)


def _steps(votes: Sequence[VoteFact], scale: Scale) -> Ratings | None:
    if not scale.steps:
        return None
    return ratings(((vote.item_id, vote.annotator, vote.choice) for vote in votes), scale.steps)


def _wholes(answers: Ratings, scale: Scale) -> Codes | None:
    """What each item is a part of, where items are parts."""
    return np.array([scale.parts[item] for item in answers.items], dtype=np.int64) if scale.parts else None
