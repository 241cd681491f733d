"""How long the rest will take, from the times of one's own last votes."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

LOOKED_AT = 21
"""The last votes that decide."""
_FEWEST = 6


def seconds_left(times: Sequence[float], pairs_left: int) -> float | None:
    """Return the seconds for `pairs_left`; None where too few votes tell.

    `times` are in seconds, in any order. The median of what lies between two votes: a break counts as one long gap.
    """
    ordered = sorted(times)
    if len(ordered) < _FEWEST:
        return None
    gaps = [after - before for before, after in pairwise(ordered)]
    return median(gaps) * pairs_left
