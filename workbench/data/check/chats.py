"""The turns of a chat: who speaks, in which order, and whether there is an answer to learn."""

from collections.abc import Iterator
from typing import Any

from workbench.data.chat import Message
from workbench.data.check.problems import Finding
from workbench.data.examples import Example

_INSTRUCTING = {"system", "developer"}
_RESULTS = {"tool", "function", "ipython", "observation"}
_KNOWN = {*_INSTRUCTING, *_RESULTS, "user", "assistant"}


def look_at_chat(example: Example) -> Iterator[Finding]:
    """Return what is wrong with the turns that a row is trained on; nothing for a row without turns."""
    messages = example.get("messages")
    if messages is None and isinstance(example.get("completion"), list):
        asked = example["prompt"]
        messages = [*([] if isinstance(asked, str) else asked), *example["completion"]]
        if isinstance(asked, str):
            messages.insert(0, {"role": "user", "content": asked})
    if messages is None:
        return
    yield from _unknown_roles(messages)
    yield from _empty_turns(messages)
    yield from _order(messages)
    yield from _end(messages)


def is_blank(message: Message) -> bool:
    """Whether a turn says nothing, and calls nothing."""
    content = message.get("content")
    says = content.strip() if isinstance(content, str) else content
    return not says and not message.get("tool_calls") and not message.get("function_call")


def _unknown_roles(messages: list[Message]) -> Iterator[Finding]:
    for message in messages:
        if message["role"] not in _KNOWN:
            yield "unknown-role", repr(message["role"])


def _empty_turns(messages: list[Message]) -> Iterator[Finding]:
    for message in messages:
        role = message["role"]
        if is_blank(message) and role not in _RESULTS | _INSTRUCTING:
            yield ("empty-answer", "an assistant turn") if role == "assistant" else ("empty-turn", f"a {role}")


def _order(messages: list[Message]) -> Iterator[Finding]:
    """Where a turn cannot follow the one before; told once, for the first such place."""
    before = ""
    for place, message in enumerate(messages, 1):
        role = message["role"]
        if _breaks(before, role):
            follows = f"after {before}" if before else "comes first"
            yield "roles-not-alternating", f"{role} {follows}"
            return
        if role not in _KNOWN:
            return
        before = role if role not in _INSTRUCTING or place > 1 else ""


def _breaks(before: str, role: str) -> bool:
    if role in _INSTRUCTING:
        return before != ""
    if role == "user":
        return before not in ("", "assistant")
    if role == "assistant":
        return before in ("", "assistant")
    return role in _RESULTS and before not in ("assistant", *_RESULTS)


def _end(messages: list[Message]) -> Iterator[Finding]:
    roles = [message["role"] for message in messages]
    if "assistant" not in roles and _KNOWN.issuperset(roles):
        yield "no-answer", ""
    elif "assistant" in roles and roles[-1] != "assistant" and roles[-1] in _KNOWN:
        yield "ends-without-answer", _article(roles[-1])


def _article(role: Any) -> str:
    return f"{'an' if role[:1] in 'aeio' else 'a'} {role} turn"
