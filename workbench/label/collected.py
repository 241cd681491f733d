"""Votes that were collected elsewhere, or exported: rows of one vote each, and the records of Argilla."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from workbench.data.cells import written_in
from workbench.data.chat import chat_in, messages_of
from workbench.data.fields import Fields
from workbench.data.shapes import Text
from workbench.data.table import Row, Rows
from workbench.label.pairs import LeftOut
from workbench.label.records import GivenVote, NewItem
from workbench.label.schema import SetKind


def where(fields: Fields) -> str:
    """Return the file and the number of a row, as an item tells where it comes from."""
    return f"{fields.file}:{fields.number}"


def kind_of_votes(rows: Rows) -> SetKind | None:
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


def voted(kind: SetKind, fields: Fields, row: Row) -> NewItem:
    """Return the item of a row that holds one vote, with that vote."""
    prompt = text_at(fields, row, "text" if kind == "classes" else "prompt")
    if kind == "ranking":
        responses = written_in(row.get("responses"))
        answers = tuple(_said(fields, "responses", each) for each in responses) if isinstance(responses, list) else ()
    else:
        answers = tuple(
            text_at(fields, row, name)
            for name in {"pairs": ("first", "second"), "single": ("completion",), "classes": ()}[kind]
        )
    source = plain(row.get("source")) or where(fields)
    return NewItem(prompt, answers, source=source, votes=(_vote(fields, row),))


def together(each_vote: Iterable[NewItem | LeftOut]) -> Iterator[NewItem | LeftOut]:
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
    seconds, at = (number_at(fields, row, name) for name in ("seconds", "at"))
    note, criterion = (plain(row.get(name)) for name in ("note", "criterion"))
    repeat = str(row.get("repeat") or "").casefold() in ("true", "1")
    return GivenVote(plain(annotator), plain(choice), left or None, note, seconds, at, criterion, repeat)


def number_at(fields: Fields, row: Row, name: str) -> float | None:
    """Return the number in a column, None where there is none. Raises BadRow for what is no number."""
    value = row.get(name)
    if value in (None, ""):
        return None
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise fields.bad(name, f"is {value!r}, no number", "write seconds, or leave it empty") from error


def argilla_record(fields: Fields, row: Row) -> NewItem:
    """Return the pair of a record of Argilla, with the preferences of its annotators."""
    asked, responses, metadata = (row.get(name) or {} for name in ("fields", "responses", "metadata"))
    for name, found in (("fields", asked), ("responses", responses), ("metadata", metadata)):
        if not isinstance(found, dict) or not (found or name != "fields"):
            raise fields.bad(name, "is not what a record of Argilla holds")
    prompt, *answers = (text_at(fields, asked, name) for name in ("prompt", "response1", "response2"))
    notes, votes = dict(_values(fields, responses, "note")), []
    for annotator, choice in _values(fields, responses, "preference"):
        if not annotator or not choice:
            raise fields.bad("responses", "holds a preference without user_id or value")
        votes.append(GivenVote(annotator, _ARGILLA.get(choice, choice), note=notes.get(annotator, "")))
    source = plain(metadata.get("source")) or where(fields)
    return NewItem(prompt, tuple(answers), source=source, votes=tuple(votes))


def _values(fields: Fields, responses: Row, name: str) -> list[tuple[str, str]]:
    """Who answered a question of Argilla, and what."""
    given = responses.get(name) or []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise fields.bad("responses", f"holds no list for {name}", "write user_id and value for each of them")
    return [(plain(each.get("user_id")), plain(each.get("value"))) for each in given]


_ARGILLA = {"response1": "first", "response2": "second"}
"""What a plain choice of one of the two fields says."""


def text_at(fields: Fields, row: Row, name: str) -> Text:
    """Return the text or the chat in a column. Raises BadRow where there is none."""
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
    return plain(found)


def plain(value: Any) -> str:
    """Return a cell as it is written: "" for nothing, and a table's numbers and booleans as text again."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
