"""One annotator going through a set of rankings, single answers or rows with a class: what is shown, what is said.

As in `session`, every step ends on disk before it returns what is to be shown next.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from workbench.label.choices import SKIP
from workbench.label.records import GivenVote, Item, Judgement, PairSet, Progress
from workbench.label.schema import SetKind
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
    """Goes through the items of a set that `annotator` has not answered: rows with a class the hardest first.

    Raises Missing when there is no set.
    """

    def __init__(self, store: Store, set_name: str, annotator: str) -> None:
        self._store = store
        self._set: PairSet = store.set_named(set_name)
        self._annotator = annotator
        self._does_skipped = False
        self._after: int | None = None
        # read once, the last comes first: to sort 100,000 rows anew takes longer than a key may
        self._hard = store.hard_first(set_name)[::-1] if self._set.kind == "classes" else []

    def begin(self, item_id: int | None = None) -> ItemShown:
        """Show the item of this id, if it still waits for an answer; else the first that does."""
        if item_id is not None and self._waits(item_id):
            return self._show(item_id)
        return self._show(self._next())

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
        self._store.judge(shown.item.id, GivenVote(self._annotator, choice, note=note, seconds=seconds))
        self._after = shown.item.id
        done = ItemDone(shown.number, shown.item, self._store.number_of(shown.item), choice, is_new_class=is_new)
        return self._show(self._next(), done)

    def undo(self) -> ItemShown | None:
        """Take the last vote back and return to its item; None when there is none."""
        said = self._store.undo_judgement(self._annotator, self._set.name)
        return None if said is None else self._taken_back(said)

    def again(self) -> ItemShown:
        """Go through the skipped items once more."""
        self._does_skipped, self._after = True, None
        return self._show(self._next())

    def _taken_back(self, said: Judgement) -> ItemShown:
        shown = self._show(said.item_id)
        assert shown.item is not None
        done = ItemDone(shown.number, shown.item, self._store.number_of(shown.item), said.choice, is_undone=True)
        return replace(shown, done=done, note=said.note, taken_back=said.choice)

    def _next(self) -> int | None:
        if self._set.kind == "classes":
            found = self._hardest()
        else:
            found = self._store.next_id(self._set.name, self._annotator, self._after)
        if found is None and self._does_skipped:
            found = self._skipped()
            self._does_skipped = found is not None
        return found

    def _hardest(self) -> int | None:
        """The row that a model is least sure of; last those that came or were taken back in the meantime."""
        while self._hard:
            if self._waits(self._hard[-1]):
                return self._hard[-1]
            self._hard.pop()
        return self._store.next_hard(self._set.name, self._annotator)

    def _waits(self, item_id: int) -> bool:
        """Whether the annotator has not answered it."""
        return self._store.next_id(self._set.name, self._annotator, item_id - 1) == item_id

    def _skipped(self) -> int | None:
        """The first item after the last one that the annotator has skipped."""
        standing = self._store.standing(self._set.name, self._annotator)
        return min((item for item, choice in standing if choice == SKIP and item > (self._after or 0)), default=None)

    def _show(self, item_id: int | None, done: ItemDone | None = None) -> ItemShown:
        name, kind = self._set.name, self._set.kind
        progress = self._store.progress(name, self._annotator)
        if item_id is None:
            tally = Counter(choice for _, choice in self._store.standing(name, self._annotator))
            return ItemShown(name, self._annotator, kind, progress, done=done, tally=tally)
        return ItemShown(
            name, self._annotator, kind, progress, self._store.item(item_id), self._set.classes,
            min(progress.answered + 1, progress.pairs), progress.pairs, done=done, is_again=self._does_skipped,
        )  # fmt: skip
