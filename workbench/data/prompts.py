"""Rows of any recognised schema as what a model is asked, for generation."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.data.chat import Message
from workbench.data.fields import Fields
from workbench.data.preference import ANSWERS_AFTER
from workbench.data.schema import Schema, schema_of, unknown_columns
from workbench.data.shapes import (
    Text,
    answer,
    context_and_question,
    conversation,
    first_answer,
    parts,
    question,
    text_and_pair,
    tools,
    with_system,
)
from workbench.data.table import Rows


@dataclass(frozen=True)
class Prompt:
    """What a model is asked in row `row` (counted from 1), and the answer that the row has, if any."""

    row: int
    prompt: Text
    answer: str | None = None
    more: dict[str, Any] = field(default_factory=dict)
    """What else the row has for a template: "tools", and "parts" of the prompt, see `shapes.parts`."""

    @property
    def asked(self) -> dict[str, Any]:
        """The prompt and all else that a template takes, as the encoder has it."""
        return {"prompt": self.prompt, **self.more}


class Prompts:
    """What each row of a file asks, each made when it is asked for; prompt i is row i."""

    def __init__(self, rows: Rows, schema: Schema) -> None:
        self._rows = rows
        self._schema = schema

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Prompt:
        number = index + 1
        return prompt_of(Fields(self._rows, self._schema, number, self._rows[index]), self._schema)


def open_prompts(rows: Rows, map: Mapping[str, str] | None = None) -> Prompts:
    """Return what the rows ask: text (plain text too), or messages without the last assistant turn."""
    schema = schema_of(rows, map)
    if schema.name == "unknown":
        raise unknown_columns(rows, schema, "prompt")
    return Prompts(rows, schema)


def prompts(rows: Rows, map: Mapping[str, str] | None = None) -> list[Prompt]:
    """Return what every row asks, as a list."""
    found = open_prompts(rows, map)
    return [found[index] for index in range(len(found))]


def prompt_of(fields: Fields, schema: Schema) -> Prompt:
    """Return what a row asks."""
    found = _asked_in(fields, schema)
    return replace(found, more={**found.more, **tools(fields)})


def _asked_in(fields: Fields, schema: Schema) -> Prompt:
    number = fields.number
    if schema.name in ("messages", "sharegpt") or (schema.name == "kto" and "messages" in schema.mapping):
        return _asked_in_chat(number, with_system(fields, fields.messages("messages")))
    if schema.name == "preference" and "prompt" not in schema.mapping:
        return _asked_in_dialogue(number, fields.text_or_messages("chosen" if fields.source("chosen") else "first"))
    if schema.name == "squad":
        return Prompt(number, context_and_question(fields), first_answer(fields))
    asks, answers = _PARTS[schema.name]
    asked = text_and_pair(fields) if schema.name == "classification" else question(fields, asks)
    if fields.has("system", "history"):
        asked = conversation(fields, asked, "")["prompt"]
    says = answers and fields.value("choice" if fields.source("choice") else answers) is not None
    return Prompt(number, asked, _answer(answer(fields, answers)) if says else None, parts(fields, asks))


_PARTS = {
    "alpaca": ("instruction", "output"),
    "prompt-completion": ("prompt", "completion"),
    "prompt": ("prompt", ""),
    "preference": ("prompt", "chosen"),
    "ranking": ("prompt", ""),
    "kto": ("prompt", ""),
    "summary": ("document", "summary"),
    "translation": ("source", "target"),
    "classification": ("text", "label"),
    "text": ("text", ""),
}


def _asked_in_chat(number: int, turns: list[Message]) -> Prompt:
    if turns[-1]["role"] == "assistant" and len(turns) > 1:
        return Prompt(number, turns[:-1], _answer(turns[-1:]))
    return Prompt(number, turns, None)


def _asked_in_dialogue(number: int, chosen: Text) -> Prompt:
    """The prompt of a whole dialogue as in HH: all up to and with the last "Assistant:"."""
    if not isinstance(chosen, str):
        return _asked_in_chat(number, chosen)
    before, marker, answer = chosen.rpartition(ANSWERS_AFTER)
    return Prompt(number, before + marker, answer.strip()) if marker else Prompt(number, chosen, None)


def _answer(answered: Text) -> str | None:
    if isinstance(answered, str):
        return answered
    content = answered[-1]["content"]
    return content if isinstance(content, str) and content else None
