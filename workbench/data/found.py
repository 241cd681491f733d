"""Which column of a file plays a part: by its name, and by what its first rows hold.

A column of token ids is no text, an object is no answer, a long text is no label.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from math import isnan
from typing import Any

from workbench.data.cells import written_in
from workbench.data.chat import chat_in, is_texts, turn_style
from workbench.data.table import Column, Row
from workbench.data.targets import SYNONYMS
from workbench.data.transcript import transcript_of

_LONGEST_LABEL = 200  # characters
_WHICH = re.compile(r"(?:(?<=[a-z])|(?<=[_.]))(?:\d|(?<=[_.])[ab])(?=$|\.)")


class Found:
    """Finds the column of a target in a sample: a person's own choice first, else by its usual names."""

    def __init__(self, columns: Sequence[Column], sample: Sequence[Row], own: Mapping[str, str]) -> None:
        self.types = {column.name: column.type for column in columns}
        self._called = {_plain(column.name): column.name for column in reversed(columns)}
        self._values: dict[str, list[Any]] = {}
        self.sample = sample
        self.own = own

    def source(self, target: str) -> str | None:
        """Return the column, or the place in one, that plays `target`; one that says something before others."""
        if target in self.own:
            return self.own[target]
        taken = set(self.own.values())
        names = [name if name in self.types else self._called.get(name, name) for name in SYNONYMS[target]]
        there = [name for name in names if name not in taken and self._can_play(target, name)]
        best = next((name for name in there if self.values(name)), there[0] if there else None)
        return f"{best}.0" if target in _SEVERAL and self._are_texts(best) else best

    def values(self, source: str | None) -> list[Any]:
        """The values at `source` in the sample that say something."""
        if not source:
            return []
        if source not in self._values:
            found = (value_at(row, source) for row in self.sample)
            self._values[source] = [value for value in found if not is_absent(value)]
        return self._values[source]

    def style(self, source: str | None) -> str:
        """How the chats at `source` are written; "" when they are none."""
        value = next(iter(self.values(source)), None)
        if isinstance(value, str) and transcript_of(value):
            return "transcript"
        return turn_style(chat_in(value)) or ("texts" if is_texts(value) else "")

    def _are_texts(self, name: str | None) -> bool:
        """Whether most values of a column are lists of texts: answers of which the first is the best."""
        values = self.values(name)
        return sum(map(is_texts, values)) * 2 > len(values)

    def _can_play(self, target: str, name: str) -> bool:
        values = self.values(name)
        if not values:
            return name in self.types
        fits = _FITS.get(target)
        return fits is None or any(map(fits, values))


def is_absent(value: Any) -> bool:
    """Whether a value says nothing: null, NaN, or empty."""
    return not value and value in (None, "", [], {}) if type(value) is not float else isnan(value)


def value_at(row: Row, source: str) -> Any:
    """Return what is in the column `source`, or at that place inside one; None where there is nothing."""
    if source in row:
        return row[source]
    value: Any = row
    for step in source.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif not (isinstance(value, str) and step == "0"):  # of one text, the first is that text
            return None
    return value


def end_of(source: str) -> str:
    """Return which of two answers a name is about: 1 of output_1 or response1, a of answer_A, 0 of summaries.0.text."""
    *_, which = ["", *_WHICH.findall(source.casefold())]
    return which or source.casefold()


def stem_of(source: str) -> str:
    """Return the name without what `end_of` returns."""
    return _WHICH.sub("", source.casefold())


def is_text_or_chat(value: Any) -> bool:
    """Whether a value can be asked as it is: text, a number, or a chat."""
    return _is_scalar(value) or bool(turn_style(value))


def _plain(name: str) -> str:
    return name.casefold().replace(" ", "_").replace("-", "_")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_said(value: Any) -> bool:
    """An answer, or several that are right."""
    return is_text_or_chat(value) or is_texts(value)


def _is_pairable(value: Any) -> bool:
    return isinstance(value, str) or bool(turn_style(value)) or is_texts(value)


def _is_label(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_scalar, value))
    return _is_scalar(value) and len(str(value)) <= _LONGEST_LABEL


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) or (isinstance(value, str) and value.strip().lstrip("+-").isdigit())


def _are_choices(value: Any) -> bool:
    value = written_in(value)
    texts = value.get("text") if isinstance(value, dict) else value
    return isinstance(texts, list) and is_texts(texts) and len(texts) > 1


_FITS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("system", "instruction", "input", "source", "target", "document", "summary"), _is_scalar),
    **dict.fromkeys(("question", "text", "text_pair", "preferred", "choice"), _is_scalar),
    **dict.fromkeys(("history", "responses", "ranks", "scores"), _is_list),
    **dict.fromkeys(("chosen", "rejected", "first", "second"), _is_pairable),
    **dict.fromkeys(("strength", "first_score", "second_score"), _is_number),
    "context": _is_text,
    "prompt": is_text_or_chat,
    "output": _is_said,
    "completion": _is_said,
    "label": _is_label,
    "choices": _are_choices,
}
"""What at least one value in the sample has to be."""
_SEVERAL = {"output", "completion", "chosen", "rejected"}
