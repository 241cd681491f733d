"""Where the answers of a chat stand in its text: by a template's own marks, by beginnings, by the answers themselves.

Every way is verified against the whole text, and where it does not hold there is no answer rather than a guess.
"""

import os.path
import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.template.writer import Message, Taken, TemplateFailed, Writer

_PIN = re.compile("\ue0f2(\\d+)([<>])\ue0f3")


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of the text; `turn` is the index of the message, `role` its speaker."""

    start: int
    end: int
    role: str
    turn: int
    by_prefix: bool = False
    """Found without marks, so it may end in white space that belongs to no answer."""


def answers_of(messages: Sequence[Message]) -> list[int]:
    """Return which messages are the assistant's."""
    return [index for index, message in enumerate(messages) if message.get("role") == "assistant"]


def by_marks(taken: Taken, *, is_own: bool) -> list[Span] | None:
    """Return the answers between `{% generation %}` marks; None where they fit no answers.

    A template's own marks are its author's word, however many there are; those of a twin must mark every answer.
    """
    answers = answers_of(taken.messages)
    found = _joined(taken.marks)
    if not answers or (len(found) != len(answers) and not is_own):
        return None
    turns = answers[-len(found) :] if len(found) <= len(answers) else [answers[-1]] * len(found)
    return [Span(start, end, "assistant", turn) for (start, end), turn in zip(found, turns, strict=True)]


def by_prefix(writer: Writer, text: str, messages: list[Message], turn: int) -> Span | None:
    """Return the span between what precedes an answer and its end, both verified to begin the whole text."""
    try:
        before = writer.text(messages[:turn], generation_prompt=True)
        through = text if turn == len(messages) - 1 else writer.text(messages[: turn + 1])
    except TemplateFailed:
        return None
    if not text.startswith(before) or not text.startswith(through):
        return None
    return Span(len(before), len(through), "assistant", turn, by_prefix=True)


def shared_with_prompt(writer: Writer, text: str, messages: list[Message], turn: int) -> int:
    """Return how many characters the text has in common with the prompt of an answer; 0 where that is refused."""
    try:
        asked = writer.text(messages[:turn], generation_prompt=True)
    except TemplateFailed:
        return 0
    return len(os.path.commonprefix([asked, text]))  # noqa: RUF071  # texts, not paths


def by_content(
    writer: Writer, text: str, messages: list[Message], turns: Sequence[int], stops: Sequence[str]
) -> list[Span] | None:
    """Return the answers by where their content stands, for templates that write earlier turns differently later.

    The content of every message is pinned between two marks, which must change nothing else, and an answer must
    stand in the text as it is. It begins behind what announces it and ends with the first of `stops`.
    """
    try:
        pinned = writer.text([_pinned(index, message) for index, message in enumerate(messages)])
        places = _places(pinned)
        if _PIN.sub("", pinned) != text:
            return None
        spans = [_around(writer, text, messages, turn, places, stops) for turn in turns]
    except TemplateFailed:
        return None
    found = [span for span in spans if span is not None]
    return found if len(found) == len(spans) else None


def turns_of(writer: Writer, text: str, messages: list[Message]) -> list[Span]:
    """Where each message stands; a template that needs more turns, or rewrites earlier ones, gives fewer spans."""
    spans, start = [], 0
    for index, message in enumerate(messages):
        if index == len(messages) - 1:
            end = len(text)
        else:
            try:
                beginning = writer.text(messages[: index + 1])
                end = len(os.path.commonprefix([beginning, text]))  # noqa: RUF071  # texts, not paths
            except TemplateFailed:
                continue
        spans.append(Span(start, max(start, end), str(message.get("role")), index))
        start = max(start, end)
    return spans


def _joined(marks: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Marks that touch are one answer (Phi-3 marks the EOS after the last answer by itself); empty ones are none."""
    joined: list[tuple[int, int]] = []
    for start, end in marks:
        if start == end:
            continue
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _pinned(index: int, message: Message) -> Message:
    content = message.get("content")
    if not isinstance(content, str) or not content.strip():
        return message
    return {**message, "content": f"\ue0f2{index}<\ue0f3{content}\ue0f2{index}>\ue0f3"}


def _places(pinned: str) -> dict[int, tuple[int, int]]:
    """Where each pinned content begins and ends once the pins are taken out."""
    begins: dict[int, int] = {}
    places: dict[int, tuple[int, int]] = {}
    taken = 0
    for pin in _PIN.finditer(pinned):
        index, at = int(pin[1]), pin.start() - taken
        taken += len(pin[0])
        if pin[2] == "<":
            begins[index] = at
        else:
            places[index] = (begins.get(index, at), at)
    return places


def _around(
    writer: Writer, text: str, messages: list[Message], turn: int, places: dict[int, tuple[int, int]],
    stops: Sequence[str],
) -> Span | None:  # fmt: skip
    """One answer, between the contents before and after it."""
    floor = max((end for index, (_, end) in places.items() if index < turn), default=0)
    ceiling = min((start for index, (start, _) in places.items() if index > turn), default=len(text))
    asked, announced = writer.text(messages[:turn]), writer.text(messages[:turn], generation_prompt=True)
    header = announced.removeprefix(asked) if announced.startswith(asked) else ""
    content = str(messages[turn].get("content") or "").strip()
    begin, end = places.get(turn, (ceiling, floor))
    at = text.rfind(header, floor, begin) if turn in places else text.find(header, floor, ceiling)
    if not header or at < 0 or (content and text[begin:end].strip() != content):
        return None
    start = at + len(header)
    ends = [place + len(stop) for stop in stops if (place := text.find(stop, max(start, end), ceiling)) >= 0]
    if not ends:
        return None
    return Span(start, min(ends), "assistant", turn, by_prefix=True)
