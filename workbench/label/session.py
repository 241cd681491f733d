"""One annotator going through one set: the pair that is shown, and what each key does to it.

Every step ends on disk before it returns what is to be shown next.
"""

from dataclasses import dataclass, replace

from workbench.errors import Missing
from workbench.label.records import Answer, Choice, Pair, Progress
from workbench.label.sides import Stance, answer_to_the_left, choice_of, stance_of
from workbench.label.store import Store


@dataclass(frozen=True)
class Done:
    """What the last step did, to which pair."""

    number: int
    """As one goes: that of the vote."""
    pair_number: int
    """In the set."""
    stance: Stance
    choice: Choice
    is_undone: bool = False


@dataclass(frozen=True)
class Shown:
    """What is to be seen: a pair, or the end of the set."""

    set_name: str
    annotator: str
    progress: Progress
    pair: Pair | None = None
    """None when every pair is answered."""
    left: Answer = "first"
    number: int = 0
    """The pair's, counted as one goes; the first is 1."""
    note: str = ""
    """What was written beside the pair before its vote was taken back."""
    done: Done | None = None
    is_again: bool = False
    """Whether the pairs that were skipped are gone through once more."""
    tally: dict[Choice, int] | None = None
    """At the end: how often one said what."""


class Session:
    """Goes through the pairs of `set_name` that `annotator` has not answered. Raises Missing when there is no set."""

    def __init__(self, store: Store, set_name: str, annotator: str) -> None:
        if all(each.name != set_name for each in store.sets()):
            raise Missing(f"there is no set of pairs named {set_name}", "i imports a preference file")
        self._store = store
        self._set_name = set_name
        self._annotator = annotator
        self._does_skipped = False

    def begin(self, pair_id: int | None = None) -> Shown:
        """Show the pair of this id, if it still waits for an answer; else the first that does."""
        return self._show(self._next(None if pair_id is None else pair_id - 1))

    def vote(self, shown: Shown, stance: Stance, note: str = "") -> Shown:
        """Store what is said about the pair that is shown; return the next."""
        assert shown.pair is not None
        choice = choice_of(stance, shown.left)
        self._store.vote(shown.pair.id, self._annotator, choice, shown_left=shown.left, note=note)
        done = Done(shown.number, self._store.number_of(shown.pair), stance, choice)
        return self._show(self._next(shown.pair.id), done)

    def undo(self) -> Shown | None:
        """Take the last vote back and return to its pair; None when there is none."""
        vote = self._store.undo(self._annotator, self._set_name)
        if vote is None:
            return None
        pair = self._store.pair(vote.pair_id)
        shown = self._show(pair, note=vote.note)
        stance = stance_of(vote.choice, shown.left)
        done = Done(shown.number, self._store.number_of(pair), stance, vote.choice, is_undone=True)
        return replace(shown, done=done)

    def again(self) -> Shown:
        """Go through the skipped pairs once more."""
        self._does_skipped = True
        return self._show(self._next(None))

    def _next(self, after: int | None) -> Pair | None:
        found = self._store.next(self._set_name, self._annotator, after)
        if found is None and self._does_skipped:
            found = self._store.next_skipped(self._set_name, self._annotator, after or 0)
            self._does_skipped = found is not None
        return found

    def _show(self, pair: Pair | None, done: Done | None = None, note: str = "") -> Shown:
        progress = self._store.progress(self._set_name, self._annotator)
        if pair is None:
            tally = self._store.tally(self._set_name, self._annotator)
            return Shown(self._set_name, self._annotator, progress, done=done, tally=tally)
        left = answer_to_the_left(pair, self._annotator)
        number = min(progress.answered + 1, progress.pairs)
        return Shown(self._set_name, self._annotator, progress, pair, left, number, note, done, self._does_skipped)
