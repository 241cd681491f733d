"""What would make a draft fit and how long it would take: the LoRA pane's slower answers, for a thread."""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from workbench.data.opened import open_data
from workbench.errors import WorkbenchError, WrongUse
from workbench.lora.fit import Plan
from workbench.lora.fitting import Fitting, fitting
from workbench.lora.modules import Shapes
from workbench.runs.draft import Draft
from workbench.runs.residuals import Residual, corrected, residuals
from workbench.runs.sizes import load_of, on_a_card, sizes
from workbench.runs.speed import Speed, last_speed
from workbench.workspace import Workspace

if TYPE_CHECKING:
    from workbench.models.devices import Device

_FIELDS = {
    "micro_batch": "micro_batch",
    "length": "max_length",
    "checkpointing": "gradient_checkpointing",
    "optimizer": "optimizer",
}
"""What a load says, and what a draft calls it."""


@dataclass(frozen=True)
class Surroundings:
    """What a run's time, price and memory depend on besides its draft."""

    rows: int | None = None
    """Of the training data; None while they are not counted."""
    speed: Speed | None = None
    """Of the last run on a device of this kind; None without one."""
    price_per_hour: float | None = None
    """Of the device, as the settings say it."""
    measured: tuple[Residual, ...] = ()
    """How far earlier runs were from their predictions, the newest first."""


def surroundings(workspace: Workspace, draft: Draft, device: "Device") -> Surroundings:
    """Read the journals of earlier runs, and count the rows where that is quick. Not for the thread that draws."""
    rows = None
    if draft.file is not None:
        with suppress(WorkbenchError, OSError):
            rows = open_data(draft.file.train, draft.file.map, _nobody).count
    speed, price = last_speed(workspace, device.kind), workspace.settings.price_per_hour
    return Surroundings(rows, speed, price, residuals(workspace, device.kind))


def steps(draft: Draft, rows: int | None) -> int | None:
    """Return how many optimizer steps a draft asks for; None while the number of its rows is not known."""
    return draft.max_steps if rows is None else draft.steps_for(rows)


def fitting_of(draft: Draft, shapes: Shapes, device: "Device", around: Surroundings) -> Fitting:
    """Return what would make a draft fit, and the most that fits: some tenths of a second for a large model.

    Raises WrongUse when its target matches nothing.
    """
    found = sizes(draft, shapes, device, around.measured)
    if found.estimate is None:
        raise found.problem or WrongUse("it is not known what this trains", "choose another tuning")
    return fitting(
        shapes,
        Plan(draft.tuning, found.estimate.load, draft.batch_size, partial(corrected, known=around.measured)),
        Plan(draft.tuning, on_a_card(load_of(draft, device), draft.batch_size), draft.batch_size),
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
    for name, field in _FIELDS.items():
        if getattr(after.load, name) != getattr(before.load, name):
            changes[field] = getattr(after.load, name)
    return changes


def _nobody(_text: str) -> None:
    """A download is told of in the Data pane."""
