"""What stands side by side: each run or model that a person named becomes one or two columns."""

import itertools
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from workbench.errors import Missing, WrongUse
from workbench.lora.spec import Quantisation
from workbench.models.find import ModelFolder, Need, Tell, find_model
from workbench.runs.folder import RunFolder, find_run
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Column:
    """One model under a name: its weights, maybe an adapter on them, and the folder of its tokenizer."""

    name: str
    folder: Path
    adapter: Path | None
    tokenizer: Path
    template: str | None = None
    """A Jinja file used in place of the tokenizer's own chat template."""
    quantise: Quantisation = "none"
    """How a reward model's weights are held when it scores."""

    def as_json(self) -> dict[str, Any]:
        """The column as it travels to the engine."""
        return {key: value if value is None else str(value) for key, value in asdict(self).items()}


def columns(names: list[str], workspace: Workspace, tell: Tell) -> list[Column]:
    """Return the columns for runs and models; a run brings its base along, on its left.

    Raises Missing when a run has nothing to show yet, WrongUse when nothing was named, or a run that answers nothing.
    """
    found: list[Column] = []
    for name in names:
        _refuse_reward(name, workspace)
        for column in _columns(name, workspace, tell):
            if replace(column, name="") not in [replace(other, name="") for other in found]:
                found.append(replace(column, name=_unused(column.name, found)))
    if not found:
        raise WrongUse("nothing to compare", "name a run or a model")
    return found


def scoring_column(name: str, workspace: Workspace, tell: Tell) -> Column:
    """Return the one column of a reward run or model, its weights held as they were when it was trained.

    Raises Missing when a run has nothing to show yet.
    """
    column = _columns(name, workspace, tell)[-1]
    return replace(column, quantise=find_run(workspace, name).spec.quantise) if _is_run(name, workspace) else column


def _refuse_reward(name: str, workspace: Workspace) -> None:
    if _is_run(name, workspace) and find_run(workspace, name).task == "reward":
        raise WrongUse(f"{name} scores answers, it writes none", f"workbench compare score {name} FILE")


def _is_run(name: str, workspace: Workspace) -> bool:
    return (workspace.runs / name / "run.yaml").is_file()


def _unused(name: str, columns: list[Column]) -> str:
    """The name, with a number behind it where another column has it already."""
    taken = {column.name for column in columns}
    candidates = (name if number == 1 else f"{name} ({number})" for number in itertools.count(1))
    return next(candidate for candidate in candidates if candidate not in taken)


def _columns(name: str, workspace: Workspace, tell: Tell) -> list[Column]:
    if not _is_run(name, workspace):
        return [_column(name, find_model(name, Need.WEIGHTS, tell))]
    run = find_run(workspace, name)
    base = find_model(str(run.base) if run.base.is_dir() else run.spec.model, Need.WEIGHTS, tell)
    tuned = _result(run)
    is_adapter = (tuned / "adapter_config.json").is_file()
    named = base.folder.name if base.source == "folder" else base.name
    return [
        Column(named, base.folder, base.adapter, base.tokenizer_folder, run.spec.template),
        Column(
            name,
            base.folder if is_adapter else tuned,
            tuned if is_adapter else None,
            tuned if (tuned / "tokenizer_config.json").is_file() else base.folder,
            run.spec.template,
        ),
    ]


def _result(run: RunFolder) -> Path:
    """The run's output, or its latest checkpoint while there is none."""
    if run.output.is_dir():
        return run.output
    checkpoint = run.last_checkpoint()
    if checkpoint:
        return checkpoint[1]
    raise Missing(
        f"{run.name} is {run.status} and has saved nothing yet",
        f"wait for it: workbench train show {run.name}",
    )


def _column(name: str, model: ModelFolder) -> Column:
    return Column(name, model.folder, model.adapter, model.tokenizer_folder)
