"""How well scores tell a preferred answer from the other: accuracy with its interval, and how sure they may be.

Everything is told from differences, score of the preferred answer less score of the other.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workbench.metrics.exact import wilson_interval

BINS = 5


@dataclass(frozen=True)
class Accuracy:
    """How many preferences were told right, with the interval (Wilson, 95 %) of their share. Equal scores are wrong."""

    accuracy: float
    low: float
    high: float
    votes: int


@dataclass(frozen=True)
class Bin:
    """The preferences that a model is about equally sure of."""

    low: float
    high: float
    votes: int
    confidence: float
    """The mean of σ(|difference|): how often it should be right."""
    accuracy: float
    """How often it was."""


@dataclass(frozen=True)
class Calibration:
    """Whether σ(|difference|) is how often the higher score is the preferred answer's."""

    error: float
    """Expected calibration error: Σ votes of a bin / all · |accuracy − confidence| (Naeini et al. 2015)."""
    bins: tuple[Bin, ...]

    def as_json(self) -> dict[str, Any]:
        """The calibration as a document."""
        return asdict(self)


def accuracy(differences: Sequence[float]) -> Accuracy:
    """Return the share of differences above 0. There is at least one."""
    right = sum(difference > 0 for difference in differences)
    return Accuracy(right / len(differences), *wilson_interval(right, len(differences)), len(differences))


def calibration(differences: Sequence[float]) -> Calibration:
    """Return the reliability in equal bins of confidence from 0.5 to 1; bins without votes are left out."""
    width = 0.5 / BINS
    found: list[Bin] = []
    placed: dict[int, list[float]] = {}
    for difference in differences:
        place = min(int((sigmoid(abs(difference)) - 0.5) / width), BINS - 1)
        placed.setdefault(place, []).append(difference)
    for place, inside in sorted(placed.items()):
        confidence = sum(sigmoid(abs(difference)) for difference in inside) / len(inside)
        low = round(0.5 + place * width, 3)
        found.append(Bin(low, round(low + width, 3), len(inside), confidence, accuracy(inside).accuracy))
    error = sum(each.votes * abs(each.accuracy - each.confidence) for each in found) / max(1, len(differences))
    return Calibration(error, tuple(found))


def sigmoid(value: float) -> float:
    """1 / (1 + e^-value), for values of any size."""
    return 1 / (1 + math.exp(-value)) if value >= 0 else 1 - 1 / (1 + math.exp(value))


def mean_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean and the standard deviation (of the values themselves, not of a sample). There is one at least."""
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))
