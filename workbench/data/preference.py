"""One prompt with a better and a worse answer, from every way in which files write that down.

What both answers begin with, turn by turn, is their prompt: some files repeat it in each of them, and dialogues in
the manner of HH have no other (x is parted from y₁ and y₂ at the last turn that both share).
"""

from dataclasses import dataclass

from workbench.data.chat import Message
from workbench.data.fields import Fields
from workbench.data.shapes import Text, question, with_system

ANSWERS_AFTER = "\n\nAssistant:"
"""Where an answer begins in a text that is a whole dialogue."""


@dataclass(frozen=True)
class Preference:
    """A prompt and two answers to it, each a text or messages."""

    prompt: Text
    chosen: Text
    rejected: Text


def preference(fields: Fields) -> Preference:
    """Return what a row prefers. Raises BadRow where the answers are equal, or one says nothing."""
    chosen, rejected = answers_of(fields)
    asked: Text = question(fields, "prompt") if fields.value("prompt") is not None else ""
    prompt, first, second = _parted(asked, chosen, rejected)
    if first == second:
        raise fields.bad("rejected", "is the same as chosen: there is nothing to choose", "take the row out")
    if not first or not second:
        raise fields.bad("chosen" if not first else "rejected", "says nothing after the prompt", "take the row out")
    if fields.value("system") is not None:
        turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        prompt = with_system(fields, turns)
    return Preference(prompt, first, second)


def answers_of(fields: Fields) -> tuple[Text, Text]:
    """Return the better answer and the worse one as they are written, maybe with the whole dialogue before them."""
    if not fields.has("preferred"):
        return fields.text_or_messages("chosen"), fields.text_or_messages("rejected")
    first, second = fields.text_or_messages("first"), fields.text_or_messages("second")
    return (first, second) if _prefers_first(fields) else (second, first)


def _prefers_first(fields: Fields) -> bool:
    """Which of two answers a row says is better: by the end of their columns' names, output_1 and 1, model_a and a."""
    said = fields.text("preferred").strip().casefold()
    ends = tuple(_end(fields.source(target)) for target in ("first", "second"))
    for is_first, end in zip((True, False), ends, strict=True):
        if said == end or said.endswith(f"_{end}"):
            return is_first
    if ends == ("a", "b") and said in ("0", "1"):
        return said == "0"
    if "tie" in said:
        raise fields.bad("preferred", "is a tie: neither answer is better", "take the row out")
    fix = f"write {ends[0]} or {ends[1]}, as the columns end"
    raise fields.bad("preferred", f"is {said!r}, which names neither answer", fix)


def _end(source: str) -> str:
    """The last part of a column's name: 1 of output_1, a of response_a, 0 of summaries.0.text."""
    parts = source.casefold().replace("_", ".").split(".")
    return next((part for part in reversed(parts) if part.isdigit()), parts[-1])


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
