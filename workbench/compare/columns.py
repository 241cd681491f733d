"""What stands side by side: each run or model that a person named becomes one or two columns."""

import itertools
from dataclasses import replace

from workbench.errors import WrongUse
from workbench.models.find import Tell
from workbench.runs.columns import Column, columns_of, is_run, refuse_reward
from workbench.runs.folder import find_run
from workbench.workspace import Workspace

__all__ = ["Column", "columns", "scoring_column"]


def columns(names: list[str], workspace: Workspace, tell: Tell) -> list[Column]:
    """Return the columns for runs and models; a run brings its base along, on its left.

    Raises Missing when a run has nothing to show yet, WrongUse when nothing was named, or a run that answers nothing.
    """
    found: list[Column] = []
    for name in names:
        refuse_reward(name, workspace)
        for column in columns_of(name, workspace, tell):
            if replace(column, name="") not in [replace(other, name="") for other in found]:
                found.append(replace(column, name=_unused(column.name, found)))
    if not found:
        raise WrongUse("nothing to compare", "name a run or a model")
    return found


def scoring_column(name: str, workspace: Workspace, tell: Tell) -> Column:
    """Return the one column of a reward run or model, its weights held as they were when it was trained.

    Raises Missing when a run has nothing to show yet.
    """
    column = columns_of(name, workspace, tell)[-1]
    return replace(column, quantise=find_run(workspace, name).spec.quantise) if is_run(name, workspace) else column


def _is_run(name: str, workspace: Workspace) -> bool:
    return (workspace.runs / name / "run.yaml").is_file()


def _unused(name: str, columns: list[Column]) -> str:
    """The name, with a number behind it where another column has it already."""
    taken = {column.name for column in columns}
    candidates = (name if number == 1 else f"{name} ({number})" for number in itertools.count(1))
    return next(candidate for candidate in candidates if candidate not in taken)
