"""The script that a text is written in: Latin, Cyrillic, CJK."""

import re
import unicodedata
from collections import Counter
from functools import cache

_LEAST_LETTERS = 10
_LOOK_AT = 1_000  # characters of a text
_ASCII_LETTER = re.compile("[A-Za-z]")
_ALIASES = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK", "BOPOMOFO": "CJK", "FULLWIDTH": ""}
_NONE = {"MATHEMATICAL", "MODIFIER", "FEMININE", "MASCULINE", "SUPERSCRIPT", "SUBSCRIPT", "MICRO", "DOUBLE-STRUCK"}


def script_of(text: str) -> str:
    """Return the script of most letters of a text, as Unicode names it; "" for a text with few letters."""
    if len(text) < _LEAST_LETTERS:
        return ""
    if text.isascii():
        return "Latin" if _ASCII_LETTER.search(text) else ""
    counts = Counter(map(_script, text[:_LOOK_AT]))
    counts.pop("", None)
    if counts.total() < _LEAST_LETTERS:
        return ""
    return counts.most_common(1)[0][0]


@cache
def _script(character: str) -> str:
    if not character.isalpha():
        return ""
    first = unicodedata.name(character, "").partition(" ")[0]
    first = _ALIASES.get(first, first)
    return "" if first in _NONE else "CJK" if first == "CJK" else first.capitalize()
