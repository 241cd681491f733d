"""The Label pane: two answers, one key, and the vote is on disk before the next pair is seen."""

import contextlib
import time
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from screens.label_item_words import command_again, item_scale
from screens.label_items import CLASS, NOTE, QUIET_SECONDS
from screens.label_runs import JUDGE, LabelRuns, command_of
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
from workbench.label.annotator import login_name, says_who
from workbench.label.choices import SKIP
from workbench.label.collecting import Collected
from workbench.label.item_session import ItemShown
from workbench.label.labeller import Heard, Importing, Judged, Labeller, NothingToUndo, Seen
from workbench.label.offer import Offer, name_for
from workbench.label.plan import plan_of
from workbench.label.reading import is_dialogue, said
from workbench.label.records import Answer, Demonstration, Pair
from workbench.label.schema import NOUNS
from workbench.label.session import Shown
from workbench.label.sides import Stance
from workbench.label.stats import Stats

if TYPE_CHECKING:
    from workbench.runs.desk import Hand

_FILE = "preference file"
_WHO = "who votes"


class LabelPane(LabelRuns):
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
        self._place: dict[str, Any] = {}

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
            self._open()

    def on_screen_resume(self) -> None:
        """See whether there are pairs now: other panes and commands make some."""
        if self._labeller is not None and (self._shown is None or self._shown.item_id is None):
            self._open()

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
            self._labeller = Labeller(self.workspace.folder / "labels.db", self._annotator, self._tell)
        return self._labeller

    @property
    def _named(self) -> str:
        """Who votes, by the command line or the settings."""
        return self.workbench.annotator or self.workspace.settings.annotator

    @property
    def _annotator(self) -> str:
        """Who votes: as the command line or the settings say, as was said here, or as the system knows the person."""
        said = self._place.get("annotator")
        return self._named or (said if isinstance(said, str) and said else login_name())

    def _tell(self, step: int, heard: Heard) -> None:
        """Called in the thread, maybe after the app has ended."""
        with contextlib.suppress(RuntimeError):
            self.post_message(self.Told(step, heard))

    def wait_for(self, step: int) -> None:
        """Hear what comes of a step before another key counts."""
        self._step, self._is_busy = step, True

    def open_set(self) -> None:
        """Open the set in hand anew, or say what there is."""
        self._open()

    def _open(self) -> None:
        name, pair = self.hand.pairs, self._place.get("pair")
        is_known = name == self._place.get("set") and isinstance(pair, int)
        self._shown = self._offer = None
        plan = partial(plan_of, self.workspace)
        self.wait_for(self.labeller.open(name, self.hand.draft.file, pair if is_known else None, plan))

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
            self._open()
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
        self.query_one(TypedLine).show(NOTE, shown.note or self._note_kept(item_id))
        self.query_one(Foot).show(self.actions())
        self._counts_from = float("inf")
        self.call_after_refresh(self._seen)
        if self._is_to_ask_who():
            self.query_one(TypedLine).open(_WHO, f"your name, kept with each vote; empty: {self._annotator}")

    def _paint_pair(self, pair: Pair, left: Answer) -> None:
        texts = (
            said(pair.answer(left), "assistant"),
            said(pair.answer("second" if left == "first" else "first"), "assistant"),
        )
        self.query_one(PairView).show(said(pair.prompt, "user"), *texts, is_dialogue=is_dialogue(pair.prompt))

    def _is_to_ask_who(self) -> bool:
        """Whether nobody said yet who votes, and the system's name for the person does not tell."""
        return "annotator" not in self._place and not self._named and not says_who(login_name())

    def _note_kept(self, pair_id: int) -> str:
        """What was being written when the app was left."""
        note, self._place = self._place.get("note"), {**self._place, "note": ""}
        return note if isinstance(note, str) and self._place.get("pair") == pair_id else ""

    def order_kept(self, item_id: int) -> str:
        """Return the order in which a ranking was left when the app ended; "" for none."""
        order, self._place = self._place.get("order"), {**self._place, "order": ""}
        return order if isinstance(order, str) and self._place.get("pair") == item_id else ""

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
    def note(self) -> str:
        """What is written beside the vote."""
        line = self.query_one(TypedLine)
        return line.text.strip() if line.purpose == NOTE else ""

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

    def action_note(self) -> None:
        """Write something beside the vote."""
        if self._shown is not None and self._shown.item_id is not None:
            self.query_one(TypedLine).open(NOTE, "why; it is stored with the vote")

    def action_import_file(self) -> None:
        """Ask for a preference file."""
        self.query_one(TypedLine).open(
            _FILE, "its path; rows with chosen and rejected, a ranking, a yes or no, or a label"
        )

    def action_closer(self) -> None:
        """Read a long prompt; without a pair, take what is offered."""
        if self._offer is not None and not self._is_busy:
            self._take_offer(self._offer)
        elif self._shown is not None and self._shown.item_id is not None:
            self._view.look_closer(not self._view.is_closer)

    def _take_offer(self, offer: Offer) -> None:
        if offer.file is not None:
            data = self.hand.draft.file
            self._import(offer.file, data.map if data is not None else {})
        elif offer.sets:
            self.workbench.take(pairs=offer.sets[0].name)
        elif offer.drawing is not None:
            self.action_make_pairs()

    def _import(self, file: Path, map: dict[str, str]) -> None:
        self.say(f"reading {file.name}")
        self.wait_for(self.labeller.import_file(file, name_for(file), map))

    @on(TypedLine.Entered)
    def _entered(self, message: TypedLine.Entered) -> None:
        if message.purpose == NOTE:
            self.remember()
            return
        if message.purpose == CLASS:
            self.class_typed(message.text.strip())
            return
        if message.purpose == JUDGE:
            self.judge_typed(message.text.strip())
            return
        self.query_one(TypedLine).show("", "")
        if message.purpose == _WHO:
            self._called(message.text.strip())
            return
        if message.text.strip():
            path = Path(message.text.strip())
            with contextlib.suppress(RuntimeError):  # an unknown ~user: then it is a name like any other
                path = path.expanduser()
            self._import(path if path.is_absolute() else self.workspace.folder / path, {})

    def _called(self, name: str) -> None:
        """Vote under this name from now on; without one, under the system's."""
        self._place = {**self._place, "annotator": name}
        if name:
            if self._labeller is not None:
                self._labeller.close()
                self._labeller = None
            self._open()
        self.remember()

    def action_move(self, motion: Motion) -> None:
        """Scroll."""
        self._view.move(motion)

    def action_leave(self) -> None:
        """Leave the field, or the prompt that is read."""
        line, view = self.query_one(TypedLine), self._view
        if line.is_typing:
            purpose = line.purpose
            line.leave()
            if purpose == _WHO:
                self._called("")
            elif purpose == CLASS:
                self.class_typed("")
            elif purpose == JUDGE:
                self.judge_typed("")
            self.remember()
        elif view.is_closer:
            view.look_closer(False)

    def on_unmount(self) -> None:
        """Let go of the labels."""
        if self._labeller is not None:
            self._labeller.close()
