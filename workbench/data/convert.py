"""Rows of one schema as rows of another, where a row of the one holds what a row of the other needs.

A ranking becomes pairs, a pair the two judgements or the better answer, a good answer something to imitate; what is
to be imitated becomes any layout of it. A row that cannot is left out, with the reason.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workbench.data.chat import Message
from workbench.data.examples import Example, example_maker
from workbench.data.fields import Fields
from workbench.data.layouts import LAYOUTS, is_plain
from workbench.data.preference import Preference, preference
from workbench.data.prompts import prompt_of
from workbench.data.ranking import ranking
from workbench.data.schema import Schema, schema_of
from workbench.data.table import BadRow, Row, Rows
from workbench.errors import WrongUse

SCHEMAS = ("messages", "sharegpt", "alpaca", "prompt-completion", "prompt", "preference", "kto", "text")


class Conversion:
    """The rows of a file in another schema; what is left out is known once they have been gone through.

    `to` may be "", which gives each column the name of the part that it plays.
    """

    def __init__(self, rows: Rows, to: str = "", map: Mapping[str, str] | None = None) -> None:
        """Raise WrongUse where no row could be converted, and what `schema_of` raises."""
        self.rows = rows
        self.schema = schema_of(rows, map)
        self.to = to or self.schema.name
        self.left_out: list[BadRow] = []
        self._convert = _converter(rows, self.schema, to)

    def __iter__(self) -> Iterator[Row]:
        self.left_out.clear()
        for number, row in enumerate(self.rows.each(), 1):
            if isinstance(row, BadRow):
                self.left_out.append(row)
                continue
            try:
                made = list(self._convert(Fields(self.rows, self.schema, number, row)))
            except BadRow as error:
                self.left_out.append(error)
                continue
            yield from made


Convert = Callable[[Fields], Iterator[Row]]


def _converter(rows: Rows, schema: Schema, to: str) -> Convert:
    if schema.name == "unknown":
        fix = "say which column plays which part: --map prompt=COLUMN --map completion=COLUMN"
        raise WrongUse(f"{rows.path}: {schema.reason}", fix)
    if not to or (to == schema.name and to not in SCHEMAS):
        return lambda fields: iter([{target: fields.value(target) for target in schema.mapping}])
    if to not in SCHEMAS:
        raise WrongUse(f"--to {to}: no schema to convert to", f"choose from {', '.join(SCHEMAS)}")
    if to == "prompt":
        return lambda fields: iter([{"prompt": prompt_of(fields, schema).prompt}])
    found = _pairwise(schema, to) or _imitated(rows, schema, to)
    if found is None:
        fix = _OTHERS.get(to) or _NO_ANSWER
        raise WrongUse(f"{rows.path} holds {schema.name} rows, which cannot become {to}", fix)
    return found


_NO_ANSWER = "name the columns of questions and answers: --map prompt=COLUMN --map completion=COLUMN"
_OTHERS = {
    "preference": "only a preference or a ranking says which of two answers is better",
    "kto": "only kto, a preference or a ranking says which answers are good",
    "text": "only running text can stay one; for training, prompts and answers need a template",
}


def _pairwise(schema: Schema, to: str) -> Convert | None:
    """What keeps the judgement that a row holds."""
    preferences = _preferences(schema)
    if to == "preference" and preferences:
        return lambda fields: (vars(_in_one_form(each, schema)) for each in preferences(fields))
    if to == "kto" and preferences:
        return lambda fields: (row for each in preferences(fields) for row in _judged(_in_one_form(each, schema)))
    if to == "kto" and schema.name == "kto":
        return lambda fields: iter([{target: fields.value(target) for target in schema.mapping}])
    return None


def _preferences(schema: Schema) -> Callable[[Fields], Iterator[Preference]] | None:
    if schema.name == "preference":
        return lambda fields: iter([preference(fields)])
    return (lambda fields: ranking(fields).pairs()) if schema.name == "ranking" else None


def _in_one_form(pair: Preference, schema: Schema) -> Preference:
    """Text throughout, or messages throughout: in each row of a file that has a column for system or history."""
    parts = (pair.prompt, pair.chosen, pair.rejected)
    if all(isinstance(part, str) for part in parts) and not schema.mapping.keys() & {"system", "history"}:
        return pair
    asked = _turns(pair.prompt, "user") if pair.prompt else []
    return Preference(asked, _turns(pair.chosen, "assistant"), _turns(pair.rejected, "assistant"))


def _judged(pair: Preference) -> Iterator[Row]:
    yield {"prompt": pair.prompt, "completion": pair.chosen, "label": True}
    yield {"prompt": pair.prompt, "completion": pair.rejected, "label": False}


def _imitated(rows: Rows, schema: Schema, to: str) -> Convert | None:
    """What keeps the answer that is to be imitated: of a preference the chosen, of a ranking the best."""
    make = _best(schema) or example_maker(schema.name)
    if make is None or to not in LAYOUTS or (to == "text") != (schema.name == "text"):
        return None
    layout = LAYOUTS[to]
    as_text = all(is_plain(each) for each in _made(rows, schema, make))

    def convert(fields: Fields) -> Iterator[Row]:
        try:
            yield layout(make(fields), as_text)
        except ValueError as error:
            if isinstance(error, BadRow):
                raise
            raise fields.bad(next(iter(schema.mapping)), str(error)) from error

    return convert


def _made(rows: Rows, schema: Schema, make: Callable[[Fields], Example]) -> Iterator[Example]:
    """The examples of the rows that make one."""
    for number, row in enumerate(rows.each(), 1):
        if not isinstance(row, BadRow):
            try:
                yield make(Fields(rows, schema, number, row))
            except BadRow:
                continue


def _best(schema: Schema) -> Callable[[Fields], Example] | None:
    if schema.name == "preference":
        return lambda fields: _answered(preference(fields))
    if schema.name == "ranking":
        return _best_ranked
    return _if_good if schema.name == "kto" else None


def _best_ranked(fields: Fields) -> Example:
    found = ranking(fields)
    best, _ = max(found.answers, key=lambda answer: answer[1])
    return _answered(Preference(found.prompt, best, ""))


def _if_good(fields: Fields) -> Example:
    if fields.text("label").casefold() != "true":
        raise fields.bad("label", "is no: the answer is not to be imitated", "")
    maker = example_maker("messages" if fields.source("messages") else "prompt-completion")
    assert maker is not None
    return maker(fields)


def _answered(pair: Preference) -> dict[str, Any]:
    if isinstance(pair.prompt, str) and isinstance(pair.chosen, str):
        return {"prompt": pair.prompt, "completion": pair.chosen}
    return {"prompt": _turns(pair.prompt, "user"), "completion": _turns(pair.chosen, "assistant")}


def _turns(text: str | list[Message], role: str) -> list[Message]:
    return [{"role": role, "content": text}] if isinstance(text, str) else text
