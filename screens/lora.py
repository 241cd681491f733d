"""The LoRA pane: what a tuning trains, module by module, and roughly what it needs; without a model, a calculator."""

import shlex
from typing import TYPE_CHECKING, Any, Literal

from textual import events, on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.worker import get_current_worker

from screens.actions import Action, actions_of
from screens.chips import tuning as tuning_words
from screens.lora_numbers import Numbers
from screens.pane import Pane, Target
from screens.text import cut
from screens.widgets.calculator import Calculator
from screens.widgets.drawn import Drawn
from screens.widgets.foot import Foot
from screens.widgets.grid import Grid
from screens.widgets.lora_map import LoraMap
from screens.widgets.lora_words import refusal
from workbench.errors import WorkbenchError, WrongUse
from workbench.lora.layout import toggled
from workbench.lora.options import options
from workbench.lora.spec import ALL_LINEAR, AnyTuning, FullTuning, LoraTuning, Quantisation
from workbench.runs.desk import Hand
from workbench.runs.draft import Draft
from workbench.runs.sizes import KnownModel, Sizes, read_model, sizes

if TYPE_CHECKING:
    from workbench.models.devices import Device

_MOST_RANK = 4096
_PATIENCE_SECONDS = 0.15
"""A look that is answered sooner is not announced."""
_QUANTISATIONS: tuple[Quantisation, ...] = ("none", "int8", "nf4")

_CHOOSE = Action("all", "ctrl+o", "", "choose a model", "", footer=True)
_HELP = next(each for each in actions_of("lora") if each.keys == "f1")
_FOOTERS: dict[str, list[Action]] = {
    "": [_HELP],
    "calculator": [
        Action("lora", "tab", "", "type", "", footer=True),
        Action("lora", "enter", "", "take starter", "", footer=True),
        _CHOOSE,
        _HELP,
    ],
    "message": [_CHOOSE, Action("lora", "ctrl+r", "", "read again", "", footer=True), _HELP],
    "map": actions_of("lora"),
}
"""What the footer offers beside each of the things that can be shown."""


class LoRAPane(Pane):
    """A map of layers × modules, with the algebra of the one under the cursor."""

    PANE = "lora"
    DEFAULT_CSS = """
    LoRAPane #message { padding: 1 3; }
    LoRAPane.-wide #panel { display: block; }
    LoRAPane.-wide #brief { display: none; }
    LoRAPane.-narrow Grid { max-width: 100%; min-width: 100%; }
    """

    class ModelRead(Message):
        """The shapes of a model are known, or why not."""

        def __init__(self, name: str, found: KnownModel | WorkbenchError) -> None:
            super().__init__()
            self.name = name
            self.found = found

    class DeviceRead(Message):
        """Where a run would be, and what is free there; or why that is not known."""

        def __init__(self, found: "Device | WorkbenchError") -> None:
            super().__init__()
            self.found = found

    def __init__(self) -> None:
        super().__init__()
        self._model: KnownModel | None = None
        self._asked: str | None = None
        self._is_reading = False
        self._device: Device | None = None
        self._place: dict[str, Any] = {}
        self._undone: list[AnyTuning] = []
        self._adapters = LoraTuning()

    def body(self) -> ComposeResult:
        """Yield the calculator, a message, and the map; one of them is shown."""
        yield Calculator()
        yield Drawn(id="message")
        yield LoraMap()

    # following the selection

    def hand_changed(self, before: Hand | None, now: Hand) -> None:
        """Read the model when it is another one, the device when it may be another one, and draw."""
        name = now.draft.model
        if isinstance(now.draft.tuning, LoraTuning):
            self._adapters = now.draft.tuning
        if before is None or before.draft.backend != now.draft.backend:
            self._look_at_device()
        if name is None:
            self._model = self._asked = None
            self._show("calculator")
        elif name != self._asked:
            self._begin_reading(name)
        else:
            self._draw()

    @on(events.ScreenResume)
    def _look_again(self) -> None:
        """Free memory is another one whenever one comes back."""
        if self.has_begun:
            self._look_at_device()

    def _begin_reading(self, name: str) -> None:
        self._model, self._asked, self._is_reading = None, name, True
        self._undone.clear()
        self._read_model(name)
        self.set_timer(_PATIENCE_SECONDS, self._say_reading)

    def _say_reading(self) -> None:
        if self._is_reading:
            width = max(20, self.size.width - 8)
            self._message(Content.styled(cut(f"reading the shapes of {self._asked}…", width), "$foreground-muted"))

    @work(thread=True, exclusive=True, group="shapes", exit_on_error=False)
    def _read_model(self, name: str) -> None:
        worker = get_current_worker()
        found: KnownModel | WorkbenchError
        try:
            found = read_model(name, self._tell, lambda: not worker.is_cancelled)
        except WorkbenchError as error:
            found = error
        if not worker.is_cancelled:
            self.post_message(self.ModelRead(name, found))

    def _tell(self, text: str) -> None:
        self.app.call_from_thread(self.say, text)

    @on(ModelRead)
    def _model_read(self, event: ModelRead) -> None:
        if event.name != self._asked:
            return
        self._is_reading = False
        if isinstance(event.found, WorkbenchError):
            self._message(refusal(event.found, max(20, self.size.width - 8)))
            return
        self._model = event.found
        self._draw()
        self.query_one(LoraMap).go_to(self._place)
        self._place = {}
        self._show("map")

    @work(thread=True, exclusive=True, group="device", exit_on_error=False)
    def _look_at_device(self) -> None:
        from workbench.models.place import place

        found: Device | WorkbenchError
        try:
            found = place(self.hand.draft.backend.device or self.workspace.settings.device)
        except WorkbenchError as error:
            found = error
        if not get_current_worker().is_cancelled:
            self.post_message(self.DeviceRead(found))

    @on(DeviceRead)
    def _device_read(self, event: DeviceRead) -> None:
        if isinstance(event.found, WorkbenchError):
            self._device = None
            self.fail(event.found)
        else:
            self._device = event.found
        self._draw()

    # drawing

    def _show(self, which: Literal["", "calculator", "message", "map"]) -> None:
        self.query_one(Calculator).display = which == "calculator"
        self.query_one("#message").display = which == "message"
        self.query_one(LoraMap).display = which == "map"
        if which != "calculator":
            self.set_focus(None)
        self.query_one(Foot).show(_FOOTERS[which])

    def _message(self, content: Content) -> None:
        self.query_one("#message", Drawn).show(content)
        self._show("message")

    def _draw(self) -> None:
        """Draw what the draft, the model and the device decide."""
        if self._model is not None:
            self.query_one(LoraMap).show(self._model, sizes(self.hand.draft, self._model.shapes, self._device))

    @on(Grid.Moved)
    @on(Calculator.Changed)
    def _typed(self) -> None:
        self.remember()

    # what one can do

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor in the map."""
        self.query_one(LoraMap).move(rows, columns)

    def action_page(self, direction: int) -> None:
        """Move the cursor by a page."""
        self.query_one(LoraMap).page(direction)

    def action_end(self, direction: int) -> None:
        """Move the cursor to the first or the last row."""
        self.query_one(LoraMap).end(direction)

    def action_rank(self, step: int) -> None:
        """Take the next power of two; alpha follows, so that the adapter weighs the same."""
        tuning = self._lora("full tuning has no rank")
        if tuning is None:
            return
        power = tuning.rank.bit_length() - 1
        rank = 2 ** (power + 1) if step > 0 else 2 ** (power - (2**power == tuning.rank))
        if not 1 <= rank <= _MOST_RANK:
            self.say(f"a rank is 1 to {_MOST_RANK:,} here; Enter types any other")
            return
        self._tune(tuning.model_copy(update={"rank": int(rank), "alpha": tuning.alpha / tuning.rank * rank}))

    def action_paint(self) -> None:
        """Give the kind of module under the cursor adapters, in every layer, or take them away."""
        tuning = self._lora("full tuning trains everything; F goes back to LoRA")
        if tuning is None or self._model is None:
            return
        row, kind = self.query_one(LoraMap).under_cursor
        if row is None or not row.is_layer:
            self.say("outside the layers nothing is painted: adapters go to kinds of modules in layers")
            return
        try:
            changed = toggled(self._model.shapes, self._model.layout, tuning, kind)
        except WrongUse as error:
            self.fail(error)
            return
        self._tune(changed)
        target = changed.target if isinstance(changed.target, str) else ", ".join(changed.target)
        self.say(f"a target names kinds, so every layer changed: {target}")

    def action_all_linear(self) -> None:
        """Target every linear module but the output head."""
        tuning = self._lora("full tuning trains everything; F goes back to LoRA")
        if tuning is not None:
            self._tune(tuning.model_copy(update={"target": ALL_LINEAR}))

    def action_weights(self) -> None:
        """Hold the frozen weights in the next way: as they are, int8, nf4."""
        tuning = self._lora("full tuning trains every weight, and quantised ones cannot be trained")
        if tuning is not None:
            following = _QUANTISATIONS[(_QUANTISATIONS.index(tuning.quantise) + 1) % len(_QUANTISATIONS)]
            self._tune(tuning.model_copy(update={"quantise": following}))

    def action_full(self) -> None:
        """Train everything, or adapters again."""
        if self._model is not None:
            is_full = isinstance(self.hand.draft.tuning, FullTuning)
            self._tune(self._adapters if is_full else FullTuning())

    def action_undo(self) -> None:
        """Take back the last change of the tuning."""
        if not self._undone:
            self.say("nothing to undo")
            return
        self.workbench.take(draft={"tuning": self._undone.pop().model_dump()})

    def action_closer(self) -> None:
        """Type the numbers and see the formulas; without a model take the starter."""
        if self._model is None:
            if self.hand.draft.model is None:
                self.workbench.take(draft={"model": "starter"})
            return
        model = self._model

        def reckon(draft: Draft) -> tuple[Sizes, str]:
            found = sizes(draft, model.shapes, self._device)
            return found, self.query_one(LoraMap).algebra(found)

        self.app.push_screen(Numbers(self.hand.draft, reckon), self._typed_numbers)

    def _typed_numbers(self, changes: dict[str, Any] | None) -> None:
        if changes is not None:
            before = self.hand.draft.tuning
            if self.workbench.take(draft=changes) and before != self.hand.draft.tuning:
                self._undone.append(before)

    def action_again(self) -> None:
        """Read the model and the device again."""
        self._look_at_device()
        if self._asked is not None:
            self._place = self.place()
            self._begin_reading(self._asked)

    def action_leave(self) -> None:
        """Leave the field that is typed in."""
        self.query_one(Calculator).leave()

    def _lora(self, refusal: str) -> LoraTuning | None:
        """The adapters of the draft; says `refusal` when it trains everything."""
        tuning = self.hand.draft.tuning
        if self._model is None or isinstance(tuning, LoraTuning):
            return tuning if self._model is not None and isinstance(tuning, LoraTuning) else None
        self.warn(refusal)
        return None

    def _tune(self, tuning: AnyTuning) -> None:
        before = self.hand.draft.tuning
        if self.workbench.take(draft={"tuning": tuning.model_dump()}):
            self._undone.append(before)

    # the frame asks

    def targets(self) -> list[Target]:
        """Offer to train."""
        if self.hand.draft.model is None:
            return []
        return [Target("train", f"train with {tuning_words(self.hand.draft.tuning)}")]

    def command(self) -> str:
        """Return the command that counts the same."""
        draft = self.hand.draft
        if draft.model is None:
            return ""
        return shlex.join(["workbench", "lora", "count", draft.model, "--task", "sft", *options(draft.tuning)])

    def place(self) -> dict[str, Any]:
        """Return the layer and the module under the cursor, and what is typed into the calculator."""
        place: dict[str, Any] = {"calculator": self.query_one(Calculator).typed}
        return {**(self._place if self._model is None else self.query_one(LoraMap).place), **place}

    def restore(self, place: dict[str, Any]) -> None:
        """Go there, as soon as the model is read; nothing is shown until then."""
        self._show("")
        self._place = place
        typed = place.get("calculator")
        if isinstance(typed, dict):
            self.query_one(Calculator).type(typed)
