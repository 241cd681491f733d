"""What one annotator is shown next: the first pair in the plan's order that waits, or a hidden repeat.

The order is drawn up once; votes of other terminals and pairs that were added since are seen all the same.
"""

from dataclasses import dataclass

from workbench.label.facts import VoteFact
from workbench.label.order import ranked
from workbench.label.plan import Plan
from workbench.label.records import Answer, Pair
from workbench.label.repeats import other_side, repeat_due, repeats_to_come
from workbench.label.sides import answer_to_the_left
from workbench.label.store import Store


@dataclass(frozen=True)
class Turn:
    """A pair as it is to be shown."""

    pair: Pair
    left: Answer
    is_repeat: bool = False


class Queue:
    """The pairs of a set for one annotator. Raises WrongUse when the plan's order needs scores and has none."""

    def __init__(self, store: Store, set_name: str, annotator: str, plan: Plan) -> None:
        self._store = store
        self._set_name = set_name
        self._annotator = annotator
        self._plan = plan
        self._order: list[int] = []
        self._at = 0
        self.refresh()

    def refresh(self) -> None:
        """Read what was shown until now, and rank the pairs anew."""
        self._shown: list[VoteFact] = []
        if not self._plan.is_plain:
            facts = self._store.facts(self._set_name)
            self._shown = [vote for vote in facts.votes if vote.annotator == self._annotator]
            self._order, self._at = ranked(facts, self._plan, self._annotator), 0

    def next(self, after: int | None = None, wanted: int | None = None) -> Turn | None:
        """Return what to show, None when every pair is answered.

        In the order of adding, the next after the pair of the id `after`. `wanted` is shown first if it still waits.
        """
        fresh = self._new(after, wanted)
        again = repeat_due(self._shown, self._plan.repeats, self._annotator) if fresh is not None else None
        if again is not None:
            return Turn(self._store.pair(again.pair_id), other_side(again), is_repeat=True)
        return None if fresh is None else self.turn(fresh)

    def turn(self, pair: Pair, left: Answer | None = None, *, is_repeat: bool = False) -> Turn:
        """Return a pair as this annotator sees it, on the sides that it was shown on before if `left` says."""
        return Turn(pair, left or answer_to_the_left(pair, self._annotator), is_repeat)

    def answered(self, vote: VoteFact) -> None:
        """Hear of a vote that was stored."""
        self._shown = [each for each in self._shown if vote.is_repeat or each.pair_id != vote.pair_id]
        self._shown.append(vote)

    def place(self, answered: int, pairs: int) -> tuple[int, int]:
        """Return the number of what is shown and of all that one is shown, with the repeats, so that none stands out.

        `answered` of `pairs` are answered.
        """
        done = sum(vote.is_repeat for vote in self._shown)
        left = pairs - answered
        to_come = repeats_to_come(len(self._shown), left, self._plan.repeats, self._annotator)
        return min(answered + 1, pairs) + done, pairs + done + to_come

    def _new(self, after: int | None, wanted: int | None) -> Pair | None:
        if wanted is not None and (pair := self._waiting(wanted)) is not None:
            return pair
        while self._at < len(self._order) and self._plan.order != "added":
            pair = self._waiting(self._order[self._at])
            if pair is not None:
                return pair
            self._at += 1
        return self._store.next(self._set_name, self._annotator, wanted or after)

    def _waiting(self, pair_id: int) -> Pair | None:
        """The pair, if the annotator has not answered it."""
        found = self._store.next(self._set_name, self._annotator, pair_id - 1)
        return found if found is not None and found.id == pair_id else None
