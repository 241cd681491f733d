"""Agreement beyond chance: Cohen's kappa of two annotators, Fleiss' of many.

Each is a function of sums over items, so that the bootstrap can weight the items; NaN where chance alone would agree.
"""

from functools import partial
from typing import Literal

import numpy as np

from workbench.label.bootstrap import RESAMPLES, Codes, Estimate, Floats, estimate
from workbench.label.ratings import NONE, alike, counts

Weights = Literal["none", "linear", "quadratic"]

NO_OVERLAP = "no pair has the votes of two annotators"
ONE_CATEGORY = "all votes say the same, so chance would agree as well"


def cohen(
    one: Codes, other: Codes, categories: int, weights: Weights = "none", *, of: Codes | None = None,
    resamples: int = RESAMPLES,
) -> Estimate:  # fmt: skip
    """Return Cohen's kappa (1960) of two annotators, over the items that both said something of.

    `one`, `other`: (items,), places among `categories`, NONE where nothing was said. `weights` count a disagreement by
    the steps between two categories, or by their square (Cohen 1968); without them all disagreements are alike. `of`
    as `estimate` takes it, here and below.
    """
    both = (one != NONE) & (other != NONE)
    if not both.any():
        return Estimate(None, why=NO_OVERLAP)
    cells, places, times = np.unique(one[both] * categories + other[both], return_inverse=True, return_counts=True)
    if weights == "none":
        features, statistic = _said_alike(cells, categories), _cohen_unweighted
    else:
        features = np.eye(categories**2)[cells]
        statistic = partial(_cohen, disagreement=_disagreement(categories, weights))
    if of is None:
        return estimate(features, times, statistic, ONE_CATEGORY, resamples=resamples)
    ones = np.ones(len(places), dtype=np.int64)
    return estimate(features[places], ones, statistic, ONE_CATEGORY, of=of[both], resamples=resamples)


def fleiss(codes: Codes, categories: int, *, of: Codes | None = None, resamples: int = RESAMPLES) -> Estimate:
    """Return Fleiss' kappa (1971) of any number of annotators. `codes`: (items, annotators).

    Items may have different numbers of votes: those with fewer than two are left out, and each of the others counts
    alike, in what is observed and in what is expected. With equal numbers this is Fleiss' own formula.
    """
    table, times, of = alike(counts(codes, categories), of)
    if not len(times):
        return Estimate(None, why=NO_OVERLAP)
    shares = table / table.sum(axis=1, keepdims=True)
    features = np.column_stack([agreeing(table), np.ones(len(table)), shares])
    return estimate(features, times, _fleiss, ONE_CATEGORY, of=of, resamples=resamples)


def observed(codes: Codes, categories: int, *, of: Codes | None = None, resamples: int = RESAMPLES) -> Estimate:
    """Return how often two annotators of an item say the same: the mean over items of the share of agreeing pairs."""
    table, times, of = alike(counts(codes, categories), of)
    features = np.column_stack([agreeing(table), np.ones(len(table))])
    return estimate(features, times, mean_of, NO_OVERLAP, of=of, resamples=resamples)


def mean_of(sums: Floats) -> Floats:
    """Return the mean of what was summed beside ones: (…, 2); NaN of nothing."""
    count = sums[..., 1]
    return np.where(count > 0, sums[..., 0] / np.where(count > 0, count, 1), np.nan)


def agreeing(table: Codes) -> Floats:
    """Return the share of agreeing pairs of votes of each item (Fleiss 1971, eq. 2). `table`: (items, categories).

    Every item needs two votes.
    """
    votes = table.sum(axis=1)
    found: Floats = ((table**2).sum(axis=1) - votes) / (votes * (votes - 1))
    return found


def _disagreement(categories: int, weights: Weights) -> Floats:
    steps = np.abs(np.subtract.outer(np.arange(categories), np.arange(categories))).astype(np.float64)
    return {"none": (steps > 0).astype(np.float64), "linear": steps, "quadratic": steps**2}[weights]


def _said_alike(cells: Codes, categories: int) -> Floats:
    """Who said what, and whether both said the same: (cells, 2 · categories + 1)."""
    one, other = np.divmod(cells, categories)
    hot = np.eye(categories)
    found: Floats = np.column_stack([hot[one], hot[other], one == other])
    return found


def _cohen_unweighted(sums: Floats) -> Floats:
    """The same as `_cohen` where all disagreements are alike: then many categories take little memory."""
    one, other = np.split(sums[..., :-1], 2, axis=-1)
    votes = one.sum(axis=-1)
    return one_less_ratio(votes - sums[..., -1], votes - (one * other).sum(axis=-1) / np.maximum(votes, 1))


def _cohen(sums: Floats, disagreement: Floats) -> Floats:
    """Kappa of the sums of cells (…, categories²): 1 − observed disagreement / what independent votes would give."""
    tables = sums.reshape(*sums.shape[:-1], *disagreement.shape)
    expected = (
        tables.sum(axis=-1)[..., :, None]
        * tables.sum(axis=-2)[..., None, :]
        / tables.sum(axis=(-2, -1))[..., None, None]
    )
    return one_less_ratio((tables * disagreement).sum(axis=(-2, -1)), (expected * disagreement).sum(axis=(-2, -1)))


def _fleiss(sums: Floats) -> Floats:
    """Kappa of the sums of agreement, of ones and of the shares of each category: (…, 2 + categories)."""
    means = sums / sums[..., 1:2]
    by_chance = (means[..., 2:] ** 2).sum(axis=-1)
    return one_less_ratio(1 - means[..., 0], 1 - by_chance)


def one_less_ratio(found: Floats, expected: Floats) -> Floats:
    """Return 1 − found / expected disagreement; NaN where none is to be expected."""
    is_defined = expected > 1e-12
    return np.where(is_defined, 1 - found / np.where(is_defined, expected, 1), np.nan)
