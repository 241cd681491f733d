"""One annotator going through a set of rankings, single answers or rows with a class: what is shown, what is said.

As in `session`, every step ends on disk before it returns what is to be shown next.
"""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from workbench.label.choices import SKIP
from workbench.label.facts import VoteFact
from workbench.label.plan import Plan, usual_plan
from workbench.label.queue import Due, Queue
from workbench.label.records import GivenVote, Item, Judgement, PairSet, Progress
from workbench.label.schema import SetKind
from workbench.label.stats import Stats, stats
from workbench.label.store import Store


@dataclass(frozen=True)
class ItemDone:
    """What the last step did, to which item."""

    number: int
    """As one goes: that of the vote."""
    item: Item
    item_number: int
    """In the set."""
    choice: str
    """As it is stored."""
    is_undone: bool = False
    is_new_class: bool = False
    is_repeat: bool = False


@dataclass(frozen=True)
class ItemShown:
    """What is to be seen: an item that is no pair, or the end of its set."""

    set_name: str
    annotator: str
    kind: SetKind
    progress: Progress
    item: Item | None = None
    """None when all is answered."""
    classes: tuple[str, ...] = ()
    number: int = 0
    """The item's, counted as one goes; the first is 1."""
    of: int = 0
    """How many one is shown in all: the items, and the hidden repeats, which nothing on the screen tells apart."""
    is_repeat: bool = False
    """Whether something was said of the item before; never to be seen."""
    note: str = ""
    """What was written beside the item before its vote was taken back."""
    taken_back: str = ""
    """The choice that was."""
    done: ItemDone | None = None
    is_again: bool = False
    """Whether the items that were skipped are gone through once more."""
    tally: Mapping[str, int] | None = None
    """At the end: how often one said what."""

    @property
    def item_id(self) -> int | None:
        """The id of what is shown; None at the end."""
        return None if self.item is None else self.item.id

    @property
    def skipped(self) -> int:
        """At the end: how many items one has skipped."""
        return self.tally.get(SKIP, 0) if self.tally else 0


class ItemSession:
    """Goes through the items of a set that `annotator` has not answered, as `plan` says: else in the usual order.

    Raises Missing when there is no set, and WrongUse when the plan's order cannot be had.
    """

    def __init__(self, store: Store, set_name: str, annotator: str, plan: Plan | None = None) -> None:
        self._store = store
        self._set: PairSet = store.set_named(set_name)
        self._annotator = annotator
        self._queue = Queue(store, set_name, annotator, plan or usual_plan(self._set))
        self._does_skipped = False
        self._after: int | None = None

    def begin(self, item_id: int | None = None) -> ItemShown:
        """Show the item of this id, if it still waits for an answer; else the first that does."""
        return self._show(self._next(item_id))

    def say(
        self, shown: ItemShown, choice: str, note: str = "", seconds: float | None = None, *, is_new: bool = False
    ) -> ItemShown:
        """Store what is said of the item that is shown, after so many seconds; return the next.

        `is_new` makes `choice` a class of the set first. Raises WrongUse for what cannot be said of it.
        """
        assert shown.item is not None
        if is_new:
            self._store.make_set(self._set.name, self._set.kind, [choice])
            self._set = self._store.set_named(self._set.name)
        item, again = shown.item, shown.is_repeat
        self._store.judge(item.id, GivenVote(self._annotator, choice, note=note, seconds=seconds, repeat=again))
        self._queue.answered(VoteFact(item.id, self._annotator, choice, None, again, time.time(), seconds))
        if not again:
            self._after = item.id
        number = self._store.number_of(item)
        done = ItemDone(shown.number, item, number, choice, is_new_class=is_new, is_repeat=again)
        return self._show(self._next(), done)

    def judge(self, shown: ItemShown, criterion: str, choice: str) -> None:
        """Store what is said of the item that is shown by one criterion of the rubric."""
        assert shown.item is not None
        self._store.judge(shown.item.id, GivenVote(self._annotator, choice, criterion=criterion))

    def show(self, number: int) -> ItemShown:
        """Show the item of this number in the set, to judge it once more. Raises Missing when there is none."""
        return self._show(Due(self._store.id_at(self._set.name, number)))

    def stats(self) -> Stats:
        """Return what all votes of the set say about the votes."""
        return stats(self._set.name, self._store.facts(self._set.name, of_any_kind=True))

    def undo(self) -> ItemShown | None:
        """Take the last vote back and return to its item; None when there is none."""
        said = self._store.undo_judgement(self._annotator, self._set.name)
        return None if said is None else self._taken_back(said)

    def again(self) -> ItemShown:
        """Go through the skipped items once more."""
        self._does_skipped, self._after = True, None
        return self._show(self._next())

    def _taken_back(self, said: Judgement) -> ItemShown:
        self._queue.taken_back(said.item_id, is_repeat=said.repeat)
        shown = replace(self._show(Due(said.item_id)), is_repeat=said.repeat)
        assert shown.item is not None
        number = self._store.number_of(shown.item)
        done = ItemDone(shown.number, shown.item, number, said.choice, is_undone=True, is_repeat=said.repeat)
        return replace(shown, done=done, note=said.note, taken_back=said.choice)

    def _next(self, wanted: int | None = None) -> Due | None:
        found = self._queue.due(self._after, wanted)
        if found is None and self._does_skipped:
            skipped = self._skipped()
            self._does_skipped = skipped is not None
            return None if skipped is None else Due(skipped)
        return found

    def _skipped(self) -> int | None:
        """The first item after the last one that the annotator has skipped."""
        standing = self._store.standing(self._set.name, self._annotator)
        return min((item for item, choice in standing if choice == SKIP and item > (self._after or 0)), default=None)

    def _show(self, due: Due | None, done: ItemDone | None = None) -> ItemShown:
        name, kind = self._set.name, self._set.kind
        progress = self._store.progress(name, self._annotator)
        if due is None:
            tally = Counter(choice for _, choice in self._store.standing(name, self._annotator))
            return ItemShown(name, self._annotator, kind, progress, done=done, tally=tally)
        number, of = self._queue.place(progress.answered, progress.pairs)
        return ItemShown(
            name, self._annotator, kind, progress, self._store.item(due.item_id), self._set.classes, number, of,
            due.again is not None, done=done, is_again=self._does_skipped,
        )  # fmt: skip
