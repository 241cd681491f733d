"""The pairs that a finished run can make: its sampled answers beside those of the model that it began from."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from workbench.data.spec import VotesSpec
from workbench.errors import Missing, WorkbenchError
from workbench.runs.folder import RunFolder, all_runs, find_run
from workbench.runs.spec import RunSpec
from workbench.runs.state import Status
from workbench.runs.task import SampleTask
from workbench.validation import validated
from workbench.workspace import Workspace

PAIRS = 20
_CUT_SHORT: tuple[Status, ...] = ("stopped", "failed", "lost")


@dataclass(frozen=True)
class Drawing:
    """About so many pairs of a run, to prompts that it has not seen where it held some out."""

    run: str
    base: str
    samples: int = 1
    """Answers of each model to each prompt."""
    pairs: int = PAIRS

    @property
    def set_name(self) -> str:
        """The set that the pairs go to."""
        return f"{self.run}-pairs"


def last_drawing(workspace: Workspace) -> Drawing | None:
    """Return what the newest run can make that finished and answers; None where there is none."""
    for run in reversed(all_runs(workspace)):
        try:
            if run.task == "sft" and run.status == "finished" and run.output.is_dir():
                return Drawing(run.name, run.spec.model, _samples(run))
        except (WorkbenchError, OSError):  # a run's folder may be anybody's
            continue
    return None


def specs_of(workspace: Workspace, drawing: Drawing) -> Iterator[tuple[int, RunSpec]]:
    """Yield runs that make such pairs, each after the seed of its draws; there is no end of them.

    The first draws with the seed of the run that answers, the others with the seeds after it. Seeds that another run
    draws with, or has drawn with to its end, are passed over. Raises what is wrong with such a run.
    """
    held = held_by(workspace, drawing.run)
    drawn = {seed for run in all_runs(workspace) if (seed := _drawn_with(run, drawing)) is not None}
    for seed in count(held["seed"]):
        if seed not in drawn:
            yield seed, _spec(drawing, held, seed)


def _spec(drawing: Drawing, held: dict[str, Any], seed: int) -> RunSpec:
    task: dict[str, Any] = {
        "kind": "sample", "set": drawing.set_name, "against": drawing.base, "samples": drawing.samples,
        "rows": math.ceil(drawing.pairs / drawing.samples),
    }  # fmt: skip
    if seed != held["seed"]:
        task["seed"] = seed
    return validated(RunSpec, {"task": task, "model": drawing.run, **held}, f"pairs from {drawing.run}")


def _drawn_with(run: RunFolder, drawing: Drawing) -> int | None:
    """The seed of a run that makes such pairs, or has made them; None of another, or one that was cut short."""
    try:
        task = run.spec.task
        if isinstance(task, SampleTask) and (task.set, run.spec.model) == (drawing.set_name, drawing.run):
            return None if run.status in _CUT_SHORT else task.draws_with(run.spec.seed)
    except (WorkbenchError, OSError):  # a run's folder may be anybody's
        pass
    return None


def held_by(workspace: Workspace, name: str) -> dict[str, Any]:
    """Return what a run says of its rows, for another that asks those it held out: data, seed and template.

    Raises Missing where the run has no file of rows.
    """
    spec = find_run(workspace, name).spec
    if isinstance(spec.data, VotesSpec) or not spec.data.train:
        raise Missing(f"{name} was not trained on a file of rows", "--prompts FILE")
    return {"data": spec.data.model_dump(), "seed": spec.seed, "template": spec.template}


def _samples(run: RunFolder) -> int:
    """How many answers it takes to so many pairs, where the prompts are few."""
    prompts = run.resolved.get("validation_rows") or run.resolved.get("rows")
    return max(1, math.ceil(PAIRS / prompts)) if isinstance(prompts, int) and prompts > 0 else 1
