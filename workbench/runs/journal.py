"""A run's journal.jsonl: append only, one object a line. A torn last line is normal and is skipped."""

import contextlib
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from workbench.runs.lines import is_torn
from workbench.strict_json import dumps

Kind = Literal["metric", "sample", "checkpoint", "warning", "status", "memory", "result"]
_SYNC_SECONDS = 1.0


class Journal:
    """The writer; only the run itself has one. What `write` was given is on disk when it returns.

    Metrics are the exception: they are in the kernel at once, which survives the death of the process, but the
    disk is waited for once a second at most, because at every step that would cost more than the step.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._synced = time.monotonic()
        if is_torn(path):
            self._file.write(b"\n")

    def write(self, kind: Kind, **content: Any) -> None:
        """Append one line. A number that is not finite is written as null, as JSON has no other way."""
        line = dumps({"kind": kind, "time": round(time.time(), 3), **content}).encode() + b"\n"
        while line:
            line = line[self._file.write(line) or 0 :]
        if kind != "metric" or time.monotonic() - self._synced > _SYNC_SECONDS:
            os.fsync(self._file.fileno())
            self._synced = time.monotonic()


@dataclass
class History:
    """What a journal says so far; `read` goes on where it stopped."""

    path: Path
    metrics: list[dict[str, Any]] = field(default_factory=list)
    checkpoints: list[dict[str, Any]] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    memory: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    offset: int = 0

    def read(self) -> "History":
        """Read the lines that came since the last call; return self."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                fresh = file.read()
        except FileNotFoundError:
            return self
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self.offset += len(whole)
        for line in whole.splitlines():
            with contextlib.suppress(KeyError, TypeError, OverflowError):  # a line of another shape is passed over
                self._take(line)
        return self

    def _take(self, line: bytes) -> None:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):  # torn by a crash, or no journal
            return
        if not isinstance(entry, dict):
            return
        kind = entry.pop("kind", None)
        if kind == "status" and entry.get("resumed_from") is not None:
            self._forget_after(entry["resumed_from"])
        if kind == "warning" and any(w["message"] == entry["message"] for w in self.warnings):
            return  # a resumed run says again what it said at its start
        if kind == "metric":
            self._take_metric(entry)
        kept: dict[str, list[dict[str, Any]]] = {
            "checkpoint": self.checkpoints, "sample": self.samples, "warning": self.warnings, "status": self.statuses,
            "memory": self.memory, "result": self.results,
        }  # fmt: skip
        if kind in kept:
            kept[kind].append(entry)

    def _take_metric(self, entry: dict[str, Any]) -> None:
        self.metrics.append(entry)

    def _forget_after(self, step: int) -> None:
        """A resumed run repeats the steps after its checkpoint; what the lost attempt said of them is void."""
        for entries in (self.metrics, self.checkpoints, self.samples):
            entries[:] = [entry for entry in entries if entry.get("step", 0) <= step]

    def latest(self, name: str) -> float | None:
        """The last value of a metric; None when it was no number, or there is none yet."""
        return next((entry[name] for entry in reversed(self.metrics) if name in entry), None)


def lines_of(path: Path, kind: Kind) -> list[dict[str, Any]]:
    """Return the lines of one kind that a journal holds, without reading what the others say; none without a file."""
    mark, found = f'"{kind}"'.encode(), []
    try:
        with path.open("rb") as file:
            lines = [line for line in file if mark in line]
    except OSError:
        return []
    for line in lines:
        with contextlib.suppress(ValueError, RecursionError):
            entry = json.loads(line)
            if isinstance(entry, dict) and entry.get("kind") == kind:
                found.append(entry)
    return found
