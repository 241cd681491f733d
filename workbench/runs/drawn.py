"""Pairs from the answers that were sampled to a prompt: several of one model, or those of two models."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from workbench.data.shown import count_words


@dataclass(frozen=True)
class Drawn:
    """What became of the prompts."""

    prompts: int = 0
    pairs: int = 0
    equal: int = 0
    """Answers that were the same as another to their prompt: they make no pair."""
    empty: int = 0
    """Answers without a word."""

    def __add__(self, other: "Drawn") -> "Drawn":
        return Drawn(
            self.prompts + other.prompts, self.pairs + other.pairs, self.equal + other.equal, self.empty + other.empty
        )

    def words(self) -> str:
        """Return the counts in a line; what is none is not said."""
        parts = [f"{count_words(self.pairs, 'pair')} of {count_words(self.prompts, 'prompt')}"]
        if self.equal:
            parts.append(f"{self.equal:,} equal answers left out")
        if self.empty:
            parts.append(f"{self.empty:,} empty")
        return " · ".join(parts)


def pairs_of(said: Sequence[Sequence[str]]) -> tuple[list[tuple[str, str]], Drawn]:
    """Return the pairs of a prompt's answers by model, and what became of them.

    Of one model every two answers that differ are a pair (Ouyang et al. 2022, section 3.5); of two models the first
    answer is the first model's, draw by draw.
    """
    empty = sum(not text for texts in said for text in texts)
    if len(said) == 1:
        full = [text for text in said[0] if text]
        different = list(dict.fromkeys(full))
        pairs, equal = list(combinations(different, 2)), len(full) - len(different)
    else:
        both = [(one, other) for one, other in zip(*said, strict=True) if one and other]
        pairs = list(dict.fromkeys(pair for pair in both if pair[0] != pair[1]))
        equal = len(both) - len(pairs)
    return pairs, Drawn(1, len(pairs), equal, empty)
