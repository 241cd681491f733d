"""The run as its own process sees it: what it was asked, and the one pen that writes its folder."""

import json
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench.runs.folder import RunFolder
from workbench.runs.journal import Journal
from workbench.runs.lines import read_lines
from workbench.runs.process import myself
from workbench.runs.spec import RunSpec
from workbench.runs.state import State, Status, write_state
from workbench.workspace import Workspace

_STATE_SECONDS = 0.5


class Stopped(Exception):
    """A person asked the run to stop, and it can do so here."""


@dataclass
class Run:
    """A run in progress. Only its process holds one; it alone writes the folder."""

    folder: RunFolder
    spec: RunSpec
    state: State
    journal: Journal
    resume_from: tuple[int, Path] | None
    stop_asked: bool = False
    _written: float = field(default=0.0, repr=False)

    @property
    def workspace(self) -> Workspace:
        """The workspace that the run's folder lies in."""
        return Workspace(self.folder.path.parent.parent)

    def say(self, status: Status, **more: Any) -> None:
        """Tell the world a new status: in the state at once, and in the journal."""
        self.state = replace(self.state, status=status, **{k: v for k, v in more.items() if k in ("error", "fix")})
        write_state(self.state, self.folder.state_file)
        self.journal.write("status", status=status, step=self.state.step, **more)

    def at(self, step: int, steps: int, loss: float | None = None) -> None:
        """Note the current step and its loss; the state on disk follows at most twice a second."""
        self.state = replace(self.state, step=step, steps=steps, loss=self.state.loss if loss is None else loss)
        now = time.monotonic()
        if now - self._written > _STATE_SECONDS or step == steps:
            self._written = now
            write_state(self.state, self.folder.state_file)

    def forget_unfinished(self) -> None:
        """Remove checkpoints that the journal does not acknowledge: they were being written when the run died."""
        kept = {entry["path"] for entry in self.folder.history().checkpoints}
        for folder in self.folder.checkpoints.glob("checkpoint-*"):
            if str(folder.relative_to(self.folder.path)) not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def note(self, message: str) -> None:
        """Tell what is being done before the first step, such as a download."""
        print(message)
        self.journal.write("status", status=self.state.status, step=self.state.step, message=message)

    def warn(self, code: str, message: str, **more: Any) -> None:
        """Write a warning that a person should see."""
        self.journal.write("warning", code=code, message=message, step=self.state.step, **more)

    def resolve(self, **found: Any) -> None:
        """Add to resolved.json what the run became."""
        content = {**self.folder.resolved, **found}
        fresh = self.folder.resolved_file.with_suffix(".new")
        fresh.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        fresh.replace(self.folder.resolved_file)

    def check_stop(self) -> None:
        """Raise Stopped when a person asked for it; called where no training is lost."""
        if self.stop_asked:
            raise Stopped


def open_run(folder: RunFolder) -> Run:
    """Take the run in hand: state and journal are written from here on, SIGTERM asks it to stop."""
    spec, before, history = folder.spec, folder.state, folder.history()
    checkpoint = folder.last_checkpoint()
    step = checkpoint[0] if checkpoint else 0 if spec.trains else len(read_lines(folder.answers_file)[0])
    state = State("starting", myself(), step, before.steps if before else None, before.loss if before else None)
    run = Run(folder, spec, state, Journal(folder.journal_file), checkpoint)
    signal.signal(signal.SIGTERM, _asker(run))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run.forget_unfinished()
    write_state(state, folder.state_file)
    run.journal.write("status", status="starting", step=step, resumed_from=step if history.statuses else None)
    return run


def _asker(run: Run) -> Callable[[int, object], None]:
    def ask(_signal: int, _frame: object) -> None:
        run.stop_asked = True

    return ask
