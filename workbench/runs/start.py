"""Starting and resuming: what can be known to be wrong is found before a folder is made or a process started."""

from collections.abc import Callable
from pathlib import Path

from workbench.data.examples import examples
from workbench.data.rows import locate, open_rows
from workbench.errors import Missing, WrongUse
from workbench.models.find import Need, find_model
from workbench.runs.folder import RunFolder, create_run
from workbench.runs.local import launch
from workbench.runs.spec import RunSpec
from workbench.runs.state import ENDED
from workbench.workspace import Workspace


def check(spec: RunSpec, tell: Callable[[str], None]) -> None:
    """Raise what would stop the run at once: a missing file, an absent column, no such model."""
    for file in filter(None, (spec.data.train, spec.data.validation)):
        examples(open_rows(locate(file, tell)), spec.data.map)[0]
    if spec.template and not Path(spec.template).is_file():
        raise Missing(f"{spec.template}: no such template", "name a Jinja file, or leave template out")
    model = find_model(spec.model, Need.CONFIG, tell)
    if model.adapter is not None:
        raise WrongUse(f"{spec.model} is an adapter; training goes on from a model", f"model: {model.folder}")


def start(workspace: Workspace, spec: RunSpec, tell: Callable[[str], None]) -> RunFolder:
    """Make the run's folder and start its process, detached. Returns as soon as it has said its first word."""
    check(spec, tell)
    run = create_run(workspace, spec)
    launch(run)
    return run


def resume(run: RunFolder, tell: Callable[[str], None]) -> None:
    """Go on from the last checkpoint of a run that was stopped, failed or got lost."""
    status = run.status
    if status == "finished":
        raise WrongUse(f"{run.name} is finished", "start a new run, for example with more steps")
    if status not in ENDED:
        raise WrongUse(f"{run.name} is {status}", f"workbench train show {run.name}")
    state = run.state
    if state is not None and not state.process.is_here and status == "lost":
        raise WrongUse(f"{run.name} belongs to {state.process.host}", "resume it there")
    check(run.spec, tell)
    launch(run)
