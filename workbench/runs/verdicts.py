"""What a judge's answers on a pair say: of each order, and of both together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.data.shown import count_words

Side = Literal["first", "second"]
Verdict = Literal["first", "second", "tie"]
ORDERS: tuple[Side, ...] = ("first", "second")
"""Which answer is shown as A: a pair is asked about in both orders."""
_VERDICT = re.compile(r"[*_`\s]*(?:[Vv]erdict\s*:)?[*_`\s]*(A|B|[Tt]ie)[*_`.\s]*")


def verdict(text: str, left: Side) -> Verdict | None:
    """Return what the last line of a judge's answer says, where `left` was answer A; None where it says nothing."""
    lines = text.strip().splitlines()
    found = _VERDICT.fullmatch(lines[-1]) if lines else None
    if found is None:
        return None
    if found[1] not in ("A", "B"):
        return "tie"
    return "first" if (found[1] == "A") == (left == "first") else "second"


def each_order(answers: Sequence[dict[str, Any]]) -> list[Verdict | None]:
    """Return the verdicts of {"text", "finish"} in each order; an answer that was cut may end in anything."""
    return [
        verdict(answer["text"], left) if answer["finish"] == "stop" else None
        for answer, left in zip(answers, ORDERS, strict=True)
    ]


def together(said: Sequence[Verdict | None]) -> Verdict | None:
    """Return what both orders name, else a tie; None where one of them says nothing."""
    one, other = said
    return None if one is None or other is None else one if one == other else "tie"


@dataclass(frozen=True)
class Judged:
    """What became of the pairs that were judged."""

    pairs: int = 0
    agreed: int = 0
    """Both orders named the same answer, or both a tie."""
    inconsistent: int = 0
    """The orders named different answers: a tie."""
    unreadable: int = 0
    """At least one answer did not end with a verdict: skipped."""

    def and_one(self, said: Sequence[Verdict | None]) -> "Judged":
        """Return the counts with one more pair."""
        is_unreadable = None in said
        agrees = not is_unreadable and len(set(said)) == 1
        return Judged(
            self.pairs + 1, self.agreed + agrees, self.inconsistent + (not agrees and not is_unreadable),
            self.unreadable + is_unreadable,
        )  # fmt: skip

    def words(self) -> str:
        """Return the counts in a line; what is none is not said."""
        parts = [f"{count_words(self.pairs, 'pair')} judged"]
        if self.inconsistent:
            parts.append(f"{self.inconsistent:,} differ with the order: ties")
        if self.unreadable:
            parts.append(f"{self.unreadable:,} unreadable: skipped")
        return " · ".join(parts)
