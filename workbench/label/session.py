"""One annotator going through one set: the pair that is shown, and what each key does to it.

Every step ends on disk before it returns what is to be shown next.
"""

import time
from dataclasses import dataclass, replace

from workbench.errors import Missing
from workbench.label.facts import VoteFact
from workbench.label.judge import trials_by_criteria
from workbench.label.plan import Plan
from workbench.label.queue import Queue, Turn
from workbench.label.reading import as_written
from workbench.label.records import Answer, Choice, Demonstration, Pair, Progress
from workbench.label.sides import Stance, choice_of, stance_of
from workbench.label.stats import Stats, stats
from workbench.label.store import Store
from workbench.label.trial import EACH_ORDER


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
    of: int = 0
    """How many one is shown in all: the pairs, and the hidden repeats, which nothing on the screen tells apart."""
    is_repeat: bool = False
    """Whether the pair was voted on before; never to be seen."""
    note: str = ""
    """What was written beside the pair before its vote was taken back."""
    done: Done | None = None
    is_again: bool = False
    """Whether the pairs that were skipped are gone through once more."""
    tally: dict[Choice, int] | None = None
    """At the end: how often one said what."""

    @property
    def item_id(self) -> int | None:
        """The id of the pair that is shown; None at the end."""
        return None if self.pair is None else self.pair.id

    @property
    def skipped(self) -> int:
        """At the end: how many pairs one has skipped."""
        return self.tally["skip"] if self.tally else 0


class Session:
    """Goes through the pairs of `set_name` that `annotator` has not answered, as `plan` says.

    Raises Missing when there is no set, and WrongUse when the plan's order needs scores and has none.
    """

    def __init__(self, store: Store, set_name: str, annotator: str, plan: Plan | None = None) -> None:
        if all(each.name != set_name for each in store.sets()):
            raise Missing(f"there is no set of pairs named {set_name}", "i imports a preference file")
        self._store = store
        self._set_name = set_name
        self._annotator = annotator
        self._queue = Queue(store, set_name, annotator, plan or Plan())
        self._does_skipped = False
        self._after: int | None = None

    def begin(self, pair_id: int | None = None) -> Shown:
        """Show the pair of this id, if it still waits for an answer; else the first that does."""
        return self._show(self._next(pair_id))

    def vote(self, shown: Shown, stance: Stance, note: str = "", seconds: float | None = None) -> Shown:
        """Store what is said about the pair that is shown, after so many seconds; return the next."""
        assert shown.pair is not None
        choice = choice_of(stance, shown.left)
        self._store.vote(
            shown.pair.id, self._annotator, choice, shown_left=shown.left, note=note, seconds=seconds,
            repeat=shown.is_repeat,
        )  # fmt: skip
        self._queue.answered(VoteFact(shown.pair.id, self._annotator, choice, shown.left, shown.is_repeat, time.time()))
        if not shown.is_repeat:
            self._after = shown.pair.id
        done = Done(shown.number, self._store.number_of(shown.pair), stance, choice)
        return self._show(self._next(), done)

    def judge(self, shown: Shown, criterion: str, stance: Stance) -> None:
        """Store what is said about the pair that is shown by one criterion of the rubric."""
        assert shown.pair is not None
        choice = choice_of(stance, shown.left)
        self._store.vote(shown.pair.id, self._annotator, choice, shown_left=shown.left, criterion=criterion)

    def edit(self, shown: Shown, words: str, of: Answer | None) -> Demonstration:
        """Store an answer that the annotator wrote to the prompt that is shown, or edited from one of its answers."""
        assert shown.pair is not None
        like = shown.pair.answer(of or "first")
        found = self._store.edit(shown.pair.id, self._annotator, as_written(words, like), of)
        self._queue.refresh()
        return found

    def show(self, number: int) -> Shown:
        """Show the pair of this number in the set, to vote on it once more. Raises Missing when there is none."""
        return self._show(self._queue.turn(self._store.pair_at(self._set_name, number)))

    def stats(self) -> Stats:
        """Return what all votes of the set say about the votes."""
        orders = self._store.facts(self._set_name, EACH_ORDER).votes
        found = stats(self._set_name, self._store.facts(self._set_name), orders)
        return replace(found, trials=(*found.trials, *trials_by_criteria(self._store, self._set_name)))

    def undo(self) -> Shown | None:
        """Take the last vote back and return to its pair; None when there is none."""
        vote = self._store.undo(self._annotator, self._set_name)
        if vote is None:
            return None
        self._queue.taken_back(vote.item_id, is_repeat=vote.repeat)
        pair = self._store.pair(vote.item_id)
        shown = self._show(self._queue.turn(pair, vote.shown_left, is_repeat=vote.repeat), note=vote.note)
        stance = stance_of(vote.choice, shown.left)
        done = Done(shown.number, self._store.number_of(pair), stance, vote.choice, is_undone=True)
        return replace(shown, done=done)

    def again(self) -> Shown:
        """Go through the skipped pairs once more."""
        self._does_skipped, self._after = True, None
        return self._show(self._next())

    def _next(self, wanted: int | None = None) -> Turn | None:
        found = self._queue.next(self._after, wanted)
        if found is None and self._does_skipped:
            pair = self._store.next_skipped(self._set_name, self._annotator, self._after or 0)
            self._does_skipped = pair is not None
            return None if pair is None else self._queue.turn(pair)
        return found

    def _show(self, turn: Turn | None, done: Done | None = None, note: str = "") -> Shown:
        progress = self._store.progress(self._set_name, self._annotator)
        if turn is None:
            tally = self._store.tally(self._set_name, self._annotator)
            return Shown(self._set_name, self._annotator, progress, done=done, tally=tally)
        number, of = self._queue.place(progress.answered, progress.pairs)
        return Shown(
            self._set_name, self._annotator, progress, turn.pair, turn.left, number, of, turn.is_repeat, note, done,
            self._does_skipped,
        )  # fmt: skip
