"""Krippendorff's alpha: agreement of any number of annotators, with votes missing, on any scale.

Source: Krippendorff, Computing Krippendorff's Alpha-Reliability (2011).
"""

from functools import partial
from typing import Literal

import numpy as np

from workbench.label.bootstrap import RESAMPLES, Codes, Estimate, Floats, estimate
from workbench.label.kappa import NO_OVERLAP, ONE_CATEGORY, one_less_ratio
from workbench.label.ratings import alike, counts

Scale = Literal["nominal", "ordinal", "interval"]


def alpha(
    codes: Codes, categories: int, scale: Scale = "nominal", *, of: Codes | None = None, resamples: int = RESAMPLES
) -> Estimate:
    """Return alpha of `codes` (items, annotators), places among `categories`; `of` as `estimate` takes it.

    Nominal: two categories are the same or not. Ordinal: they lie as far apart as there are votes between them.
    Interval: by the square of the steps between them. Items with one vote say nothing of agreement and do not count.
    """
    table, times, of = alike(counts(codes, categories), of)
    if not len(times):
        return Estimate(None, why=NO_OVERLAP)
    if scale == "nominal":
        features = np.column_stack([table, (table * (table - 1)).sum(axis=1) / (table.sum(axis=1) - 1)])
        statistic = _nominal
    else:
        features = coincidences(table).reshape(len(times), -1)
        statistic = partial(_alpha, categories=categories, scale=scale)
    return estimate(features, times, statistic, ONE_CATEGORY, of=of, resamples=resamples)


def coincidences(table: Codes) -> Floats:
    """Return each item's coincidence matrix: (items, categories, categories).

    `table`: (items, categories), how many votes, two at least. Each pair of an item's votes counts 1 / (votes − 1).
    """
    ordered = table[:, :, None] * table[:, None, :] - np.eye(table.shape[1]) * table[:, :, None]
    found: Floats = ordered / (table.sum(axis=1) - 1)[:, None, None]
    return found


def _nominal(sums: Floats) -> Floats:
    """The sums of votes of each category, and of the coincidences that agree: (…, categories + 1)."""
    votes = sums[..., :-1]
    total = votes.sum(axis=-1)
    expected = (total**2 - (votes**2).sum(axis=-1)) / np.maximum(total - 1, 1)
    return one_less_ratio(total - sums[..., -1], expected)


def _alpha(sums: Floats, categories: int, scale: Scale) -> Floats:
    observed = sums.reshape(*sums.shape[:-1], categories, categories)
    votes = observed.sum(axis=-1)  # of each category, as far as they can be paired
    apart = _apart(votes, scale)
    found = (observed * apart).sum(axis=(-2, -1))
    expected = (votes[..., :, None] * votes[..., None, :] * apart).sum(axis=(-2, -1)) / (votes.sum(axis=-1) - 1)
    return one_less_ratio(found, expected)


def _apart(votes: Floats, scale: Scale) -> Floats:
    """How far apart two categories are, squared: (…, categories, categories)."""
    if scale == "ordinal":
        place = votes.cumsum(axis=-1) - votes / 2  # the rank in the middle of a category
    else:
        place = np.broadcast_to(np.arange(votes.shape[-1], dtype=np.float64), votes.shape)
    steps = place[..., :, None] - place[..., None, :]
    found: Floats = steps**2
    return found
