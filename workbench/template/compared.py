"""Where two encodings of one row differ: other tokens, or the same tokens trained in one of them only."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import groupby
from typing import Any, Literal, NamedTuple

from workbench.template.seen import Token

_MOST_PAIRS = 2_000_000
"""Equal pairs of tokens that are looked through, which takes about a second; of longer rows less is found to match."""


class Match(NamedTuple):
    """`size` equal tokens from these places on, counted from 0."""

    first: int
    second: int
    size: int


class Difference(NamedTuple):
    """Places from-to in both encodings, counted from 0; either stretch may be empty."""

    first: tuple[int, int]
    second: tuple[int, int]
    what: Literal["tokens", "trained", "cut"]
    """Other tokens; or the same, but trained, or behind `max_length`, in one of them only."""

    def as_json(self) -> dict[str, Any]:
        """Return it as the command shows it."""
        return {"first": list(self.first), "second": list(self.second), "what": self.what}


@dataclass(frozen=True)
class Compared:
    """What two encodings share, and where they differ; both in the order of the tokens."""

    matches: tuple[Match, ...]
    differences: tuple[Difference, ...]

    def partner(self, place: int) -> int:
        """Return the token of the second that a token of the first stands for.

        Of a token without an equal that is the one at the same part of the stretch that stands there instead, or the
        one before where nothing does.
        """
        at = bisect_right(self.matches, place, key=lambda match: match.first) - 1
        match = self.matches[at] if at >= 0 else Match(0, 0, 0)
        if place < match.first + match.size:
            return match.second + place - match.first
        for first, second, _ in self.differences:
            if first[0] <= place < first[1] and second[0] < second[1]:
                return second[0] + (place - first[0]) * (second[1] - second[0]) // (first[1] - first[0])
        return max(0, match.second + match.size - 1)

    def turned(self) -> "Compared":
        """Return the same with the second as the first."""
        matches = tuple(Match(second, first, size) for first, second, size in self.matches)
        return Compared(matches, tuple(Difference(second, first, what) for first, second, what in self.differences))

    @cached_property
    def places(self) -> frozenset[int]:
        """The tokens of the first that differ."""
        return frozenset(place for each in self.differences for place in range(*each.first))


def compare(first: Sequence[Token], second: Sequence[Token]) -> Compared:
    """Align two encodings of one row by the ids of their tokens."""
    matches = tuple(_matches([token.id for token in first], [token.id for token in second]))
    differences: list[Difference] = []
    done_first = done_second = 0
    for match in (*matches, Match(len(first), len(second), 0)):
        if (done_first, done_second) != (match.first, match.second):
            differences.append(Difference((done_first, match.first), (done_second, match.second), "tokens"))
        differences += _within(match, first, second)
        done_first, done_second = match.first + match.size, match.second + match.size
    return Compared(matches, tuple(differences))


def _matches(first: list[int], second: list[int]) -> Iterator[Match]:
    """The equal stretches. What both begin and end with is taken off first: it costs nothing, and often is all."""
    least = min(len(first), len(second))
    head = next((place for place in range(least) if first[place] != second[place]), least)
    tail = next((n for n in range(least - head) if first[-1 - n] != second[-1 - n]), least - head)
    if head:
        yield Match(0, 0, head)
    middle, other = first[head : len(first) - tail], second[head : len(second) - tail]
    pairs = _pairs(middle, other)
    if pairs:
        found = SequenceMatcher(None, middle, other, autojunk=pairs > _MOST_PAIRS)
        for block in found.get_matching_blocks():
            if block.size:
                yield Match(head + block.a, head + block.b, block.size)
    if tail:
        yield Match(len(first) - tail, len(second) - tail, tail)


def _pairs(first: list[int], second: list[int]) -> int:
    """How many pairs of equal ids there are, which is what an alignment costs."""
    counts, others = Counter(first), Counter(second)
    return sum(count * others[each] for each, count in counts.items())


def _within(match: Match, first: Sequence[Token], second: Sequence[Token]) -> Iterator[Difference]:
    """The stretches of equal tokens that are trained, or cut, in one only."""
    kinds = (_kind(first[match.first + n], second[match.second + n]) for n in range(match.size))
    start = 0
    for what, members in groupby(kinds):
        stop = start + sum(1 for _ in members)
        if what is not None:
            a, b = match.first, match.second
            yield Difference((a + start, a + stop), (b + start, b + stop), what)
        start = stop


def _kind(one: Token, other: Token) -> Literal["trained", "cut"] | None:
    if one.is_trained != other.is_trained:
        return "trained"
    return "cut" if one.is_cut != other.is_cut else None
