"""The tables of labels.db, and the statements that bring a file from each version to the next.

A set holds items of one kind: a prompt with two answers (pairs), with K of them (ranking), with one (single), or a row
to be put into a class, which has no answers (classes). Text is JSON: a string, or a list of messages.

    sets            what a set is called, its kind, the names of its classes as JSON, and in which order it is gone
                    through with what share of hidden repeats, null for what the workspace's settings say
    items           what is judged: its prompt, the row it came from, a model's guess of its class with its probability
    answers         the answers to an item, by place from 0, each with its origin
    origins         who answered: a model, a run or a file, and the sampling settings as JSON
    votes           every judgement by anybody of anything: `choice` is a step of the scale for a pair, an order such as
                    2>1=3 for a ranking, good or bad for a single answer, a class for a row, and skip for any of them;
                    `criterion` names one of the rubric's, "" is the overall vote; `repeat` marks a hidden repeat with
                    the sides swapped
    demonstrations  answers that a person wrote: of which item, edited from which answer, and the vote it gave rise to
    undos           who took which vote or demonstration back, and when: nothing is ever deleted

For people who look into the file, the view `pairs` has a set's pairs with both answers in a row.

A vote stands while `undone` is null: it repeats what `undos` says, so that an index may hold the standing votes alone.
Of several votes of one annotator on an item and a criterion the last stands; a repeat never takes the place of one.
"""

from typing import Literal

SetKind = Literal["pairs", "ranking", "single", "classes"]
NOUNS: dict[SetKind, str] = {"pairs": "pair", "ranking": "ranking", "single": "answer", "classes": "row"}
"""What an item of each kind is called."""

_SCHEMA_1 = (
    "CREATE TABLE sets (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """CREATE TABLE pairs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        set_id INTEGER NOT NULL REFERENCES sets (id),
        digest TEXT NOT NULL,
        prompt TEXT NOT NULL,
        first TEXT NOT NULL,
        second TEXT NOT NULL,
        source TEXT NOT NULL,
        UNIQUE (set_id, digest)
    )""",
    "CREATE INDEX pairs_of_set ON pairs (set_id)",
    """CREATE TABLE votes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        set_id INTEGER NOT NULL REFERENCES sets (id),
        pair_id INTEGER NOT NULL REFERENCES pairs (id),
        annotator TEXT NOT NULL,
        choice TEXT NOT NULL,
        shown_left TEXT,
        note TEXT NOT NULL,
        at REAL NOT NULL,
        undone REAL
    )""",
    "CREATE INDEX standing_votes ON votes (set_id, annotator, pair_id) WHERE undone IS NULL",
    "CREATE INDEX latest_votes ON votes (set_id, annotator) WHERE undone IS NULL",
    "CREATE VIEW standing AS SELECT * FROM votes WHERE undone IS NULL",
    """CREATE VIEW named_pairs AS
        SELECT pairs.id, name AS set_name, prompt, first, second, source, digest, set_id
        FROM pairs JOIN sets ON sets.id = set_id""",
)
_SCHEMA_2 = (
    "DROP VIEW standing",
    "DROP VIEW named_pairs",
    "ALTER TABLE sets ADD COLUMN kind TEXT NOT NULL DEFAULT 'pairs'",
    "ALTER TABLE sets ADD COLUMN classes TEXT NOT NULL DEFAULT '[]'",
    """CREATE TABLE origins (
        id INTEGER PRIMARY KEY,
        model TEXT NOT NULL,
        run TEXT NOT NULL,
        file TEXT NOT NULL,
        settings TEXT NOT NULL,
        UNIQUE (model, run, file, settings)
    )""",
    """CREATE TABLE items (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        set_id INTEGER NOT NULL REFERENCES sets (id),
        digest TEXT NOT NULL,
        prompt TEXT NOT NULL,
        source TEXT NOT NULL,
        guess TEXT,
        probability REAL,
        UNIQUE (set_id, digest)
    )""",
    """CREATE TABLE answers (
        item_id INTEGER NOT NULL REFERENCES items (id),
        place INTEGER NOT NULL,
        text TEXT NOT NULL,
        origin_id INTEGER REFERENCES origins (id),
        PRIMARY KEY (item_id, place)
    ) WITHOUT ROWID""",
    "ALTER TABLE votes RENAME TO votes_1",
    """CREATE TABLE votes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        set_id INTEGER NOT NULL REFERENCES sets (id),
        item_id INTEGER NOT NULL REFERENCES items (id),
        annotator TEXT NOT NULL,
        criterion TEXT NOT NULL DEFAULT '',
        choice TEXT NOT NULL,
        shown_left TEXT,
        repeat INTEGER NOT NULL DEFAULT 0,
        seconds REAL,
        note TEXT NOT NULL,
        at REAL NOT NULL,
        undone REAL
    )""",
    """CREATE TABLE demonstrations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        item_id INTEGER NOT NULL REFERENCES items (id),
        annotator TEXT NOT NULL,
        text TEXT NOT NULL,
        place INTEGER,
        vote_id INTEGER REFERENCES votes (id),
        at REAL NOT NULL,
        undone REAL
    )""",
    """CREATE TABLE undos (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        vote_id INTEGER REFERENCES votes (id),
        demonstration_id INTEGER REFERENCES demonstrations (id),
        annotator TEXT NOT NULL,
        at REAL NOT NULL,
        CHECK ((vote_id IS NULL) != (demonstration_id IS NULL))
    )""",
    "INSERT INTO items (id, set_id, digest, prompt, source) SELECT id, set_id, digest, prompt, source FROM pairs",
    "INSERT INTO answers (item_id, place, text) SELECT id, 0, first FROM pairs",
    "INSERT INTO answers (item_id, place, text) SELECT id, 1, second FROM pairs",
    """INSERT INTO votes (id, set_id, item_id, annotator, choice, shown_left, note, at, undone)
        SELECT id, set_id, pair_id, annotator, choice, shown_left, note, at, undone FROM votes_1""",
    # in version 1 nobody could take back but one's own votes
    """INSERT INTO undos (vote_id, annotator, at)
        SELECT id, annotator, undone FROM votes_1 WHERE undone IS NOT NULL ORDER BY undone""",
    "DROP TABLE votes_1",
    "DROP TABLE pairs",
    "CREATE INDEX items_of_set ON items (set_id, id)",
    "CREATE INDEX standing_votes ON votes (set_id, annotator, item_id, criterion, repeat) WHERE undone IS NULL",
    "CREATE INDEX latest_votes ON votes (set_id, annotator) WHERE undone IS NULL",
    "CREATE INDEX votes_of_item ON votes (item_id)",
    "CREATE INDEX demonstrations_of_item ON demonstrations (item_id)",
    "CREATE INDEX demonstration_of_vote ON demonstrations (vote_id)",
    "CREATE INDEX undo_of_vote ON undos (vote_id)",
    """CREATE VIEW standing AS
        SELECT id, item_id, annotator, choice, shown_left, note, at, seconds, criterion, repeat, set_id
        FROM votes WHERE undone IS NULL""",
    "CREATE VIEW overall AS SELECT * FROM standing WHERE criterion = '' AND repeat = 0",
    """CREATE VIEW named_items AS
        SELECT items.id, name AS set_name, kind, prompt, source, digest, guess, probability, set_id
        FROM items JOIN sets ON sets.id = set_id""",
    """CREATE VIEW pairs AS
        SELECT items.id, name AS set_name, prompt, one.text AS first, other.text AS second, source, digest, set_id
        FROM items JOIN sets ON sets.id = set_id
        JOIN answers AS one ON one.item_id = items.id AND one.place = 0
        JOIN answers AS other ON other.item_id = items.id AND other.place = 1
        WHERE kind = 'pairs'""",
)
_SCHEMA_3 = (
    "ALTER TABLE sets ADD COLUMN label_order TEXT",
    "ALTER TABLE sets ADD COLUMN repeats REAL",
)
MIGRATIONS = (_SCHEMA_1, _SCHEMA_2, _SCHEMA_3)
"""The statements that bring a file from each version to the next."""
VERSION = len(MIGRATIONS)
