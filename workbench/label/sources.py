"""What a file gives to label: pairs, rankings, single answers or rows with a class, by what its columns are.

A file that Workbench exported comes back with its votes. What another file says of its own, a rank, good or bad, a
class, counts as the vote of one annotator: by default the file itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from workbench.data.examples import example_maker
from workbench.data.fields import Fields
from workbench.data.ranking import ranking
from workbench.data.schema import Schema, schema_of
from workbench.data.shapes import text_and_pair
from workbench.data.table import BadRow, Row, Rows
from workbench.errors import WrongUse
from workbench.label.choices import RATINGS
from workbench.label.collected import (
    argilla_kind,
    argilla_record,
    kind_of_votes,
    number_at,
    plain,
    text_at,
    together,
    voted,
    where,
)
from workbench.label.pairs import LeftOut, PreferenceRows
from workbench.label.ranking import from_merits, written
from workbench.label.recorded import TwoColumns, TwoFiles, compared_columns
from workbench.label.records import GivenVote, Guess, NewItem, NewPair
from workbench.label.schema import SetKind


@dataclass(frozen=True)
class Source:
    """The items of a file, of one kind; a row that makes none is left out by name."""

    kind: SetKind
    items: Iterable[NewItem | NewPair | LeftOut]


@dataclass(frozen=True)
class Recorded:
    """Where two models' answers are, when a person says so: in two columns, or in this file and another."""

    first: str = ""
    second: str = ""
    against: Rows | None = None


def source_of(
    rows: Rows, map: Mapping[str, str] | None = None, annotator: str = "", recorded: Recorded | None = None
) -> Source:
    """Return what a file gives to label. Raises WrongUse where that is nothing."""
    pairs = _recorded(rows, map, recorded or Recorded())
    if pairs is not None:
        return Source("pairs", pairs)
    kind = kind_of_votes(rows)
    if kind is not None and not map:
        each_vote = _made(rows, Schema("unknown", ""), lambda fields, row: voted(kind, fields, row))
        return Source(kind, together(each_vote))
    records = argilla_kind(rows)
    if records is not None and not map:
        return Source(records, _made(rows, Schema("unknown", ""), argilla_record))
    if {"text", "guess"} <= set(rows.column_names) and not map:
        return Source("classes", _made(rows, Schema("unknown", ""), _guessed))
    schema = schema_of(rows, map)
    name = annotator or rows.path.name
    if schema.name == "ranking":
        return Source("ranking", _made(rows, schema, lambda fields, _: _ranked(fields, name)))
    column = next((each for each in ("answers", "responses") if each in rows.column_names), None)
    if column and "prompt" in rows.column_names and not map and _holds_answers(rows, column):
        return Source("ranking", _made(rows, schema, lambda fields, row: _unranked(fields, row, column)))
    if schema.name == "kto":
        return Source("single", _made(rows, schema, lambda fields, _: _rated(fields, name)))
    if schema.name == "classification":
        return Source("classes", _made(rows, schema, lambda fields, _: _classified(fields, name)))
    return Source("pairs", PreferenceRows(rows, map, annotator))


def _recorded(rows: Rows, map: Mapping[str, str] | None, recorded: Recorded) -> Iterable[NewPair | LeftOut] | None:
    if recorded.against is not None:
        return TwoFiles(rows, recorded.against, map)
    if bool(recorded.first) != bool(recorded.second):
        raise WrongUse("two models' answers are in two columns", "name both: --first COLUMN --second COLUMN")
    columns = (recorded.first, recorded.second) if recorded.first else compared_columns(rows)
    return TwoColumns(rows, *columns, map) if columns else None


def _made(rows: Rows, schema: Schema, make: Callable[[Fields, Row], NewItem]) -> Iterator[NewItem | LeftOut]:
    for number, row in enumerate(rows, 1):
        fields = Fields(rows, schema, number, row)
        try:
            yield make(fields, row)
        except BadRow as error:
            yield LeftOut(error)


def _ranked(fields: Fields, annotator: str) -> NewItem:
    found = ranking(fields)
    texts = tuple(text for text, _ in found.answers)
    if len(set(texts)) < len(texts):
        raise fields.bad("responses", "holds the same answer twice", "take one out, with its number")
    order = written(from_merits(tuple(merit for _, merit in found.answers)))
    return NewItem(found.prompt, texts, source=where(fields), votes=(GivenVote(annotator, order),))


def _holds_answers(rows: Rows, column: str) -> bool:
    """Whether the first row has several texts there."""
    first = next(iter(rows), {}).get(column)
    return isinstance(first, list) and len(first) > 1 and all(isinstance(each, str) for each in first)


def _unranked(fields: Fields, row: Row, column: str) -> NewItem:
    """Answers of which nobody said yet which is better."""
    texts = row.get(column)
    if (
        not isinstance(texts, list)
        or len(texts) < 2
        or not all(isinstance(each, str) and each.strip() for each in texts)
    ):
        raise fields.bad(column, "holds no two answers", "write a list of texts")
    if len(set(texts)) < len(texts):
        raise fields.bad(column, "holds the same answer twice", "take one out")
    return NewItem(text_at(fields, row, "prompt"), tuple(texts), source=where(fields))


def _rated(fields: Fields, annotator: str) -> NewItem:
    make = example_maker("messages" if fields.source("messages") else "prompt-completion")
    assert make is not None
    example = make(fields)
    prompt, answer = example.get("prompt"), example.get("completion")
    if "messages" in example:
        prompt, answer = example["messages"][:-1], example["messages"][-1:]
    if not prompt or not answer:
        raise fields.bad("completion", "is empty", "fill it in, or take the row out")
    good, bad = RATINGS
    choice = {"true": good, "false": bad}.get(fields.text("label").casefold())
    if choice is None:
        raise fields.bad("label", "is neither true nor false", "write true for a good answer")
    return NewItem(prompt, (answer,), source=where(fields), votes=(GivenVote(annotator, choice),))


def _classified(fields: Fields, annotator: str) -> NewItem:
    vote = GivenVote(annotator, fields.text("label"))
    return NewItem(text_and_pair(fields), source=where(fields), votes=(vote,))


def _guessed(fields: Fields, row: Row) -> NewItem:
    """A row with the class that a model takes it for, and maybe its probability."""
    probability = number_at(fields, row, "probability")
    if probability is not None and not 0 <= probability <= 1:
        raise fields.bad("probability", f"is {probability:g}", "write a number from 0 to 1")
    guess = row.get("guess")
    found = None if guess in (None, "") else Guess(plain(guess), 1.0 if probability is None else probability)
    return NewItem(text_at(fields, row, "text"), source=where(fields), guess=found)
