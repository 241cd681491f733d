"""Chats as one text, in which each turn begins with its speaker: "USER: …", "ASSISTANT: …"."""

import re

from workbench.data.chat import ROLES, Message

_SPEAKER = re.compile(r"(?:^|\n)[ \t]*([A-Za-z]+(?: [A-Za-z]+)?) ?:[ \t]*")
_STOP = "<|endoftext|>"


def transcript_of(text: str) -> list[Message]:
    """Return the turns of such a text; none for a text that is something else: it must begin with a speaker.

    A name with a colon that is no usual speaker's stays part of the turn.
    """
    found = [(match, ROLES[name]) for match in _SPEAKER.finditer(text) if (name := _plain(match[1])) in ROLES]
    if len(found) < 2 or text[: found[0][0].start()].strip() or {"user", "assistant"} - {role for _, role in found}:
        return []
    ends = [*(match.start() for match, _ in found[1:]), len(text)]
    return [
        {"role": role, "content": text[match.end() : end].strip().removesuffix(_STOP).rstrip()}
        for (match, role), end in zip(found, ends, strict=True)
    ]


def _plain(speaker: str) -> str:
    return speaker.casefold().replace(" ", "_")
