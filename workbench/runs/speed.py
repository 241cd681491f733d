"""How fast training went on this machine: what the last run's journal measured."""

from dataclasses import dataclass
from statistics import median

from workbench.runs.folder import RunFolder, all_runs
from workbench.workspace import Workspace

_LAST_STEPS = 64


@dataclass(frozen=True)
class Speed:
    """A measured speed, and whose it was."""

    run: str
    model: str
    device: str
    tokens_per_second: float


def last_speed(workspace: Workspace, device: str) -> Speed | None:
    """Return the speed of the last run on this machine's `device` (cpu, cuda, mps); None when none was measured."""
    for run in reversed(all_runs(workspace)):
        found = _speed(run, device)
        if found is not None:
            return found
    return None


def _speed(run: RunFolder, device: str) -> Speed | None:
    state, place = run.state, str(run.resolved.get("device", ""))
    if state is None or not state.process.is_here or place.partition(":")[0] != device:
        return None
    paces = [entry.get("tokens_per_second") for entry in run.history().metrics]
    known = [pace for pace in paces if isinstance(pace, (int, float)) and pace > 0]
    return Speed(run.name, run.spec.model, place, median(known[-_LAST_STEPS:])) if known else None
