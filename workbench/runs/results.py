"""What a run came to, in words: for the command, the pane and the model card alike."""

from dataclasses import fields
from typing import Any

from workbench.runs.drawn import Drawn
from workbench.runs.rewards import rewards
from workbench.runs.verdicts import Judged


def results(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what there is to say about a run's result, each with its name; nothing of a result of another version."""
    try:
        if "drawn" in result:
            return [("drawn", f"{Drawn(**_known(Drawn, result['drawn'])).words()} → {result['set']}")]
        if "judged" in result:
            return [("judged", f"{Judged(**_known(Judged, result['judged'])).words()} → {result['set']}")]
        return rewards(result)
    except (LookupError, TypeError):
        return []


def _known(kind: type, found: dict[str, Any]) -> dict[str, Any]:
    return {field.name: found[field.name] for field in fields(kind)}
