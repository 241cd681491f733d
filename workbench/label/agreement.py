"""How far the annotators of a set agree, of all together and of each two, and on which pairs they do not."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from workbench.label import kappa
from workbench.label.alpha import alpha
from workbench.label.bootstrap import RESAMPLES, Estimate
from workbench.label.facts import VoteFact
from workbench.label.ratings import ANSWERS, NONE, STEPS, Ratings, answer_of, counts, ratings
from workbench.label.records import Choice

_OF_MANY_TWOS = 4
"""Each two annotators get a fraction of the resamples: of ten people there are 45 twos."""


@dataclass(frozen=True)
class Two:
    """Two annotators: over the pairs that both voted on."""

    names: tuple[str, str]
    pairs: int
    observed: Estimate
    kappa: Estimate
    """Cohen's, of which answer is better: first, tie, second, both bad."""
    in_steps: Estimate
    """Cohen's with quadratic weights, of the five steps; a pair that either calls bad does not count."""


@dataclass(frozen=True)
class Agreement:
    """All annotators: over the pairs with two votes or more."""

    pairs: int
    observed: Estimate
    kappa: Estimate
    kappa_is: str
    """Whose kappa: Cohen's of two annotators, Fleiss' of more."""
    alpha: Estimate
    """Krippendorff's, nominal: which answer is better."""
    alpha_in_steps: Estimate
    """Krippendorff's, ordinal: the five steps."""
    each_two: tuple[Two, ...]


@dataclass(frozen=True)
class Disagreement:
    """A pair that its annotators do not agree on."""

    pair_id: int
    share: float
    """Of its pairs of votes, those that name different answers."""
    votes: tuple[tuple[str, Choice], ...]


def agreement(votes: Sequence[VoteFact], *, resamples: int = RESAMPLES) -> Agreement:
    """Return how far votes agree; no skips and no repeats should be among them (`Facts.firsts`)."""
    answers, steps = _answers(votes), _steps(votes)
    names, kinds, shared = answers.overlapping, len(ANSWERS), answers.shared
    if len(answers.annotators) < 2:
        nobody = Estimate(None, why=f"{len(answers.annotators) or 'no'} annotator: it takes two to agree")
        return Agreement(0, nobody, nobody, "Cohen", nobody, nobody, ())
    if len(names) == 2:
        all_kappa = kappa.cohen(answers.of(names[0]), answers.of(names[1]), kinds, resamples=resamples)
    else:
        all_kappa = kappa.fleiss(answers.codes, kinds, resamples=resamples)
    return Agreement(
        len(shared),
        kappa.observed(answers.codes, kinds, resamples=resamples),
        all_kappa,
        "Fleiss" if len(names) > 2 else "Cohen",
        alpha(answers.codes, kinds, resamples=resamples),
        alpha(steps.codes, len(STEPS), "ordinal", resamples=resamples),
        tuple(_two(answers, steps, one, other, resamples // _OF_MANY_TWOS) for one, other in combinations(names, 2)),
    )


def agreement_of_two(votes: Sequence[VoteFact], one: str, other: str, *, resamples: int = RESAMPLES) -> Two:
    """Return how far two annotators agree; without a pair in common the figures have no value but a reason."""
    return _two(_answers(votes), _steps(votes), one, other, resamples)


def disagreements(votes: Sequence[VoteFact]) -> list[Disagreement]:
    """Return the pairs whose annotators name different answers, the most disputed first, then by number of votes."""
    by_pair: dict[int, dict[str, Choice]] = {}
    for vote in votes:
        by_pair.setdefault(vote.pair_id, {})[vote.annotator] = vote.choice
    shares = disputed(votes)
    found = [
        Disagreement(pair, shares[pair], tuple(sorted(said.items())))
        for pair, said in by_pair.items()
        if shares.get(pair)
    ]
    return sorted(found, key=lambda each: (-each.share, -len(each.votes), each.pair_id))


def disputed(votes: Sequence[VoteFact]) -> dict[int, float]:
    """Return the share of differing pairs of votes of each pair that has two votes or more, by its id."""
    answers = _answers(votes)
    table = counts(answers.codes, len(ANSWERS))
    several = table.sum(axis=1) >= 2
    shares = 1 - kappa.agreeing(table[several])
    items = [item for item, is_one in zip(answers.items, several, strict=True) if is_one]
    return {item: float(share) for item, share in zip(items, shares, strict=True)}


def _two(answers: Ratings, steps: Ratings, one: str, other: str, resamples: int) -> Two:
    if not {one, other} <= set(answers.annotators):
        nothing = Estimate(None, why=kappa.NO_OVERLAP)
        return Two((one, other), 0, nothing, nothing, nothing)
    columns = [answers.annotators.index(name) for name in (one, other)]
    both = answers.codes[:, columns]
    return Two(
        (one, other),
        int((both != NONE).all(axis=1).sum()),
        kappa.observed(both, len(ANSWERS), resamples=resamples),
        kappa.cohen(both[:, 0], both[:, 1], len(ANSWERS), resamples=resamples),
        _in_steps(steps, one, other, resamples),
    )


def _in_steps(steps: Ratings, one: str, other: str, resamples: int) -> Estimate:
    if not {one, other} <= set(steps.annotators):
        return Estimate(None, why=kappa.NO_OVERLAP)
    return kappa.cohen(steps.of(one), steps.of(other), len(STEPS), "quadratic", resamples=resamples)


def _answers(votes: Sequence[VoteFact]) -> Ratings:
    return ratings(((vote.pair_id, vote.annotator, answer_of(vote.choice)) for vote in votes), ANSWERS)


def _steps(votes: Sequence[VoteFact]) -> Ratings:
    return ratings(((vote.pair_id, vote.annotator, vote.choice) for vote in votes), STEPS)
