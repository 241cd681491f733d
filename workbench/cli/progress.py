"""Watching a run from the command line: a bar in a terminal, a line at each change of status elsewhere."""

import sys
from typing import Any

from workbench.cli.output import say
from workbench.errors import Interrupted, WorkbenchError
from workbench.runs.folder import RunFolder
from workbench.runs.state import Status
from workbench.runs.view import follow


def watch(run: RunFolder) -> Status:
    """Show the run's progress on stderr until it ends, and return how it ended.

    Ctrl+C raises Interrupted and leaves the run alone.
    """
    try:
        return _bar(run) if sys.stderr.isatty() else _lines(run)
    except KeyboardInterrupt:
        fix = f"workbench train show {run.name} · workbench train stop {run.name} ends it"
        raise Interrupted(f"left {run.name}; it goes on", fix) from None


def exit_code(run: RunFolder, status: Status) -> int:
    """Return the exit code of a command that waited for a run.

    Raises WorkbenchError with what to do for one that failed or was lost.
    """
    from workbench.runs.view import lost_advice

    if status in ("failed", "lost"):
        state = run.state
        words = (state.error or status, state.fix or "") if state and status == "failed" else lost_advice(run)
        raise WorkbenchError(f"{run.name} {status}: {words[0]}", words[1])
    return 4 if status == "stopped" else 0


def _bar(run: RunFolder) -> Status:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeRemainingColumn(), TextColumn(" {task.fields[loss]}"),
    )  # fmt: skip
    status: Status = "starting"
    with Progress(*columns, console=Console(stderr=True, highlight=False), refresh_per_second=4) as progress:
        task = progress.add_task(run.name, total=1, loss="")
        for now in follow(run):
            status = now["status"]
            progress.update(
                task, total=now["steps"] or 1, completed=now["step"],
                description=f"{run.name} {status}", loss=_loss(now),
            )  # fmt: skip
    return status


def _lines(run: RunFolder) -> Status:
    """Without a terminal only what changes is said: starting, running, finished."""
    said: Status | None = None
    for now in follow(run):
        if now["status"] != said:
            said = now["status"]
            say(f"{run.name} {said} {now['step']}/{now['steps'] or '?'} {_loss(now)}".rstrip())
    assert said is not None
    return said


def _loss(now: dict[str, Any]) -> str:
    return "" if now["loss"] is None else f"loss {now['loss']:.4g}"
