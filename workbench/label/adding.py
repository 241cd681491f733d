"""Sets, items and answers into the tables of a store: within the transaction of the caller."""

import json
import sqlite3
from typing import Any

from workbench.data.preference import digest_of
from workbench.errors import WrongUse
from workbench.label.choices import check_name, is_unicode
from workbench.label.records import NewItem, Origin
from workbench.label.schema import SetKind

_HOLDS = {"pairs": "pairs", "ranking": "rankings", "single": "single answers", "classes": "rows with a class"}


def add(connection: sqlite3.Connection, set_id: int, item: NewItem) -> tuple[int, bool]:
    """Return the id of an item in a set, and whether it is new there; within the caller's transaction."""
    digest = digest_of(item.prompt, *item.answers)
    guess = (None, None) if item.guess is None else (item.guess.label, item.guess.probability)
    added = connection.execute(
        "INSERT INTO items (set_id, digest, prompt, source, guess, probability) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING RETURNING id",
        (set_id, digest, json_text(item.prompt), item.source, *guess),
    ).fetchone()
    if added is None:
        key = (set_id, digest)
        (found,) = connection.execute("SELECT id FROM items WHERE set_id = ? AND digest = ?", key).fetchone()
        if item.guess:  # a model may guess again
            connection.execute("UPDATE items SET guess = ?, probability = ? WHERE id = ?", (*guess, found))
        return int(found), False
    for place, answer in enumerate(item.answers):
        origin = item.origins[place] if place < len(item.origins) else None
        row = (added[0], place, json_text(answer), _origin_id(connection, origin))
        connection.execute("INSERT INTO answers (item_id, place, text, origin_id) VALUES (?, ?, ?, ?)", row)
    return int(added[0]), True


def set_id_of(connection: sqlite3.Connection, name: str, kind: SetKind) -> int:
    """Return the id of a set, which is made when it is new. Raises WrongUse when it is of another kind."""
    check_name(name, "a set of pairs needs a name: --into NAME")
    connection.execute("INSERT INTO sets (name, kind) VALUES (?, ?) ON CONFLICT DO NOTHING", (name, kind))
    found, held = connection.execute("SELECT id, kind FROM sets WHERE name = ?", (name,)).fetchone()
    if held != kind:
        raise WrongUse(f"{name} holds {_HOLDS[held]}, not {_HOLDS[kind]}", "name another set")
    return int(found)


def _origin_id(connection: sqlite3.Connection, origin: Origin | None) -> int | None:
    if origin is None:
        return None
    row = (origin.model, origin.run, origin.file, json.dumps(dict(origin.settings), sort_keys=True))
    connection.execute(
        "INSERT INTO origins (model, run, file, settings) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", row
    )
    question = "SELECT id FROM origins WHERE model = ? AND run = ? AND file = ? AND settings = ?"
    (found,) = connection.execute(question, row).fetchone()
    return int(found)


def json_text(value: Any) -> str:
    """Return JSON that a person can read in the file too."""
    content = json.dumps(value, ensure_ascii=False)
    return content if is_unicode(content) else json.dumps(value)
