"""A row as training would read it, for every schema; and why it cannot be read so.

What is made here for supervised fine-tuning is what `workbench.data.examples` makes, so that both refuse the same.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workbench.data.cells import written_in
from workbench.data.chat import ROLES, chat_in, is_texts, turn_style
from workbench.data.check.problems import Finding
from workbench.data.examples import Example, Examples, examples
from workbench.data.fields import Fields
from workbench.data.found import is_absent, value_at
from workbench.data.preference import Tie, answers_of, asked_beside
from workbench.data.ranking import ranking
from workbench.data.schema import Schema, schema_of
from workbench.data.shapes import question
from workbench.data.table import BadRow, Row, Rows, type_of
from workbench.data.transcript import transcript_of

ANSWERS = ("completion", "output", "choice", "chosen", "rejected", "first", "second", "summary", "target", "label")
_OPTIONAL = {"input", "system", "history", "tools"}
_CHATS = {"messages", "chosen", "rejected", "first", "second", "prompt", "completion", "output", "instruction"}
_MAY_BE_LISTS = {"answers", "label", "choices", "responses", "ranks", "scores"}


class Reader:
    """Reads the rows of one file. Raises WrongUse when `map` names what does not exist."""

    def __init__(self, rows: Rows, map: Mapping[str, str] | None = None) -> None:
        self.rows = rows
        self.schema: Schema = schema_of(rows, map)
        self.sources = tuple(dict.fromkeys(self.schema.mapping.values())) or tuple(rows.column_names)
        self._examples = self._of_schema(map)

    def example(self, number: int, row: Row) -> Example | None:
        """Return what training makes of a row; None for a file of no known schema. Raises BadRow as training does."""
        return self._examples.of(number, row) if self._examples else None

    def texts(self, row: Row) -> list[str]:
        """Return the texts in the fields that have a part, also those inside chats."""
        found: list[str] = []
        for source in self.sources:
            value = row.get(source)
            if value is None:
                value = value_at(row, source)
            if type(value) is str:
                found.append(value)
            elif value is not None:
                found += leaves(value)
        return found

    def _of_schema(self, map: Mapping[str, str] | None) -> Examples | None:
        if self.schema.name == "unknown":
            return None
        make = _NOT_FOR_SFT.get(self.schema.name)
        return Examples(self.rows, self.schema, make) if make else examples(self.rows, map)


def leaves(value: Any) -> Iterator[str]:
    """Return the texts inside a value, in order, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)


def blame(schema: Schema, row: Row, error: BadRow) -> Finding:
    """Return the problem because of which training refuses a row."""
    if isinstance(error, Tie):
        return "tie", error.detail
    optional = _OPTIONAL if schema.name == "squad" else {*_OPTIONAL, "context"}
    for target, source in schema.mapping.items():
        if target in optional:
            continue
        value = value_at(row, source)
        name = source if source == target else f"{source} (the {target})"
        if _is_blank(value) or (target == "answers" and not any(leaves(written_in(value)))):
            return _of_blank(row, target, source, name)
        value = chat_in(value)
        style = turn_style(value) if target in _CHATS else ""
        if target == "messages" and (is_texts(value) or (isinstance(value, str) and transcript_of(value))):
            continue
        if not style and (isinstance(value, (list, dict)) or target == "messages") and target not in _MAY_BE_LISTS:
            return (
                "wrong-type",
                f"{name} is a JSON {type_of(value)}, not {'a chat' if target == 'messages' else 'text'}",
            )
        if style:
            unknown = _unknown_speaker(value)
            if unknown:
                return "unknown-role", unknown
    return ("broken-chat" if "turn " in error.detail else "unfit-row"), error.detail


def _of_blank(row: Row, target: str, source: str, name: str) -> Finding:
    if target == "answers":
        return "unanswerable", name
    if source.partition(".")[0] not in row and source not in row:
        return "missing-field", name
    return ("empty-answer" if target in ANSWERS else "empty-field"), name


def _is_blank(value: Any) -> bool:
    return is_absent(value) or (isinstance(value, str) and not value.strip())


def _unknown_speaker(value: Any) -> str:
    for turn in value if isinstance(value, list) else [value]:
        speaker = turn.get("from", turn.get("role")) if turn_style(turn) == "from" else "user"
        if not isinstance(speaker, str) or speaker.casefold() not in ROLES:
            return repr(speaker)
    return ""


def _preference(fields: Fields) -> Example:
    chosen, rejected = answers_of(fields)
    asked = asked_beside(fields, chosen) if fields.has("prompt") else ""
    return {"prompt": asked, "chosen": chosen, "rejected": rejected}


def _ranking(fields: Fields) -> Example:
    found = ranking(fields)
    return {"prompt": found.prompt, "completion": "\n\n".join(text for text, _ in found.answers)}


def _kto(fields: Fields) -> Example:
    label = fields.text("label").lower()
    if label not in ("true", "false"):
        raise fields.bad("label", "is neither true nor false", "write true or false")
    if fields.has("messages"):
        return {"messages": fields.messages("messages"), "label": label}
    return {"prompt": question(fields, "prompt"), "completion": fields.text_or_messages("completion"), "label": label}


def _prompt(fields: Fields) -> Example:
    return {"prompt": question(fields, "prompt")}


_NOT_FOR_SFT: dict[str, Callable[[Fields], Example]] = {
    "preference": _preference,
    "kto": _kto,
    "ranking": _ranking,
    "prompt": _prompt,
}
