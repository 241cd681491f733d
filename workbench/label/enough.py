"""Whether more votes would help: the learning curve of reward runs, held-out accuracy against pairs, and its outlook.

Accuracy follows a power law, a − b·n^−c (Hestness et al. 2017); what a doubling brings is read off it, with how far
the few pairs held out let one say so.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from workbench.data.shown import count_words
from workbench.errors import WrongUse
from workbench.label.bootstrap import Floats, interval

Verdict = Literal["enough", "more", "unclear"]

FEWEST_POINTS = 3
FEWEST_PAIRS = 20
"""Of the smallest run."""
WORTH = 0.02
"""A doubling that brings less than so much accuracy is not worth the votes."""
_EXPONENTS = np.arange(0.1, 1.55, 0.05)
"""Steeper curves are flat where one stands, shallower ones straight: neither can be told from few points."""
_DRAWS = 2000
_SEED = 7
_SURE = 0.975
_MOST_SIZES = 5


@dataclass(frozen=True)
class Point:
    """A reward run: how many pairs it was trained on, and its accuracy on so many that it was not."""

    pairs: int
    accuracy: float
    held_out: int


@dataclass(frozen=True)
class Curve:
    """a − b·n^−c. `ceiling` is a, which no number of pairs exceeds; `drop` is b, `exponent` c."""

    ceiling: float
    drop: float
    exponent: float

    def at(self, pairs: float) -> float:
        """Return the accuracy to be expected from so many pairs."""
        return float(self.ceiling - self.drop * pairs**-self.exponent)


@dataclass(frozen=True)
class Outlook:
    """What twice the pairs would probably bring."""

    points: tuple[Point, ...]
    curve: Curve
    pairs: int
    """Of the largest run."""
    gain: float
    """Of accuracy, from twice as many."""
    low: float
    high: float
    """The 95 % interval of the gain, from the chance in the pairs held out alone."""
    falls: bool = False
    """Whether accuracy falls with more pairs, more than by chance: then the curve is flat and says nothing."""

    @property
    def accuracy(self) -> float:
        """What the curve says of as many pairs as there are."""
        return self.curve.at(self.pairs)

    @property
    def verdict(self) -> Verdict:
        """Enough where no likely gain is worth it; more where a gain is sure and worth it."""
        if self.falls:
            return "unclear"
        if self.high < WORTH:
            return "enough"
        return "more" if self.gain >= WORTH and self.low > 0 else "unclear"

    def document(self) -> dict[str, Any]:
        """Return the outlook as `label stats --json` prints it."""
        return {
            "verdict": self.verdict, "pairs": self.pairs, "accuracy": self.accuracy, "gain_of_doubling": self.gain,
            "interval": [self.low, self.high], "falls": self.falls, "curve": asdict(self.curve),
            "points": [asdict(point) for point in self.points],
        }  # fmt: skip

    def words(self) -> str:
        """Return the outlook in one line."""
        gained = f"{100 * self.gain:+.1f} points [{100 * self.low:+.1f} to {100 * self.high:+.1f}]"
        so_far = f"{self.accuracy:.0%} right from {count_words(self.pairs, 'pair')}".replace("%", " %")
        meaning = {
            "enough": "you have enough", "more": "more votes help", "unclear": "not clear yet whether more votes help",
        }[self.verdict]  # fmt: skip
        if self.falls:
            return f"{so_far} · smaller runs did better: {meaning}"
        return f"{so_far} · {2 * self.pairs:,} would probably bring {gained} · {meaning}"


def outlook(points: Sequence[Point]) -> Outlook:
    """Return what doubling the pairs of the largest run would probably bring.

    The interval draws each accuracy anew from the binomial distribution and fits again. Runs that share their held-out
    pairs err alike, so it is rather too wide. Raises WrongUse for fewer than three sizes, or a point that is none.
    """
    kept = sorted(points, key=lambda point: point.pairs)
    _check(kept)
    pairs = np.array([point.pairs for point in kept], dtype=np.float64)
    held_out = np.array([point.held_out for point in kept], dtype=np.float64)
    accuracy = np.array([point.accuracy for point in kept])
    likely = (accuracy * held_out + 1) / (held_out + 2)  # Laplace: none of them is sure to be 0 or 1
    drawn = np.random.default_rng(_SEED).binomial(held_out.astype(np.int64), likely, (_DRAWS, len(kept))) / held_out
    size, weights = pairs[-1], held_out / (likely * (1 - likely))
    ceiling, drop, exponent = _fitted(pairs / size, np.vstack([accuracy, drawn]), weights)
    gains = drop * (1 - 2**-exponent)
    low, high = interval(gains[1:]) or (0.0, 0.0)
    curve = Curve(float(ceiling[0]), float(drop[0] * size ** exponent[0]), float(exponent[0]))
    falls = float((drop[1:] == 0).mean()) > _SURE
    return Outlook(tuple(kept), curve, int(size), float(gains[0]), low, high, falls)


def outlook_or_why(points: Sequence[Point]) -> tuple[Outlook | None, str]:
    """Return the outlook, or None with the reason why there is none yet."""
    try:
        return outlook(points), ""
    except WrongUse as error:
        return None, f"{error.what}: {error.fix}"


def sizes(pairs: int) -> list[int]:
    """Return on how many of the pairs to train for a learning curve: all, a half, a quarter, …; they ascend.

    At most five, none below 20 pairs: with fewer than 80 pairs there are too few sizes for an outlook.
    """
    found = [pairs >> halved for halved in range(_MOST_SIZES)]
    return [size for size in reversed(found) if size >= FEWEST_PAIRS]


def _check(points: Sequence[Point]) -> None:
    for point in points:
        if point.pairs < 1 or point.held_out < 1 or not 0 <= point.accuracy <= 1:
            raise WrongUse(f"{point} is no point of a learning curve", "it takes pairs, held-out pairs and a share")
    count = len({point.pairs for point in points})
    if count < FEWEST_POINTS:
        what = f"{count_words(count, 'size')} of reward runs, and a learning curve takes {FEWEST_POINTS}"
        raise WrongUse(what, "workbench label enough NAME trains them, on a quarter, a half and all of the votes")


def _fitted(sizes: Floats, accuracy: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """The weighted least squares of many draws: ceilings, drops (at size 1) and exponents, each (draws,).

    `sizes`: (points,), as shares of the largest; `accuracy`: (draws, points). For each exponent the other two are
    linear; they are kept within ceiling ≤ 1 and drop ≥ 0, as accuracy neither exceeds 1 nor falls with more votes.
    """
    fits = [_fitted_for(sizes**-exponent, accuracy, weights) for exponent in _EXPONENTS]
    errors, ceilings, drops = (np.stack(each, axis=1) for each in zip(*fits, strict=True))
    best = errors.argmin(axis=1)
    rows = np.arange(len(accuracy))
    return ceilings[rows, best], drops[rows, best], _EXPONENTS[best]


def _fitted_for(powers: Floats, accuracy: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """The error, ceiling and drop of each draw for one exponent; `powers`: (points,), the sizes' negative powers."""
    shares = weights / weights.sum()
    power, mean = shares @ powers, accuracy @ shares
    slope = (accuracy - mean[:, None]) @ (shares * (powers - power)) / (shares @ (powers - power) ** 2)
    drop = np.maximum(0.0, -slope) + 0.0  # never -0.0
    ceiling = mean + drop * power
    at_most = np.maximum(0.0, (1 - accuracy) @ (shares * powers) / (shares @ powers**2))
    drop, ceiling = np.where(ceiling > 1, at_most, drop), np.minimum(ceiling, 1)
    error = (accuracy - ceiling[:, None] + drop[:, None] * powers) ** 2 @ shares
    return error, ceiling, drop
