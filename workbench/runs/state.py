"""A run's state.json: its latest word, replaced atomically by the run alone. Readers derive `lost` from it."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from workbench.runs.process import Identity
from workbench.strict_json import dumps

Status = Literal["queued", "starting", "running", "stopping", "stopped", "finished", "failed", "lost"]
ENDED: tuple[Status, ...] = ("stopped", "finished", "failed", "lost")
"""Statuses after which nothing more comes."""


@dataclass(frozen=True)
class State:
    """What a run last said of itself."""

    status: Status
    process: Identity
    step: int = 0
    steps: int | None = None
    loss: float | None = None
    """Of the latest step."""
    error: str | None = None
    fix: str | None = None

    @property
    def seen(self) -> Status:
        """The status as a reader sees it: `lost` when the process is gone and had not said that it ended."""
        if self.status in ENDED or not self.process.is_here or self.process.is_alive:
            return self.status
        return "lost"


def write_state(state: State, path: Path) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(dumps(asdict(state)))
        file.flush()
        if state.status in ENDED:
            os.fsync(file.fileno())
    fresh.replace(path)


def overwrite_state(state: State, path: Path) -> None:
    """Write over the file where it stands: for a disk with no room left for a second one."""
    with path.open("r+b") as file:
        file.write(dumps(asdict(state)).encode())
        file.truncate()


def read_state(path: Path) -> State | None:
    """Return what the run last said, or None when it has said nothing yet, or nothing that can be understood."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        known = {name: value for name, value in found.items() if name in State.__dataclass_fields__}
        state = State(**{**known, "process": Identity(**found["process"])})
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return state if _makes_sense(state) else None


_LARGEST = 2**53


def _makes_sense(state: State) -> bool:
    """Whether the values are of the types that a run writes: the file may be anybody's."""
    texts = all(text is None or isinstance(text, str) for text in (state.error, state.fix, state.process.host))
    numbers = all(number is None or _is_count(number) for number in (state.step, state.steps, state.process.pid))
    loss = state.loss is None or isinstance(state.loss, float) or _is_count(state.loss)
    return state.status in get_args(Status) and texts and numbers and loss and state.step is not None


def _is_count(number: object) -> bool:
    """Whether this is a whole number that a float can hold."""
    return isinstance(number, int) and abs(number) <= _LARGEST
