"""What a run came to, in a few lines of plain text."""

import math
from itertools import pairwise

from workbench.runs.curves import Curves
from workbench.runs.folder import RunFolder
from workbench.runs.measured import memory_of
from workbench.runs.results import results
from workbench.runs.task import unit_of
from workbench.runs.watch import Seen

_MOST_WARNINGS = 3


def card(run: RunFolder, seen: Seen, curves: Curves) -> list[str]:
    """Return the lines for a run that has ended; none for one that goes on."""
    if not seen.has_ended:
        return []
    lines = [_result(seen, curves)]
    if seen.status == "finished":
        scored = " · > shows the pairs" if seen.votes_of else ""
        further = {"reward": scored, "sample": " · > labels its pairs", "judge": " · > shows the pairs"}.get(
            seen.task, " · > compares it with its base"
        )
        lines.append(f"in runs/{run.name}/output{further}")
    lines += _stops(curves)
    lines += [f"{name}: {words}" for name, words in results(curves.results[-1])[:2]] if curves.results else []
    memory = memory_of(curves.memory)
    lines += [f"memory {memory.words}"] if memory.measured is not None else []
    lines += [f"⚠ {warning.get('message', '')}" for warning in curves.warnings[:_MOST_WARNINGS]]
    return lines


def _stops(curves: Curves) -> list[str]:
    """Whether the model ends its answers, as the stop test after the training saw it."""
    asked = [sample for sample in curves.samples if "ended" in sample]
    ended = sum(bool(sample["ended"]) for sample in asked)
    return [f"ends its answers: {ended} of {len(asked)}"] if asked and ended == len(asked) else []


def change(curves: Curves, name: str) -> str:
    """Return a metric's first and last value: 1.92 → 0.81; empty when there is none."""
    first, last = curves.first(name), curves.latest(name)
    if first is None or last is None:
        return ""
    return f"{first:.3g} → {last:.3g}" if math.isfinite(first) and math.isfinite(last) else "not finite"


def duration(seconds: float) -> str:
    """Return a time as a person says it: 40 s, 3 min, 2 h 05 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"


def _result(seen: Seen, curves: Curves) -> str:
    unit = unit_of(seen.task)
    parts = [f"{seen.status} at {unit} {seen.step}" if seen.status != "finished" else f"finished {seen.step} {unit}s"]
    said = [each for each in curves.statuses if isinstance(each.get("time"), (int, float))]
    if said and curves.clock:
        waited = sum(after["time"] - each["time"] for each, after in pairwise(said) if each.get("status") == "queued")
        parts[0] += f" in {duration(max(0.0, curves.clock[-1][1] - said[0]['time'] - waited))}"
    for name, label in (("eval_loss", "validation"), ("loss", "loss")):
        changed = change(curves, name)
        if changed:
            parts.append(f"{label} {changed}")
    speed = curves.latest("tokens_per_second")
    if speed is not None and math.isfinite(speed):
        parts.append(f"{speed:,.0f} tokens/s")
    return " · ".join(parts)
