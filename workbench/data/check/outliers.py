"""Rows that are not like nearly all others: in another script, or in another language."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from workbench.data.check.problems import MOST_ROWS, Findings
from workbench.data.check.reading import leaves
from workbench.data.examples import Example

_LEAST_ROWS = 100
_MOST = 0.95  # the share of the rows that are alike
_FEW = 0.02  # below this share the others are outliers


class Outliers:
    """Counts what prompts and answers are, each for itself; `name_of` says what a text is, "" for nobody knows."""

    def __init__(self, code: str, name_of: Callable[[str], str]) -> None:
        self._code = code
        self._name_of = name_of
        self._rows: dict[tuple[str, str], list[int]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def take(self, number: int, example: Example) -> None:
        """Count a row."""
        for part, text in _parts(example):
            name = self._name_of(text)
            if name:
                key = (part, name)
                self._counts[key] += 1
                rows = self._rows.setdefault(key, [])
                if len(rows) < MOST_ROWS:
                    rows.append(number)

    def end(self, findings: Findings) -> None:
        """Note the rows that are something rare, where nearly all are alike."""
        outliers: dict[int, str] = {}
        for part in {part for part, _ in self._counts}:
            counts = {name: count for (of, name), count in self._counts.items() if of == part}
            total, most = sum(counts.values()), max(counts.values())
            if total < _LEAST_ROWS or most < _MOST * total:
                continue
            for name, count in counts.items():
                if count < _FEW * total:
                    outliers |= dict.fromkeys(self._rows[part, name], f"{part}: {name}")
        for number in sorted(outliers):
            findings.add(self._code, number, outliers[number])


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
