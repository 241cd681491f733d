"""Pairs of answers from the rows of a preference file: chosen is the first answer, rejected the second.

What both answers begin with, turn by turn, is their prompt: some files repeat it in each of them, and dialogues in
the manner of HH have no other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.data.chat import Message
from workbench.data.fields import Fields
from workbench.data.schema import Schema, schema_of
from workbench.data.shapes import Text, question, with_system
from workbench.data.table import BadRow, Row, Rows
from workbench.errors import WrongUse
from workbench.label.records import CHOICES, GivenVote, NewPair

ANSWERS_AFTER = "\n\nAssistant:"
"""Where an answer begins in a text that is a whole dialogue."""


@dataclass(frozen=True)
class LeftOut:
    """A row that makes no pair; `error` names the file, the row and what is wrong with it."""

    error: BadRow


class PreferenceRows:
    """The rows of a preference file as pairs.

    Raises WrongUse when the rows have no chosen and rejected answers.
    """

    def __init__(self, rows: Rows, map: Mapping[str, str] | None = None) -> None:
        self.rows = rows
        self.schema = schema_of(rows, map)
        if self.schema.name != "preference":
            raise _no_pairs(rows, self.schema)

    def __iter__(self) -> Iterator[NewPair | LeftOut]:
        """Yield what each row makes. Raises BadRow at a row that cannot even be read."""
        for number, row in enumerate(self.rows, 1):
            try:
                yield _pair(Fields(self.rows, self.schema, number, row), f"{self.rows.path.name}:{number}", row)
            except BadRow as error:
                yield LeftOut(error)


def _no_pairs(rows: Rows, schema: Schema) -> WrongUse:
    fix = "a pair needs a chosen and a rejected answer: columns of these names, or a map to them"
    return WrongUse(f"{rows.path} holds no pairs: it is {schema.name}, {schema.reason}", fix)


def _pair(fields: Fields, source: str, row: Row) -> NewPair:
    chosen, rejected = fields.text_or_messages("chosen"), fields.text_or_messages("rejected")
    asked: Text = question(fields, "prompt") if fields.value("prompt") is not None else ""
    prompt, first, second = _parted(asked, chosen, rejected)
    if first == second:
        raise fields.bad("rejected", "is the same as chosen: there is nothing to choose", "take the row out")
    if not first or not second:
        raise fields.bad("chosen" if not first else "rejected", "says nothing after the prompt", "take the row out")
    if fields.value("system") is not None:
        turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        prompt = with_system(fields, turns)
    return NewPair(prompt, first, second, source, _votes(fields, row.get("votes")))


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


def _votes(fields: Fields, given: Any) -> tuple[GivenVote, ...]:
    """The votes that a row carries. Raises BadRow for one that is none."""
    if given is None:
        return ()
    if not isinstance(given, list):
        raise fields.bad("votes", "is not a list", _VOTE)
    return tuple(_vote(fields, each) for each in given)


_VOTE = f'write a vote as {{"annotator": "ana", "choice": "first"}}; choices: {", ".join(CHOICES)}'


def _vote(fields: Fields, given: Any) -> GivenVote:
    annotator, choice = (given.get("annotator"), given.get("choice")) if isinstance(given, dict) else (None, None)
    if not isinstance(annotator, str) or not annotator.strip() or choice not in CHOICES:
        raise fields.bad("votes", f"holds {given!r}, which is no vote", _VOTE)
    return GivenVote(annotator, choice)
