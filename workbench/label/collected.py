"""Votes that were collected elsewhere, or exported: rows of one vote each, and the records of Argilla."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from workbench.data.cells import written_in
from workbench.data.chat import chat_in, messages_of
from workbench.data.fields import Fields
from workbench.data.shapes import Text
from workbench.data.table import Row, Rows
from workbench.label.pairs import LeftOut
from workbench.label.ranking import from_merits, pairs_in, written
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


def argilla_kind(rows: Rows) -> SetKind | None:
    """What records of Argilla are about: pairs, or rankings of more than two responses; None for other rows."""
    if not {"fields", "responses"} <= set(rows.column_names):
        return None
    asked: dict[str, Any] = next((row["fields"] for row in rows.readable() if isinstance(row.get("fields"), dict)), {})
    return "ranking" if len(_responses_in(asked)) > 2 else "pairs"


def argilla_record(fields: Fields, row: Row) -> NewItem:
    """Return the pair, or the ranking, of a record of Argilla, with the preferences or the ranks of its annotators."""
    asked, responses, metadata = (row.get(name) or {} for name in ("fields", "responses", "metadata"))
    for name, found in (("fields", asked), ("responses", responses), ("metadata", metadata)):
        if not isinstance(found, dict) or not (found or name != "fields"):
            raise fields.bad(name, "is not what a record of Argilla holds")
    names = _responses_in(asked)
    if len(names) < 2:
        raise fields.bad("fields", "hold no two responses", "name them response1, response2")
    prompt, *answers = (text_at(fields, asked, name) for name in ("prompt", *names))
    notes, votes = {who: plain(said) for who, said in _values(fields, responses, "note")}, []
    for annotator, choice in _values(fields, responses, "preference") or _values(fields, responses, "ranking"):
        if not annotator or not choice:
            raise fields.bad("responses", "holds a preference without user_id or value")
        votes.append(GivenVote(annotator, _chosen(fields, choice, len(answers)), note=notes.get(annotator, "")))
    source = plain(metadata.get("source")) or where(fields)
    return NewItem(prompt, tuple(answers), source=source, votes=tuple(votes))


def _values(fields: Fields, responses: Row, name: str) -> list[tuple[str, Any]]:
    """Who answered a question of Argilla, and what."""
    given = responses.get(name) or []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise fields.bad("responses", f"holds no list for {name}", "write user_id and value for each of them")
    return [(plain(each.get("user_id")), each.get("value")) for each in given]


def _responses_in(asked: Mapping[str, Any]) -> list[str]:
    """The fields that hold responses, by their numbers."""
    return sorted((name for name in asked if _RESPONSE.fullmatch(name)), key=_number)


def _chosen(fields: Fields, said: Any, answers: int) -> str:
    """What a preference says, or the answer to a ranking question: {"value", "rank"} of each, or names, best first."""
    if not isinstance(said, list):
        return _ARGILLA.get(plain(said), plain(said))
    ranks: dict[int, float] = {}
    for at, each in enumerate(said, 1):
        name, rank = (each.get("value"), each.get("rank")) if isinstance(each, dict) else (each, at)
        if not _RESPONSE.fullmatch(str(name)) or not isinstance(rank, (int, float)):
            raise fields.bad("responses", "hold a rank that is none", 'write {"value": "response1", "rank": 1}')
        ranks[_number(str(name)) - 1] = rank
    if sorted(ranks) != list(range(answers)):
        raise fields.bad("responses", f"do not rank {answers} responses, each once", "rank each, equals alike")
    order = from_merits(tuple(-ranks[place] for place in range(answers)))
    return pairs_in(order)[0][2] if answers == 2 else written(order)


def _number(name: str) -> int:
    return int(name.lstrip("abcdefghijklmnopqrstuvwxyz-_ "))


_RESPONSE = re.compile(r"(response|reply|completion|answer)[-_ ]?[1-9]\d{0,2}")
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
