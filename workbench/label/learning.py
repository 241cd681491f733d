"""The reward runs on a set's votes as points of its learning curve, and those that such a curve takes.

Runs of one curve differ in the pairs that they are trained on, and in nothing else: they sit the same exam.
"""

from collections.abc import Sequence
from math import ceil
from shlex import quote
from typing import Any

import yaml

from workbench.data.shown import count_words
from workbench.data.spec import VotesSpec
from workbench.errors import WorkbenchError
from workbench.label.enough import FEWEST_PAIRS, FEWEST_POINTS, Point, outlook_or_why, sizes
from workbench.label.snapshot import PREFERS
from workbench.runs.folder import RunFolder, all_runs, rows_text
from workbench.runs.spec import RunSpec
from workbench.runs.start import absolute
from workbench.runs.state import Status
from workbench.workspace import Workspace

_WITHOUT_RESULT: tuple[Status, ...] = ("stopped", "failed", "lost")


def points_of(workspace: Workspace, set_name: str) -> list[Point]:
    """Return what the runs on this set say; those that held nothing out, or have not ended, say nothing."""
    found = (point_of(run) for run in all_runs(workspace) if _set_of(run) == set_name)
    return [point for point in found if point is not None]


def enough_lines(workspace: Workspace, set_name: str) -> list[str]:
    """Return whether more votes on this set would help, as far as its runs say, and the command that finds it out."""
    command = f"workbench label enough {quote(set_name)}"
    found, _ = outlook_or_why(points_of(workspace, set_name))
    return [found.words(), f"  as of now: {command}"] if found else [f"would more votes help? {command}"]


def curve_specs(asked: RunSpec, rows: Sequence[dict[str, Any]]) -> list[RunSpec]:
    """Return the reward runs of a learning curve on `rows`, a snapshot of votes: on a quarter, a half and all pairs.

    Raises WorkbenchError where nothing is held out, or there are too few pairs for three sizes.
    """
    data = asked.data
    assert isinstance(data, VotesSpec)
    if not data.split and data.validation is None:
        raise WorkbenchError("a learning curve needs votes that are held out", "leave data.split out, or above 0")
    voted = sum(any(vote["choice"] in PREFERS for vote in row["votes"]) for row in rows)
    found = sizes(int(voted * (1 - data.split)))
    if len(found) < FEWEST_POINTS:
        raise WorkbenchError(
            f"{data.votes}: {count_words(voted, 'pair')} with a preference, too few for a learning curve",
            f"vote on {_fewest(data.split) - voted:,} more",
        )
    *smaller, _ = found[-FEWEST_POINTS:]
    return [
        asked.model_copy(update={"data": data.model_copy(update={"most": most}), "name": None})
        for most in (*smaller, None)
    ]


def run_of(workspace: Workspace, spec: RunSpec, rows: Sequence[dict[str, Any]]) -> RunFolder | None:
    """Return the latest run that was asked the same on the same votes, and has not ended without a result."""
    wanted = _bare(absolute(spec, workspace))
    votes = rows_text(rows)
    for run in reversed(all_runs(workspace)):
        if run.status not in _WITHOUT_RESULT and _asked(run) == (wanted, votes):
            return run
    return None


def _set_of(run: RunFolder) -> str | None:
    """The set whose votes a run was trained on. Its file may be of another version of Workbench."""
    try:
        asked: Any = yaml.safe_load(run.spec_file.read_text(encoding="utf-8"))
        votes = asked["data"]["votes"]
    except (OSError, ValueError, yaml.YAMLError, TypeError, LookupError):
        return None
    return votes if isinstance(votes, str) else None


def point_of(run: RunFolder) -> Point | None:
    """Return what a run says, or None: it has not ended, or held nothing out."""
    resolved, results = run.resolved, run.history().results
    rows = resolved.get("trained_pairs") or resolved.get("rows")  # of earlier versions only the votes are known
    held_out = results[-1].get("held_out") if results else None
    if not rows or not held_out or not held_out.get("votes"):
        return None
    return Point(int(rows), float(held_out["accuracy"]), int(held_out["votes"]))


def _asked(run: RunFolder) -> tuple[RunSpec, str] | None:
    """What was asked of a run, and its votes; None where that cannot be read."""
    try:
        return _bare(run.spec), run.votes_file.read_text(encoding="utf-8")
    except (WorkbenchError, OSError, ValueError):
        return None


def _bare(spec: RunSpec) -> RunSpec:
    """What is asked of a run, whatever it and its copy of the votes are called."""
    return spec.model_copy(update={"name": None, "data": spec.data.model_copy(update={"train": ""})})


def _fewest(split: float) -> int:
    """How many pairs with a preference leave enough for three sizes when a share is held out."""
    return ceil((FEWEST_PAIRS << (FEWEST_POINTS - 1)) / (1 - split))
