"""Starting and resuming: what can be known to be wrong is found before a folder is made or a process started."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.data.examples import examples, pairs
from workbench.data.place import is_there, parted
from workbench.data.rows import locate, open_rows
from workbench.data.spec import VotesSpec
from workbench.errors import WrongUse
from workbench.models.devices import Device
from workbench.models.endpoint import Endpoint
from workbench.models.find import Need, find_model
from workbench.models.place import place
from workbench.runs.columns import asked_models, columns_of, is_run, refuse_reward
from workbench.runs.folder import RunFolder, create_run
from workbench.runs.local import launch
from workbench.runs.spec import RunSpec
from workbench.runs.state import ENDED
from workbench.runs.task import AskingTask, RewardTask, SampleTask
from workbench.template.known import find_template
from workbench.validation import validated
from workbench.workspace import Workspace


def check(workspace: Workspace, spec: RunSpec, tell: Callable[[str], None]) -> None:
    """Raise what would stop the run at once: a missing file, an absent column, no such model or device."""
    if isinstance(spec.task, AskingTask):
        _check_asking(workspace, spec, spec.task, tell)
        return
    _check_optimizer(spec, place(spec.backend.device or workspace.settings.device))
    for file in filter(None, (spec.data.train, spec.data.validation)):
        rows = open_rows(locate(file, tell))
        if isinstance(spec.task, RewardTask):
            pairs(rows, spec.data.map)
        else:
            examples(rows, spec.data.map)[0]
    if spec.template:
        find_template(spec.template, workspace.folder)
    model = find_model(spec.model, Need.CONFIG, tell)
    if model.source != "hub":  # it is all here: what is missing shows now
        find_model(spec.model, Need.TOKENIZER, tell)
        find_model(spec.model, Need.WEIGHTS, tell)
    if model.adapter is not None and not isinstance(spec.task, RewardTask):
        raise WrongUse(f"{spec.model} is an adapter; training goes on from a model", f"model: {model.folder}")


def _check_asking(workspace: Workspace, spec: RunSpec, task: AskingTask, tell: Callable[[str], None]) -> None:
    """Raise what would stop a run that only asks: no such model, no key in the environment."""
    if task.endpoint is not None:
        Endpoint(task.endpoint, spec.model).check_key()
        return
    place(spec.backend.device or workspace.settings.device)
    for name in asked_models(spec):
        refuse_reward(name, workspace)
        columns_of(name, workspace, tell)
    if spec.template:
        find_template(spec.template, workspace.folder)


def _check_optimizer(spec: RunSpec, device: Device) -> None:
    """Refuse states in 8 bit where bitsandbytes 0.50 has no kernel for them."""
    if "8bit" in spec.optimizer and device.kind == "mps":
        raise WrongUse(
            f"optimizer: {spec.optimizer} does not work on {device.place}: bitsandbytes has 8-bit states on a CPU and"
            " on NVIDIA's GPUs only",
            "optimizer: adafactor keeps even less; or leave it out",
        )


Labels = Callable[[Workspace, RunSpec], list[dict[str, Any]]]
"""Reads what a run takes from labels.db: workbench.label.asked.taken_from_labels, which lies above here."""


def start(workspace: Workspace, spec: RunSpec, tell: Callable[[str], None], labels: Labels | None = None) -> RunFolder:
    """Make the run's folder and start its process, detached. Returns as soon as it has said its first word.

    A run on votes, prompts to sample or pairs to judge keeps a copy of what `labels` reads, so that it resumes on the
    same, whatever is voted meanwhile.
    """
    rows: list[dict[str, Any]] = []
    if isinstance(spec.data, VotesSpec):
        rows = _taken(workspace, spec, labels)
        spec = spec.model_copy(update={"data": spec.data.model_copy(update={"train": ""})})
    check(workspace, spec, tell)
    if not spec.trains:
        rows = _taken(workspace, spec, labels)
    run = create_run(workspace, absolute(spec, workspace), rows)
    launch(run)
    return run


def _taken(workspace: Workspace, spec: RunSpec, labels: Labels | None) -> list[dict[str, Any]]:
    assert labels is not None, "whoever starts such runs can read labels.db"
    return labels(workspace, spec)


def absolute(spec: RunSpec, workspace: Workspace) -> RunSpec:
    """Return the specification with its existing paths absolute, so that it means the same from every folder."""

    is_elsewhere = isinstance(spec.task, AskingTask) and spec.task.endpoint is not None

    def absolute_model(name: str) -> str:
        is_meant = name == "starter" or is_elsewhere or (not spec.trains and is_run(name, workspace))
        return str(Path(name).resolve()) if not is_meant and Path(name).exists() else name

    def absolute_data(name: str | None) -> str | None:
        return str(Path(name).resolve()) if name and is_there(parted(Path(name))[0]) else name

    data = spec.data.model_copy(
        update={"train": absolute_data(spec.data.train), "validation": absolute_data(spec.data.validation)}
    )
    template = spec.template and find_template(spec.template, workspace.folder)
    task = spec.task
    if isinstance(task, SampleTask) and task.against:
        task = task.model_copy(update={"against": absolute_model(task.against)})
    model = absolute_model(spec.model)
    changed = spec.model_copy(update={"task": task, "model": model, "template": template, "data": data})
    return validated(RunSpec, changed.model_dump(), "the run")  # two names may be of one model


def resume(run: RunFolder, tell: Callable[[str], None], *, take_over: bool = False) -> None:
    """Go on from the last checkpoint of a run that was stopped, failed or got lost.

    A run that another host says is running cannot be checked from here; `take_over` says that it is gone.
    """
    status, state = run.status, run.state
    if status == "finished":
        raise WrongUse(f"{run.name} is finished", "start a new run, for example with more steps")
    if status not in ENDED and state is not None and not state.process.is_here:
        if not take_over:
            raise WrongUse(
                f"{run.name} is {status} on {state.process.host}, which cannot be seen from here",
                "resume it there; or, when it is gone: --take-over",
            )
    elif status not in ENDED:
        raise WrongUse(f"{run.name} is {status}", f"workbench train show {run.name}")
    check(Workspace(run.path.parent.parent), run.spec, tell)
    launch(run)
