"""A large bucket of texts that are alike made into smaller ones, so that a template filled in 20,000 ways stays cheap.

X and Y are compared by how they differ from M, the shingles that most of the bucket has: with D = X Δ M and E = Y Δ M,
X Δ Y = D Δ E. Their Jaccard similarity is at least t just when |X Δ Y| ≤ c (|X| + |Y|), where c = (1 - t) / (1 + t);
with the excess e(X) = |D| - c |X| that is 2 |D ∩ E| ≥ e(X) + e(Y). So two near sets have excesses of at most 0
together, or D and E share an element; and then one is among the rarest |D| - o + 1 of D, with
o = ⌈(e(X) + e(Y)) / 2⌉: the prefix filter of S. Chaudhuri, V. Ganti, R. Kaushik: A Primitive Operator for Similarity
Joins in Data Cleaning, 2006.
"""

from typing import TYPE_CHECKING, Any

from workbench.data.shingles import Shingles

if TYPE_CHECKING:
    from numpy.typing import NDArray

Buckets = tuple["NDArray[Any]", "NDArray[Any]"]
"""The members of all buckets, one bucket after the other, and the size of each."""

_SLACK = 1e-9  # more than rounding can do to an excess
_MOST_CELLS = 1 << 24


def smaller_buckets(texts: "NDArray[Any]", shingles: Shingles, threshold: float) -> tuple["NDArray[Any]", Buckets]:
    """Return texts that are near to the first of them, and buckets of at most half of `texts` each.

    Two of the `texts` with a Jaccard similarity of at least `threshold` are both among the first, or share a bucket.
    """
    import numpy as np

    owners, elements = _differences(texts, shingles)
    differing = np.bincount(owners, minlength=len(texts))
    share = (1 - threshold) / (1 + threshold)
    excess = differing - share * shingles.sizes[texts]
    is_central = excess + excess.min() <= _SLACK
    central = np.argsort(excess, kind="stable")[: is_central.sum()]
    shared = np.maximum(np.ceil((excess + excess.min()) / 2 - _SLACK), 1).astype(np.int64)
    return texts[central], _postings(texts, owners, elements, differing - shared + 1)


def _differences(texts: "NDArray[Any]", shingles: Shingles) -> tuple["NDArray[Any]", "NDArray[Any]"]:
    """D of each text, as pairs of the text's place and an element; the pairs of a text stand with the rarest first."""
    import numpy as np

    hashes, sizes = shingles.of(texts), shingles.sizes[texts]
    _, elements, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    owners = np.repeat(np.arange(len(texts)), sizes)
    is_common = counts * 2 > len(texts)
    is_added = ~is_common[elements]
    missing = _missing(owners[~is_added], (np.cumsum(is_common) - 1)[elements[~is_added]], len(texts), is_common.sum())
    owners = np.concatenate([owners[is_added], missing[0]])
    elements = np.concatenate([elements[is_added], np.flatnonzero(is_common)[missing[1]]])
    rarity = np.where(is_common, len(texts) - counts, counts)
    order = np.lexsort((elements, rarity[elements], owners))
    return owners[order], elements[order]


def _missing(owners: "NDArray[Any]", columns: "NDArray[Any]", rows: int, width: int) -> Buckets:
    """The cells (row, column) of a table that are not among those given, whose rows ascend."""
    import numpy as np

    height = max(_MOST_CELLS // max(width, 1), 1)
    parts = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for first in range(0, rows, height):
        some = slice(*np.searchsorted(owners, [first, first + height]))
        is_missing = np.ones((min(height, rows - first), width), bool)
        is_missing[owners[some] - first, columns[some]] = False
        row, column = np.nonzero(is_missing)
        parts.append((row + first, column))
    return np.concatenate([row for row, _ in parts]), np.concatenate([column for _, column in parts])


def _postings(
    texts: "NDArray[Any]", owners: "NDArray[Any]", elements: "NDArray[Any]", lengths: "NDArray[Any]"
) -> Buckets:
    """A bucket for each element: the texts that have it among the first `lengths[i]` of theirs; each bucket once."""
    import numpy as np

    counts = np.bincount(owners, minlength=len(texts))
    places = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
    is_first = places < lengths[owners]
    owners, elements = owners[is_first], elements[is_first]
    order = np.argsort(elements, kind="stable")
    owners, elements = owners[order], elements[order]
    _, sizes = np.unique(elements, return_counts=True)
    names = np.random.default_rng(0).integers(0, 1 << 63, len(texts), dtype=np.uint64)
    starts = np.cumsum(sizes) - sizes
    sums = np.add.reduceat(names[owners], starts) if len(starts) else names[:0]
    is_kept = np.zeros(len(sizes), bool)
    is_kept[np.unique(sums, return_index=True)[1]] = True
    is_kept &= sizes > 1
    return texts[owners[np.repeat(is_kept, sizes)]], sizes[is_kept]
