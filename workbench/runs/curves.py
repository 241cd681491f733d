"""The metrics of a journal as curves: 8 bytes a point, read as the run writes, drawn from a few points a column."""

from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from workbench.runs.journal import History

_PACE_OF = 64  # steps that the speed is taken from
_MOST_STEPS = 10**12
_NOT_METRICS = ("step", "time")


@dataclass
class Series:
    """One metric: its values by step, in the order of the steps. A value that was no number is NaN."""

    steps: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("f"))

    def __len__(self) -> int:
        return len(self.steps)

    def add(self, step: int, value: float | None) -> None:
        """Append a value; None stands for one that was no number. A step before the last one is passed over."""
        number = float("nan") if value is None else float(value)
        if self.steps and step < self.steps[-1]:
            return
        self.steps.append(step)
        self.values.append(number)

    def forget_after(self, step: int) -> None:
        """Drop what came after `step`."""
        end = bisect_right(self.steps, step)
        del self.steps[end:], self.values[end:]

    def at(self, step: int) -> float | None:
        """Return the value at `step`, or the last one before it."""
        index = bisect_right(self.steps, step) - 1
        return self.values[index] if index >= 0 else None

    def envelope(self, columns: int) -> tuple[list[int], list[float]]:
        """Return at most two points for each of `columns` equal stretches of steps: its minimum and its maximum.

        What is drawn from them looks like what would be drawn from all points. Values that are no number are left out.
        """
        import numpy

        steps = numpy.frombuffer(self.steps, dtype=numpy.int64).copy()
        values = numpy.frombuffer(self.values, dtype=numpy.float32).copy()
        known = numpy.isfinite(values)
        steps, values = steps[known], values[known]
        if len(steps) <= 2 * columns:
            return steps.tolist(), values.tolist()
        edges = numpy.linspace(steps[0], steps[-1] + 1, columns + 1)
        starts = numpy.unique(numpy.searchsorted(steps, edges[:-1]))
        kept: list[int] = []
        for start, end in zip(starts, [*starts[1:], len(steps)], strict=True):
            stretch = values[start:end]
            kept += sorted({int(start + stretch.argmin()), int(start + stretch.argmax())})
        return steps[kept].tolist(), values[kept].tolist()


@dataclass
class Curves(History):
    """A journal whose metrics are kept as series instead of entries."""

    series: dict[str, Series] = field(default_factory=dict)
    clock: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=_PACE_OF))
    """The last steps, each with the time at which it was written, in seconds since 1970."""

    def _take_metric(self, entry: dict[str, Any]) -> None:
        step = entry.get("step")
        if not isinstance(step, int) or not 0 <= step <= _MOST_STEPS:
            return
        for name, value in entry.items():
            if name not in _NOT_METRICS and (value is None or isinstance(value, (int, float))):
                self.series.setdefault(name, Series()).add(step, value)
        if ("loss" in entry or "pairs" in entry) and isinstance(entry.get("time"), (int, float)):
            self.clock.append((step, entry["time"]))

    def _forget_after(self, step: int) -> None:
        super()._forget_after(step)
        for series in self.series.values():
            series.forget_after(step)
        self.clock.clear()

    def latest(self, name: str) -> float | None:
        """The last value of a metric; None when there is none yet."""
        series = self.series.get(name)
        return series.values[-1] if series else None

    def first(self, name: str) -> float | None:
        """The first value of a metric."""
        series = self.series.get(name)
        return series.values[0] if series else None

    def seconds_left(self, steps: int | None) -> float | None:
        """How long it will take to reach `steps` at the pace of the last ones; None while nothing is known."""
        if steps is None or len(self.clock) < 2:
            return None
        (step_then, then), (step_now, now) = self.clock[0], self.clock[-1]
        done = step_now - step_then
        return None if done <= 0 else (now - then) / done * max(0, steps - step_now)

    def next_step(self, step: int, by: int) -> int:
        """Return the step of the loss that is `by` points from `step`."""
        series = self.series.get("loss")
        if not series:
            return step
        index = bisect_left(series.steps, step) + by
        return series.steps[max(0, min(len(series) - 1, index))]
