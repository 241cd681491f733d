"""A large bucket of texts that are alike made into smaller ones, so that a template filled in 20,000 ways stays cheap.

X and Y are compared by how they differ from M, the shingles that most of the bucket has: with D = X Δ M and E = Y Δ M,
X Δ Y = D Δ E. Their Jaccard similarity is at least t just when |X Δ Y| ≤ c (|X| + |Y|), where c = (1 - t) / (1 + t);
with the excess e(X) = |D| - c |X| that is 2 |D ∩ E| ≥ e(X) + e(Y). So of two near sets either the excesses add up to 0
or less, or D and E share o = ⌈(e(X) + e(Y)) / 2⌉ elements, one of them among the rarest |D| - o + 1 of D: the prefix
filter of S. Chaudhuri, V. Ganti, R. Kaushik: A Primitive Operator for Similarity Joins in Data Cleaning, 2006.
"""

from typing import TYPE_CHECKING, Any

from workbench.data.shingles import HASH_BITS, Shingles

if TYPE_CHECKING:
    from numpy.typing import NDArray

Buckets = tuple["NDArray[Any]", "NDArray[Any]"]
"""The members of all buckets, one bucket after the other, and the size of each."""

_SLACK = 1e-9  # more than rounding can do to an excess
_OWNER_BITS = 64 - HASH_BITS
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
    """D of each text, as pairs of the text's place and an element; the pairs of a text stand with the rarest first.

    Elements are numbered by their rarity.
    """
    import numpy as np

    owners, elements = _numbered(texts, shingles)
    counts = np.bincount(elements)
    is_common = counts * 2 > len(texts)
    ranks = np.argsort(np.argsort(np.where(is_common, len(texts) - counts, counts), kind="stable"))
    is_added = ~is_common[elements]
    columns = (np.cumsum(is_common) - 1)[elements[~is_added]]
    lacking, column = _missing(owners[~is_added], columns, len(texts), int(is_common.sum()))
    elements = np.concatenate([elements[is_added], np.flatnonzero(is_common)[column]])
    pairs = np.concatenate([owners[is_added], lacking]) * len(counts) + ranks[elements]
    pairs.sort()
    return np.divmod(pairs, len(counts))


def _numbered(texts: "NDArray[Any]", shingles: Shingles) -> tuple["NDArray[Any]", "NDArray[Any]"]:
    """The shingles of all the texts, by their hash: the place of the text that has it, and its number."""
    import numpy as np

    hashes = shingles.of(texts)
    owners = np.repeat(np.arange(len(texts)), shingles.sizes[texts])
    if len(texts) <= 1 << _OWNER_BITS:  # both in one number: numpy sorts twice as fast as it finds an order
        hashes = hashes << np.uint64(_OWNER_BITS) | owners.astype(np.uint64)
        hashes.sort()
        owners = (hashes & np.uint64((1 << _OWNER_BITS) - 1)).astype(np.int64)
        hashes >>= np.uint64(_OWNER_BITS)
    else:
        order = np.argsort(hashes)
        hashes, owners = hashes[order], owners[order]
    return owners, np.cumsum(np.concatenate([[False], hashes[1:] != hashes[:-1]]))


def _missing(owners: "NDArray[Any]", columns: "NDArray[Any]", rows: int, width: int) -> Buckets:
    """The cells (row, column) of a table that are not among those given."""
    import numpy as np

    height = max(_MOST_CELLS // max(width, 1), 1)
    parts = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for first in range(0, rows, height):
        is_here = (owners >= first) & (owners < first + height)
        is_missing = np.ones((min(height, rows - first), width), bool)
        is_missing[owners[is_here] - first, columns[is_here]] = False
        row, column = np.nonzero(is_missing)
        parts.append((row + first, column))
    return np.concatenate([row for row, _ in parts]), np.concatenate([column for _, column in parts])


def _postings(
    texts: "NDArray[Any]", owners: "NDArray[Any]", elements: "NDArray[Any]", lengths: "NDArray[Any]"
) -> Buckets:
    """A bucket for each element: the texts that have it among the first `lengths[i]` of theirs; each bucket once."""
    import numpy as np

    counts = np.bincount(owners, minlength=len(texts))
    is_first = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts) < lengths[owners]
    elements, owners = np.divmod(np.sort(elements[is_first] * len(texts) + owners[is_first]), len(texts))
    sizes = np.bincount(elements)
    sizes = sizes[sizes > 0]
    names = np.random.default_rng(0).integers(0, 1 << 63, len(texts), dtype=np.uint64)
    sums = np.add.reduceat(names[owners], np.cumsum(sizes) - sizes) if len(sizes) else names[:0]
    is_kept = np.zeros(len(sizes), bool)
    is_kept[np.unique(sums, return_index=True)[1]] = True
    is_kept &= sizes > 1
    return texts[owners[np.repeat(is_kept, sizes)]], sizes[is_kept]
