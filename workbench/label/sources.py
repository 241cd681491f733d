"""What a file gives to label: pairs, rankings, single answers or rows with a class, by what its columns are.

A file that Workbench exported comes back with its votes. What another file says of its own, a rank, good or bad, a
class, counts as the vote of one annotator: by default the file itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.data.cells import written_in
from workbench.data.chat import chat_in, messages_of
from workbench.data.examples import example_maker
from workbench.data.fields import Fields
from workbench.data.ranking import ranking
from workbench.data.schema import Schema, schema_of
from workbench.data.shapes import Text, text_and_pair
from workbench.data.table import BadRow, Row, Rows
from workbench.errors import WrongUse
from workbench.label.choices import RATINGS
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
    kind = _kind_of_votes(rows)
    if kind is not None and not map:
        each_vote = _made(rows, Schema("unknown", ""), lambda fields, row: _voted(kind, fields, row))
        return Source(kind, _together(each_vote))
    if {"fields", "responses"} <= set(rows.column_names) and not map:
        return Source("pairs", _made(rows, Schema("unknown", ""), _argilla))
    if {"text", "guess"} <= set(rows.column_names) and not map:
        return Source("classes", _made(rows, Schema("unknown", ""), _guessed))
    schema = schema_of(rows, map)
    name = annotator or rows.path.name
    if schema.name == "ranking":
        return Source("ranking", _made(rows, schema, lambda fields, _: _ranked(fields, name)))
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


def _where(fields: Fields) -> str:
    return f"{fields.file}:{fields.number}"


def _ranked(fields: Fields, annotator: str) -> NewItem:
    found = ranking(fields)
    texts = tuple(text for text, _ in found.answers)
    if len(set(texts)) < len(texts):
        raise fields.bad("responses", "holds the same answer twice", "take one out, with its number")
    order = written(from_merits(tuple(merit for _, merit in found.answers)))
    return NewItem(found.prompt, texts, source=_where(fields), votes=(GivenVote(annotator, order),))


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
    return NewItem(prompt, (answer,), source=_where(fields), votes=(GivenVote(annotator, choice),))


def _classified(fields: Fields, annotator: str) -> NewItem:
    vote = GivenVote(annotator, fields.text("label"))
    return NewItem(text_and_pair(fields), source=_where(fields), votes=(vote,))


def _guessed(fields: Fields, row: Row) -> NewItem:
    """A row with the class that a model takes it for, and maybe its probability."""
    probability = _number(fields, row, "probability")
    if probability is not None and not 0 <= probability <= 1:
        raise fields.bad("probability", f"is {probability:g}", "write a number from 0 to 1")
    guess = row.get("guess")
    found = None if guess in (None, "") else Guess(str(guess), 1.0 if probability is None else probability)
    return NewItem(_text(fields, row, "text"), source=_where(fields), guess=found)


def _kind_of_votes(rows: Rows) -> SetKind | None:
    """What a file is about that has a row for each vote."""
    names = set(rows.column_names)
    if not {"annotator", "choice"} <= names:
        return None
    columns: dict[SetKind, set[str]] = {
        "pairs": {"prompt", "first", "second"},
        "ranking": {"prompt", "responses"},
        "single": {"prompt", "completion"},
        "classes": {"text"},
    }
    return next((kind for kind, needed in columns.items() if needed <= names), None)


def _voted(kind: SetKind, fields: Fields, row: Row) -> NewItem:
    prompt = _text(fields, row, "text" if kind == "classes" else "prompt")
    if kind == "ranking":
        responses = written_in(row["responses"])
        answers = tuple(_said(fields, "responses", each) for each in responses) if isinstance(responses, list) else ()
    else:
        answers = tuple(
            _text(fields, row, name)
            for name in {"pairs": ("first", "second"), "single": ("completion",), "classes": ()}[kind]
        )
    source = str(row.get("source") or "") or _where(fields)
    return NewItem(prompt, answers, source=source, votes=(_vote(fields, row),))


def _together(each_vote: Iterable[NewItem | LeftOut]) -> Iterator[NewItem | LeftOut]:
    """Each item once with all its votes, where these follow each other."""
    held: NewItem | None = None
    for each in each_vote:
        if isinstance(each, LeftOut):
            yield each
        elif held is not None and (held.prompt, held.answers) == (each.prompt, each.answers):
            held = replace(held, votes=(*held.votes, *each.votes))
        else:
            if held is not None:
                yield held
            held = each
    if held is not None:
        yield held


def _vote(fields: Fields, row: Row) -> GivenVote:
    annotator, choice, left = (row.get(name) for name in ("annotator", "choice", "shown_left"))
    if annotator in (None, "") or choice in (None, ""):
        raise fields.bad("annotator" if annotator in (None, "") else "choice", "is empty", "say who voted, and what")
    if left not in (None, "", "first", "second"):
        raise fields.bad("shown_left", f"is {left!r}", "write first or second, or leave it empty")
    seconds, at = (_number(fields, row, name) for name in ("seconds", "at"))
    note, criterion = (str(row.get(name) or "") for name in ("note", "criterion"))
    repeat = str(row.get("repeat") or "").casefold() in ("true", "1")
    return GivenVote(str(annotator), str(choice), left or None, note, seconds, at, criterion, repeat)


def _number(fields: Fields, row: Row, name: str) -> float | None:
    value = row.get(name)
    if value in (None, ""):
        return None
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise fields.bad(name, f"is {value!r}, no number", "write seconds, or leave it empty") from error


def _argilla(fields: Fields, row: Row) -> NewItem:
    asked, responses = row["fields"], row["responses"] or {}
    if not isinstance(asked, dict) or not isinstance(responses, dict):
        raise fields.bad("fields", "is not what a record of Argilla holds")
    prompt, *answers = (_text(fields, asked, name) for name in ("prompt", "response1", "response2"))
    notes = {each.get("user_id"): str(each.get("value")) for each in responses.get("note", [])}
    votes = []
    for each in responses.get("preference", []):
        annotator, choice = each.get("user_id"), each.get("value")
        if not annotator or not choice:
            raise fields.bad("responses", "holds a preference without user_id or value")
        votes.append(GivenVote(str(annotator), _ARGILLA.get(choice, str(choice)), note=notes.get(annotator, "")))
    source = (row.get("metadata") or {}).get("source") or _where(fields)
    return NewItem(prompt, tuple(answers), source=str(source), votes=tuple(votes))


_ARGILLA = {"response1": "first", "response2": "second"}
"""What a plain choice of one of the two fields says."""


def _text(fields: Fields, row: Row, name: str) -> Text:
    value = row.get(name)
    if value in (None, "", []):
        raise fields.bad(name, "is empty", "fill it in, or take the row out")
    return _said(fields, name, value)


def _said(fields: Fields, name: str, value: Any) -> Text:
    found = chat_in(value)
    if isinstance(found, (list, dict)):
        try:
            return messages_of(found)
        except (ValueError, TypeError) as error:
            raise fields.bad(name, f"cannot be read: {error}") from error
    return found if isinstance(found, str) else str(found)
