"""Texts as sets of shingles, hashed and packed into one array; and the true Jaccard similarity of two such sets.

A shingle is five words in a row (`str.split()`, case kept). A text of fewer words is one shingle; one without spaces
has shingles of five characters. Two different shingles are taken for equal once in 2^48.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENGTH = 5
"""Words, or characters, of a shingle."""

HASH_BITS = 48
"""Of a shingle; the other 16 bits of a word tell the text that it is in while many are sorted at once."""

_MOST_TEXTS = 1 << 12  # packed at once; at most 2**16, which is what the other bits can tell apart
_MOST_UNITS = 1 << 17
_MOST_PAIRS = 1 << 16
_MOST_HASHES = 1 << 20  # sorted at once: 8 MB
_VOCABULARY = 1_000_000  # words whose hashes are remembered: at most 0.2 GB
_WEIGHTS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)


@dataclass(frozen=True)
class Shingles:
    """The set of shingles of each text: ascending hashes, text after text; text i begins at `starts[i]`.

    hashes: (shingles,) uint64 below 2^48; starts: (texts + 1,) int64. No text is without shingles.
    """

    hashes: "NDArray[Any]"
    starts: "NDArray[Any]"

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def sizes(self) -> "NDArray[Any]":
        """How many shingles each text has: (texts,) int64."""
        import numpy as np

        return np.diff(self.starts)

    def of(self, texts: "NDArray[Any]") -> "NDArray[Any]":
        """Return the hashes of these texts, one text after the other."""
        import numpy as np

        sizes = self.sizes[texts]
        ends = np.cumsum(sizes)
        hashes: NDArray[Any] = self.hashes[np.arange(ends[-1]) + np.repeat(self.starts[texts] - ends + sizes, sizes)]
        return hashes

    def jaccard(self, left: "NDArray[Any]", right: "NDArray[Any]") -> "NDArray[Any]":
        """Return the Jaccard similarity |A ∩ B| / |A ∪ B| of text left[i] and text right[i], for each i."""
        import numpy as np

        total = self.sizes[left] + self.sizes[right]
        parts = [self._shared(left[part], right[part]) for part in _slices(total, _MOST_PAIRS, _MOST_HASHES)]
        shared = np.concatenate(parts) if parts else np.zeros(0, np.int64)
        similarity: NDArray[Any] = shared / (total - shared)
        return similarity

    def _shared(self, left: "NDArray[Any]", right: "NDArray[Any]") -> "NDArray[Any]":
        """How many shingles each pair shares: each stands twice among those of its pair."""
        import numpy as np

        hashes = np.concatenate([self._numbered(left), self._numbered(right)])
        hashes.sort(kind="stable")  # a Timsort: it merges the two halves, each sorted already, in one pass
        twice = hashes[1:][hashes[1:] == hashes[:-1]]
        places = (twice >> np.uint64(HASH_BITS)).astype(np.int64)
        shared: NDArray[Any] = np.bincount(places, minlength=len(left))
        return shared

    def _numbered(self, texts: "NDArray[Any]") -> "NDArray[Any]":
        """The hashes of these texts, each with the place of its text among them in the upper bits."""
        numbered: NDArray[Any] = self.of(texts) | _upper_bits(self.sizes[texts])
        return numbered


def shingles_of(texts: Iterable[str]) -> Shingles:
    """Return the shingles of the `texts`. Holds about 8 bytes for each word, and never the texts."""
    import numpy as np

    words = _Hashes()
    packed = [_packed(*chunk) for chunk in _chunks(texts, words)]
    hashes = np.concatenate([hashes for hashes, _ in packed]) if packed else np.zeros(0, np.uint64)
    sizes = np.concatenate([sizes for _, sizes in packed]) if packed else np.zeros(0, np.int64)
    return Shingles(hashes, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))


class _Hashes(dict[str, int]):
    """The hash of a word: the same in every process, unlike `hash`."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _VOCABULARY:
            self.clear()
        digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        found = self[word] = int.from_bytes(digest, "little")
        return found


def _chunks(texts: Iterable[str], hashes: _Hashes) -> Iterator[tuple["array[int]", "array[int]"]]:
    """The hashed words (or characters) of some texts at a time, and how many each text has: at least LENGTH."""
    units, sizes = array("Q"), array("q")
    for text in texts:
        before = len(units)
        units.extend(map(hashes.__getitem__, _units(text)))
        units.extend([0] * (LENGTH - len(units) + before))
        sizes.append(len(units) - before)
        if len(sizes) == _MOST_TEXTS or len(units) > _MOST_UNITS:
            yield units, sizes
            units, sizes = array("Q"), array("q")
    if sizes:
        yield units, sizes


def _units(text: str) -> list[str]:
    words = text.split()
    if len(words) == 1 and len(words[0]) >= LENGTH:
        return [f" {character}" for character in words[0]]  # no word begins with a space: "a b" is not "ab"
    return words


def _packed(units: "array[int]", sizes: "array[int]") -> tuple["NDArray[Any]", "NDArray[Any]"]:
    """The shingles of each text, sorted and each once; and how many each text has."""
    import numpy as np

    words = np.frombuffer(units, np.uint64)
    lengths = np.frombuffer(sizes, np.int64)
    count = len(words) - LENGTH + 1
    hashes = np.zeros(count, np.uint64)
    for place, weight in enumerate(_WEIGHTS):
        hashes += words[place : place + count] * np.uint64(weight)
    is_whole = np.ones(len(words), bool)
    ends = np.cumsum(lengths)
    for back in range(1, LENGTH):
        is_whole[ends - back] = False
    hashes = _mixed(hashes[is_whole[:count]]) | _upper_bits(lengths - LENGTH + 1)
    hashes.sort()
    hashes = hashes[np.concatenate([[True], hashes[1:] != hashes[:-1]])]
    found = np.bincount((hashes >> np.uint64(HASH_BITS)).astype(np.int64), minlength=len(lengths))
    return hashes & np.uint64((1 << HASH_BITS) - 1), found


def _mixed(values: "NDArray[Any]") -> "NDArray[Any]":
    """Hashes of HASH_BITS in which every bit of a value counts (the finaliser of SplitMix64)."""
    import numpy as np

    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[Any] = values >> np.uint64(64 - HASH_BITS)
    return mixed


def _upper_bits(sizes: "NDArray[Any]") -> "NDArray[Any]":
    """For each of `sizes[i]` hashes, i above the bits of a hash."""
    import numpy as np

    return np.repeat(np.arange(len(sizes), dtype=np.uint64) << np.uint64(HASH_BITS), sizes)


def _slices(sizes: "NDArray[Any]", most_items: int, most_total: int) -> Iterator[slice]:
    """Consecutive slices of at most `most_items` items whose sizes add up to at most `most_total`, or of one item."""
    import numpy as np

    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = ends[start] - sizes[start]
        stop = int(np.searchsorted(ends, before + most_total, side="right"))
        stop = min(max(stop, start + 1), start + most_items)
        yield slice(start, stop)
        start = stop
