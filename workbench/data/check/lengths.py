"""What a model's tokenizer and template make of the rows: which are cut, which train nothing.

The caller brings the encoder, because it needs a process of its own.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from workbench.data.check.problems import CODES, Finding
from workbench.data.examples import Example
from workbench.errors import WorkbenchError

Encode = Callable[[Iterable[Example]], Iterator[dict[str, Any]]]
"""Answers each example, in order, with {"input_ids", "problems", "warnings", "cut"} or with {"error"}."""

_MOST_DEAD = 3  # rows that kill the encoder before the check gives up
_SAME = {"truncated": "too-long", "control-token-acts": "control-token"}


class Lengths:
    """Asks the encoder about rows."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._dead = 0

    def look(self, rows: list[tuple[int, Example]]) -> Iterator[tuple[int, Finding]]:
        """Return the problems of some rows with their numbers. Raises WorkbenchError when the encoder keeps dying."""
        asked = [(number, example) for number, whole in rows for example in _trained(whole)]
        for (number, _), answer in zip(asked, self._encode(example for _, example in asked), strict=True):
            for finding in self.judged(answer):
                yield number, finding

    def judged(self, answer: dict[str, Any]) -> Iterator[Finding]:
        """Return the problems that an answer tells of. Raises WorkbenchError when the encoder keeps dying."""
        if "error" in answer:
            self._dead += bool(answer.get("dead"))
            if self._dead == _MOST_DEAD:
                raise WorkbenchError(answer["error"], answer.get("fix", ""))
            yield "refused-by-template", answer["error"]
            return
        limit = f"limit of {_length(answer):,} tokens"
        for code in (*answer["problems"], *answer["warnings"]):
            code = _SAME.get(code, code)
            if code in CODES and not (code == "too-long" and "answer-cut" in answer["problems"]):
                yield code, limit if code in ("too-long", "answer-cut") else ""


def _length(answer: dict[str, Any]) -> int:
    """How many tokens a row has, or the longer side of a pair."""
    if "prompt_ids" in answer:
        return len(answer["prompt_ids"]) + max(len(answer["chosen_ids"]), len(answer["rejected_ids"]))
    return len(answer["input_ids"])


def _trained(example: Example) -> list[Example]:
    """The texts that a row is trained on: both answers of a pair, none for a prompt alone."""
    if "chosen" in example:
        return [_conversation(example["prompt"], example[answer]) for answer in ("chosen", "rejected")]
    if example.keys() == {"prompt"}:
        return []
    return [{key: value for key, value in example.items() if key != "label"}]


def _conversation(asked: Any, answered: Any) -> Example:
    if isinstance(answered, str) and isinstance(asked, str):
        return {"prompt": asked, "completion": answered}
    turns = [{"role": "user", "content": asked}] if isinstance(asked, str) and asked else asked or []
    answer = [{"role": "assistant", "content": answered}] if isinstance(answered, str) else answered
    return {"messages": [*turns, *answer]}
