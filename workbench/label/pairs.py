"""Pairs of answers from the rows of a preference file: chosen is the first answer, rejected the second.

A row that says neither is better becomes a pair with that vote: of the annotator who is named, else of the file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.data.check.pairs import look_at_pair
from workbench.data.fields import Fields
from workbench.data.preference import BothBad, Preference, Tie, preference, tied
from workbench.data.schema import Schema, schema_of
from workbench.data.table import BadRow, Row, Rows
from workbench.errors import WrongUse
from workbench.label.records import CHOICES, Choice, GivenVote, NewPair

_WRONG = {
    "empty-answer": "one of the answers is empty",
    "identical-pair": "both answers are the same but for space around them",
    "prompts-differ": "the two answers go on from different prompts",
}


@dataclass(frozen=True)
class LeftOut:
    """A row that makes no pair; `error` names the file, the row and what is wrong with it."""

    error: BadRow


class PreferenceRows:
    """The rows of a preference file as pairs; with an `annotator`, who is taken to have chosen so.

    Raises WrongUse when the rows have no chosen and rejected answers.
    """

    def __init__(self, rows: Rows, map: Mapping[str, str] | None = None, annotator: str = "") -> None:
        self.rows = rows
        self.schema = schema_of(rows, map)
        self._annotator = annotator
        if self.schema.name != "preference":
            raise _no_pairs(rows, self.schema)

    def __iter__(self) -> Iterator[NewPair | LeftOut]:
        """Yield what each row makes. Raises BadRow at a row that cannot even be read."""
        for number, row in enumerate(self.rows, 1):
            try:
                yield self._judged(Fields(self.rows, self.schema, number, row), row)
            except BadRow as error:
                yield LeftOut(error)

    def _judged(self, fields: Fields, row: Row) -> NewPair:
        """The pair of a row with its votes, and with what the row says itself as a vote."""
        says: Choice | None = "first" if self._annotator else None
        try:
            found = preference(fields)
            says = "tie" if row.get("margin") == 0 else says
        except Tie as error:
            found, says = tied(fields), "bad" if isinstance(error, BothBad) else "tie"
        pair = _pair(fields, found, f"{self.rows.path.name}:{fields.number}", row)
        name = self._annotator or self.rows.path.name
        if says is not None and all(each.annotator != name for each in pair.votes):
            pair = replace(pair, votes=(*pair.votes, GivenVote(name, says)))
        return replace(pair, is_tied=says in ("tie", "bad"))


def _no_pairs(rows: Rows, schema: Schema) -> WrongUse:
    fix = "a pair needs a chosen and a rejected answer: columns of these names, or a map to them"
    return WrongUse(f"{rows.path} holds no pairs: it is {schema.name}, {schema.reason}", fix)


def _pair(fields: Fields, found: Preference, source: str, row: Row) -> NewPair:
    sides = {"prompt": found.prompt, "chosen": found.chosen, "rejected": found.rejected}
    for code, _ in look_at_pair(sides):
        raise fields.bad("chosen", f"makes no pair with rejected: {_WRONG[code]}", "take the row out")
    return NewPair(found.prompt, found.chosen, found.rejected, source, _votes(fields, row.get("votes")))


def _votes(fields: Fields, given: Any) -> tuple[GivenVote, ...]:
    """The votes that a row carries. Raises BadRow for one that is none."""
    if given is None:
        return ()
    if not isinstance(given, list):
        raise fields.bad("votes", "is not a list", _VOTE)
    return tuple(_vote(fields, each) for each in given)


_VOTE = f'write a vote as {{"annotator": "ana", "choice": "first"}}; choices: {", ".join(CHOICES)}'


def _vote(fields: Fields, given: Any) -> GivenVote:
    annotator, choice = (given.get("annotator"), given.get("choice")) if isinstance(given, dict) else (None, None)
    if not isinstance(annotator, str) or not annotator.strip() or choice not in CHOICES:
        raise fields.bad("votes", f"holds {given!r}, which is no vote", _VOTE)
    return GivenVote(annotator, choice)
