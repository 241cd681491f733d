"""Rows of any recognised schema as the few shapes that training and generation know.

A training example is {"messages": […], "tools"?}, {"prompt": …, "completion": …, "parts"?, "tools"?} or {"text": …};
prompt and completion are both text or both lists of messages.
"""

from collections.abc import Callable, Iterator, Mapping

from workbench.data.fields import Fields
from workbench.data.preference import ANSWERS_AFTER, digest_of, preference
from workbench.data.prompts import Prompt, prompts
from workbench.data.schema import Schema, schema_of, unknown_columns
from workbench.data.shapes import (
    Example,
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
from workbench.data.table import Row, Rows
from workbench.data.transcript import transcript_of
from workbench.errors import WrongUse

__all__ = ["Example", "Examples", "Prompt", "examples", "prompts"]


class Examples:
    """The rows of a file as training examples, each made when it is asked for; example i is row i."""

    def __init__(self, rows: Rows, schema: Schema, make: Callable[[Fields], Example]) -> None:
        self.rows = rows
        self.schema = schema
        self._make = make

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Example:
        return self.of((index + len(self) if index < 0 else index) + 1, self.rows[index])

    def __iter__(self) -> Iterator[Example]:
        return (example for _, example in self.numbered())

    def numbered(self) -> Iterator[tuple[int, Example]]:
        """Return each example with its row number, counted from 1."""
        for number, row in enumerate(self.rows, 1):
            yield number, self.of(number, row)

    def of(self, number: int, row: Row) -> Example:
        """Return the example of a row that was read already; its number is counted from 1."""
        return self._make(Fields(self.rows, self.schema, number, row))


def examples(rows: Rows, map: Mapping[str, str] | None = None) -> Examples:
    """Return the rows as examples for supervised fine-tuning.

    Raises WrongUse when the rows are of no schema that can be trained on so; a row that does not fit raises
    BadRow when it is reached.
    """
    schema = schema_of(rows, map)
    make = example_maker(schema.name)
    if make is None:
        raise _not_for_training(rows, schema)
    return Examples(rows, schema, make)


def encodable(rows: Rows, map: Mapping[str, str] | None = None) -> Examples:
    """Return the rows as what the encoder takes: of a file of preferences pairs, else examples to imitate.

    A pair is {"prompt", "chosen", "rejected", "tools"?}, all three text or all three lists of messages.
    """
    schema = schema_of(rows, map)
    return Examples(rows, schema, _pair) if schema.name == "preference" else examples(rows, map)


def pairs(rows: Rows, map: Mapping[str, str] | None = None) -> Examples:
    """Return the rows as pairs of a better and a worse answer, see `encodable`; a pair's "digest" names it.

    Raises WrongUse when the rows are no preferences. One that prefers neither answer raises BadRow when it is reached.
    """
    schema = schema_of(rows, map)
    if schema.name != "preference":
        fix = "a pair has a chosen and a rejected answer: columns of these names, or a map to them"
        raise WrongUse(f"{rows.path} holds no pairs of answers: it is {schema.name}, {schema.reason}", fix)
    return Examples(rows, schema, _named_pair)


def example_maker(schema_name: str) -> Callable[[Fields], Example] | None:
    """Return what makes an example of a row of that schema; None where nothing is to be imitated."""
    return _MAKERS.get(schema_name)


def _from_chat(fields: Fields) -> Example:
    return {"messages": with_system(fields, fields.messages("messages")), **tools(fields)}


def _from_alpaca(fields: Fields) -> Example:
    return conversation(fields, question(fields, "instruction"), answer(fields, "output")) | parts(
        fields, "instruction"
    )


def _from_pair(fields: Fields) -> Example:
    return conversation(fields, question(fields, "prompt"), answer(fields, "completion")) | parts(fields, "prompt")


def _from_squad(fields: Fields) -> Example:
    found = first_answer(fields)
    if found is None:
        raise fields.bad("answers", "is empty: a question without an answer", "take it out, or train with task: answer")
    return {"prompt": context_and_question(fields), "completion": found}


def _from_text(fields: Fields) -> Example:
    return {"text": fields.text("text")}


def _from_classified(fields: Fields) -> Example:
    return {"prompt": text_and_pair(fields), "completion": fields.text("label")}


def _pair(fields: Fields) -> Example:
    found = preference(fields)
    sides = {"prompt": found.prompt, "chosen": found.chosen, "rejected": found.rejected}
    asked = sides["prompt"]
    if isinstance(asked, str) and asked.endswith(ANSWERS_AFTER):
        sides["prompt"] = transcript_of(asked)[:-1] or asked  # its last turn is the empty answer
    if any(isinstance(side, list) for side in sides.values()):
        sides = {name: _as_turns(side, "user" if name == "prompt" else "assistant") for name, side in sides.items()}
    return {**sides, **tools(fields)} | (parts(fields, "prompt") if fields.source("prompt") else {})


def _named_pair(fields: Fields) -> Example:
    found = preference(fields)
    return {**_pair(fields), "digest": digest_of(found.prompt, found.chosen, found.rejected)}


def _as_turns(said: Text, role: str) -> Text:
    return [{"role": role, "content": said}] if isinstance(said, str) else said


def _between(source: str, target: str) -> Callable[[Fields], Example]:
    return lambda fields: {"prompt": fields.text(source), "completion": fields.text(target)}


_MAKERS: dict[str, Callable[[Fields], Example]] = {
    "messages": _from_chat,
    "sharegpt": _from_chat,
    "alpaca": _from_alpaca,
    "prompt-completion": _from_pair,
    "squad": _from_squad,
    "summary": _between("document", "summary"),
    "translation": _between("source", "target"),
    "classification": _from_classified,
    "text": _from_text,
}


def _not_for_training(rows: Rows, schema: Schema) -> WrongUse:
    if schema.name == "unknown":
        return unknown_columns(rows, schema, "prompt", "completion")
    if schema.name == "prompt":
        asks = schema.mapping["prompt"]
        fix = f"name the column of the answers: map: {{prompt: {asks}, completion: COLUMN}}"
        return WrongUse(f"{rows.path} has prompts ({asks}) but no answers to learn", fix)
    fix = "train with task: reward, dpo or kto, or name one answer: map: {prompt: COLUMN, completion: COLUMN}"
    return WrongUse(f"{rows.path} holds {schema.name} rows, not examples to imitate", fix)
