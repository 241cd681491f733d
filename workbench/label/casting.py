"""One vote into the tables of a store, and out of what stands again: within the transaction of the caller."""

import json
import sqlite3
import time

from workbench.errors import Missing, WrongUse
from workbench.label.choices import check_name, checked
from workbench.label.records import GivenVote

_JUDGED = (
    "SELECT set_id, kind, classes, (SELECT count(*) FROM answers WHERE item_id = items.id)"
    " FROM items JOIN sets ON sets.id = set_id WHERE items.id = ?"
)
_CAST = (
    "INSERT INTO votes (set_id, item_id, annotator, criterion, choice, shown_left, repeat, seconds, note, at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_HAS_VOTED = (
    "SELECT 1 FROM standing WHERE set_id = (SELECT set_id FROM items WHERE id = ?)"
    " AND annotator = ? AND item_id = ? AND criterion = ? AND repeat = ?"
)


def cast(connection: sqlite3.Connection, item_id: int, given: GivenVote) -> int:
    """Store a vote on an item and return its id.

    Raises Missing where there is no such item, and WrongUse for what cannot be said of it, or for a hidden repeat of a
    vote that was never given.
    """
    check_name(given.annotator, "a vote needs the name of who gives it: --annotator NAME")
    judged = connection.execute(_JUDGED, (item_id,)).fetchone()
    if judged is None:
        raise Missing(f"there is no pair {item_id}", "workbench label list")
    set_id, kind, classes, answers = judged
    choice = checked(kind, given.choice, answers, json.loads(classes))
    if given.repeat and not _stands(connection, item_id, given, repeat=False):
        raise WrongUse(
            f"{given.annotator} has not voted on that before, so this repeats nothing", "vote without repeat"
        )
    cursor = connection.execute(
        _CAST,
        (
            *(set_id, item_id, given.annotator, given.criterion, choice, given.shown_left, given.repeat),
            *(given.seconds, given.note, time.time() if given.at is None else given.at),
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def has_voted(connection: sqlite3.Connection, item_id: int, given: GivenVote) -> bool:
    """Whether a vote of that annotator on that item, by that criterion, already stands."""
    return _stands(connection, item_id, given, given.repeat)


def take_back(connection: sqlite3.Connection, vote_id: int, by: str) -> None:
    """Mark a vote as undone, with the demonstration that it came with, and record who did so and when."""
    now = time.time()
    connection.execute("INSERT INTO undos (vote_id, annotator, at) VALUES (?, ?, ?)", (vote_id, by, now))
    connection.execute("UPDATE votes SET undone = ? WHERE id = ?", (now, vote_id))
    question = "SELECT id FROM demonstrations WHERE vote_id = ? AND undone IS NULL"
    for (demonstration_id,) in connection.execute(question, (vote_id,)).fetchall():
        take_back_demonstration(connection, demonstration_id, by)


def take_back_demonstration(connection: sqlite3.Connection, demonstration_id: int, by: str) -> None:
    """Mark an answer that somebody wrote as undone, and record who did so and when."""
    now = time.time()
    row = (demonstration_id, by, now)
    connection.execute("INSERT INTO undos (demonstration_id, annotator, at) VALUES (?, ?, ?)", row)
    connection.execute("UPDATE demonstrations SET undone = ? WHERE id = ?", (now, demonstration_id))


def _stands(connection: sqlite3.Connection, item_id: int, given: GivenVote, repeat: bool) -> bool:
    row = (item_id, given.annotator, item_id, given.criterion, repeat)
    return connection.execute(_HAS_VOTED, row).fetchone() is not None
