"""Pairs from recorded answers of two models to the same prompts: two columns of a file, or two files."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.data.chat import chat_in, messages_of
from workbench.data.fields import Fields
from workbench.data.found import value_at
from workbench.data.prompts import prompt_of
from workbench.data.schema import Schema, schema_of, unknown_columns
from workbench.data.shapes import Text, answer
from workbench.data.table import BadRow, Row, Rows
from workbench.errors import WrongUse
from workbench.label.pairs import LeftOut
from workbench.label.records import NewPair, Origin

_ANSWERS = {"alpaca": "output", "prompt-completion": "completion", "kto": "completion"}


class TwoColumns:
    """The answers in the columns `first` and `second`, or of the models of these names in what compare wrote.

    Raises WrongUse where a column is missing, or no prompt is found.
    """

    def __init__(self, rows: Rows, first: str, second: str, map: Mapping[str, str] | None = None) -> None:
        self._rows = rows
        self._columns = (first, second)
        self._schema = schema_of(rows, map)
        for column in self._columns:
            if all(_value(row, column) is None for row in rows.readable()):
                raise WrongUse(f"{rows.path} has no answers in {column}", f"columns: {', '.join(rows.column_names)}")
        if self._schema.name == "unknown":
            raise unknown_columns(rows, self._schema, "prompt")

    def __iter__(self) -> Iterator[NewPair | LeftOut]:
        """Yield what each row makes."""
        for number, row in enumerate(self._rows, 1):
            fields = Fields(self._rows, self._schema, number, row)
            try:
                prompt = prompt_of(fields, self._schema).prompt
                first, second = (_answer(fields, row, column) for column in self._columns)
                origins = tuple(Origin(model=column) for column in self._columns)
                yield _pair(fields, prompt, first, second, origins)
            except BadRow as error:
                yield LeftOut(error)


class TwoFiles:
    """The answers of two files, row by row where their prompts are the same, wherever the row stands.

    Raises WrongUse where one of them has no prompts with answers.
    """

    def __init__(self, rows: Rows, against: Rows, map: Mapping[str, str] | None = None) -> None:
        self._rows, self._against = rows, against
        self._schemas = (_answered(rows, map), _answered(against, map))

    def __iter__(self) -> Iterator[NewPair | LeftOut]:
        """Yield what each row of the first file makes, then the rows of the second whose prompt the first has not."""
        others: dict[str, list[tuple[int, Text, Text]]] = {}
        for number, found in _read(self._against, self._schemas[1]):
            if isinstance(found, LeftOut):
                yield found
            else:
                others.setdefault(json.dumps(found[0], sort_keys=True), []).append((number, *found))
        origins = (Origin(file=self._rows.path.name), Origin(file=self._against.path.name))
        for number, found in _read(self._rows, self._schemas[0]):
            if isinstance(found, LeftOut):
                yield found
                continue
            same = others.get(json.dumps(found[0], sort_keys=True))
            fields = Fields(self._rows, self._schemas[0], number, {})
            try:
                if not same:
                    raise fields.bad("prompt", f"is not in {self._against.path.name}", "ask both models the same")
                yield _pair(fields, *found, same.pop(0)[2], origins)
            except BadRow as error:
                yield LeftOut(error)
        for left in others.values():
            for number, *_ in left:
                fields = Fields(self._against, self._schemas[1], number, {})
                yield LeftOut(fields.bad("prompt", f"is not in {self._rows.path.name}", "ask both models the same"))


def compared_columns(rows: Rows) -> tuple[str, str] | None:
    """Return the two models of a file that `workbench compare --json` wrote; None for other files."""
    for row in rows.readable():
        answers = row.get("answers")
        if not isinstance(answers, dict) or len(answers) != 2 or "prompt" not in row:
            return None
        if not all(isinstance(each, str) for each in answers.values()):
            return None
        one, other = answers
        return one, other
    return None


def _answered(rows: Rows, map: Mapping[str, str] | None) -> Schema:
    schema = schema_of(rows, map)
    if schema.name not in _ANSWERS:
        raise WrongUse(f"{rows.path} holds no answers to prompts: {schema.reason}", "--map prompt=… --map completion=…")
    return schema


def _read(rows: Rows, schema: Schema) -> Iterator[tuple[int, tuple[Text, Text] | LeftOut]]:
    for number, row in enumerate(rows, 1):
        fields = Fields(rows, schema, number, row)
        try:
            yield number, (prompt_of(fields, schema).prompt, answer(fields, _ANSWERS[schema.name]))
        except BadRow as error:
            yield number, LeftOut(error)


def _value(row: Row, column: str) -> Any:
    """A column, a model of `answers`, whose name may hold dots, or a place inside a column."""
    answers = row.get("answers")
    return answers[column] if isinstance(answers, dict) and column in answers else value_at(row, column)


def _answer(fields: Fields, row: Row, column: str) -> Text:
    found = chat_in(_value(row, column))
    if not isinstance(found, (str, list, dict)) or not found or (isinstance(found, str) and not found.strip()):
        raise fields.bad(column, "is empty", "take the row out")
    try:
        return found if isinstance(found, str) else messages_of(found)
    except (ValueError, TypeError) as error:
        raise fields.bad(column, f"cannot be read: {error}") from error


def _pair(
    fields: Fields, prompt: Text, first: Text, second: Text, origins: tuple[Origin | None, ...]
) -> NewPair:  # fmt: skip
    if first == second:
        raise fields.bad("prompt", "is answered the same by both: there is nothing to choose", "take the row out")
    return NewPair(prompt, first, second, f"{fields.file}:{fields.number}", origins=origins)
