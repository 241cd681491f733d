"""The selection in a few words: geo.csv:17 › qwen-0.5b › r16 › ▶ geo-3 43%."""

from pathlib import Path
from typing import TYPE_CHECKING

from screens.text import cut
from workbench.data.spec import VotesSpec

if TYPE_CHECKING:
    from workbench.lora.spec import Tuning
    from workbench.runs.desk import Hand

_LONGEST = 24


def chips(hand: "Hand", run: str = "") -> tuple[str, ...]:
    """Return a chip for each thing that is selected; `run` is the selected run with its progress."""
    draft = hand.draft
    found = []
    if draft.file is not None:
        found.append(f"{_name(draft.file.train)}:{hand.row}")
    elif isinstance(draft.data, VotesSpec):
        found.append(f"votes {cut(draft.data.votes, _LONGEST)}")
    if draft.model is not None:
        found += [_name(draft.model), tuning(draft.tuning)]
    if run:
        found.append(run)
    return tuple(found)


def tuning(tuned: "Tuning") -> str:
    """Return a tuning in one or two words: r16, nf4 r16, full, ia3."""
    held = getattr(tuned, "quantise", "none")
    quantised = "" if held == "none" else f"{held} "
    return f"{quantised}r{tuned.rank}" if tuned.kind == "lora" else f"{quantised}{tuned.kind}"


def _name(path: str) -> str:
    return cut(Path(path.rstrip("/")).name or path, _LONGEST)
