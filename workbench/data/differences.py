"""Where two texts differ, word by word; quick enough to be asked while a cursor moves."""

import re
from difflib import SequenceMatcher
from itertools import takewhile

_WORDS = re.compile(r"\s*\S+")
_COMPARED = 1000  # words: what is between the first and the last difference is marked as a whole beyond that

Span = tuple[int, int]
"""From this character up to that one."""
Word = tuple[str, Span]


def differences(one: str, other: str) -> tuple[list[Span], list[Span]]:
    """Return the stretches of each text that the other does not have."""
    ones, others = _words(one), _words(other)
    first = _alike(ones, others)
    ones, others = ones[first:], others[first:]
    last = _alike(ones[::-1], others[::-1])
    ones, others = ones[: len(ones) - last], others[: len(others) - last]
    if max(len(ones), len(others)) > _COMPARED:
        return _joined(ones), _joined(others)
    matcher = SequenceMatcher(None, [word for word, _ in ones], [word for word, _ in others])
    found: tuple[list[Span], list[Span]] = ([], [])
    for what, start, stop, other_start, other_stop in matcher.get_opcodes():
        if what != "equal":
            found[0].extend(_joined(ones[start:stop]))
            found[1].extend(_joined(others[other_start:other_stop]))
    return found


def _alike(ones: list[Word], others: list[Word]) -> int:
    """How many words both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0][0] == pair[1][0], zip(ones, others, strict=False)))


def _words(text: str) -> list[Word]:
    """Each word with where it stands, without the white space before it."""
    return [(match[0].strip(), (match.end() - len(match[0].lstrip()), match.end())) for match in _WORDS.finditer(text)]


def _joined(words: list[Word]) -> list[Span]:
    return [(words[0][1][0], words[-1][1][1])] if words else []
