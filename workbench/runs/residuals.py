"""How far this machine's runs were from their predictions, and the range that follows for the next one.

A range only gets wider, and what is expected moves; the rule, in full, is in `corrected`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Any

from workbench.lora.memory import Estimate
from workbench.lora.parts import GIB, Part
from workbench.lora.words import gibibytes
from workbench.runs.folder import RunFolder, all_runs
from workbench.runs.journal import lines_of
from workbench.runs.measured import Measured, Predicted, RunMemory, memory_of
from workbench.workspace import Workspace

LAST_RUNS = 20
_BEFORE_TRAINING = ("starting", "loading")
_LEAST_STEPS = 2
"""The optimizer's states come with the first step, so that only the second has all that a step needs."""


@dataclass(frozen=True)
class Residual:
    """One run's prediction beside what was measured; sizes in bytes."""

    run: str
    predicted: Predicted
    measured: Measured

    @property
    def words(self) -> str:
        """On one line: 9.1 GiB at most (predicted 8.0–10.0)."""
        return RunMemory(self.predicted, self.measured).words

    @property
    def scaling(self) -> float:
        """What was predicted beside the runtime: the part that grows with the model and the batch."""
        return self.predicted.expected - self.predicted.runtime

    @property
    def is_large(self) -> bool:
        """Whether the scaling part is large beside the runtime, so that the peak tells how well it was reckoned."""
        return self.scaling > self.measured.before

    @property
    def ratio(self) -> float:
        """Measured / predicted of the scaling part."""
        return (self.measured.peak - self.measured.before) / self.scaling

    @property
    def highest_ratio(self) -> float:
        """The same with what torch's allocator held in reserve, without which it may not have got by."""
        return (self.measured.reserved - self.measured.before) / self.scaling

    @property
    def runtime(self) -> float:
        """What there was beside the scaling part: as measured before the model, and all else where that is small."""
        return self.measured.before if self.is_large else max(0.0, self.measured.peak - self.scaling)


@dataclass(frozen=True)
class Correction:
    """What runs say of an estimate: a factor for what scales, bytes for the runtime; each with the least and most."""

    runs: int
    """How many runs it comes from."""
    factor: float
    least_factor: float
    most_factor: float
    runtime: float
    """Of the runtime part, likely."""
    least_runtime: float
    most_runtime: float
    scaled_by: int
    """How many of the runs were large enough to say something of the factor."""

    @property
    def words(self) -> str:
        """On one line, as: corrected by 3 runs on this machine: × 1.12, runtime 0.6 GiB."""
        factor = f"× {self.factor:.3g}, " if self.scaled_by else ""
        runs = f"{self.runs} run{'s' * (self.runs > 1)}"
        return f"corrected by {runs} on this machine: {factor}runtime {gibibytes(self.runtime)}"


@dataclass(frozen=True)
class Corrected(Estimate):
    """An estimate with another range; its parts are as they were reckoned."""

    correction: Correction | None = None
    """None where no run was measured, and the range is the estimate's own."""

    @cached_property
    def low(self) -> float:
        """The least, in bytes."""
        known = self.correction
        if known is None:
            return super().low
        runtime, least, likely, _ = self._scaling
        scaled = min(least, least * known.factor, likely * known.least_factor)
        return min(runtime.low, known.least_runtime) + scaled

    @cached_property
    def high(self) -> float:
        """The most, in bytes."""
        known = self.correction
        if known is None:
            return super().high
        runtime, _, likely, most = self._scaling
        scaled = max(most, most * known.factor, likely * known.most_factor)
        return max(runtime.high, known.most_runtime) + scaled

    @cached_property
    def expected(self) -> float:
        """The peak to compare with what is measured, in bytes."""
        known = self.correction
        return super().expected if known is None else known.runtime + self._scaling[2] * known.factor

    @property
    def reckoned(self) -> Estimate:
        """The estimate without its correction."""
        return Estimate(self.load, self.parts, self.overlap, self.moments)

    @property
    def _scaling(self) -> tuple[Part, float, float, float]:
        """The runtime; and low, expected and high of all else."""
        runtime = next(part for part in self.parts if part.name == "runtime")
        plain = self.reckoned
        return runtime, plain.low - runtime.low, plain.expected - runtime.expected, plain.high - runtime.high


def residuals(workspace: Workspace, device: str) -> tuple[Residual, ...]:
    """Return those of the last finished runs on this machine's `device` (cpu, cuda), the newest first.

    It reads journals: not for each key. A run counts when it made two steps or more, when each of its attempts told
    its peak, and when that was not reached before training, which no estimate is about.
    """
    found: list[Residual] = []
    for run in reversed(all_runs(workspace)):
        if len(found) == LAST_RUNS:
            break
        residual = _residual(run, device)
        if residual is not None:
            found.append(residual)
    return tuple(found)


def corrected(found: Estimate, known: Iterable[Residual]) -> Corrected:
    """Return the estimate with the range that measured runs give it; its parts stay.

    The runtime, which is there before the model, and what scales with model and batch are corrected apart, because a
    small run says nothing of how a large one scales. A run whose scaling part was predicted larger than its measured
    runtime gives the ratio measured / predicted of that part; a smaller run gives a runtime: what was measured beyond
    its scaling part.

    The factor is the median of the ratios with 1 among them, which stands for the estimate itself: one run goes
    half-way, and no single odd run decides. The runtime likewise is the median with its own. The range covers three
    things: the estimate's own range, that range times the factor, and what is expected times every ratio that was
    seen. So it only gets wider: of n runs the next one is beyond all with a chance of 1 / (n + 1), which for the
    twenty that are looked at is too much to say "fits" on.
    """
    runs = tuple(known)
    runtime = next(part for part in found.parts if part.name == "runtime")
    if not runs:
        return Corrected(found.load, found.parts, found.overlap, found.moments)
    large = [run for run in runs if run.is_large]
    runtimes = [run.runtime for run in runs]
    correction = Correction(
        runs=len(runs),
        factor=median([1.0, *(run.ratio for run in large)]),
        least_factor=min([1.0, *(run.ratio for run in large)]),
        most_factor=max([1.0, *(run.highest_ratio for run in large)]),
        runtime=median([runtime.expected, *runtimes]),
        least_runtime=min(runtimes),
        most_runtime=max(runtimes),
        scaled_by=len(large),
    )
    return Corrected(found.load, found.parts, found.overlap, found.moments, correction)


def correction_as_json(found: Estimate) -> dict[str, Any] | None:
    """Return how an estimate was corrected, sizes in GiB; None when it was not."""
    if not isinstance(found, Corrected) or found.correction is None:
        return None
    known, plain = found.correction, found.reckoned
    return {
        "runs": known.runs,
        "words": known.words,
        "factor": known.factor,
        "factor_range": [known.least_factor, known.most_factor],
        "runtime_gib": known.runtime / GIB,
        "runtime_range_gib": [known.least_runtime / GIB, known.most_runtime / GIB],
        "reckoned_gib": plain.expected / GIB,
        "reckoned_range_gib": [plain.low / GIB, plain.high / GIB],
        "adds_gib": (found.expected - plain.expected) / GIB,
    }


def _residual(run: RunFolder, device: str) -> Residual | None:
    state, place = run.state, str(run.resolved.get("device", ""))
    if state is None or not state.process.is_here or place.partition(":")[0] != device:
        return None
    if state.status != "finished" or state.step < _LEAST_STEPS:
        return None
    memory = memory_of(lines_of(run.journal_file, "memory"))
    if memory.predicted is None or memory.measured is None or not memory.is_whole:
        return None
    found = Residual(run.name, memory.predicted, memory.measured)
    return found if memory.measured.moment not in _BEFORE_TRAINING and found.scaling > 0 else None
