"""What the keys of the LoRA pane do: move and mark in the map, paint it, and change the tuning."""

from typing import TYPE_CHECKING, Any

from textual import work
from textual.message import Message
from textual.worker import get_current_worker

from screens.lora_choices import FitChoice, TuningChoice, Way
from screens.lora_numbers import Numbers
from screens.pane import Pane
from screens.widgets.lora_map import LoraMap
from workbench.errors import WorkbenchError, WrongUse
from workbench.lora.cell_ranks import ranked, ranks
from workbench.lora.fitting import Fitting
from workbench.lora.painting import Paint, painted
from workbench.lora.spec import (
    ALL_LINEAR,
    AdapterTuning,
    AnyTuning,
    FreezeTuning,
    FullTuning,
    LoraTuning,
    PrefixTuning,
    PromptTuning,
    PTuning,
    Quantisation,
)
from workbench.runs.draft import Draft
from workbench.runs.fitted import Surroundings, fitting_of
from workbench.runs.sizes import KnownModel, Sizes, sizes

if TYPE_CHECKING:
    from workbench.models.devices import Device

_MOST = 4096
_QUANTISATIONS: tuple[Quantisation, ...] = ("none", "int8", "nf4")
_BIASES = ("none", "lora_only", "all")
_OWN = {"rank": "rank", "virtual_tokens": "virtual tokens", "last": "last blocks"}
"""What + and - change: the number that says how much a kind of tuning trains."""


class LoraKeys(Pane):
    """The keys; the pane follows the selection and draws."""

    PANE = "lora"

    class Fitted(Message):
        """It is known what fits, or why that cannot be reckoned."""

        def __init__(self, found: Fitting | WorkbenchError) -> None:
            super().__init__()
            self.found = found

    def __init__(self) -> None:
        super().__init__()
        self._model: KnownModel | None = None
        self._device: Device | None = None
        self._surroundings = Surroundings()
        self._undone: list[AnyTuning] = []
        self._adapters: AnyTuning = LoraTuning()

    @property
    def map(self) -> LoraMap:
        """The map of the model."""
        return self.query_one(LoraMap)

    # moving and marking

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor in the map."""
        self.map.move(rows, columns)

    def action_page(self, direction: int) -> None:
        """Move the cursor by a page."""
        self.map.page(direction)

    def action_end(self, direction: int) -> None:
        """Move the cursor to the first or the last row."""
        self.map.end(direction)

    def action_rectangle(self) -> None:
        """Begin a rectangle at the cursor, or let go of it."""
        if self._model is not None and self.map.mark():
            self.say("move to the other corner; Space paints, + - set its rank, Esc lets go")

    # painting

    def action_paint(self) -> None:
        """Give what is marked adapters, or take them away; a tuning without adapters trains it whole or freezes it."""
        whole = isinstance(self.hand.draft.tuning, FreezeTuning)
        self._toggle("whole" if whole else "adapter")

    def action_whole(self) -> None:
        """Train what is marked whole, or freeze it."""
        self._toggle("whole")

    def _toggle(self, paint: Paint) -> None:
        cells, on = self.map.marked, self.map.canvas
        if self._model is None or on is None:
            return
        is_so = all(on.now[cell].startswith(paint) for cell in cells)
        try:
            after = painted(on, cells, "frozen" if is_so else paint)
        except WrongUse as error:
            self.fail(error)
            return
        self._tune(after)
        counted = self.map.counted
        if counted is not None and not counted.refused:
            self.say(self.map.told(cells))

    def action_all_linear(self) -> None:
        """Target every linear module but the output head, in every layer."""
        tuning = self._lora("adapters")
        if tuning is not None:
            self._tune(tuning.model_copy(update={"target": ALL_LINEAR, "layers": None}))

    def action_biases(self) -> None:
        """Train biases besides: none, those of the modules with adapters, all."""
        tuning = self._lora("biases besides")
        if tuning is not None:
            following = _BIASES[(_BIASES.index(tuning.bias) + 1) % len(_BIASES)]
            self._tune(tuning.model_copy(update={"bias": following}))
            self.say(f"biases trained besides: {following.replace('_', ' ')}")

    # numbers

    def action_more(self, step: int) -> None:
        """Take the next power of two as rank, alpha following; or one more virtual token, or block."""
        tuning = self.hand.draft.tuning
        match tuning:
            case LoraTuning():
                self._rank(tuning, step)
            case FreezeTuning():
                self._number(tuning, "last", tuning.last + step)
            case PromptTuning() | PTuning() | PrefixTuning():
                self._number(tuning, "virtual_tokens", max(1, tuning.virtual_tokens + step))
            case _:
                self.warn(f"{tuning.kind} tuning has no number to change; T chooses another tuning")

    def _rank(self, tuning: LoraTuning, step: int) -> None:
        """The rank of all adapters, or of those in the rectangle."""
        if self._model is None:
            return
        if not self.map.is_marking:
            rank = _next_power(tuning.rank, step)
            if self._may_be(rank):
                self._tune(tuning.model_copy(update={"rank": rank, "alpha": tuning.alpha / tuning.rank * rank}))
            return
        cells, counted = self.map.marked, self.map.counted
        now = ranks(self._model.layout, counted) if counted else {}
        rank = _next_power(next((now[cell] for cell in cells if cell in now), tuning.rank), step)
        if self._may_be(rank):
            try:
                self._tune(ranked(self._model.layout, tuning, now, cells, rank))
            except WrongUse as error:
                self.fail(error)
            else:
                self.say(f"rank {rank} in {len(cells)} cells; alpha follows, so that they weigh the same")

    def _may_be(self, rank: int) -> bool:
        if not 1 <= rank <= _MOST:
            self.say(f"a rank is 1 to {_MOST:,} here; Enter types any other")
        return 1 <= rank <= _MOST

    def _number(self, tuning: AnyTuning, name: str, value: int) -> None:
        try:
            self._tune(type(tuning)(**{**tuning.model_dump(), name: value}))
        except ValueError:
            self.say(f"{_OWN[name]}: {value} is not possible here")

    def action_weights(self) -> None:
        """Hold the frozen weights in the next way: as they are, int8, nf4."""
        tuning = self.hand.draft.tuning
        if not isinstance(tuning, AdapterTuning):
            self.warn(f"{tuning.kind} tuning trains weights as they are, and quantised ones cannot be trained")
            return
        following = _QUANTISATIONS[(_QUANTISATIONS.index(tuning.quantise) + 1) % len(_QUANTISATIONS)]
        self._tune(tuning.model_copy(update={"quantise": following}))

    # the tuning as a whole

    def action_full(self) -> None:
        """Train everything, or what was trained before again."""
        if self._model is not None:
            is_full = isinstance(self.hand.draft.tuning, FullTuning)
            self._tune(self._adapters if is_full else FullTuning())

    def action_tunings(self) -> None:
        """Choose another kind of tuning from a list with their counts."""
        if self._model is not None:
            self.app.push_screen(TuningChoice(self._model.shapes, self.hand.draft.tuning), self._chosen)

    def _chosen(self, tuning: AnyTuning | None) -> None:
        if tuning is not None and tuning != self.hand.draft.tuning:
            self._tune(tuning)

    def action_undo(self) -> None:
        """Take back the last change of the tuning."""
        if not self._undone:
            self.say("nothing to undo")
            return
        self.workbench.take(draft={"tuning": self._undone.pop().model_dump()})

    def action_fit(self) -> None:
        """Look for what would make it fit, and for the most that fits."""
        if self._model is None or self._device is None:
            self.say("without a model and a device there is nothing to fit")
            return
        self.say("looking for what fits…")
        self._look_for_fit(self.hand.draft, self._model, self._device, self._surroundings)

    @work(thread=True, exclusive=True, group="fit", exit_on_error=False)
    def _look_for_fit(self, draft: Draft, model: KnownModel, device: "Device", around: Surroundings) -> None:
        found: Fitting | WorkbenchError
        try:
            found = fitting_of(draft, model.shapes, device, around)
        except WorkbenchError as error:
            found = error
        if not get_current_worker().is_cancelled:
            self.post_message(self.Fitted(found))

    def on_lora_keys_fitted(self, event: Fitted) -> None:
        """Offer the changes."""
        if isinstance(event.found, WorkbenchError):
            self.fail(event.found)
        elif self.is_current and self._device is not None:
            self.say("")
            self.app.push_screen(FitChoice(event.found, self._device), self._take_way)

    def action_closer(self) -> None:
        """Type the numbers and see the formulas; without a model take the starter."""
        if self._model is None:
            if self.hand.draft.model is None:
                self.workbench.take(draft={"model": "starter"})
            return
        model = self._model

        def reckon(draft: Draft) -> tuple[Sizes, str]:
            found = sizes(draft, model.shapes, self._device, self._surroundings.measured)
            return found, self.map.algebra(found)

        self.app.push_screen(Numbers(self.hand.draft, reckon, self._surroundings), self._take_changes)

    def _take_way(self, way: Way | None) -> None:
        self._take_changes(way.changes if way else None)

    def _take_changes(self, changes: dict[str, Any] | None) -> None:
        if changes is not None:
            before = self.hand.draft.tuning
            if self.workbench.take(draft=changes) and before != self.hand.draft.tuning:
                self._undone.append(before)

    def _lora(self, what: str) -> LoraTuning | None:
        """The adapters of the draft; says that there are none when it trains something else."""
        tuning = self.hand.draft.tuning
        if self._model is not None and not isinstance(tuning, LoraTuning):
            self.warn(f"{tuning.kind} tuning has no {what}; T chooses another tuning")
        return tuning if self._model is not None and isinstance(tuning, LoraTuning) else None

    def _tune(self, tuning: AnyTuning) -> None:
        before = self.hand.draft.tuning
        if self.workbench.take(draft={"tuning": tuning.model_dump()}):
            self._undone.append(before)


def _next_power(rank: int, step: int) -> int:
    """The next power of two above or below."""
    power = rank.bit_length() - 1
    return 2 ** (power + 1) if step > 0 else int(2 ** (power - (2**power == rank)))
