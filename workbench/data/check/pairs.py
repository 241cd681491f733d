"""Two answers to one prompt: they differ, and they answer the same."""

from collections.abc import Iterator
from typing import Any

from workbench.data.chat import Message
from workbench.data.check.chats import is_blank
from workbench.data.check.problems import Finding
from workbench.data.examples import Example

_MARKER = "\n\nAssistant:"


def look_at_pair(example: Example) -> Iterator[Finding]:
    """Return what is wrong with the chosen and the rejected answer; nothing for a row without them."""
    if "chosen" not in example:
        return
    chosen, rejected = example["chosen"], example["rejected"]
    for name, answer in (("chosen", chosen), ("rejected", rejected)):
        if _says_nothing(answer):
            yield "empty-answer", name
    if _alike(chosen) == _alike(rejected):
        yield "identical-pair", ""
    elif not _share_prompt(chosen, rejected, has_prompt=bool(example["prompt"])):
        yield "prompts-differ", ""


def _says_nothing(answer: str | list[Message]) -> bool:
    if isinstance(answer, str):
        return _MARKER in answer and not answer.rpartition(_MARKER)[2].strip()
    return is_blank(answer[-1])


def _alike(answer: str | list[Message]) -> Any:
    if isinstance(answer, str):
        return answer.strip()
    return [
        {**turn, "content": _alike(turn["content"])} if isinstance(turn["content"], str) else turn for turn in answer
    ]


def _share_prompt(chosen: Any, rejected: Any, *, has_prompt: bool) -> bool:
    """Whether both go on from the same turns: where they part for the first time, the assistant speaks in both."""
    if isinstance(chosen, str) and isinstance(rejected, str):
        if has_prompt or _MARKER not in chosen + rejected:
            return True
        return chosen.rpartition(_MARKER)[0].split(_MARKER)[0] == rejected.rpartition(_MARKER)[0].split(_MARKER)[0]
    if not (isinstance(chosen, list) and isinstance(rejected, list)):
        return True
    for one, other in zip(_alike(chosen), _alike(rejected), strict=False):
        if one != other:
            return bool(one["role"] == other["role"] == "assistant")
    return True
