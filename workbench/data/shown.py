"""A row as a person reads it: a cell on one line, a field with its turns or its JSON, and what was left out.

Nothing here is printable yet: that is done where it is drawn.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.data.chat import turn_style
from workbench.data.differences import differences
from workbench.data.found import value_at
from workbench.data.schema import Schema
from workbench.data.table import Row
from workbench.data.targets import SYNONYMS
from workbench.data.tree import tree

EMPTY = "∅"
_CELL = 500  # characters: more than a wide terminal shows
_FIELD = 4_000
_MOST_FIELDS = 300  # that the schema has no use for
_IN_SIGHT = 24  # characters of a cell that are seen in any but the narrowest column
_BEFORE = 10
_ORDER = tuple(SYNONYMS)  # what is asked stands before what is answered
_SPEAKERS = ("role", "from")
_ANSWERS = (("chosen", "rejected"), ("first", "second"))
_SAYINGS = ("content", "value")


@dataclass(frozen=True)
class Piece:
    """A stretch of text and who says it ("" where nobody does)."""

    speaker: str
    text: str
    marks: tuple[tuple[int, int], ...] = ()
    """The stretches that the other answer of a pair does not have."""


@dataclass(frozen=True)
class Field:
    """One field of a row. `source` is the column that plays the part `name`; "" where the column is called so."""

    name: str
    source: str
    pieces: tuple[Piece, ...]
    is_part: bool = False
    """Whether the schema has a use for it."""
    is_empty: bool = False
    rest: str = ""
    """What was left out, in words."""


def plain(value: Any, limit: int = _CELL, indent: int | None = None) -> str:
    """Return text as it is and everything else as JSON, cut after about `limit` characters; nothing for null."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value[:limit]
    parts: list[str] = []
    length = 0
    for part in _encoded(value, indent):
        parts.append(part)
        length += len(part)
        if length > limit:
            break
    return "".join(parts)[:limit]


def cell(value: Any, needle: str = "") -> str:
    """Return a value in a few words: a chat as its number of turns and what is said first, a turn as its text.

    Where the case-folded `needle` would be out of sight, the words begin shortly before it.
    """
    if _is_empty(value):
        return EMPTY
    if turn_style(value):
        turns = value if isinstance(value, list) else [value]
        texts = [piece.text for turn in turns if not _is_system(turn) for piece in _said(turn) if piece.text.strip()]
        said = next((text for text in texts if needle in text.casefold()), texts[0] if texts else "")
        count = f"{count_words(len(value), 'turn')} · " if isinstance(value, list) else ""
        return count + _from_needle(said, needle)[:_CELL]
    if isinstance(value, str):
        return _from_needle(value, needle)[:_CELL]
    return plain(value)


def _is_system(turn: Any) -> bool:
    return isinstance(turn, dict) and any(turn.get(key) == "system" for key in _SPEAKERS)


def _from_needle(text: str, needle: str) -> str:
    at = text.casefold().find(needle) if needle else 0
    return text if at < _IN_SIGHT else f"…{text[at - _BEFORE :]}"


def fields(row: Row, schema: Schema) -> list[Field]:
    """Return the fields of a row: those that the schema has a use for by their part, then the other columns."""
    parts = sorted(schema.mapping.items(), key=lambda part: _ORDER.index(part[0]))
    found = [
        _field(target, "" if source == target else source, value_at(row, source), is_part=True)
        for target, source in parts
    ]
    used = set(schema.mapping.values())
    others = [name for name in row if name not in used]
    found = _compared(found) + [_field(name, "", row[name]) for name in others[:_MOST_FIELDS]]
    if len(others) > _MOST_FIELDS:
        found.append(Field("…", "", (Piece("", count_words(len(others) - _MOST_FIELDS, "more field")),)))
    return found


def pair_of(fields: Sequence[Field]) -> tuple[int, int] | None:
    """Return the places of the two answers among the fields of a preference; None where there are none."""
    places = {field.name: at for at, field in enumerate(fields) if field.is_part}
    for one, other in _ANSWERS:
        if one in places and other in places:
            return places[one], places[other]
    return None


def _compared(fields: list[Field]) -> list[Field]:
    """The fields, with the two answers of a pair marked where they differ."""
    places = pair_of(fields)
    if places is None:
        return fields
    one, other = (fields[place] for place in places)
    left, right = differences(one.pieces[-1].text, other.pieces[-1].text)
    if not any(_mostly_shared(each, spans) for each, spans in ((one, left), (other, right))):
        return fields  # two answers of their own: every word would be marked
    for place, spans in zip(places, (left, right), strict=True):
        field = fields[place]
        last = replace(field.pieces[-1], marks=() if field.is_empty else tuple(spans))
        fields[place] = replace(field, pieces=(*field.pieces[:-1], last))
    return fields


def _mostly_shared(field: Field, spans: Sequence[tuple[int, int]]) -> bool:
    return sum(stop - start for start, stop in spans) < len(field.pieces[-1].text) / 2


def mapping_words(mapping: Mapping[str, str]) -> str:
    """Return which column plays which part: question→prompt answer→completion."""
    return " ".join(target if source == target else f"{source}→{target}" for target, source in mapping.items())


def count_words(number: int, thing: str) -> str:
    """Return 1 row, 12,408 rows."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _field(name: str, source: str, value: Any, *, is_part: bool = False) -> Field:
    if _is_empty(value):
        return Field(name, source, (Piece("", _emptiness(value)),), is_part, is_empty=True)
    if turn_style(value):
        return _chat(name, source, value if isinstance(value, list) else [value], is_part)
    if isinstance(value, (dict, list)):
        text, is_whole = tree(value, _FIELD)
        return Field(name, source, (Piece("", text),), is_part, rest="" if is_whole else f"cut; {_size(value)} in all")
    text = plain(value, _FIELD + 1)
    if len(text) <= _FIELD:
        return Field(name, source, (Piece("", text),), is_part)
    rest = count_words(len(value) - _FIELD, "more character") if isinstance(value, str) else "cut"
    return Field(name, source, (Piece("", text[:_FIELD]),), is_part, rest=rest)


def _chat(name: str, source: str, turns: list[Any], is_part: bool) -> Field:
    """As many turns as there is room for; the last one may be cut."""
    pieces: list[Piece] = []
    room = _FIELD
    for at, turn in enumerate(turns):
        for piece in _said(turn):
            pieces.append(Piece(piece.speaker, piece.text[:room]))
            room -= len(piece.text)
            if room < 0:
                left = len(turns) - at - 1
                rest = count_words(-room, "more character") + (f" and {count_words(left, 'more turn')}" if left else "")
                return Field(name, source, tuple(pieces), is_part, rest=rest)
    return Field(name, source, tuple(pieces), is_part)


def _said(turn: Any) -> Iterator[Piece]:
    """What one turn holds: its text, and the rest of it as JSON."""
    if not isinstance(turn, dict):
        yield Piece("", plain(turn, _FIELD))
        return
    speaker = next((plain(turn[key]) for key in _SPEAKERS if key in turn), "")
    for key, value in turn.items():
        if key in _SAYINGS:
            yield Piece(speaker, value if isinstance(value, str) else plain(value, _FIELD, indent=2))
        elif key not in _SPEAKERS and not _is_empty(value):
            yield Piece(f"{speaker} · {key}" if speaker else key, plain(value, _FIELD, indent=2))


def _encoded(value: Any, indent: int | None) -> Iterator[str]:
    """The JSON of a value, part by part, so that a huge one need not be written to its end."""
    try:
        yield from json.JSONEncoder(ensure_ascii=False, indent=indent, default=str).iterencode(value)
    except RecursionError:
        yield "…"


def _is_empty(value: Any) -> bool:
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _emptiness(value: Any) -> str:
    if value is None:
        return f"{EMPTY} nothing"
    return f"{EMPTY} only white space" if isinstance(value, str) and value else f"{EMPTY} empty"


def _size(value: Any) -> str:
    return count_words(len(value), "item") if isinstance(value, (list, dict)) else "more"
