"""A blind comparison: which side is which, and the tally when all votes have been given."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.label.records import Choice
from workbench.metrics.exact import wilson_interval


def is_swapped(set_name: str, prompt: Any) -> bool:
    """Whether the second answer stands to the left: drawn by a hash, so that a restart shows the same sides."""
    asked = json.dumps([set_name, prompt], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(asked.encode()).digest()[0] % 2 == 1


@dataclass(frozen=True)
class Tally:
    """How the votes fell on base (first) and tuned (second)."""

    base: int
    tuned: int
    ties: int
    bad: int
    left: int
    """How often the side shown left won, whatever stood there."""

    @property
    def votes(self) -> int:
        """All votes."""
        return self.base + self.tuned + self.ties + self.bad

    @property
    def win_rate(self) -> tuple[float, float, float] | None:
        """The share of decided votes for tuned, and its 95 % interval (Wilson); None while none was decided."""
        decided = self.base + self.tuned
        return (self.tuned / decided, *wilson_interval(self.tuned, decided)) if decided else None


def tally(votes: Iterable[tuple[Choice, bool]]) -> Tally:
    """Count votes, each given as it is stored with whether the sides were swapped."""
    counts = dict.fromkeys(("base", "tuned", "ties", "bad", "left"), 0)
    for choice, swapped in votes:
        if choice in ("tie", "bad"):
            counts["ties" if choice == "tie" else "bad"] += 1
        elif choice != "skip":
            is_base = choice.startswith("first")
            counts["base" if is_base else "tuned"] += 1
            counts["left"] += is_base != swapped
    return Tally(**counts)
