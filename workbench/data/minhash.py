"""Near copies among a million texts without comparing all pairs: MinHash in bands, every candidate verified.

A. Rajaraman, J. Leskovec, J. D. Ullman: Mining of Massive Datasets, chapter 3 (3.3 MinHash, 3.4 bands).
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil, log, log1p
from typing import TYPE_CHECKING, Any

from workbench.data.dense import Buckets, smaller_buckets
from workbench.data.groups import Groups
from workbench.data.shingles import Shingles

if TYPE_CHECKING:
    from numpy.typing import NDArray

RECALL = 0.999
"""The least probability with which a pair right at the threshold becomes a candidate."""

_MOST_HASHES = 256  # hash functions, except where the lowest thresholds need more bands of one row
_LARGE = 64  # texts of a bucket: below that all pairs are compared as they are
_AT_ONCE = 1 << 16  # shingles: they and what is made of them stay in the processor's cache


@dataclass(frozen=True)
class Bands:
    """`count` bands of `rows` MinHashes each: texts that agree in a whole band are candidates."""

    count: int
    rows: int

    def recall(self, similarity: float) -> float:
        """Return the probability that two texts of that Jaccard similarity become candidates: 1 - (1 - s^r)^b."""
        return 1 - (1 - similarity**self.rows) ** self.count


def bands_for(threshold: float) -> Bands:
    """Return the bands that find a pair at the `threshold`, above 0 and below 1, with the probability RECALL.

    Of those with at most 256 hash functions the ones with the longest bands: they make the fewest false candidates.
    """
    chosen, rows = Bands(_bands_of(1, threshold), 1), 2
    while (longer := Bands(_bands_of(rows, threshold), rows)).count * rows <= _MOST_HASHES:
        chosen, rows = longer, rows + 1
    return chosen


def join_near(shingles: Shingles, threshold: float, groups: Groups) -> None:
    """Join the texts whose Jaccard similarity is at least `threshold`: above 0, below 1.

    Every pair that is joined was verified on its shingles. A pair that agrees in a band is verified too, unless its
    texts are in one group already, so each pair at or above the threshold ends in one group with the probability
    RECALL or more. A cluster of true copies takes linear work; k texts that agree in a band and yet are all below the
    threshold take k²/2 comparisons.
    """
    bands = bands_for(threshold)
    with ThreadPoolExecutor(1) as ahead:  # the next buckets are made while the last ones are compared
        for buckets in ahead.map(lambda band: _buckets(_keys(shingles, bands.rows, band)), range(bands.count)):
            _join_within(buckets, shingles, threshold, groups)


def _bands_of(rows: int, threshold: float) -> int:
    return ceil(log(1 - RECALL) / log1p(-(threshold**rows)))


def _keys(shingles: Shingles, rows: int, band: int) -> "NDArray[Any]":
    """One number for each text: equal where all MinHashes of the band are, and by chance once in 2^64."""
    import numpy as np

    random = np.random.default_rng(band)
    factors = random.integers(0, 1 << 31, rows, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    weights = random.integers(0, 1 << 63, rows, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    keys = np.zeros(len(shingles), np.uint64)
    for first, last in _runs(shingles):
        starts = shingles.starts[first : last + 1]
        hashes = (shingles.hashes[starts[0] : starts[-1]] >> np.uint64(16)).astype(np.uint32)
        for factor, weight in zip(factors, weights, strict=True):
            lowest = np.minimum.reduceat(hashes * factor, starts[:-1] - starts[0])
            keys[first:last] += lowest * weight
    return keys


def _runs(shingles: Shingles) -> Iterator[tuple[int, int]]:
    """Consecutive texts, from the first up to the last, of about _AT_ONCE shingles together; at least one text."""
    import numpy as np

    first = 0
    while first < len(shingles):
        last = int(np.searchsorted(shingles.starts, shingles.starts[first] + _AT_ONCE))
        last = min(max(last, first + 1), len(shingles))
        yield first, last
        first = last


def _buckets(keys: "NDArray[Any]") -> Buckets:
    """The texts that share their key with another, in buckets of equal keys."""
    import numpy as np

    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.append(starts, len(keys)))
    return order[np.repeat(sizes > 1, sizes)], sizes[sizes > 1]


def _join_within(buckets: Buckets, shingles: Shingles, threshold: float, groups: Groups) -> None:
    """Join the near texts of each bucket: in a small one all pairs are compared, a large one is made smaller first."""
    buckets = _after_comparing_firsts(_still_open(buckets, groups), shingles, threshold, groups)
    while len(buckets[1]):
        members, sizes = _still_open(buckets, groups)
        is_large = sizes > _LARGE
        if is_large.any():
            for texts in _each((members, sizes), is_large):
                _join_large(texts, shingles, threshold, groups)
            members, sizes = _chosen((members, sizes), ~is_large)
        buckets = _after_comparing_firsts((members, sizes), shingles, threshold, groups)


def _join_large(texts: "NDArray[Any]", shingles: Shingles, threshold: float, groups: Groups) -> None:
    import numpy as np

    central, (members, sizes) = smaller_buckets(texts, shingles, threshold)
    if len(central):
        _join_all((central, np.array([len(central)])), shingles, threshold, groups)
    if (sizes.astype(float) ** 2).sum() < len(texts) ** 2:
        _join_within((members, sizes), shingles, threshold, groups)
    else:
        _join_all((texts, np.array([len(texts)])), shingles, threshold, groups)


def _join_all(buckets: Buckets, shingles: Shingles, threshold: float, groups: Groups) -> None:
    """Compare the first member of each bucket with the others, then the second, until each bucket is one group."""
    while len(buckets[1]):
        buckets = _after_comparing_firsts(_still_open(buckets, groups), shingles, threshold, groups)


def _still_open(buckets: Buckets, groups: Groups) -> Buckets:
    """The buckets whose texts are not in one group yet."""
    import numpy as np

    members, sizes = buckets
    if not len(sizes):
        return buckets
    roots, starts = groups.roots(members), np.cumsum(sizes) - sizes
    return _chosen(buckets, np.minimum.reduceat(roots, starts) != np.maximum.reduceat(roots, starts))


def _after_comparing_firsts(buckets: Buckets, shingles: Shingles, threshold: float, groups: Groups) -> Buckets:
    """Join the first text of each bucket with those that it is near to, and return the buckets without it."""
    import numpy as np

    members, sizes = buckets
    roots, starts = groups.roots(members), np.cumsum(sizes) - sizes
    apart = np.repeat(roots[starts], sizes) != roots
    left, right = np.repeat(members[starts], sizes)[apart], members[apart]
    left, right = _of_like_size(left, right, shingles.sizes, threshold)
    is_near = shingles.jaccard(left, right) >= threshold
    groups.join(left[is_near], right[is_near])
    return np.delete(members, starts), sizes - 1


def _chosen(buckets: Buckets, is_chosen: "NDArray[Any]") -> Buckets:
    import numpy as np

    members, sizes = buckets
    return members[np.repeat(is_chosen, sizes)], sizes[is_chosen]


def _each(buckets: Buckets, is_chosen: "NDArray[Any]") -> Iterator["NDArray[Any]"]:
    """The members of each of the chosen buckets."""
    import numpy as np

    members, sizes = _chosen(buckets, is_chosen)
    yield from np.split(members, np.cumsum(sizes)[:-1])


def _of_like_size(
    left: "NDArray[Any]", right: "NDArray[Any]", sizes: "NDArray[Any]", threshold: float
) -> tuple["NDArray[Any]", "NDArray[Any]"]:
    """The pairs that can reach the threshold: no two sets are more alike than the smaller is to the larger in size."""
    import numpy as np

    smaller, larger = np.minimum(sizes[left], sizes[right]), np.maximum(sizes[left], sizes[right])
    can = smaller / larger >= threshold
    return left[can], right[can]
