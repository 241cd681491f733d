"""What a reward model is worth: told on the pairs that it was not trained on, and kept in the run's journal.

Its scores of every pair of the set go to scores.jsonl, so that labelling can begin where it is least sure.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from workbench.metrics.preferences import accuracy, calibration, mean_and_spread
from workbench.models.score import scores
from workbench.printable import printable
from workbench.runs.rewards import rewards
from workbench.train.pair_rows import Judged, PairRows
from workbench.train.prepare import Ready

Result = dict[str, Any]


def judge(ready: Ready, rows: PairRows) -> Result:
    """Score every pair and return what the run's journal now holds of it.

    {"pairs", "reward": {"mean", "spread"}}, and where pairs were held out "held_out": {"accuracy", "low", "high",
    "votes", "chosen", "rejected" (mean scores), "calibration", "by_annotator"?, "by_grade"?}.
    """
    chosen = _score(ready, [row["chosen_ids"] for row in rows.validation])
    rejected = _score(ready, [row["rejected_ids"] for row in rows.validation])
    first = _score(ready, [each.first for each in rows.pairs])
    second = _score(ready, [each.second for each in rows.pairs])
    by_digest = {each.digest: (one, two) for each, one, two in zip(rows.pairs, first, second, strict=True)}
    _write_scores(ready, by_digest)
    mean, spread = mean_and_spread([score for both in by_digest.values() for score in both])
    result: Result = {"pairs": len(by_digest), "reward": {"mean": mean, "spread": spread}}
    if rows.held_out:
        differences = [better - worse for better, worse in zip(chosen, rejected, strict=True)]
        result["held_out"] = {
            **asdict(accuracy(differences)),
            "chosen": mean_and_spread(chosen)[0],
            "rejected": mean_and_spread(rejected)[0],
            "calibration": calibration(differences).as_json(),
            **_parts("by_annotator", rows.held_out, differences, lambda judged: judged.annotator),
            **_parts("by_grade", rows.held_out, differences, lambda judged: judged.grade),
        }
    ready.run.journal.write("result", step=ready.run.state.step, **result)
    return result


def facts(result: Result) -> dict[str, Any]:
    """Return what the model card says of the result."""
    return {printable(name).replace("|", "\\|"): words for name, words in rewards(result)}


def _score(ready: Ready, ids: list[list[int]]) -> list[float]:
    return scores(ready.model, ids, pad_id=ready.tokenizer.pad_token_id, dtype=ready.dtype)


def _write_scores(ready: Ready, by_digest: dict[str, tuple[float, float]]) -> None:
    """Replace the file in one step."""
    place = ready.run.folder.scores_file
    fresh = place.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        for digest, (first, second) in by_digest.items():
            file.write(json.dumps({"pair": digest, "first": first, "second": second}) + "\n")
    fresh.replace(place)


def _parts(
    name: str, held_out: list[Judged], differences: list[float], part: Callable[[Judged], str | None]
) -> dict[str, dict[str, Any]]:
    """The accuracy of each part of the held-out preferences; nothing where none is known to belong to one."""
    placed: dict[str, list[float]] = {}
    for judged, difference in zip(held_out, differences, strict=True):
        of = part(judged)
        if of is not None:
            placed.setdefault(of, []).append(difference)
    return {name: {of: asdict(accuracy(inside)) for of, inside in sorted(placed.items())}} if placed else {}
