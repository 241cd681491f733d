"""What a draft would train, and roughly what it would need of a device: everything that the LoRA pane shows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.errors import WrongUse
from workbench.lora.cards import Card
from workbench.lora.count import Count
from workbench.lora.fit import looked_through, on_cards
from workbench.lora.known import shapes_of
from workbench.lora.layout import Layout, layout
from workbench.lora.memory import Estimate, Verdict, load_for
from workbench.lora.modules import Shapes
from workbench.lora.parts import Load
from workbench.models.find import Need, Tell, find_model
from workbench.runs.draft import Draft
from workbench.runs.residuals import Residual, corrected

if TYPE_CHECKING:
    from workbench.models.devices import Device


@dataclass(frozen=True)
class KnownModel:
    """A model whose shapes were read."""

    name: str
    """As the person calls it."""
    shapes: Shapes
    layout: Layout

    @property
    def short_name(self) -> str:
        """The last part of a path or a Hub id."""
        return self.name.rstrip("/").rpartition("/")[2] or self.name


def read_model(name: str, task: str, tell: Tell, is_wanted: Callable[[], bool]) -> KnownModel:
    """Find a model's configuration and read its shapes with the head of `task`; the first time takes some seconds.

    Raises WorkbenchError when there is no such model, or none that can be counted, and Interrupted when it is not
    wanted any more.
    """
    shapes = shapes_of(find_model(name, Need.CONFIG, tell).folder, is_wanted, task=task)
    return KnownModel(name, shapes, layout(shapes))


@dataclass(frozen=True)
class Sizes:
    """The numbers of a draft."""

    draft: Draft
    shapes: Shapes
    device: "Device | None"
    """Where it would run; None while that is not known."""
    counted: Count | None
    """None when the tuning does not fit the model; `problem` says why."""
    problem: WrongUse | None
    estimate: Estimate | None
    """Rough, and corrected by what runs were measured at; None without a count or a device."""
    smallest: Estimate | None
    """The same with one row at a time."""
    cards: tuple[tuple[Card, Verdict], ...] = ()
    """Common cards; where the run chooses its micro-batch, with one row at a time."""


def sizes(draft: Draft, shapes: Shapes, device: "Device | None", measured: Iterable[Residual] = ()) -> Sizes:
    """Return the numbers of `draft` for the model with these shapes. Pure arithmetic: fast enough for each key.

    `measured` are the residuals of runs on that kind of device, the newest first (see workbench.runs.residuals).
    """
    known = tuple(measured)
    try:
        counted, model = looked_through(shapes, draft.tuning, _new_tokens(draft))
    except WrongUse as error:
        return Sizes(draft, shapes, device, None, error, None, None)
    if device is None:
        return Sizes(draft, shapes, None, counted, None, None, None)
    load = load_of(draft, device)
    smallest = corrected(model.estimate(load.with_rows(1, draft.batch_size)), known)
    if draft.micro_batch:
        found = model.estimate(load.with_rows(draft.micro_batch, draft.batch_size))
    else:
        found = model.with_micro_batch(load, draft.batch_size, device.memory_free)
    on_card = model.estimate(on_a_card(load, draft.batch_size))
    return Sizes(draft, shapes, device, counted, None, corrected(found, known), smallest, tuple(on_cards(on_card)))


def load_of(draft: Draft, device: "Device") -> Load:
    """Return the load of a draft; where it leaves the micro-batch open, with one row at once."""
    load = load_for(
        device.kind,
        bf16=device.bf16,
        dtype=draft.dtype,
        rows=draft.micro_batch or 1,
        length=draft.max_length,
        checkpointing=draft.gradient_checkpointing,
    )
    return replace(load, task=draft.trained_as, optimizer=draft.optimizer, new_tokens=_new_tokens(draft))


def _new_tokens(draft: Draft) -> int:
    """How many tokens are named; those that a template writes are known to its tokenizer only."""
    return 0 if draft.new_tokens == "template" else len(draft.new_tokens)


def on_a_card(load: Load, batch: int) -> Load:
    """Return the load that it would be on a GPU of today."""
    there = load.with_rows(load.micro_batch, batch)
    return there if load.device == "cuda" else replace(there, device="cuda", dtype="bfloat16", checkpointing=True)
