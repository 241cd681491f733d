"""What the keys of the Label pane do where a set holds no pairs: single answers, rows with a class, rankings."""

import time
from dataclasses import replace

from textual.suggester import SuggestFromList

from screens.actions import ACTIONS, Action, actions_of
from screens.label_keys import LabelKeys
from screens.text import cut
from screens.widgets.item import ItemView
from screens.widgets.ranked import RankedView
from screens.widgets.typed_line import TypedLine
from workbench.errors import WrongUse
from workbench.label.arranging import drawn_by_lot, letters
from workbench.label.item_session import ItemShown
from workbench.label.ranking import Order, order_of, written
from workbench.label.reading import is_dialogue, said
from workbench.label.records import Item
from workbench.label.schema import NOUNS, SetKind

QUIET_SECONDS = 0.15
"""A vote counts when what it is on was on the screen, and no other vote key came, for so long. A key that is held
repeats faster than that, so it does not run through what nobody has read."""
NOTE = "note"
CLASS = "class"
_KINDS = {each.action.partition("(")[0]: each.kinds for each in ACTIONS if each.pane == "label" and each.kinds}


class LabelItems(LabelKeys):
    """The keys; the pane shows what is voted on."""

    def __init__(self) -> None:
        super().__init__()
        self._counts_from = float("inf")
        self._is_by_lot = False
        self._note_aside = ""

    @property
    def note(self) -> str:
        """What is written beside the vote."""
        raise NotImplementedError

    def order_kept(self, item_id: int) -> str:
        """Return the order in which an item was left, when the app ended before it was stored; "" for none."""
        raise NotImplementedError

    @property
    def order_left(self) -> str:
        """The order of a ranking in which something was moved and that is not stored yet; "" for none."""
        is_ranking = self.kind == "ranking" and self._shown is not None and self._shown.item_id is not None
        return written(self.query_one(RankedView).order) if is_ranking and not self._is_by_lot else ""

    @property
    def kind(self) -> SetKind:
        """What the set that is shown holds; pairs while there is none."""
        return self._shown.kind if isinstance(self._shown, ItemShown) else "pairs"

    def actions(self) -> list[Action]:
        """Return what can be done with a set of this kind; of the keys of classes those that have one."""
        found = actions_of(self.PANE, self.kind)
        classes = self._shown.classes if isinstance(self._shown, ItemShown) else ()
        names = {f"classify({at})": cut(name, 40) for at, name in enumerate(classes)}
        return [
            replace(each, label=names[each.action], help=f"The row is of the class {names[each.action]}.")
            if each.action in names
            else each
            for each in found
            if each.action in names or not each.action.startswith("classify(")
        ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keep the keys of other kinds of sets away."""
        kinds = _KINDS.get(action)
        return (not kinds or self.kind in kinds.split()) and super().check_action(action, parameters)

    # whether a key is a vote

    def has_been_seen(self) -> bool:
        """Whether a vote counts now; says so where it does not."""
        is_too_small = self.screen.has_class("-tiny") or self.screen.has_class("-flat")  # then nothing is drawn
        if self._is_busy or is_too_small or time.monotonic() < self._counts_from:
            # every key that comes too early begins the wait anew, so that a held key goes on not counting
            self._counts_from = max(self._counts_from, time.monotonic() + QUIET_SECONDS)
            self.say(f"that key did not count: the {NOUNS[self.kind]} was not there long enough to be seen")
            return False
        self.say("")
        return True

    @property
    def seconds_seen(self) -> float:
        """How long what is shown has been on the screen."""
        return round(time.monotonic() - self._counts_from + QUIET_SECONDS, 2)

    # what is shown

    def paint_item(self, shown: ItemShown, item: Item) -> None:
        """Show an item."""
        prompt, dialogue = said(item.prompt, "user"), is_dialogue(item.prompt)
        if shown.kind == "classes":
            self.query_one(ItemView).show("ROW", prompt)
        elif shown.kind == "single":
            self.query_one(ItemView).show("ANSWER", said(item.answers[0], "assistant"), prompt, is_dialogue=dialogue)
        else:
            first = drawn_by_lot(item, shown.annotator, is_repeat=shown.is_repeat)
            before = _order_before(shown.taken_back or self.order_kept(item.id), item)
            order = before or first
            self._is_by_lot = before is None
            answers = [said(answer, "assistant") for answer in item.answers]
            self.query_one(RankedView).show(prompt, answers, order, letters(first), is_dialogue=dialogue)

    # keys

    def give(self, choice: str, *, is_new: bool = False) -> None:
        """Say what the item that is shown is, if one can have seen it."""
        shown = self._shown
        if isinstance(shown, ItemShown) and shown.item is not None and self.has_been_seen():
            self.wait_for(self.labeller.say(shown, choice, self.note, self.seconds_seen, is_new=is_new))

    def action_rate(self, choice: str) -> None:
        """Call a single answer good or bad."""
        self.give(choice)

    def action_classify(self, at: int) -> None:
        """Call a row what the class beside the key is."""
        if isinstance(self._shown, ItemShown) and at < len(self._shown.classes):
            self.give(self._shown.classes[at])

    def action_accept(self) -> None:
        """Call a row what the model takes it for."""
        item = self._shown.item if isinstance(self._shown, ItemShown) else None
        if item is None:
            return
        if item.guess is None:
            self.say("there is no guess to accept: choose a class")
        else:
            self._call(item.guess.label)

    def action_other_class(self) -> None:
        """Ask for a class by its name."""
        if isinstance(self._shown, ItemShown) and self._shown.item is not None and not self._is_busy:
            known = [each for each in self._shown.classes if each.isprintable()]
            line = self.query_one(TypedLine)
            self._note_aside = self.note
            line.open(CLASS, "its name; one that the set does not have is added to it", SuggestFromList(known))

    def class_typed(self, name: str) -> None:
        """Call the row by a name that was typed, or by none; the note that stood there before is there again."""
        self.query_one(TypedLine).show(NOTE, self._note_aside)
        if name:
            self._call(name)

    def _call(self, name: str) -> None:
        assert isinstance(self._shown, ItemShown)
        is_new = name not in self._shown.classes
        self.give(name, is_new=is_new)
        if is_new and self._is_busy:
            self.say(f"a new class of this set: {cut(name, 40)}")

    def action_place(self, step: int) -> None:
        """Move the answer under the cursor to another rank."""
        self._is_by_lot = False
        self.query_one(RankedView).place(step)
        self.remember()

    def action_tie(self) -> None:
        """Tie the answer under the cursor with the one above it."""
        self._is_by_lot = False
        self.query_one(RankedView).tie()
        self.remember()

    def action_read(self, is_closer: bool) -> None:
        """Read the answer under the cursor in full, or stop."""
        if isinstance(self._shown, ItemShown) and self._shown.item is not None:
            self.query_one(RankedView).look_closer(is_closer)

    def action_store_order(self) -> None:
        """Store the ranking, one that nobody has moved anything in only at the second time; or stop reading."""
        view = self.query_one(RankedView)
        if not isinstance(self._shown, ItemShown) or self._shown.item is None:
            return
        if view.is_closer:
            view.look_closer(False)
            return
        if self._is_by_lot and not self._is_busy and time.monotonic() >= self._counts_from:
            self._is_by_lot = False
            self._counts_from = time.monotonic() + QUIET_SECONDS
            self.say("this order is drawn by lot: Enter again stores it as it stands")
            return
        self.give(written(view.order))


def _order_before(text: str, item: Item) -> Order | None:
    """An order that was left or taken back; None where there is none, or a file that anybody may edit holds another."""
    try:
        return order_of(text, len(item.answers))
    except WrongUse:
        return None
