"""The Label pane: two answers, one key, and the vote is on disk before the next pair is seen."""

import contextlib
import time
from functools import partial
from shlex import quote
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from screens.label_item_words import command_again, item_scale
from screens.label_items import NOTE, QUIET_SECONDS
from screens.label_runs import command_of
from screens.label_typed import LabelTyped
from screens.label_words import actions_on_card, end_card, head, invitation, scale, trouble
from screens.pane import Target
from screens.widgets.drawn import Drawn
from screens.widgets.foot import Foot
from screens.widgets.item import ItemView
from screens.widgets.pair import PairView
from screens.widgets.ranked import RankedView
from screens.widgets.table import Motion
from screens.widgets.typed_line import TypedLine
from workbench.errors import WorkbenchError
from workbench.label.choices import SKIP
from workbench.label.collecting import Collected
from workbench.label.heard import Heard, Importing, Judged, NothingToUndo, Reordered, Seen
from workbench.label.item_session import ItemShown
from workbench.label.labeller import Labeller
from workbench.label.offer import Offer
from workbench.label.plan import plan_of
from workbench.label.reading import is_dialogue, said
from workbench.label.records import Answer, Demonstration, Pair
from workbench.label.schema import NOUNS
from workbench.label.session import Shown
from workbench.label.sides import Stance
from workbench.label.stats import Stats

if TYPE_CHECKING:
    from workbench.runs.desk import Hand


class LabelPane(LabelTyped):
    """Which answer is better?"""

    PANE = "label"
    DEFAULT_CSS = """
    LabelPane {
        & #head { height: 1; margin-bottom: 1; }
        & #labelled { height: 1fr; }
        & #card { height: 1fr; padding: 1 2; display: none; }
        & #scale { margin-top: 1; }
        &.-card #card { display: block; }
        &.-card #labelled { display: none; }
        & #labelled > PairView, & #labelled > ItemView, & #labelled > RankedView { display: none; }
        &.-pairs #labelled > PairView, &.-ranking #labelled > RankedView { display: block; }
        &.-single #labelled > ItemView, &.-classes #labelled > ItemView { display: block; }
    }
    """

    class Told(Message):
        """A step has ended, or tells how far it is."""

        def __init__(self, step: int, heard: Heard) -> None:
            self.step = step
            self.heard = heard
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._labeller: Labeller | None = None
        self._step = 0
        self._safety = ""
        self._offer: Offer | None = None

    def body(self) -> ComposeResult:
        """Yield where one stands, the pair with its scale, and the card that stands there without a pair."""
        yield Drawn(id="head")
        with Vertical(id="labelled"):
            yield PairView()
            yield ItemView()
            yield RankedView()
            yield Drawn(id="scale")
        yield Drawn(id="card")
        yield TypedLine()

    # the selection

    def hand_changed(self, before: "Hand | None", now: "Hand") -> None:
        """Open the set in hand, or say what there is."""
        if before is None or before.pairs != now.pairs or (self._shown is None and before.draft.file != now.draft.file):
            self.open_set()

    def on_screen_resume(self) -> None:
        """See whether there are pairs now: other panes and commands make some."""
        is_at_the_end = self._shown is None or self._shown.item_id is None
        if self._labeller is not None and is_at_the_end and not self._is_busy:
            self.open_set()

    def place(self) -> dict[str, Any]:
        """Return what is shown, and the note beside it."""
        if self._shown is not None and self._shown.item_id is not None:
            here = {"set": self._shown.set_name, "pair": self._shown.item_id, "note": self.note}
            here["order"] = self.order_left
            self._place = {**self._place, **here}
        return self._place

    def restore(self, place: dict[str, Any]) -> None:
        """Keep the place until its set is open."""
        self._place = place

    def targets(self) -> list[Target]:
        """Votes become a reward model: a draft on this set, a tenth of the votes held out."""
        shown, draft = self._shown, self.hand.draft
        if shown is None or self.kind not in ("pairs", "ranking") or not shown.progress.answered:
            return []
        changes = {"task": "reward", "data": {"votes": shown.set_name}, "model": draft.model or "starter"}
        return [Target("train", f"a reward model on the votes on {shown.set_name}", {"draft": changes})]

    def command(self) -> str:
        """Return the command that gives the last vote again, or makes the pairs that are offered."""
        shown = self._shown
        if isinstance(shown, ItemShown) and shown.done is not None:
            return command_again(shown.done, shown.annotator)
        if isinstance(shown, Shown) and shown.done is not None:
            done = shown.done
            vote = f"{quote(shown.set_name)} {done.pair_number} {done.choice} --annotator {quote(shown.annotator)}"
            return f"workbench label vote {vote}"
        if self._offer is not None and self._offer.file is not None:
            return f"workbench label import {quote(str(self._offer.file))} --into {quote(self._offer.set_name)}"
        if self._offer is not None and self._offer.drawing is not None and not self._offer.sets:
            return command_of(self._offer.drawing)
        return "workbench label list"

    # steps, and what comes of them

    @property
    def labeller(self) -> Labeller:
        """The annotator's steps, in a thread of their own."""
        if self._labeller is None:
            self._labeller = Labeller(self.workspace.folder / "labels.db", self.annotator, self._tell)
        return self._labeller

    def _tell(self, step: int, heard: Heard) -> None:
        """Called in the thread, maybe after the app has ended."""
        with contextlib.suppress(RuntimeError):
            self.post_message(self.Told(step, heard))

    def wait_for(self, step: int) -> None:
        """Hear what comes of a step before another key counts."""
        self._step, self._is_busy = step, True

    def open_set(self) -> None:
        """Open the set in hand anew, or say what there is."""
        name, pair = self.hand.pairs, self._place.get("pair")
        is_known = name == self._place.get("set") and isinstance(pair, int)
        self._shown = self._offer = None
        plan = partial(plan_of, self.workspace)
        self.wait_for(self.labeller.open(name, self.hand.draft.file, pair if is_known else None, plan))

    def vote_anew(self) -> None:
        """Open the set again, for another annotator."""
        if self._labeller is not None:
            self._labeller.close()
            self._labeller = None
        self.open_set()

    @on(Told)
    def _told(self, message: Told) -> None:
        heard = message.heard
        if isinstance(heard, Collected):
            self.collected(heard)
        if message.step != self._step:
            return
        if isinstance(heard, Importing) and not heard.is_done:
            self.say(f"{heard.so_far.rows:,} rows read")
            return
        self._is_busy = False
        if isinstance(heard, WorkbenchError):
            self._refused(heard)
        elif isinstance(heard, NothingToUndo):
            self.say("there is no vote to take back")
        elif isinstance(heard, Importing):
            self._imported(heard)
        elif isinstance(heard, Offer):
            self._show_offer(heard)
        elif isinstance(heard, Judged):
            self.say(f"kept: {', '.join(heard.criteria)}")
        elif isinstance(heard, Reordered):
            self.say(f"{heard.set_name} is gone through in this order from now on: {heard.order}")
            self._place = {**self._place, "pair": None}  # what comes first now is shown
            self.open_set()
        elif isinstance(heard, Demonstration):
            self.written_down(heard)
        elif isinstance(heard, Stats):
            self.show_agreement(heard)
        elif not isinstance(heard, Collected):
            self._show(heard)

    def _refused(self, error: WorkbenchError) -> None:
        """Say it; what is shown stays, and the key can be pressed again."""
        self.fail(error)
        if self._shown is None and self._offer is None:
            self._show_card(trouble(error))

    def _imported(self, heard: Importing) -> None:
        self.say(heard.so_far.words(heard.set_name, heard.kind))
        if self.hand.pairs == heard.set_name:
            self.place()  # what is written or moved, and not stored yet, is there again
            self.open_set()
        else:
            self.workbench.take(pairs=heard.set_name)

    def _show_offer(self, offer: Offer) -> None:
        self._shown, self._offer = None, offer
        self._show_card(invitation(offer, self.size.width))
        self.query_one("#head", Drawn).display = False

    def _show(self, shown: Seen) -> None:
        """Show a pair or another item, or the end of the set."""
        self._shown, self._offer = shown, None
        self.query_one("#head", Drawn).display = True
        if shown.item_id is None:
            self._show_card(end_card(shown))
        else:
            self._show_labelled(shown, shown.item_id)
        if self.labeller.safety != self._safety:
            self._safety = self.labeller.safety
            self.warn(self._safety)
        self._describe()
        self.remember()

    def _show_card(self, lines: list[Content]) -> None:
        self.add_class("-card")
        self.query_one("#card", Drawn).show(Content("\n").join(lines))
        self.query_one(TypedLine).show("", "")
        self.query_one(Foot).show(actions_on_card(self._shown, self._offer))

    def _show_labelled(self, shown: Seen, item_id: int) -> None:
        self.remove_class("-card")
        for kind in NOUNS:
            self.set_class(kind == self.kind, f"-{kind}")
        if isinstance(shown, ItemShown) and shown.item is not None:
            self.paint_item(shown, shown.item)
        elif isinstance(shown, Shown) and shown.pair is not None:
            self._paint_pair(shown.pair, shown.left)
        self.query_one(TypedLine).show(NOTE, shown.note or self.note_kept(item_id))
        self.query_one(Foot).show(self.actions())
        self._counts_from = float("inf")
        self.call_after_refresh(self._seen)
        self.ask_who()

    def _paint_pair(self, pair: Pair, left: Answer) -> None:
        texts = (
            said(pair.answer(left), "assistant"),
            said(pair.answer("second" if left == "first" else "first"), "assistant"),
        )
        self.query_one(PairView).show(said(pair.prompt, "user"), *texts, is_dialogue=is_dialogue(pair.prompt))

    def _seen(self) -> None:
        """The pair is on the screen now."""
        self._counts_from = time.monotonic() + QUIET_SECONDS

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self._describe)

    def _describe(self) -> None:
        shown, width = self._shown, self.size.width - 2
        if shown is None:
            return
        self.query_one("#head", Drawn).show(head(shown, width))
        if isinstance(shown, ItemShown):
            self.query_one("#scale", Drawn).show(item_scale(shown, width, self.size.height))
        elif shown.pair is not None:
            is_stacked = self.query_one(PairView).is_stacked
            self.query_one("#scale", Drawn).show(scale(shown, width, is_stacked=is_stacked))

    # keys

    @property
    def _view(self) -> PairView | ItemView | RankedView:
        """What shows a set of this kind."""
        if self.kind == "pairs":
            return self.query_one(PairView)
        return self.query_one(RankedView) if self.kind == "ranking" else self.query_one(ItemView)

    def action_say(self, stance: Stance) -> None:
        """Vote on a pair, if one can have seen it."""
        shown = self._shown
        if isinstance(shown, Shown) and shown.pair is not None and self.has_been_seen():
            self.wait_for(self.labeller.vote(shown, stance, self.note, self.seconds_seen))

    def action_skip(self) -> None:
        """Leave it for the end; at the end, go through what was left."""
        shown = self._shown
        if shown is not None and shown.item_id is None:
            if shown.skipped and not self._is_busy:
                self.wait_for(self.labeller.again())
        elif isinstance(shown, ItemShown):
            self.give(SKIP)
        else:
            self.action_say("skip")

    def action_undo(self) -> None:
        """Take the last vote back."""
        if self._shown is not None and not self._is_busy:
            self.wait_for(self.labeller.undo())

    def action_closer(self) -> None:
        """Read a long prompt; without a pair, take what is offered."""
        if self._offer is not None and not self._is_busy:
            self._take_offer(self._offer)
        elif self._shown is not None and self._shown.item_id is not None:
            self._view.look_closer(not self._view.is_closer)

    def _take_offer(self, offer: Offer) -> None:
        if offer.file is not None:
            data = self.hand.draft.file
            self.import_from(offer.file, data.map if data is not None else {})
        elif offer.sets:
            self.workbench.take(pairs=offer.sets[0].name)
        elif offer.drawing is not None:
            self.action_make_pairs()

    def action_move(self, motion: Motion) -> None:
        """Scroll."""
        self._view.move(motion)

    def action_leave(self) -> None:
        """Leave the field, or the prompt that is read."""
        if not self.leave_line() and self._view.is_closer:
            self._view.look_closer(False)

    def on_unmount(self) -> None:
        """Let go of the labels."""
        if self._labeller is not None:
            self._labeller.close()
