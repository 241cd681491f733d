"""Preference pairs as tokens: what both answers follow, the better answer and the worse one.

Each side goes through the one encoder as a prompt with its completion, and ends with its stop token.
"""

import os.path
from dataclasses import dataclass, field
from typing import Any

from workbench.template.encoder import IGNORED, Encoder, Tokens
from workbench.template.rendering import as_chat
from workbench.template.writer import TemplateFailed


@dataclass(frozen=True)
class Pair:
    """One encoded pair. A side's whole text is `prompt_ids` and then its own ids."""

    prompt_ids: list[int]
    chosen_ids: list[int]
    rejected_ids: list[int]
    problems: list[str] = field(default_factory=list)
    """Codes: those of either side, and sides-equal."""
    cut: int = 0
    """How many tokens of the longer side did not fit into `max_length`."""
    warnings: list[str] = field(default_factory=list)


def is_pair(row: dict[str, Any]) -> bool:
    """Whether a row holds {"prompt", "chosen", "rejected", "tools"?}; all three text, or lists of messages."""
    return "chosen" in row


def side_of(row: dict[str, Any], name: str) -> dict[str, Any]:
    """Return one side of a pair, chosen or rejected, as a prompt with its completion."""
    kept = {key: value for key, value in row.items() if key not in ("chosen", "rejected")}
    return {**kept, "completion": row[name]}


def encode_pair(encoder: Encoder, row: dict[str, Any]) -> Pair:
    """Return a pair's tokens. Raises TemplateFailed where the template writes two prompts for one."""
    sides = [encoder.of_completions.encode(side_of(row, name)) for name in ("chosen", "rejected")]
    prompt = _prompt(encoder, row, sides)
    chosen, rejected = (side.input_ids[len(prompt) : _end(encoder, side)] for side in sides)
    codes = dict.fromkeys(code for side in sides for code in side.problems)
    if chosen == rejected and "answer-cut" not in codes:
        codes["sides-equal"] = None
    warnings = list(dict.fromkeys(code for side in sides for code in side.warnings))
    return Pair(prompt, chosen, rejected, list(codes), max(side.cut for side in sides), warnings)


def _prompt(encoder: Encoder, row: dict[str, Any], sides: list[Tokens]) -> list[int]:
    """What a model is given before it answers, where both sides begin with that; else what they share untrained."""
    _, asked = encoder.prompt(row["prompt"] if encoder.template is None else as_chat(row) or "", row.get("tools"))
    if all(side.input_ids[: len(asked)] == asked[: len(side.input_ids)] for side in sides):
        return asked[: encoder.spec.max_length]
    starts = [_first(side) for side in sides]
    before = [side.input_ids[:start] for side, start in zip(sides, starts, strict=True)]
    shared = list(os.path.commonprefix(before))  # noqa: RUF071  # lists, not paths
    if max(starts) - len(shared) > 1:  # one: in plain text a token may span the end of the prompt
        raise TemplateFailed(
            "the chat template writes the prompt differently before the two answers", "name another template"
        )
    return shared


def _first(side: Tokens) -> int:
    return next((place for place, label in enumerate(side.labels) if label != IGNORED), len(side.labels))


def _end(encoder: Encoder, side: Tokens) -> int:
    """Where the answer ends: behind its stop token, without white space that the template writes after that."""
    untrained = next((place for place, label in enumerate(reversed(side.labels)) if label != IGNORED), 0)
    last = end = len(side.labels) - untrained
    while end and side.labels[end - 1] not in encoder.stop_ids:
        if encoder.tokenizer.decode([side.input_ids[end - 1]]).strip():
            return last
        end -= 1
    return end or last
