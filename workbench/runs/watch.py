"""All runs of a workspace at a glance, again and again: what did not change on disk is not read again."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from workbench.runs.folder import RunFolder
from workbench.runs.state import ENDED, State, Status
from workbench.workspace import Workspace

_Mark = tuple[int, int, int]


@dataclass(frozen=True)
class Seen:
    """One run as it was when somebody looked."""

    name: str
    task: str
    status: Status
    step: int = 0
    steps: int | None = None
    loss: float | None = None
    error: str | None = None
    fix: str | None = None
    written: tuple[int, int] = (0, 0)
    """The sizes of the journal and of the log, in bytes: they grow when the run says something."""
    set: str = ""
    """The set in labels.db that its answers are for; "" for a run that trains."""
    votes_of: str = ""
    """The set whose votes a reward model is trained on."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes from it."""
        return self.status in ENDED

    @property
    def percent(self) -> int | None:
        """How far it is, 0 to 100; None while the number of steps is not known."""
        return 100 * self.step // self.steps if self.steps else None


@dataclass
class _Known:
    run: RunFolder
    order: tuple[int, str]
    mark: _Mark | None = None
    state: State | None = None
    is_lost: bool = False
    """Without a word and without a process: nobody will ever speak for it, unless it is started again."""


@dataclass
class Watch:
    """Looks at the runs of a workspace; for one thread."""

    workspace: Workspace
    _known: dict[str, _Known] = field(default_factory=dict)

    def look(self) -> tuple[Seen, ...]:
        """Return all runs, the oldest first."""
        names = self._names()
        self._known = {name: self._known.get(name) or _known(self.workspace.runs / name) for name in names}
        ordered = sorted(self._known.values(), key=lambda each: each.order)
        return tuple(_seen(each) for each in ordered)

    def _names(self) -> list[str]:
        try:
            with os.scandir(self.workspace.runs) as entries:
                return [each.name for each in entries if os.path.exists(f"{each.path}/run.yaml")]  # noqa: PTH110
        except OSError:
            return []


def _known(path: Path) -> _Known:
    run = RunFolder(path)
    try:
        return _Known(run, (run.spec_file.stat().st_mtime_ns, run.name))
    except OSError:
        return _Known(run, (0, run.name))


def _seen(known: _Known) -> Seen:
    run, mark = known.run, _mark(known.run.state_file)
    if mark != known.mark or mark is None:
        known.mark, known.state = mark, run.state
    state, written = known.state, (_size(run.journal_file), _size(run.log_file))
    if state is None:
        status = "lost" if known.is_lost else run.status
        known.is_lost = status == "lost"
        return Seen(run.name, run.task, status, written=written, set=run.set_name, votes_of=run.votes_of)
    known.is_lost = False
    return Seen(
        run.name, run.task, state.seen, state.step, state.steps, state.loss, state.error, state.fix, written,
        run.set_name, run.votes_of,
    )  # fmt: skip


def _mark(path: Path) -> _Mark | None:
    """What changes whenever the file is replaced or written to."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
