"""The reward runs that were trained on a set's votes, as points of its learning curve."""

from typing import Any

import yaml

from workbench.label.enough import Point
from workbench.runs.folder import RunFolder, all_runs
from workbench.workspace import Workspace


def points_of(workspace: Workspace, set_name: str) -> list[Point]:
    """Return what the runs on this set say; those that held nothing out, or have not ended, say nothing."""
    found = (_point(run) for run in all_runs(workspace) if _set_of(run) == set_name)
    return [point for point in found if point is not None]


def _set_of(run: RunFolder) -> str | None:
    """The set whose votes a run was trained on. Its file may be of another version of Workbench."""
    try:
        asked: Any = yaml.safe_load(run.spec_file.read_text(encoding="utf-8"))
        votes = asked["data"]["votes"]
    except (OSError, ValueError, yaml.YAMLError, TypeError, LookupError):
        return None
    return votes if isinstance(votes, str) else None


def _point(run: RunFolder) -> Point | None:
    rows, results = run.resolved.get("rows"), run.history().results
    held_out = results[-1].get("held_out") if results else None
    if not rows or not held_out or not held_out.get("votes"):
        return None
    return Point(int(rows), float(held_out["accuracy"]), int(held_out["votes"]))
