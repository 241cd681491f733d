"""What a store is asked to judge: sets, and the items in them with their answers and where these come from."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from workbench.data.shapes import Text
from workbench.errors import Missing, WrongUse
from workbench.label.adding import add, json_text, set_id_of
from workbench.label.casting import cast, has_voted
from workbench.label.choices import check_classes
from workbench.label.database import Database
from workbench.label.records import Guess, Item, NewItem, NewPair, Order, Origin, Pair, PairSet
from workbench.label.schema import SetKind

_PAIR = "SELECT * FROM pairs WHERE id = ?"
_PAIRS = "SELECT * FROM pairs WHERE set_name = ? ORDER BY id"
_ITEM = "SELECT * FROM named_items WHERE id = ?"
_ITEMS = "SELECT * FROM named_items WHERE set_name = ? ORDER BY id"
_ANSWERS = (
    "SELECT text, model, run, file, settings FROM answers LEFT JOIN origins ON origins.id = origin_id"
    " WHERE item_id = ? ORDER BY place"
)
_AT_NUMBER = "SELECT id FROM items WHERE set_id = (SELECT id FROM sets WHERE name = ?) ORDER BY id LIMIT 1 OFFSET ?"
_DIGESTS = "SELECT digest FROM items WHERE set_id = (SELECT id FROM sets WHERE name = ?)"
_NUMBER = "SELECT count(*) FROM items WHERE set_id = (SELECT set_id FROM items WHERE id = ?) AND id <= ?"
_SETS = (
    "SELECT name, (SELECT count(*) FROM items WHERE set_id = sets.id),"
    " (SELECT count(DISTINCT item_id || ' ' || annotator) FROM overall WHERE set_id = sets.id AND choice != 'skip'),"
    " kind, classes, label_order, repeats FROM sets ORDER BY name"
)


class Items:
    """The sets of a store and what they hold."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make_set(self, name: str, kind: SetKind = "pairs", classes: Sequence[str] = ()) -> None:
        """Make a set, or add classes to one that is there. Raises WrongUse when that is of another kind."""
        with self._database.writing() as connection:
            set_id = set_id_of(connection, name, kind)
            (known,) = connection.execute("SELECT classes FROM sets WHERE id = ?", (set_id,)).fetchone()
            names = list(dict.fromkeys([*json.loads(known), *classes]))
            check_classes(names)
            connection.execute("UPDATE sets SET classes = ? WHERE id = ?", (json_text(names), set_id))

    def sets(self) -> list[PairSet]:
        """Return the sets by name."""
        with self._database.reading() as connection:
            rows = connection.execute(_SETS).fetchall()
        return [
            PairSet(name, items, votes, kind, tuple(json.loads(names)), *going)
            for name, items, votes, kind, names, *going in rows
        ]

    def set_named(self, name: str) -> PairSet:
        """Return the set of that name. Raises Missing when there is none."""
        found = next((each for each in self.sets() if each.name == name), None)
        if found is None:
            raise Missing(f"there is no set of pairs named {name}", "workbench label list")
        return found

    def go_through(self, name: str, order: Order | None, repeats: float | None) -> None:
        """Keep in which order a set is gone through, and its share of hidden repeats; None is the usual one.

        Raises Missing when there is no set of that name.
        """
        self.set_named(name)
        with self._database.writing() as connection:
            connection.execute("UPDATE sets SET label_order = ?, repeats = ? WHERE name = ?", (order, repeats, name))

    def add_pair(self, set_name: str, prompt: Text, first: Text, second: Text, source: str = "") -> int:
        """Return the id of a pair; it is added unless the set has it already. The set is made when it is new."""
        with self._database.writing() as connection:
            set_id = set_id_of(connection, set_name, "pairs")
            return add(connection, set_id, NewItem(prompt, (first, second), source=source))[0]

    def add_pairs(self, set_name: str, pairs: Iterable[NewPair]) -> int:
        """Add pairs as `add_items` does."""
        return self.add_items(set_name, "pairs", (each.item for each in pairs))

    def add_items(self, set_name: str, kind: SetKind, items: Iterable[NewItem]) -> int:
        """Add items and the votes that came with them, all or none; return how many the set did not have yet.

        A vote is passed over where its annotator has already said that on this item. Raises WrongUse when the set
        holds items of another kind, and where a vote cannot be given, with where its item comes from.
        """
        count = 0
        with self._database.writing() as connection:
            set_id = set_id_of(connection, set_name, kind)
            for item in items:
                item_id, is_new = add(connection, set_id, item)
                count += is_new
                try:
                    for vote in item.votes:
                        if is_new or not has_voted(connection, item_id, vote):
                            cast(connection, item_id, vote)
                except WrongUse as error:
                    where = f"{item.source}: " if item.source else ""
                    raise WrongUse(f"{where}{error.what}", error.fix) from error
        return count

    def pairs(self, set_name: str) -> list[Pair]:
        """Return all pairs of a set, in the order in which they were added."""
        with self._database.reading() as connection:
            return [_pair(row) for row in connection.execute(_PAIRS, (set_name,))]

    def items(self, set_name: str) -> list[Item]:
        """Return all items of a set, in the order in which they were added."""
        with self._database.reading() as connection:
            return [_item(connection, row) for row in connection.execute(_ITEMS, (set_name,)).fetchall()]

    def digests(self, set_name: str) -> set[str]:
        """Return the digests of all items of a set; none where there is no set of that name."""
        with self._database.reading() as connection:
            return {digest for (digest,) in connection.execute(_DIGESTS, (set_name,))}

    def pair(self, pair_id: int) -> Pair:
        """Return one pair. Raises Missing when there is none of that id."""
        with self._database.reading() as connection:
            row = connection.execute(_PAIR, (pair_id,)).fetchone()
        if row is None:
            raise Missing(f"there is no pair {pair_id}", "workbench label list")
        return _pair(row)

    def item(self, item_id: int) -> Item:
        """Return one item. Raises Missing when there is none of that id."""
        with self._database.reading() as connection:
            row = connection.execute(_ITEM, (item_id,)).fetchone()
            if row is None:
                raise Missing(f"there is nothing to label with the id {item_id}", "workbench label list")
            return _item(connection, row)

    def pair_at(self, set_name: str, number: int) -> Pair:
        """Return the pair of this number in a set, counted from 1. Raises Missing when there is none."""
        return self.pair(self.id_at(set_name, number))

    def item_at(self, set_name: str, number: int) -> Item:
        """Return the item of this number in a set, counted from 1. Raises Missing when there is none."""
        return self.item(self.id_at(set_name, number))

    def id_at(self, set_name: str, number: int) -> int:
        """Return the id of the item of this number in a set, counted from 1. Raises Missing when there is none."""
        with self._database.reading() as connection:
            row = connection.execute(_AT_NUMBER, (set_name, max(number, 1) - 1)).fetchone()
        if row is None or number < 1:
            count = self.set_named(set_name).pairs
            raise Missing(f"{set_name} has no pair {number}", f"choose one from 1 to {count:,}")
        return int(row[0])

    def number_of(self, pair: Pair | Item) -> int:
        """Return the number of a pair in its set, counted from 1; it never changes."""
        with self._database.reading() as connection:
            (found,) = connection.execute(_NUMBER, (pair.id, pair.id)).fetchone()
        return int(found)


def _pair(row: tuple[Any, ...]) -> Pair:
    number, set_name, prompt, first, second, source, digest, _ = row
    return Pair(number, set_name, json.loads(prompt), json.loads(first), json.loads(second), source, digest)


def _item(connection: sqlite3.Connection, row: tuple[Any, ...]) -> Item:
    number, set_name, kind, prompt, source, digest, label, probability, _ = row
    answers = connection.execute(_ANSWERS, (number,)).fetchall()
    return Item(
        number, set_name, kind, json.loads(prompt),
        tuple(json.loads(text) for text, *_ in answers), tuple(_origin(*origin) for _, *origin in answers),
        source, digest, None if label is None else Guess(label, probability),
    )  # fmt: skip


def _origin(model: str | None, run: str, file: str, settings: str) -> Origin | None:
    return None if model is None else Origin(model, run, file, json.loads(settings))
