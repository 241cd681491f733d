"""What all annotators together say about each pair of a set: the majority, its grade, and how far they agree.

Skips, hidden repeats and votes by a single criterion have no part in it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from workbench.data.shown import count_words
from workbench.errors import WrongUse
from workbench.label.records import Answer, Pair, Vote
from workbench.label.schema import NOUNS, SetKind

Grade = Literal["slightly", "clearly"]
GRADES: tuple[Grade, ...] = get_args(Grade)
Ties = Literal["drop", "both", "half"]
TIES: tuple[Ties, ...] = get_args(Ties)
Verdict = Literal["first", "second", "tie", "bad"]

_MARGINS = {"first-clearly": 2, "first": 1, "second": -1, "second-clearly": -2}


@dataclass(frozen=True)
class Wanted:
    """Which votes and pairs are taken."""

    annotators: tuple[str, ...] = ()
    """Whose votes count; () for everybody's."""
    min_grade: Grade = "slightly"
    min_agreement: float = 0.0
    """The least share of a pair's annotators that say what the majority says."""
    ties: Ties = "drop"
    """What becomes of pairs without a better answer: left out, both ways round, or one way, half of them each."""


@dataclass(frozen=True)
class Judged:
    """A pair and what its annotators make of it together."""

    pair: Pair
    votes: tuple[Vote, ...]
    verdict: Verdict
    """What most say; a tie also where no answer has more votes than all else."""
    agreement: float
    """The share of the annotators who say that."""
    margin: float
    """How much better, as the annotators see it on average: slightly is 1, clearly 2, a tie 0."""

    @property
    def grade(self) -> Grade:
        """Clearly, where at least half of those who prefer the answer say so."""
        said = [each.choice for each in self.votes if each.choice.startswith(self.verdict)]
        return "clearly" if 2 * sum(each.endswith("clearly") for each in said) >= len(said) else "slightly"

    def better(self, ties: Ties) -> tuple[Answer, ...]:
        """Return the answers that are to be chosen over the other, in the rows that come of the pair."""
        if self.verdict in ("first", "second"):
            return ("first",) if self.verdict == "first" else ("second",)
        if self.verdict == "bad" or ties == "drop":
            return ()
        if ties == "both":
            return ("first", "second")
        drawn = hashlib.blake2b(self.pair.digest.encode(), digest_size=1).digest()[0]
        return ("first",) if drawn < 128 else ("second",)


@dataclass(frozen=True)
class Counts:
    """How many pairs there are, and how many were left out for what."""

    pairs: int = 0
    """Or what else the set holds; of rankings the pairs that they expand to."""
    without_votes: int = 0
    ties: int = 0
    bad: int = 0
    below_grade: int = 0
    below_agreement: int = 0

    def words(self, kind: SetKind = "pairs") -> str:
        """Return that in one line, for a set of that kind; what is none is not said."""
        parts = [count_words(self.pairs, "pair" if kind == "ranking" else NOUNS[kind])]
        if self.without_votes:
            parts.append(f"{self.without_votes:,} without a vote")
        if self.ties:
            parts.append(f"{count_words(self.ties, 'tie')} left out")
        if self.bad:
            parts.append(f"{self.bad:,} with two bad answers left out")
        if self.below_grade:
            parts.append(f"{self.below_grade:,} below the grade")
        if self.below_agreement:
            parts.append(f"{self.below_agreement:,} below agreement")
        return ", ".join(parts)


def judge_pairs(
    pairs: Sequence[Pair], votes: Iterable[Vote], wanted: Wanted, *, keeps_bad: bool = False
) -> tuple[list[Judged], Counts]:
    """Return the pairs that `wanted` leaves, in order, and the counts; `keeps_bad` keeps those with two bad answers.

    Raises WrongUse for an annotator who gave no vote, or a share beyond 0 to 1.
    """
    if not 0 <= wanted.min_agreement <= 1:
        raise WrongUse(f"--min-agreement {wanted.min_agreement:g} is no share", "from 0 to 1, such as 0.7")
    of_pair = _by_pair(votes, wanted.annotators)
    kept: list[Judged] = []
    counts = Counts(len(pairs))
    for pair in pairs:
        said = of_pair.get(pair.id)
        if not said:
            counts = replace(counts, without_votes=counts.without_votes + 1)
            continue
        judged = _judged(pair, said)
        if judged.agreement < wanted.min_agreement:
            counts = replace(counts, below_agreement=counts.below_agreement + 1)
        elif judged.verdict == "bad" and not keeps_bad:
            counts = replace(counts, bad=counts.bad + 1)
        elif judged.verdict == "tie" and wanted.ties == "drop":
            counts = replace(counts, ties=counts.ties + 1)
        elif judged.verdict in ("first", "second") and GRADES.index(judged.grade) < GRADES.index(wanted.min_grade):
            counts = replace(counts, below_grade=counts.below_grade + 1)
        else:
            kept.append(judged)
    return kept, counts


def _by_pair(votes: Iterable[Vote], annotators: Sequence[str]) -> dict[int, list[Vote]]:
    of_pair: dict[int, list[Vote]] = {}
    seen = set()
    for vote in votes:
        seen.add(vote.annotator)
        if vote.choice == "skip" or vote.repeat or vote.criterion or (annotators and vote.annotator not in annotators):
            continue
        of_pair.setdefault(vote.item_id, []).append(vote)
    for name in annotators:
        if name not in seen:
            raise WrongUse(f"{name} has given no vote here", f"annotators: {', '.join(sorted(seen)) or '(none)'}")
    return of_pair


def _judged(pair: Pair, votes: Sequence[Vote]) -> Judged:
    counts = Counter(_verdict(vote) for vote in votes)
    (verdict, most), *others = counts.most_common()
    if others and others[0][1] == most:
        verdict = "tie"
    margin = sum(_MARGINS.get(vote.choice, 0) for vote in votes) / len(votes)
    towards = {"first": margin, "second": -margin}.get(verdict, 0.0)
    return Judged(pair, tuple(votes), verdict, most / len(votes), max(0.0, towards))


def _verdict(vote: Vote) -> Verdict:
    if vote.choice == "bad" or vote.choice == "tie":
        return vote.choice
    return "first" if vote.choice.startswith("first") else "second"
