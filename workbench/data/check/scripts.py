"""Rows in another script than nearly all others: answers in Cyrillic in a Latin set, say."""

import re
import unicodedata
from collections import Counter
from functools import cache
from typing import Any

from workbench.data.check.problems import MOST_ROWS, Findings
from workbench.data.check.reading import leaves
from workbench.data.examples import Example

_LEAST_ROWS = 100
_MOST = 0.95  # the share of the rows that the one script must have
_FEW = 0.02  # below this share a script is an outlier
_LEAST_LETTERS = 10
_LOOK_AT = 1_000  # characters of a text
_ASCII_LETTER = re.compile("[A-Za-z]")
_ALIASES = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK", "BOPOMOFO": "CJK", "FULLWIDTH": ""}
_NONE = {"MATHEMATICAL", "MODIFIER", "FEMININE", "MASCULINE", "SUPERSCRIPT", "SUBSCRIPT", "MICRO", "DOUBLE-STRUCK"}


class Scripts:
    """Counts in which script prompts and answers are written, each for itself."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], list[int]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def take(self, number: int, example: Example) -> None:
        """Count a row."""
        for part, text in _parts(example):
            script = script_of(text)
            if script:
                key = (part, script)
                self._counts[key] += 1
                rows = self._rows.setdefault(key, [])
                if len(rows) < MOST_ROWS:
                    rows.append(number)

    def end(self, findings: Findings) -> None:
        """Note the rows in a rare script, where there is a usual one."""
        outliers: dict[int, str] = {}
        for part in {part for part, _ in self._counts}:
            counts = {script: count for (of, script), count in self._counts.items() if of == part}
            total, most = sum(counts.values()), max(counts.values())
            if total < _LEAST_ROWS or most < _MOST * total:
                continue
            for script, count in counts.items():
                if count < _FEW * total:
                    outliers |= dict.fromkeys(self._rows[part, script], f"{part}: {script}")
        for number in sorted(outliers):
            findings.add("script-outlier", number, outliers[number])


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


def _parts(example: Example) -> list[tuple[str, str]]:
    if "messages" in example:
        turns = example["messages"]
        return [("prompt", _said(turns, answers=False)), ("answer", _said(turns, answers=True))]
    if "text" in example:
        return [("text", example["text"])]
    return [(part, _plain(example[part])) for part in ("prompt", "completion", "chosen", "rejected") if part in example]


def _said(turns: list[dict[str, Any]], *, answers: bool) -> str:
    return "\n".join(_plain(turn["content"]) for turn in turns if (turn["role"] == "assistant") == answers)


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value and isinstance(value[0], dict) and "content" in value[0]:
        return "\n".join(_plain(turn["content"]) for turn in value)
    return "\n".join(leaves(value))
