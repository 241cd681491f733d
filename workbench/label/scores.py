"""The scores that a reward run gave to the answers of pairs, from `scores.jsonl` in the run's folder."""

import json
import math
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from workbench.data.preference import digest_of
from workbench.errors import Missing, WorkbenchError
from workbench.label.records import Item
from workbench.runs.folder import all_runs, find_run
from workbench.workspace import Workspace

SCORES = "scores.jsonl"
_LINE = '{"pair": DIGEST, "first": SCORE, "second": SCORE}'


def differences_of_run(workspace: Workspace, run: str) -> dict[str, float]:
    """Return how far the scores of a run lie apart, by pair. Raises Missing for a run that has none."""
    path = find_run(workspace, run).path / SCORES
    if not path.is_file():
        raise Missing(f"{run} has no scores", "a reward run writes them when it has finished")
    return differences(path)


def newest_scored(workspace: Workspace) -> str:
    """Return the name of the newest run that has scores. Raises Missing when there is none."""
    scored = [run.name for run in all_runs(workspace) if (run.path / SCORES).is_file()]
    if not scored:
        raise Missing("no run here has scores to go by", "train a reward model, or choose another order")
    return scored[-1]


def differences(path: Path) -> dict[str, float]:
    """Return |first − second| by the pair's digest. Raises WorkbenchError at a line that holds no scores."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return dict(_difference(path, number, line) for number, line in enumerate(file, 1) if line.strip())


def least_differences(rankings: Iterable[Item], apart: Mapping[str, float]) -> dict[str, float]:
    """Return how far the two scores of each ranking lie apart that lie closest together, by the ranking's digest.

    `apart`: |first − second| of every two answers, by their digest. The two closest follow each other in the order
    that the scores make, so that is where the order is least sure. Infinite where no two answers have scores.
    """
    return {
        item.digest: min(
            (apart.get(digest_of(item.prompt, *two), math.inf) for two in combinations(item.answers, 2)),
            default=math.inf,
        )
        for item in rankings
    }


def _difference(path: Path, number: int, line: str) -> tuple[str, float]:
    try:
        found: Any = json.loads(line)
        pair, apart = str(found["pair"]), abs(float(found["first"]) - float(found["second"]))
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise WorkbenchError(f"{path}: line {number} holds no scores", f"each line: {_LINE}") from error
    return pair, math.inf if math.isnan(apart) else apart
