"""One prompt with a better and a worse answer, from every way in which files write that down.

What both answers begin with, turn by turn, is their prompt: some files repeat it in each of them, and dialogues in
the manner of HH have no other (x is parted from y₁ and y₂ at the last turn that both share).
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from workbench.data.cells import written_in
from workbench.data.chat import Message
from workbench.data.fields import Fields
from workbench.data.found import end_of
from workbench.data.shapes import Text, opening, question
from workbench.data.table import BadRow

ANSWERS_AFTER = "\n\nAssistant:"
"""Where an answer begins in a text that is a whole dialogue."""


class Tie(BadRow):
    """Neither answer of a row is better."""


class BothBad(Tie):
    """Neither answer of a row is better, as both are bad."""


@dataclass(frozen=True)
class Preference:
    """A prompt and two answers to it, each a text or messages."""

    prompt: Text
    chosen: Text
    rejected: Text


def preference(fields: Fields) -> Preference:
    """Return what a row prefers.

    Raises Tie where it says that neither is better, BadRow where the answers are equal, or one says nothing.
    """
    return _preference(fields, *answers_of(fields))


def tied(fields: Fields) -> Preference:
    """Return the answers of a row for which `preference` raised Tie, in the order of their columns.

    Raises BadRow where they are equal, or one says nothing.
    """
    return _preference(fields, *_both(fields, "first", "second"))


def _preference(fields: Fields, chosen: Text, rejected: Text) -> Preference:
    asked: Text = asked_beside(fields, chosen) if fields.value("prompt") is not None else ""
    prompt, first, second = _parted(asked, chosen, rejected)
    if first == second:
        raise fields.bad("rejected", "is the same as chosen: there is nothing to choose", "take the row out")
    if not first or not second:
        raise fields.bad("chosen" if not first else "rejected", "says nothing after the prompt", "take the row out")
    before = opening(fields, [])
    if before:
        prompt = [*before, *([{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt)]
    return Preference(prompt, first, second)


def digest_of(prompt: Text, *answers: Text) -> str:
    """Return what names a prompt with its answers wherever it is kept: SHA-256 of all of them, as JSON."""
    return hashlib.sha256(json.dumps([prompt, *answers], sort_keys=True).encode()).hexdigest()


def answers_of(fields: Fields) -> tuple[Text, Text]:
    """Return the better answer and the worse one as they are written, maybe with the whole dialogue before them."""
    if fields.source("first"):
        first, second = _both(fields, "first", "second")
        return (first, second) if prefers_first(fields) else (second, first)
    chosen, rejected = _both(fields, "chosen", "rejected")
    if isinstance(chosen, list) and isinstance(rejected, str):
        return chosen, [*chosen[:-1], {"role": "assistant", "content": rejected}]
    return chosen, rejected


def _both(fields: Fields, one: str, other: str) -> tuple[Text, Text]:
    """Two answers; where these and the prompt are lists of texts, turn by turn, as dialogues (Chatbot Arena)."""
    asked = _turns(fields.value("prompt"))
    if asked:
        first, second = _turns(fields.value(one)), _turns(fields.value(other))
        if len(asked) == len(first) == len(second):
            return _woven(asked, first), _woven(asked, second)
    return fields.text_or_messages(one), fields.text_or_messages(other)


def _turns(value: Any) -> list[str]:
    """The texts of a list, nothing for null; [] for anything else."""
    found = written_in(value)
    if not isinstance(found, list) or not all(each is None or isinstance(each, str) for each in found):
        return []
    return [each or "" for each in found]


def _woven(asked: list[str], said: list[str]) -> list[Message]:
    turns = (turn for both in zip(asked, said, strict=True) for turn in zip(("user", "assistant"), both, strict=True))
    return [{"role": role, "content": text} for role, text in turns]


def asked_beside(fields: Fields, answer: Text) -> Text:
    """Return the prompt of a row; "" where its turns stand in the answers already, as `answers_of` reads them."""
    turns = _turns(fields.value("prompt"))
    is_woven = bool(turns) and isinstance(answer, list) and [each["content"] for each in answer[::2]] == turns
    return "" if is_woven else question(fields, "prompt")


def prefers_first(fields: Fields) -> bool:
    """Which of two answers a row says is better. Raises Tie where it says neither, BadRow where it is unclear."""
    if fields.source("strength"):
        return _is_first("strength", fields, -_number(fields, "strength"))
    if fields.source("first_score"):
        return _is_first("first_score", fields, _number(fields, "first_score") - _number(fields, "second_score"))
    return _names_first(fields)


def _is_first(target: str, fields: Fields, margin: float) -> bool:
    if margin == 0:
        raise _tie(fields, target)
    return margin > 0


def _number(fields: Fields, target: str) -> float:
    try:
        return float(fields.text(target))
    except ValueError as error:
        raise fields.bad(target, "is no number", "write which answer is better as numbers") from error


def _names_first(fields: Fields) -> bool:
    """By the end of the answers' columns, output_1 and 1, model_a and a.

    For answers a and b, 0 means the first, but in a column `labels` 1 does, as Stanford's human preferences have it.
    """
    said = fields.text("preferred").strip(" []").casefold().removesuffix(".0").replace(" ", "_")
    ends = tuple(end_of(fields.source(target)) for target in ("first", "second"))
    for is_first, end in zip((True, False), ends, strict=True):
        if said == end or said.endswith(f"_{end}"):
            return is_first
    if ends == ("a", "b") and said in ("0", "1"):
        return (said == "1") == (fields.source("preferred").casefold() == "labels")
    if "tie" in said or "both" in said:
        raise _tie(fields, "preferred", BothBad if "bad" in said else Tie)
    fix = f"write {ends[0]} or {ends[1]}, as the columns end"
    raise fields.bad("preferred", f"is {said!r}, which names neither answer", fix)


def _tie(fields: Fields, target: str, kind: type[Tie] = Tie) -> BadRow:
    return fields.bad(target, "is a tie: neither answer is better", "take the row out", kind)


def _parted(asked: Text, chosen: Text, rejected: Text) -> tuple[Text, Text, Text]:
    """The prompt and both answers, when each answer may be a whole dialogue."""
    if isinstance(chosen, list) and isinstance(rejected, list):
        return _parted_chats(asked, chosen, rejected)
    if isinstance(chosen, str) and isinstance(rejected, str) and isinstance(asked, str):
        return _parted_texts(asked, chosen, rejected)
    return asked, chosen, rejected


def _parted_chats(asked: Text, chosen: list[Message], rejected: list[Message]) -> tuple[Text, Text, Text]:
    same = 0
    while same < min(len(chosen), len(rejected)) and chosen[same] == rejected[same]:
        same += 1
    if not same:
        return asked, chosen, rejected
    before = chosen[:same]
    is_repeated = before[-1]["content"] == asked if isinstance(asked, str) else before[-len(asked) :] == asked
    if asked and not is_repeated:
        before = [*([{"role": "user", "content": asked}] if isinstance(asked, str) else asked), *before]
    return before, chosen[same:], rejected[same:]


def _parted_texts(asked: str, chosen: str, rejected: str) -> tuple[str, str, str]:
    """Texts of dialogues are parted after the last "Assistant:" that both have; others stay as they are."""
    if asked:
        is_repeated = asked.endswith(ANSWERS_AFTER) and chosen.startswith(asked) and rejected.startswith(asked)
        start = len(asked) if is_repeated else 0
    else:
        marker = _same_start(chosen, rejected).rfind(ANSWERS_AFTER)
        start = marker + len(ANSWERS_AFTER) if marker >= 0 else 0
    if not start:
        return asked, chosen, rejected
    return chosen[:start], chosen[start:].strip(), rejected[start:].strip()


def _same_start(one: str, other: str) -> str:
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return one[:at]
    return min(one, other, key=len)
