"""Votes and judgements in a store: given, taken back, counted. Each is on disk when its method returns.

One that was taken back stays in the file, marked, beside the record of who did so. Of several votes of one annotator on
an item the last stands; hidden repeats are kept beside them and never replace one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from workbench.label.casting import cast, has_voted, take_back
from workbench.label.choices import SKIP
from workbench.label.items import Items
from workbench.label.pace import LOOKED_AT, seconds_left
from workbench.label.records import CHOICES, Answer, Choice, GivenVote, Judgement, Pair, Past, Progress, Vote

_LAST = (
    "SELECT * FROM standing WHERE set_id = (SELECT id FROM sets WHERE name = ?) AND annotator = ?"
    " ORDER BY id DESC LIMIT 1"
)
_STANDING = (
    "SELECT item_id, choice, max(id) FROM overall WHERE set_id = (SELECT id FROM sets WHERE name = ?)"
    " AND annotator = ? GROUP BY item_id"
)
_ALL_STANDING = (
    "SELECT * FROM standing WHERE id IN (SELECT max(id) FROM standing WHERE set_id = (SELECT id FROM sets"
    " WHERE name = ?) GROUP BY item_id, annotator, criterion, repeat) ORDER BY id"
)
_HISTORY = (
    "SELECT votes.id, item_id, votes.annotator, choice, shown_left, note, votes.at, seconds, criterion, repeat, set_id,"
    " undos.at, undos.annotator FROM votes LEFT JOIN undos ON undos.vote_id = votes.id"
    " WHERE item_id = ? ORDER BY votes.id"
)
_ANSWERED = (
    "SELECT count(DISTINCT item_id) FROM votes INDEXED BY standing_votes"
    " WHERE set_id = ? AND annotator = ? AND criterion = '' AND undone IS NULL"
)
_LATEST = (
    "SELECT at, shown_left IS NOT NULL OR seconds IS NOT NULL FROM overall"
    " WHERE set_id = ? AND annotator = ? ORDER BY id DESC LIMIT ?"
)
_NEXT = (
    "SELECT id FROM items WHERE set_id = (SELECT id FROM sets WHERE name = ?) AND id > ? AND NOT EXISTS"
    " (SELECT 1 FROM standing WHERE standing.set_id = items.set_id AND annotator = ? AND item_id = items.id"
    " AND criterion = '') ORDER BY id LIMIT 1"
)
_ITEM_ID = "SELECT id FROM items WHERE set_id = (SELECT id FROM sets WHERE name = ?) AND digest = ?"
_WAS_GIVEN = "SELECT 1 FROM votes WHERE item_id = ? AND annotator = ? AND criterion = ? AND at = ?"
_CRITERIA = (
    "SELECT DISTINCT annotator, criterion FROM standing"
    " WHERE set_id = (SELECT id FROM sets WHERE name = ?) AND criterion <> '' ORDER BY annotator, criterion"
)
_TIMES = (
    "SELECT digest, at FROM votes JOIN items ON items.id = item_id"
    " WHERE votes.set_id = (SELECT id FROM sets WHERE name = ?) AND annotator = ? AND criterion = ?"
)


class Votes(Items):
    """What is said about the items of a store."""

    def vote(
        self, pair_id: int, annotator: str, choice: Choice, *, shown_left: Answer | None = None, note: str = "",
        seconds: float | None = None, criterion: str = "", repeat: bool = False,
    ) -> int:  # fmt: skip
        """Store a vote and return its id. `shown_left` is the answer that stood to the left, if any was shown.

        `seconds` went by from the pair being shown; `criterion` is "" for the overall vote; a `repeat` is a vote on a
        pair that was voted on before and is seen again.
        """
        return self.judge(pair_id, GivenVote(annotator, choice, shown_left, note, seconds, None, criterion, repeat))

    def judge(self, item_id: int, given: GivenVote) -> int:
        """Store what an annotator says of an item of any kind, and return the id of that.

        Raises WrongUse for what cannot be said of it, and Missing where there is no such item.
        """
        with self._database.writing() as connection:
            return cast(connection, item_id, given)

    def vote_once(self, set_name: str, said: Iterable[tuple[str, Sequence[GivenVote]]]) -> int:
        """Store votes on pairs by their digests, a pair's votes all or none; return how many pairs got theirs.

        The last of a pair's votes says whether they are stored: one of the same annotator at the same time, or one that
        stands, means that they are, or others. Pairs that the set does not have are passed over.
        """
        count = 0
        with self._database.writing() as connection:
            for digest, votes in said:
                row = connection.execute(_ITEM_ID, (set_name, digest)).fetchone()
                last = votes[-1]
                if row is None or has_voted(connection, row[0], last):
                    continue
                if connection.execute(_WAS_GIVEN, (*row, last.annotator, last.criterion, last.at)).fetchone():
                    continue
                for each in votes:
                    cast(connection, row[0], each)
                count += 1
        return count

    def times(self, set_name: str, annotator: str, criterion: str = "") -> list[tuple[str, float]]:
        """Return the digests of the items that an annotator ever answered, all in all or by a criterion, and when."""
        with self._database.reading() as connection:
            return connection.execute(_TIMES, (set_name, annotator, criterion)).fetchall()

    def criteria(self, set_name: str) -> list[tuple[str, str]]:
        """Return who has votes that stand by which single criterion."""
        with self._database.reading() as connection:
            return connection.execute(_CRITERIA, (set_name,)).fetchall()

    def undo(self, annotator: str, set_name: str, by: str | None = None) -> Vote | None:
        """Take the annotator's last standing vote in a set of pairs back and return it; None when there is none.

        `by` is who does so, by default the annotator.
        """
        row = self._undone(annotator, set_name, by)
        return None if row is None else Vote(*_said(row))

    def undo_judgement(self, annotator: str, set_name: str, by: str | None = None) -> Judgement | None:
        """Do what `undo` does, in a set of any kind."""
        row = self._undone(annotator, set_name, by)
        return None if row is None else Judgement(*_said(row))

    def next(self, set_name: str, annotator: str, after: int | None = None) -> Pair | None:
        """Return the next pair that the annotator has neither voted on nor skipped, or None.

        The next after the pair of the id `after`; past the end, those before it.
        """
        found = self.next_id(set_name, annotator, after)
        return None if found is None else self.pair(found)

    def next_id(self, set_name: str, annotator: str, after: int | None = None) -> int | None:
        """Return the id of the next item, of whatever kind, as `next` chooses it."""
        with self._database.reading() as connection:
            for start in dict.fromkeys((after or 0, 0)):
                row = connection.execute(_NEXT, (set_name, start, annotator)).fetchone()
                if row is not None:
                    return int(row[0])
        return None

    def next_skipped(self, set_name: str, annotator: str, after: int = 0) -> Pair | None:
        """Return the first pair after the id `after` that the annotator has skipped, or None."""
        skipped = [pair for pair, choice in self.standing(set_name, annotator) if choice == SKIP and pair > after]
        return self.pair(min(skipped)) if skipped else None

    def tally(self, set_name: str, annotator: str) -> dict[Choice, int]:
        """Return how often the annotator's standing votes say what."""
        counts = Counter(choice for _, choice in self.standing(set_name, annotator))
        return {choice: counts[choice] for choice in CHOICES}

    def progress(self, set_name: str, annotator: str) -> Progress:
        """Return how far the annotator has come."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT id FROM sets WHERE name = ?", (set_name,)).fetchone()
            if row is None:
                return Progress(0, 0, None)
            (items,) = connection.execute("SELECT count(*) FROM items WHERE set_id = ?", row).fetchone()
            (answered,) = connection.execute(_ANSWERED, (*row, annotator)).fetchone()
            times = [at for at, was_seen in connection.execute(_LATEST, (*row, annotator, LOOKED_AT)) if was_seen]
        return Progress(answered, items, seconds_left(times, items - answered))

    def votes(self, set_name: str) -> list[Vote]:
        """Return the standing votes on a set of pairs, of all annotators, as they were given: the last of each
        annotator on each pair, by criterion, and beside it the hidden repeat."""
        return [Vote(*_said(row)) for row in self._all_standing(set_name)]

    def judgements(self, set_name: str) -> list[Judgement]:
        """Return what stands in a set of any kind, as `votes` does."""
        return [Judgement(*_said(row)) for row in self._all_standing(set_name)]

    def history(self, item_id: int) -> list[Past]:
        """Return everything that was ever said about an item, in order, with what was taken back, when and by whom."""
        with self._database.reading() as connection:
            rows = connection.execute(_HISTORY, (item_id,)).fetchall()
        return [Past(Judgement(*_said(row)), undone, by) for *row, undone, by in rows]

    def standing(self, set_name: str, annotator: str) -> list[tuple[int, str]]:
        """Return the items that the annotator has answered, and what stands, all in all."""
        with self._database.reading() as connection:
            return [(item, choice) for item, choice, _ in connection.execute(_STANDING, (set_name, annotator))]

    def _undone(self, annotator: str, set_name: str, by: str | None) -> tuple[Any, ...] | None:
        with self._database.writing() as connection:
            row: tuple[Any, ...] | None = connection.execute(_LAST, (set_name, annotator)).fetchone()
            if row is not None:
                take_back(connection, row[0], by or annotator)
        return row

    def _all_standing(self, set_name: str) -> list[tuple[Any, ...]]:
        with self._database.reading() as connection:
            return connection.execute(_ALL_STANDING, (set_name,)).fetchall()


def _said(row: Sequence[Any]) -> list[Any]:
    """The fields of a judgement, from a row of `standing`."""
    return [*row[:9], bool(row[9])]
