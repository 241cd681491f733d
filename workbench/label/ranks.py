"""How far rankings agree as wholes: Kendall's tau-b of each two annotators, and Krippendorff's alpha of the ranks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.label.alpha import alpha
from workbench.label.bootstrap import RESAMPLES, Codes, Estimate, Floats, estimate
from workbench.label.facts import VoteFact
from workbench.label.kappa import mean_of
from workbench.label.ranking import order_in, ranks_in
from workbench.label.ratings import NONE

_NO_OVERLAP = "no ranking is of two annotators"
_ALL_TIED = "annotators tie all answers of what they share: there is no order to compare"


@dataclass(frozen=True)
class RankAgreement:
    """Of the rankings that two annotators or more gave an order."""

    rankings: int
    tau: Estimate
    """Kendall's tau-b (Kendall 1945), which allows for ties: the mean over each two annotators of a ranking, then over
    the rankings. 1 is the same order, -1 the reverse."""
    alpha: Estimate
    """Krippendorff's, ordinal, of the ranks of each answer."""


def rank_agreement(votes: Sequence[VoteFact], *, resamples: int = RESAMPLES) -> RankAgreement:
    """Return how far rankings agree; no skips and no repeats should be among the votes (`Facts.firsts`)."""
    said: dict[int, dict[str, list[float]]] = {}
    for vote in votes:
        said.setdefault(vote.item_id, {})[vote.annotator] = ranks_in(order_in(vote.choice))
    shared = [np.array(list(ranks.values())) for ranks in said.values() if len(ranks) > 1]
    if not shared:
        nothing = Estimate(None, why=_NO_OVERLAP)
        return RankAgreement(0, nothing, nothing)
    taus = np.array([tau for ranks in shared if not np.isnan(tau := mean_tau(ranks))])
    features, times = np.column_stack([taus, np.ones(len(taus))]), np.ones(len(taus), dtype=np.int64)
    return RankAgreement(
        len(shared),
        estimate(features, times, mean_of, _ALL_TIED, resamples=resamples),
        _alpha(shared, resamples),
    )


def mean_tau(ranks: Floats) -> float:
    """Return the mean tau-b of each two annotators. `ranks`: (annotators, answers).

    Those who tie all answers are left out; NaN where no two are left.
    """
    one, other = np.triu_indices(ranks.shape[1], k=1)
    signs = np.sign(ranks[:, one] - ranks[:, other])
    signs = signs[signs.any(axis=1)]
    if len(signs) < 2:
        return float("nan")
    untied = np.sqrt((signs**2).sum(axis=1))
    taus = (signs @ signs.T) / np.outer(untied, untied)
    return float(taus[np.triu_indices(len(signs), k=1)].mean())


def _alpha(shared: Sequence[Floats], resamples: int) -> Estimate:
    """Each answer is a unit, half a rank a category; the rankings are resampled, not their answers."""
    annotators, best = max(map(len, shared)), max(ranks.shape[1] for ranks in shared)
    units: list[Codes] = []
    for ranks in shared:
        codes = np.full((ranks.shape[1], annotators), NONE, dtype=np.int64)
        codes[:, : len(ranks)] = (2 * ranks - 2).T
        units.append(codes)
    of = np.repeat(np.arange(len(units)), [len(codes) for codes in units])
    return alpha(np.concatenate(units), 2 * best - 1, "ordinal", of=of, resamples=resamples)
