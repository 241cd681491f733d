"""The votes of a workspace, in labels.db: a vote is on disk when `vote` returns, and nothing is ever deleted.

Apps and commands may use one file at once, each with a store of its own; a store is for one thread at a time.
A vote that was undone stays in the file, marked. Of several votes of one annotator on a pair the last one stands.
"""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workbench.data.preference import digest_of
from workbench.data.shapes import Text
from workbench.errors import Missing, WrongUse
from workbench.label.database import Database
from workbench.label.pace import LOOKED_AT, seconds_left
from workbench.label.records import CHOICES, Answer, Choice, NewPair, Pair, PairSet, Progress, Vote

_PAIR = "SELECT * FROM named_pairs WHERE id = ?"
_PAIRS = "SELECT * FROM named_pairs WHERE set_name = ? ORDER BY id"
_AT_NUMBER = "SELECT * FROM named_pairs WHERE set_name = ? ORDER BY id LIMIT 1 OFFSET ?"
_NUMBER = "SELECT count(*) FROM pairs WHERE set_id = (SELECT set_id FROM pairs WHERE id = ?) AND id <= ?"
_NEXT = (
    "SELECT * FROM named_pairs WHERE set_name = ? AND id > ? AND NOT EXISTS (SELECT 1 FROM standing"
    " WHERE standing.set_id = named_pairs.set_id AND annotator = ? AND pair_id = named_pairs.id) ORDER BY id LIMIT 1"
)
_SETS = (
    "SELECT name, (SELECT count(*) FROM pairs WHERE set_id = sets.id),"
    " (SELECT count(DISTINCT pair_id || ' ' || annotator) FROM standing WHERE set_id = sets.id AND choice != 'skip')"
    " FROM sets ORDER BY name"
)
_LAST = (
    "SELECT id, pair_id, annotator, choice, shown_left, note, at FROM standing"
    " WHERE set_id = (SELECT id FROM sets WHERE name = ?) AND annotator = ? ORDER BY id DESC LIMIT 1"
)
_STANDING = (
    "SELECT pair_id, choice, max(id) FROM standing"
    " WHERE set_id = (SELECT id FROM sets WHERE name = ?) AND annotator = ? GROUP BY pair_id"
)
_VOTES = (
    "SELECT id, pair_id, annotator, choice, shown_left, note, at FROM standing"
    " WHERE id IN (SELECT max(id) FROM standing WHERE set_id = (SELECT id FROM sets WHERE name = ?)"
    " GROUP BY pair_id, annotator) ORDER BY id"
)
_ANSWERED = (
    "SELECT count(DISTINCT pair_id) FROM votes INDEXED BY standing_votes"
    " WHERE set_id = ? AND annotator = ? AND undone IS NULL"
)
_LATEST = "SELECT at, shown_left FROM standing WHERE set_id = ? AND annotator = ? ORDER BY id DESC LIMIT ?"


def open_store(path: Path) -> "Store":
    """Open the labels at `path` (a workspace's `labels.db`), or begin them.

    Raises WrongUse when the file is another program's or of a newer version, Missing when it cannot be opened, and
    WorkbenchError when it is damaged.
    """
    return Store(path)


class Store:
    """Sets of pairs and their votes. Every method may raise WorkbenchError: a full disk, a folder to be read only."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    # pairs

    def add_pair(self, set_name: str, prompt: Text, first: Text, second: Text, source: str = "") -> int:
        """Return the id of a pair; it is added unless the set has it already. The set is made when it is new."""
        with self._database.writing() as connection:
            return _added(connection, _set_id(connection, set_name), NewPair(prompt, first, second, source))[0]

    def add_pairs(self, set_name: str, pairs: Iterable[NewPair]) -> int:
        """Add pairs and the votes that came with them, all or none; return how many pairs the set did not have yet.

        A vote is passed over where its annotator has already voted on that pair.
        """
        count = 0
        with self._database.writing() as connection:
            set_id = _set_id(connection, set_name)
            for pair in pairs:
                pair_id, is_new = _added(connection, set_id, pair)
                count += is_new
                for vote in pair.votes:
                    if is_new or not _has_voted(connection, set_id, pair_id, vote.annotator):
                        _cast(connection, set_id, pair_id, vote.annotator, vote.choice, None, "")
        return count

    def sets(self) -> list[PairSet]:
        """Return the sets by name."""
        with self._database.reading() as connection:
            return [PairSet(*row) for row in connection.execute(_SETS)]

    def pairs(self, set_name: str) -> list[Pair]:
        """Return all pairs of a set, in the order in which they were added."""
        with self._database.reading() as connection:
            return [_pair(row) for row in connection.execute(_PAIRS, (set_name,))]

    def pair(self, pair_id: int) -> Pair:
        """Return one pair. Raises Missing when there is none of that id."""
        with self._database.reading() as connection:
            row = connection.execute(_PAIR, (pair_id,)).fetchone()
        if row is None:
            raise Missing(f"there is no pair {pair_id}", "workbench label list")
        return _pair(row)

    def pair_at(self, set_name: str, number: int) -> Pair:
        """Return the pair of this number in a set, counted from 1. Raises Missing when there is none."""
        with self._database.reading() as connection:
            row = connection.execute(_AT_NUMBER, (set_name, max(number, 1) - 1)).fetchone()
        if row is None or number < 1:
            count = next((each.pairs for each in self.sets() if each.name == set_name), None)
            if count is None:
                raise Missing(f"there is no set of pairs named {set_name}", "workbench label list")
            raise Missing(f"{set_name} has no pair {number}", f"choose one from 1 to {count:,}")
        return _pair(row)

    def number_of(self, pair: Pair) -> int:
        """Return the number of a pair in its set, counted from 1; it never changes."""
        with self._database.reading() as connection:
            (found,) = connection.execute(_NUMBER, (pair.id, pair.id)).fetchone()
        return int(found)

    # votes

    def vote(
        self, pair_id: int, annotator: str, choice: Choice, *, shown_left: Answer | None = None, note: str = ""
    ) -> int:
        """Store a vote and return its id. `shown_left` is the answer that stood to the left, if any was shown."""
        if choice not in CHOICES:
            raise WrongUse(f"{choice} is not a vote", f"choose one of {', '.join(CHOICES)}")
        _check_name(annotator, "a vote needs the name of who gives it: --annotator NAME")
        pair = self.pair(pair_id)
        with self._database.writing() as connection:
            return _cast(connection, _set_id(connection, pair.set_name), pair_id, annotator, choice, shown_left, note)

    def undo(self, annotator: str, set_name: str) -> Vote | None:
        """Take the annotator's last standing vote in a set back and return it; None when there is none."""
        with self._database.writing() as connection:
            row = connection.execute(_LAST, (set_name, annotator)).fetchone()
            if row is None:
                return None
            connection.execute("UPDATE votes SET undone = ? WHERE id = ?", (time.time(), row[0]))
        return Vote(*row)

    def next(self, set_name: str, annotator: str, after: int | None = None) -> Pair | None:
        """Return the next pair that the annotator has neither voted on nor skipped, or None.

        The next after the pair of the id `after`; past the end, those before it.
        """
        with self._database.reading() as connection:
            for start in dict.fromkeys((after or 0, 0)):
                row = connection.execute(_NEXT, (set_name, start, annotator)).fetchone()
                if row is not None:
                    return _pair(row)
        return None

    def next_skipped(self, set_name: str, annotator: str, after: int = 0) -> Pair | None:
        """Return the first pair after the id `after` that the annotator has skipped, or None."""
        skipped = [pair for pair, choice in self._standing(set_name, annotator) if choice == "skip" and pair > after]
        return self.pair(min(skipped)) if skipped else None

    def votes(self, set_name: str) -> list[Vote]:
        """Return every annotator's standing vote on each pair of a set, the oldest first, skips among them."""
        with self._database.reading() as connection:
            return [Vote(*row) for row in connection.execute(_VOTES, (set_name,))]

    def tally(self, set_name: str, annotator: str) -> dict[Choice, int]:
        """Return how often the annotator's standing votes say what."""
        counts = Counter(choice for _, choice in self._standing(set_name, annotator))
        return {choice: counts[choice] for choice in CHOICES}

    def progress(self, set_name: str, annotator: str) -> Progress:
        """Return how far the annotator has come."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT id FROM sets WHERE name = ?", (set_name,)).fetchone()
            if row is None:
                return Progress(0, 0, None)
            (pairs,) = connection.execute("SELECT count(*) FROM pairs WHERE set_id = ?", row).fetchone()
            (answered,) = connection.execute(_ANSWERED, (*row, annotator)).fetchone()
            times = [at for at, shown in connection.execute(_LATEST, (*row, annotator, LOOKED_AT)) if shown]
        return Progress(answered, pairs, seconds_left(times, pairs - answered))

    def _standing(self, set_name: str, annotator: str) -> list[tuple[int, Choice]]:
        """The pairs that the annotator has answered, and how."""
        with self._database.reading() as connection:
            return [(pair, choice) for pair, choice, _ in connection.execute(_STANDING, (set_name, annotator))]


def _check_name(name: str, fix: str) -> None:
    if not name.strip() or not _is_unicode(name):
        raise WrongUse(f"{name!r} is not a name", fix)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character, which SQLite does not take
        return False
    return True


def _set_id(connection: sqlite3.Connection, name: str) -> int:
    _check_name(name, "a set of pairs needs a name: --into NAME")
    connection.execute("INSERT INTO sets (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    (found,) = connection.execute("SELECT id FROM sets WHERE name = ?", (name,)).fetchone()
    return int(found)


def _added(connection: sqlite3.Connection, set_id: int, pair: NewPair) -> tuple[int, bool]:
    """The id of a pair, and whether it is new."""
    digest = digest_of(pair.prompt, pair.first, pair.second)
    texts = (_json(pair.prompt), _json(pair.first), _json(pair.second))
    added = connection.execute(
        "INSERT INTO pairs (set_id, digest, prompt, first, second, source) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING RETURNING id",
        (set_id, digest, *texts, pair.source),
    ).fetchone()
    if added is not None:
        return int(added[0]), True
    key = (set_id, digest)
    (found,) = connection.execute("SELECT id FROM pairs WHERE set_id = ? AND digest = ?", key).fetchone()
    return int(found), False


def _cast(
    connection: sqlite3.Connection,
    set_id: int,
    pair_id: int,
    annotator: str,
    choice: Choice,
    shown_left: Answer | None,
    note: str,
) -> int:
    cursor = connection.execute(
        "INSERT INTO votes (set_id, pair_id, annotator, choice, shown_left, note, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (set_id, pair_id, annotator, choice, shown_left, note, time.time()),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _has_voted(connection: sqlite3.Connection, set_id: int, pair_id: int, annotator: str) -> bool:
    question = "SELECT 1 FROM standing WHERE set_id = ? AND annotator = ? AND pair_id = ?"
    return connection.execute(question, (set_id, annotator, pair_id)).fetchone() is not None


def _json(text: Text) -> str:
    """JSON that a person can read in the file too."""
    content = json.dumps(text, ensure_ascii=False)
    return content if _is_unicode(content) else json.dumps(text)


def _pair(row: tuple[Any, ...]) -> Pair:
    number, set_name, prompt, first, second, source, digest, _ = row
    return Pair(number, set_name, json.loads(prompt), json.loads(first), json.loads(second), source, digest)
