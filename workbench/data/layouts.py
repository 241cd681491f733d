"""The layouts in which something to imitate can be written: a chat, question and answer, or running text."""

import json
from collections.abc import Callable
from typing import Any

from workbench.data.chat import Message
from workbench.data.examples import Example
from workbench.data.table import Row

_SPEAKERS = {"user": "human", "assistant": "gpt", "system": "system", "tool": "observation"}


def is_plain(example: Example) -> bool:
    """Whether an example is one question and one answer, both text and nothing more."""
    if "text" in example:
        return True
    turns = _turns(example)
    roles = [turn["role"] for turn in turns]
    return "tools" not in example and roles == ["user", "assistant"] and all(_is_text(turn) for turn in turns)


def _is_text(turn: Message) -> bool:
    return isinstance(turn["content"], str) and turn.keys() <= {"role", "content"}


def _turns(example: Example) -> list[Message]:
    """All messages of an example."""
    if "messages" in example:
        return list(example["messages"])
    asked, answered = example["prompt"], example["completion"]
    turns = [{"role": "user", "content": asked}] if isinstance(asked, str) else asked
    return [*turns, *([{"role": "assistant", "content": answered}] if isinstance(answered, str) else answered)]


def _tools(example: Example) -> Row:
    return {"tools": example["tools"]} if "tools" in example else {}


def _messages(example: Example, _: bool) -> Row:
    return {"messages": _turns(example), **_tools(example)}


def _sharegpt(example: Example, _: bool) -> Row:
    said = [piece for turn in _turns(example) for piece in _said(turn)]
    tools = {"tools": json.dumps(example["tools"], ensure_ascii=False)} if "tools" in example else {}
    return {"conversations": said, **tools}


def _said(turn: Message) -> list[dict[str, str]]:
    speaker = _SPEAKERS.get(turn["role"])
    if speaker is None:
        raise ValueError(f"has a turn of {turn['role']}, for whom sharegpt has no name")
    calls = [call["function"] for call in turn.get("tool_calls", [])]
    text = [{"from": speaker, "value": _text(turn)}] if turn["content"] or not calls else []
    return [*text, *({"from": "function_call", "value": json.dumps(call, ensure_ascii=False)} for call in calls)]


def _text(turn: Message) -> str:
    content = turn["content"]
    if not isinstance(content, str):
        raise ValueError("has a turn that is more than text")
    return content


def _prompt_completion(example: Example, as_text: bool) -> Row:
    """Text in every row of a file of plain questions and answers; else messages in every row."""
    *asked, answered = _last_answer(example)
    if as_text:
        return {"prompt": _text(asked[0]), "completion": _text(answered)}
    return {"prompt": asked, "completion": [answered], **_tools(example)}


def _last_answer(example: Example) -> list[Message]:
    turns = _turns(example)
    if len(turns) < 2 or turns[-1]["role"] != "assistant":
        raise ValueError("does not end in an answer")
    return turns


def _alpaca(example: Example, as_text: bool) -> Row:
    turns = _last_answer(example)
    if "tools" in example or any(not _is_text(turn) for turn in turns):
        raise ValueError("has tools or more than text, for which alpaca has no place")
    system = [turn["content"] for turn in turns if turn["role"] == "system"]
    said = [turn for turn in turns if turn["role"] != "system"]
    roles = [turn["role"] for turn in said]
    if roles != ["user", "assistant"] * (len(said) // 2) or len(system) > 1:
        raise ValueError("does not go from question to answer")
    texts = [_text(turn) for turn in said]
    row: Row = {"instruction": texts[-2], "input": "", "output": texts[-1]}
    if as_text:
        return row
    history = [list(pair) for pair in zip(texts[:-2:2], texts[1:-2:2], strict=True)]
    return {**row, "system": system[0] if system else "", "history": history}


def _running(example: Example, _: bool) -> Row:
    return {"text": example["text"]}


LAYOUTS: dict[str, Callable[[Example, bool], dict[str, Any]]] = {
    "messages": _messages,
    "sharegpt": _sharegpt,
    "alpaca": _alpaca,
    "prompt-completion": _prompt_completion,
    "text": _running,
}
"""Each takes an example and whether all of the file's examples are plain; ValueError says why one has no place."""
