"""The LoRA pane: what a tuning trains, module by module, and roughly what it needs; without a model, a calculator."""

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from textual import events, on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.worker import get_current_worker

from screens.actions import Action, actions_of
from screens.chips import tuning as tuning_words
from screens.lora_keys import LoraKeys
from screens.pane import Target
from screens.text import cut
from screens.widgets.calculator import Calculator
from screens.widgets.drawn import Drawn
from screens.widgets.foot import Foot
from screens.widgets.grid import CellGrid
from screens.widgets.lora_map import LoraMap
from screens.widgets.lora_words import refusal
from workbench.errors import WorkbenchError
from workbench.lora.options import options
from workbench.lora.spec import FullTuning
from workbench.runs.desk import Hand
from workbench.runs.fitted import Surroundings, surroundings
from workbench.runs.sizes import KnownModel, read_model, sizes

if TYPE_CHECKING:
    from workbench.models.devices import Device

_PATIENCE_SECONDS = 0.15
"""A look that is answered sooner is not announced."""

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
_MORE = {"freeze": "blocks", "prompt": "tokens", "p-tuning": "tokens", "prefix": "tokens"}
"""What + and - change where there is no rank."""


class LoRAPane(LoraKeys):
    """A map of layers × modules, with the algebra of the one under the cursor."""

    PANE = "lora"
    DEFAULT_CSS = """
    LoRAPane #message { padding: 1 3; }
    LoRAPane.-wide #panel { display: block; }
    LoRAPane.-wide #brief { display: none; }
    LoRAPane.-narrow CellGrid { max-width: 100%; min-width: 100%; }
    """

    class ModelRead(Message):
        """The shapes of a model are known, or why not."""

        def __init__(self, asked: tuple[str, str], found: KnownModel | WorkbenchError) -> None:
            super().__init__()
            self.asked = asked
            self.found = found

    class DeviceRead(Message):
        """Where a run would be, what is free there, and how fast it goes; or why that is not known."""

        def __init__(self, found: "Device | WorkbenchError", around: Surroundings) -> None:
            super().__init__()
            self.found = found
            self.around = around

    def __init__(self) -> None:
        super().__init__()
        self._asked: tuple[str, str] | None = None
        """The name of the model that is shown or read, and the task whose head it has."""
        self._is_reading = False
        self._place: dict[str, Any] = {}

    def body(self) -> ComposeResult:
        """Yield the calculator, a message, and the map; one of them is shown."""
        yield Calculator()
        yield Drawn(id="message")
        yield LoraMap()

    # following the selection

    def hand_changed(self, before: Hand | None, now: Hand) -> None:
        """Read the model when it is another one, the device when it may be another one, and draw."""
        name = now.draft.model
        if not isinstance(now.draft.tuning, FullTuning):
            self._adapters = now.draft.tuning
        if before is None or (before.draft.backend, before.draft.data) != (now.draft.backend, now.draft.data):
            self._look_at_device()
        if name is None:
            self._model = self._asked = None
            self._show("calculator")
        elif (name, now.draft.trained_as) != self._asked:
            self._begin_reading(name, now.draft.trained_as)
        else:
            self._draw()

    @on(events.ScreenResume)
    def _look_again(self) -> None:
        """Free memory is another one whenever one comes back."""
        if self.has_begun:
            self._look_at_device()

    def _begin_reading(self, name: str, task: str) -> None:
        self._model, self._asked, self._is_reading = None, (name, task), True
        self._undone.clear()
        self._read_model(name, task)
        self.set_timer(_PATIENCE_SECONDS, self._say_reading)

    def _say_reading(self) -> None:
        if self._is_reading and self._asked is not None:
            width = max(20, self.size.width - 8)
            self._message(Content.styled(cut(f"reading the shapes of {self._asked[0]}…", width), "$foreground-muted"))

    @work(thread=True, exclusive=True, group="shapes", exit_on_error=False)
    def _read_model(self, name: str, task: str) -> None:
        worker = get_current_worker()
        found: KnownModel | WorkbenchError
        try:
            found = read_model(name, task, self._tell, lambda: not worker.is_cancelled)
        except WorkbenchError as error:
            found = error
        if not worker.is_cancelled:
            self.post_message(self.ModelRead((name, task), found))

    def _tell(self, text: str) -> None:
        self.app.call_from_thread(self.say, text)

    @on(ModelRead)
    def _model_read(self, event: ModelRead) -> None:
        if event.asked != self._asked:
            return
        self._is_reading = False
        if isinstance(event.found, WorkbenchError):
            self._message(refusal(event.found, max(20, self.size.width - 8)))
            return
        self._model = event.found
        self._draw()
        self.map.go_to(self._place)
        self._place = {}
        self._show("map")
        self.workbench.loaded()

    @work(thread=True, exclusive=True, group="device", exit_on_error=False)
    def _look_at_device(self) -> None:
        from workbench.models.place import place

        draft, around = self.hand.draft, Surroundings()
        found: Device | WorkbenchError
        try:
            found = place(draft.backend.device or self.workspace.settings.device)
            around = surroundings(self.workspace, draft, found)
        except WorkbenchError as error:
            found = error
        if not get_current_worker().is_cancelled:
            self.post_message(self.DeviceRead(found, around))

    @on(DeviceRead)
    def _device_read(self, event: DeviceRead) -> None:
        if isinstance(event.found, WorkbenchError):
            self._device = None
            self.fail(event.found)
        else:
            self._device = event.found
        self._surroundings = event.around
        self._draw()

    # drawing

    def _show(self, which: Literal["", "calculator", "message", "map"]) -> None:
        self.query_one(Calculator).display = which == "calculator"
        self.query_one("#message").display = which == "message"
        self.map.display = which == "map"
        if which != "calculator":
            self.set_focus(None)
        self._offer(which)

    def _offer(self, which: str) -> None:
        """Show the keys; the first of the map's says what it changes in this tuning."""
        more, *others = _FOOTERS[which]
        if which == "map":
            more = replace(more, label=_MORE.get(self.hand.draft.tuning.kind, more.label))
        self.query_one(Foot).show([more, *others])

    def _message(self, content: Content) -> None:
        self.query_one("#message", Drawn).show(content)
        self._show("message")

    def _draw(self) -> None:
        """Draw what the draft, the model and the device decide."""
        if self._model is not None:
            found = sizes(self.hand.draft, self._model.shapes, self._device, self._surroundings.measured)
            self.map.show(self._model, found, self._surroundings)
            if self.map.display:
                self._offer("map")
            if found.counted and found.counted.refused:
                self.warn(found.counted.refused)

    @on(CellGrid.Moved)
    @on(Calculator.Changed)
    def _typed(self) -> None:
        self.remember()

    def action_again(self) -> None:
        """Read the model and the device again."""
        self._look_at_device()
        if self._asked is not None:
            self._place = self.place()
            self._begin_reading(*self._asked)

    def action_leave(self) -> None:
        """Let go of the rectangle, or leave the field that is typed in."""
        if self.map.let_go():
            self.say("")
        else:
            self.query_one(Calculator).leave()

    # the frame asks

    def targets(self) -> list[Target]:
        """Offer to train."""
        if self.hand.draft.model is None:
            return []
        return [Target("train", f"train with {tuning_words(self.hand.draft.tuning)}")]

    def command(self) -> str:
        """Return the command that reckons the same."""
        draft = self.hand.draft
        if draft.model is None:
            return ""
        new = 0 if draft.new_tokens == "template" else len(draft.new_tokens)
        load = {"batch": draft.batch_size, "micro-batch": draft.micro_batch, "length": draft.max_length,
                "new-tokens": new}  # fmt: skip
        words = [word for name, value in load.items() if value for word in (f"--{name}", str(value))]
        again = {None: [], True: ["--checkpointing"], False: ["--no-checkpointing"]}[draft.gradient_checkpointing]
        chosen = [] if draft.trained_as == "sft" else ["--task", draft.trained_as]
        chosen += [] if draft.dtype == "auto" else ["--dtype", draft.dtype]
        chosen += [] if draft.optimizer == "adamw" else ["--optimizer", draft.optimizer]
        tuning = options(draft.tuning)
        return shlex.join(["workbench", "lora", "fit", draft.model, *tuning, *words, *chosen, *again])

    def place(self) -> dict[str, Any]:
        """Return the layer and the module under the cursor, and what is typed into the calculator."""
        place: dict[str, Any] = {"calculator": self.query_one(Calculator).typed}
        return {**(self._place if self._model is None else self.map.place), **place}

    def restore(self, place: dict[str, Any]) -> None:
        """Go there, as soon as the model is read; nothing is shown until then."""
        self._show("")
        self._place = place
        typed = place.get("calculator")
        if isinstance(typed, dict):
            self.query_one(Calculator).type(typed)
