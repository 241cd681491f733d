"""The draft: the next run as a person is putting it together. A run file that may still lack its model or data."""

from pathlib import Path
from typing import Any

from workbench.data.spec import Data, DataSpec, VotesSpec
from workbench.errors import Missing
from workbench.runs.spec import RunSettings, RunSpec, read_settings, write_spec
from workbench.runs.task import JudgeTask, SftTask, Task
from workbench.validation import validated


class Draft(RunSettings):
    """A run in the making."""

    task: Task = SftTask()
    """What is learned."""
    model: str | None = None
    """A folder, a Hub id, `starter`, or not chosen yet."""
    data: Data | None = None
    """The rows, or not chosen yet."""

    @property
    def file(self) -> DataSpec | None:
        """The data, where it is a file to be looked at and not votes; None too while none is chosen."""
        return None if isinstance(self.data, VotesSpec) else self.data

    def changed(self, **changes: Any) -> "Draft":
        """Return the draft with other values, checked. Raises WrongUse when they do not fit."""
        return validated(Draft, {**self.model_dump(), **changes}, "the draft")

    def spec(self) -> RunSpec:
        """Return the run that the draft asks for. Raises Missing when a model or data is not chosen yet."""
        if self.data is None and not isinstance(self.task, JudgeTask):
            raise Missing("no data is chosen", "Ctrl+O in the app chooses it; or: data: FILE")
        if self.model is None:
            raise Missing("no model is chosen", "Ctrl+O in the app chooses one; or: model: starter")
        return validated(RunSpec, self.model_dump(), "the draft")


def read_draft(path: Path, changes: tuple[str, ...] = ()) -> Draft:
    """Return the draft in a file with `changes` ("tuning.rank=8"); an empty one where there is none.

    Raises WrongUse when it cannot be read.
    """
    return validated(Draft, read_settings(path, changes), str(path)) if path.exists() else Draft()


def write_draft(draft: Draft, path: Path) -> None:
    """Replace the file in one step."""
    fresh = path.with_suffix(".new")
    write_spec(draft, fresh)
    fresh.replace(path)


def draft_of(spec: RunSpec, model: str | None = None) -> Draft:
    """Return a draft that asks for the same as a run did, under a name of its own; of votes, for those of now."""
    data = spec.data.model_copy(update={"train": ""}) if isinstance(spec.data, VotesSpec) else spec.data
    if isinstance(spec.task, JudgeTask):
        return Draft(**{**spec.model_dump(), "data": None, "name": None, **({"model": model} if model else {})})
    return Draft(**{**spec.model_dump(), "data": data, "name": None, **({"model": model} if model else {})})
