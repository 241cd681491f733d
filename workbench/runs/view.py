"""What a person or a script sees of a run: everything comes from its state and its journal."""

import time
from collections.abc import Iterator
from typing import Any

from workbench.runs.folder import RunFolder
from workbench.runs.journal import History
from workbench.runs.measured import memory_of
from workbench.runs.state import ENDED, Status
from workbench.runs.task import TRAINS_NOTHING

GLYPHS: dict[Status, str] = {
    "queued": "⧗",
    "starting": "…",
    "running": "▶",
    "stopping": "▷",
    "stopped": "■",
    "finished": "✓",
    "failed": "✗",
    "lost": "?",
}
_FOLLOW_SECONDS = 0.2


def brief(run: RunFolder) -> dict[str, Any]:
    """A run in one line: run, task, status, step, steps, loss. Reads its state only, however long its journal is."""
    state = run.state
    return {
        "run": run.name,
        "task": run.task,
        "status": run.status,
        "step": state.step if state else 0,
        "steps": state.steps if state else None,
        "loss": state.loss if state else None,
    }


def whole(run: RunFolder) -> dict[str, Any]:
    """Everything about a run: the brief, the latest metrics, their history by step, warnings, checkpoints."""
    found, state = run.history(), run.state
    names = dict.fromkeys(name for entry in found.metrics for name in entry if name not in ("time", "step"))
    status, memory = run.status, memory_of(found.memory)
    advice = lost_advice(run) if status == "lost" else (state.error if state else None, state.fix if state else None)
    return {
        **brief(run),
        "metrics": {name: found.latest(name) for name in names},
        "history": by_step(found),
        "output": str(run.output) if run.output.is_dir() else None,
        "error": advice[0],
        "fix": advice[1],
        "host": state.process.host if state else None,
        "warnings": found.warnings,
        "checkpoints": found.checkpoints,
        "memory": memory.as_json(),
        "result": found.results[-1] if found.results else None,
        "resolved": run.resolved,
        "folder": str(run.path),
    }


def by_step(history: History) -> list[dict[str, Any]]:
    """One entry a step: what training and validation said at the same step belongs together."""
    merged: dict[int, dict[str, Any]] = {}
    for entry in history.metrics:
        merged.setdefault(entry["step"], {"step": entry["step"]}).update(entry)
    return list(merged.values())


def lost_advice(run: RunFolder) -> tuple[str, str]:
    """What to do with a run whose process is gone."""
    checkpoint = run.last_checkpoint()
    return lost_words(run.name, checkpoint[0] if checkpoint else None, run.task)


def lost_words(name: str, step: int | None, task: str = "sft") -> tuple[str, str]:
    """What to do with a run whose process is gone, when `step` is that of its last checkpoint."""
    if task in TRAINS_NOTHING:
        return "its process is gone and said nothing; what was answered is kept", f"workbench train resume {name}"
    where = "it had saved no checkpoint yet" if step is None else f"its last checkpoint is step {step}"
    return f"its process is gone and said nothing; {where}", f"workbench train resume {name}"


def follow(run: RunFolder) -> Iterator[dict[str, Any]]:
    """Yield the run's brief a few times a second until it has ended."""
    while True:
        now = brief(run)
        yield now
        if now["status"] in ENDED:
            return
        time.sleep(_FOLLOW_SECONDS)
