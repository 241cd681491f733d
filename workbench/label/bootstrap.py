"""How sure a figure is: the percentile bootstrap over items (Efron and Tibshirani 1993, chapter 13).

A statistic is a function of sums over items, and items that are alike are counted, not listed: a resample is a draw
from the multinomial distribution, and all resamples are one product.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""From sums over items (…, features) to values (…); NaN where it is not defined."""

RESAMPLES = 2000
SEED = 7
LEVEL = 0.95
FEWEST_ITEMS = 10
"""Fewer items resemble their resamples too much for an interval to be honest."""
_MOSTLY = 0.9


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval; without a value `why` says what it lacks."""

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""

    @property
    def interval(self) -> tuple[float, float] | None:
        """From where to where, or None where there were too few items to tell."""
        return None if self.low is None or self.high is None else (self.low, self.high)


def estimate(
    patterns: Floats, times: Codes, statistic: Statistic, why: str, *, of: Codes | None = None,
    resamples: int = RESAMPLES,
) -> Estimate:  # fmt: skip
    """Return a statistic of items with its interval; `why` is said where it has none.

    `patterns`: (patterns, features), what items may be like; `times`: (patterns,), how many items are. `of`:
    (patterns,), which whole each is a part of, as two answers are of their ranking: then the wholes are resampled.
    """
    if of is not None:
        patterns, times = _wholes(patterns * times[:, None], of)
    value = float(statistic(times @ patterns)) if len(times) else np.nan
    if np.isnan(value):
        return Estimate(None, why=why)
    if times.sum() < FEWEST_ITEMS or not resamples:
        return Estimate(value)
    values = statistic(resampled_sums(patterns, times, resamples))
    return Estimate(value, *(interval(values) or (None, None)))


def _wholes(parts: Floats, of: Codes) -> tuple[Floats, Codes]:
    """The sums over the parts of each whole, and how many wholes are alike."""
    _, places = np.unique(of, return_inverse=True)
    sums = np.zeros((places.max(initial=-1) + 1, parts.shape[1]))
    np.add.at(sums, places, parts)
    found, times = np.unique(sums, axis=0, return_counts=True)
    return found, times.astype(np.int64)


def resampled_sums(patterns: Floats, times: Codes, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """Return the sums over as many items as there are, drawn with replacement: (resamples, features)."""
    items = int(times.sum())
    drawn = np.random.default_rng(seed).multinomial(items, times / items, size=resamples)
    sums: Floats = drawn @ patterns
    return sums


def interval(values: Floats, level: float = LEVEL) -> tuple[float, float] | None:
    """Return the percentiles that hold `level` of the values; None where many are not defined."""
    defined = values[np.isfinite(values)]
    if len(defined) < max(1, _MOSTLY * len(values)):
        return None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
