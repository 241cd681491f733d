"""What a run's journal says of its memory: the range predicted before the first step, and the most that it took.

Lines of the kind `memory` hold either; sizes in the journal are GiB, here bytes. Both mean the whole of a run: on a CPU
the process's resident memory, on a GPU the tensors and the CUDA context.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.lora.parts import GIB
from workbench.lora.words import gibibytes, span


@dataclass(frozen=True)
class Predicted:
    """The estimate that a run began with, not corrected by other runs."""

    low: float
    expected: float
    high: float
    runtime: float
    """The part of `expected` that is there before the model."""
    free: float | None
    """What the device had free then."""


@dataclass(frozen=True)
class Measured:
    """The most that a run took."""

    peak: float
    before: float
    """What was there before the model was: the CUDA context, or what the process had resident."""
    reserved: float
    """The peak with what torch's allocator held in reserve; on a CPU the same as the peak."""
    moment: str
    """When the peak was reached: starting, loading, evaluation, training or saving."""


@dataclass(frozen=True)
class RunMemory:
    """Both, as far as the run got."""

    predicted: Predicted | None = None
    measured: Measured | None = None
    is_whole: bool = False
    """Whether every attempt of the run lived to tell its peak: one that was killed may have had the highest."""

    @property
    def words(self) -> str:
        """On one line: 9.1 GiB at most (predicted 8–10); empty when nothing is known."""
        known = self.predicted
        said = "" if known is None else f"predicted {span(known.low, known.high)}".removesuffix(" GiB")
        if self.measured is not None:
            return f"{gibibytes(self.measured.peak)} at most" + (f" ({said})" if said else "")
        free = "" if known is None or known.free is None else f", {gibibytes(known.free)} was free"
        return f"not measured ({said}{free})" if said else ""

    def as_json(self) -> dict[str, Any] | None:
        """Return it in GiB; None when nothing is known."""
        if self.predicted is None and self.measured is None:
            return None
        known, taken = self.predicted, self.measured
        free = known.free if known else None
        return {
            "words": self.words,
            "predicted_gib": [known.low / GIB, known.expected / GIB, known.high / GIB] if known else None,
            "free_gib": None if free is None else free / GIB,
            "peak_gib": taken.peak / GIB if taken else None,
            "before_gib": taken.before / GIB if taken else None,
            "reserved_gib": taken.reserved / GIB if taken else None,
            "moment": taken.moment if taken else None,
        }


def memory_of(lines: Iterable[dict[str, Any]]) -> RunMemory:
    """Return what the journal's lines of the kind `memory` come to; one of another shape is passed over.

    The last prediction counts, and the highest peak: each attempt of a resumed run tells its own.
    """
    predicted: Predicted | None = None
    peaks: list[Measured] = []
    attempts: list[int] = []
    for line in lines:
        if (found := _predicted(line)) is not None:
            predicted = found
            attempts.append(0)
        elif (told := _measured(line)) is not None:
            peaks.append(told)
            attempts[-1:] = [1]
    return RunMemory(predicted, max(peaks, key=lambda one: one.peak, default=None), bool(attempts) and all(attempts))


def _predicted(line: dict[str, Any]) -> Predicted | None:
    said = line.get("predicted")
    if not isinstance(said, dict):
        return None
    low, expected, high, runtime = (_bytes(said, name) for name in ("low", "expected", "high", "runtime"))
    if low is None or expected is None or high is None or runtime is None:
        return None
    return Predicted(low, expected, high, runtime, _bytes(line, "free"))


def _measured(line: dict[str, Any]) -> Measured | None:
    said = line.get("measured")
    if not isinstance(said, dict):
        return None
    peak, before, moment = _bytes(said, "peak"), _bytes(said, "before"), said.get("moment")
    if peak is None or before is None:
        return None
    return Measured(peak, before, _bytes(said, "reserved") or peak, moment if isinstance(moment, str) else "")


def _bytes(said: dict[str, Any], name: str) -> float | None:
    found = said.get(f"{name}_gib")
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return None
    return found * GIB if math.isfinite(found) and found >= 0 else None
