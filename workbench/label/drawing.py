"""The pairs that a finished run can make: its sampled answers beside those of the model that it began from."""

import math
from dataclasses import dataclass
from typing import Any

from workbench.data.spec import VotesSpec
from workbench.errors import Missing, WorkbenchError
from workbench.runs.folder import RunFolder, all_runs, find_run
from workbench.runs.spec import RunSpec
from workbench.validation import validated
from workbench.workspace import Workspace

PAIRS = 20


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


def spec_of(workspace: Workspace, drawing: Drawing) -> RunSpec:
    """Return the run that makes the pairs. Raises what is wrong with it."""
    task = {
        "kind": "sample", "set": drawing.set_name, "against": drawing.base, "samples": drawing.samples,
        "rows": math.ceil(drawing.pairs / drawing.samples),
    }  # fmt: skip
    found = {"task": task, "model": drawing.run, **held_by(workspace, drawing.run)}
    return validated(RunSpec, found, f"pairs from {drawing.run}")


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
