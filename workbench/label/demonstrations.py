"""Answers that people write themselves: each is a row to imitate, and better than the answer it was edited from."""

import json
import time
from collections.abc import Sequence
from typing import Any

from workbench.data.shapes import Text
from workbench.errors import Missing, WrongUse
from workbench.label.adding import add, json_text
from workbench.label.casting import cast, take_back, take_back_demonstration
from workbench.label.choices import check_name
from workbench.label.records import Answer, Demonstration, GivenVote, NewItem, Origin, Written
from workbench.label.votes import Votes

_WROTE = (
    "SELECT demonstrations.id, demonstrations.item_id, demonstrations.annotator, prompt, text, place,"
    " demonstrations.at, votes.item_id, undos.at, undos.annotator"
    " FROM demonstrations JOIN items ON items.id = demonstrations.item_id"
    " LEFT JOIN votes ON votes.id = demonstrations.vote_id"
    " LEFT JOIN undos ON undos.demonstration_id = demonstrations.id"
    " WHERE demonstrations.item_id = ? OR items.set_id = (SELECT id FROM sets WHERE name = ?)"
    " ORDER BY demonstrations.id"
)
_PLACES: tuple[Answer, ...] = ("first", "second")


class Demonstrations(Votes):
    """What people wrote to the prompts of a store."""

    def edit(self, pair_id: int, annotator: str, text: Text, of: Answer | None = None) -> Demonstration:
        """Store an answer to a pair's prompt and return it; `of` is the answer that it was edited from, if it was.

        An edited one makes a new pair in the set, edited against original, with the annotator's vote for the edited.
        Undoing that vote takes the answer back too. Raises WrongUse where it says nothing, or nothing new.
        """
        check_name(annotator, "an answer needs the name of who wrote it: --annotator NAME")
        pair = self.pair(pair_id)
        if not text or (isinstance(text, str) and not text.strip()):
            raise WrongUse("an answer without text shows nothing", "write what the model should have said")
        if text in (pair.first, pair.second):
            raise WrongUse("that is an answer of the pair as it is", "change it, or vote for it")
        now = time.time()
        place = None if of is None else _PLACES.index(of)
        origin = None if place is None else self.item(pair_id).origins[place]
        with self._database.writing() as connection:
            made = vote_id = None
            if of is not None:
                (set_id,) = connection.execute("SELECT set_id FROM items WHERE id = ?", (pair_id,)).fetchone()
                origins = (Origin(settings={"written_by": annotator}), origin)
                edited = NewItem(pair.prompt, (text, pair.answer(of)), origins, f"edited from pair {pair_id}")
                made, _ = add(connection, set_id, edited)
                vote_id = cast(connection, made, GivenVote(annotator, "first"))
            row = (pair_id, annotator, json_text(text), place, vote_id, now)
            cursor = connection.execute(
                "INSERT INTO demonstrations (item_id, annotator, text, place, vote_id, at) VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
        assert cursor.lastrowid is not None
        return Demonstration(cursor.lastrowid, pair_id, annotator, pair.prompt, text, of, now, made)

    def demonstrations(self, set_name: str) -> list[Demonstration]:
        """Return the answers that were written in a set and not taken back, in order."""
        return [each.demonstration for each in self._written(None, set_name) if each.undone is None]

    def written(self, item_id: int) -> list[Written]:
        """Return every answer that was ever written to an item, in order, with what was taken back, when, by whom."""
        return self._written(item_id, None)

    def withdraw(self, demonstration_id: int, by: str) -> None:
        """Take an answer back, with the vote that came from it. Raises Missing where none of that id stands."""
        with self._database.writing() as connection:
            question = "SELECT vote_id FROM demonstrations WHERE id = ? AND undone IS NULL"
            row = connection.execute(question, (demonstration_id,)).fetchone()
            if row is None:
                raise Missing(f"there is no written answer {demonstration_id}", "workbench label history")
            if row[0] is None:
                take_back_demonstration(connection, demonstration_id, by)
            else:
                take_back(connection, row[0], by)

    def _written(self, item_id: int | None, set_name: str | None) -> list[Written]:
        with self._database.reading() as connection:
            return [_written(row) for row in connection.execute(_WROTE, (item_id, set_name))]


def _written(row: Sequence[Any]) -> Written:
    number, item, annotator, prompt, text, place, at, made, undone, undone_by = row
    texts = json.loads(prompt), json.loads(text)
    return Written(Demonstration(number, item, annotator, *texts, _of(place), at, made), undone, undone_by)


def _of(place: int | None) -> Answer | None:
    return None if place is None else _PLACES[place]
