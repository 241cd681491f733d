"""What a draft would train, and roughly what it would need of a device: everything that the LoRA pane shows."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workbench.data.opened import open_data
from workbench.errors import WorkbenchError, WrongUse
from workbench.lora.cards import Card
from workbench.lora.count import Count, count
from workbench.lora.fit import Plan, on_cards
from workbench.lora.fitting import Fitting, fitting
from workbench.lora.known import shapes_of
from workbench.lora.layout import Layout, layout
from workbench.lora.memory import Estimate, Model, Verdict, load_for
from workbench.lora.modules import Shapes
from workbench.lora.parts import Load
from workbench.models.find import Need, Tell, find_model
from workbench.runs.draft import Draft
from workbench.runs.speed import Speed, last_speed
from workbench.workspace import Workspace

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


def read_model(name: str, tell: Tell, is_wanted: Callable[[], bool]) -> KnownModel:
    """Find a model's configuration and read its shapes; the first time that takes some seconds.

    Raises WorkbenchError when there is no such model, or none that can be counted, and Interrupted when it is not
    wanted any more.
    """
    shapes = shapes_of(find_model(name, Need.CONFIG, tell).folder, is_wanted)
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
    """Rough; None without a count or a device."""
    smallest: Estimate | None
    """The same with one row at a time."""
    cards: tuple[tuple[Card, Verdict], ...] = ()
    """Common cards; where the run chooses its micro-batch, with one row at a time."""


def sizes(draft: Draft, shapes: Shapes, device: "Device | None") -> Sizes:
    """Return the numbers of `draft` for the model with these shapes. Pure arithmetic: fast enough for each key."""
    try:
        counted = count(shapes, draft.tuning)
    except WrongUse as error:
        return Sizes(draft, shapes, device, None, error, None, None)
    if device is None:
        return Sizes(draft, shapes, None, counted, None, None, None)
    load = _load(draft, device)
    model = Model(shapes, counted, draft.tuning)
    smallest = model.estimate(load.with_rows(1, draft.batch_size))
    if draft.micro_batch:
        found = model.estimate(load.with_rows(draft.micro_batch, draft.batch_size))
    else:
        found = model.with_micro_batch(load, draft.batch_size, device.memory_free)
    on_card = model.estimate(_on_card(load, draft.batch_size))
    return Sizes(draft, shapes, device, counted, None, found, smallest, tuple(on_cards(on_card)))


@dataclass(frozen=True)
class Surroundings:
    """What a run's time and price depend on besides its draft; each None while it is not known."""

    rows: int | None = None
    """Of the training data."""
    speed: Speed | None = None
    """Of the last run on a device of this kind."""
    price_per_hour: float | None = None


def surroundings(workspace: Workspace, draft: Draft, device: "Device") -> Surroundings:
    """Read the journals of earlier runs, and count the rows where that is quick. Not for the thread that draws."""
    rows = None
    if draft.data is not None:
        with suppress(WorkbenchError, OSError):
            rows = open_data(draft.data.train, draft.data.map, _nobody).count
    return Surroundings(rows, last_speed(workspace, device.kind), workspace.settings.price_per_hour)


def steps(draft: Draft, rows: int | None) -> int | None:
    """Return how many optimizer steps a draft asks for; None while the number of its rows is not known."""
    return draft.max_steps if rows is None else draft.steps_for(rows)


def fitting_of(draft: Draft, shapes: Shapes, device: "Device", around: Surroundings) -> Fitting:
    """Return what would make a draft fit, and the most that fits: some tenths of a second for a large model.

    Raises WrongUse when its target matches nothing.
    """
    found = sizes(draft, shapes, device)
    if found.estimate is None:
        raise found.problem or WrongUse("it is not known what this trains", "choose another tuning")
    return fitting(
        shapes,
        Plan(draft.tuning, found.estimate.load, draft.batch_size),
        Plan(draft.tuning, _on_card(_load(draft, device), draft.batch_size), draft.batch_size),
        free=device.memory_free,
        gpus=(),
        devices=1,
        steps=steps(draft, around.rows),
        speed=around.speed.tokens_per_second if around.speed else None,
        rate=around.price_per_hour,
    )


def draft_changes(before: Plan, after: Plan) -> dict[str, Any]:
    """Return the values of a draft that make the plan `before` into the plan `after`."""
    changes: dict[str, Any] = {}
    if after.tuning != before.tuning:
        changes["tuning"] = after.tuning.model_dump()
    for name, field in (
        ("micro_batch", "micro_batch"),
        ("length", "max_length"),
        ("checkpointing", "gradient_checkpointing"),
    ):
        if getattr(after.load, name) != getattr(before.load, name):
            changes[field] = getattr(after.load, name)
    return changes


def _nobody(_text: str) -> None:
    """A download is told of in the Data pane."""


def _on_card(load: Load, batch: int) -> Load:
    """The same on a GPU of today."""
    if load.device == "cuda":
        return load.with_rows(load.micro_batch, batch)
    return replace(load.with_rows(load.micro_batch, batch), device="cuda", dtype="bfloat16", checkpointing=True)


def _load(draft: Draft, device: "Device") -> Load:
    return load_for(
        device.kind,
        bf16=device.bf16,
        dtype=draft.dtype,
        rows=draft.micro_batch or 1,
        length=draft.max_length,
        checkpointing=draft.gradient_checkpointing,
    )
