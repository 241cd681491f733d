"""A prompt or an answer as it is read: who says what, whole. Nothing here is printable yet."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workbench.data.chat import Message
from workbench.data.preference import ANSWERS_AFTER
from workbench.data.shapes import Text
from workbench.errors import WrongUse


@dataclass(frozen=True)
class Said:
    """A stretch of text; `speaker` is "" where there is no need to say who speaks."""

    speaker: str
    text: str


def said(text: Text, usual: str) -> list[Said]:
    """Return what a text or a chat says. A single message of the `usual` role needs no speaker."""
    if isinstance(text, str):
        return [Said("", text.removesuffix(ANSWERS_AFTER))]
    parts = [part for message in text for part in _parts(message)]
    return [Said("", parts[0].text)] if len(parts) == 1 and parts[0].speaker == usual else parts


def written(text: Text) -> str:
    """Return what a person edits of an answer: its text, or that of its last message. Raises WrongUse without one."""
    found = text if isinstance(text, str) else text[-1].get("content") if text else ""
    if not isinstance(found, str):
        raise WrongUse("this answer is more than text, so it cannot be edited here", "edit it in its file")
    return found


def as_written(words: str, like: Text) -> Text:
    """Return edited words in the shape of the answer that they were edited from."""
    return words if isinstance(like, str) else [*like[:-1], {**like[-1], "content": words}]


def is_dialogue(text: Text) -> bool:
    """Whether several turns lead to the answers, so that the last of them matters most."""
    return text.count(ANSWERS_AFTER) > 1 if isinstance(text, str) else len(text) > 1


def _parts(message: Message) -> Iterator[Said]:
    """What a message says, then its other fields as JSON."""
    speaker = str(message.get("role", ""))
    content = message.get("content")
    if content:
        yield Said(speaker, _plain(content))
    for key, value in message.items():
        if key not in ("role", "content") and value not in (None, "", [], {}):
            yield Said(f"{speaker} · {key}", _plain(value))


def _plain(value: Any) -> str:
    """Text as it is; a list of text parts as their texts; anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, dict) and isinstance(part.get("text"), str) for part in value):
        return "\n".join(part["text"] for part in value)
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
