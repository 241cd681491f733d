"""Chats in the layouts that people publish, as messages with role and content."""

import json
from collections.abc import Iterator
from typing import Any

from workbench.data.cells import written_in

Message = dict[str, Any]

ROLES = {
    "human": "user",
    "user": "user",
    "prompter": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "chatgpt": "assistant",
    "bing": "assistant",
    "bard": "assistant",
    "bot": "assistant",
    "chatbot": "assistant",
    "ai": "assistant",
    "model": "assistant",
    "system": "system",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
    "function_response": "tool",
    "tool_response": "tool",
    "function_call": "assistant",
    "tool_call": "assistant",
}
"""Who speaks, by the names that files give them, in any case."""
CALLERS = {"function_call", "tool_call"}
"""What a turn is called that holds calls of tools as JSON."""

_USUAL = {"user", "assistant", "system"}
_PAIRS = (("human", "assistant"), ("input", "output"))
_SAYS = {"content", "tool_calls", "function_call"}
_FROM = (("from", "value"), ("role", "value"), ("from", "content"))


def turn_style(value: Any) -> str:
    """Return how a chat is written: "role" (and content), "from" (and value), "pair" or ""."""
    turn = value[0] if isinstance(value, list) and value else value
    if not isinstance(turn, dict):
        return ""
    if "role" in turn and _SAYS & turn.keys():
        return "role"
    if any(set(pair) <= turn.keys() for pair in _FROM):
        return "from"
    return "pair" if any(set(pair) <= turn.keys() for pair in _PAIRS) else ""


def is_texts(value: Any) -> bool:
    """Whether a value is a list of texts."""
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) for text in value)


def chat_in(value: Any) -> Any:
    """Return the chat that a text holds, all its speakers known; any other value as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] != "[":
        return value
    inside = written_in(value)
    if not (isinstance(inside, list) and inside):
        return value
    speakers = [turn.get("role", turn.get("from")) if turn_style(turn) in ("role", "from") else None for turn in inside]
    return inside if all(isinstance(each, str) and each.casefold() in ROLES for each in speakers) else value


def answers_in(chat: Any) -> bool:
    """Whether the assistant speaks in a chat, in whatever layout; no where it cannot be read."""
    chat = chat_in(chat)
    try:
        messages = from_texts(chat) if is_texts(chat) else messages_of(chat)
    except (ValueError, TypeError):
        return False
    return any(message["role"] == "assistant" for message in messages)


def messages_of(value: Any) -> list[Message]:
    """Return the messages of a chat, or of a single turn, in any of the layouts.

    Raises ValueError that names the turn and what is wrong with it.
    """
    turns = value if isinstance(value, list) else [value]
    if not turns:
        raise ValueError("no turns")
    return [message for place, turn in enumerate(turns) for message in _messages(turn, place)]


def from_texts(texts: list[str]) -> list[Message]:
    """Return the messages of a list of texts: user and assistant in turn."""
    return [{"role": "assistant" if place % 2 else "user", "content": text} for place, text in enumerate(texts)]


def from_history(value: Any) -> list[Message]:
    """Return the messages of a history column: a list of [question, answer] pairs."""
    messages = []
    for place, pair in enumerate(value):
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)):
            raise ValueError(f"pair {place + 1} is not [question, answer]")
        messages += [{"role": "user", "content": pair[0]}, {"role": "assistant", "content": pair[1]}]
    return messages


def tools_of(value: Any) -> list[dict[str, Any]]:
    """Return the tools of a row, JSON text or a list, each as {"type": "function", "function": {…}}."""
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else []
        except (ValueError, RecursionError) as error:
            raise ValueError(f"not JSON: {error}") from error
    tools = value if isinstance(value, list) else [value]
    if not all(isinstance(tool, dict) for tool in tools):
        raise ValueError("not a list of objects")
    return [tool if "function" in tool else {"type": "function", "function": tool} for tool in tools]


def _messages(turn: Any, place: int) -> Iterator[Message]:
    where = f"turn {place + 1}"
    style = turn_style(turn) if isinstance(turn, dict) else ""
    if style == "role":
        yield _as_it_is(turn, where)
    elif style == "from":
        yield _from_speaker(turn, where)
    elif style == "pair":
        asks, answers = next(pair for pair in _PAIRS if set(pair) <= turn.keys())
        yield _from_speaker({"from": "human", "value": turn[asks]}, where)
        yield _from_speaker({"from": "assistant", "value": turn[answers]}, where)
    else:
        raise ValueError(f"{where} has neither role and content nor from and value")


def _as_it_is(turn: Message, where: str) -> Message:
    message = {key: value for key, value in turn.items() if value is not None}
    message.setdefault("content", "")
    if not isinstance(message.get("role"), str):
        raise ValueError(f"{where}: role is not text")
    if not isinstance(message["content"], (str, list)):
        raise ValueError(f"{where}: content is not text")
    name = message["role"]
    if name in _USUAL and message["content"] and "function_call" not in message:
        return message
    name = name.casefold()
    if name in CALLERS and isinstance(message["content"], str):
        return _from_speaker({"from": name, "value": message["content"]}, where)
    message["role"] = ROLES.get(name, message["role"])
    if isinstance(message.get("function_call"), dict):
        message["tool_calls"] = [{"type": "function", "function": message.pop("function_call")}]
    if message["content"] == "" and turn.get("content") is None and "tool_calls" not in message:
        raise ValueError(f"{where}: content is missing")
    return message


def _from_speaker(turn: Message, where: str) -> Message:
    speaker, value = next((turn[who], turn[what]) for who, what in _FROM if {who, what} <= turn.keys())
    role = ROLES.get(speaker.casefold()) if isinstance(speaker, str) else None
    if role is None:
        raise ValueError(f"{where}: unknown speaker {speaker!r} (known: {', '.join(ROLES)})")
    if not isinstance(value, str):
        raise ValueError(f"{where}: value is not text")
    calls = _tool_calls(value) if speaker.casefold() in CALLERS else []
    if calls:
        return {"role": role, "content": "", "tool_calls": calls}
    return {"role": role, "content": value}


def _tool_calls(text: str) -> list[dict[str, Any]]:
    """The calls written as JSON in `text`; none when it is something else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    calls = value if isinstance(value, list) else [value]
    if not all(isinstance(call, dict) and isinstance(call.get("name"), str) for call in calls):
        return []
    return [
        {"type": "function", "function": {"name": call["name"], "arguments": call.get("arguments", {})}}
        for call in calls
    ]
