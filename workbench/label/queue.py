"""What one annotator is shown next: the first pair in the plan's order that waits, or a hidden repeat.

The same of rankings, single answers and rows with a class. The order is drawn up once; votes of other terminals and
what was added since are seen all the same.
"""

from dataclasses import dataclass, replace

from workbench.label.facts import Facts, VoteFact
from workbench.label.order import ranked
from workbench.label.plan import Plan
from workbench.label.records import Answer, Pair
from workbench.label.repeats import other_side, repeat_due, repeats_to_come
from workbench.label.scores import least_differences
from workbench.label.sides import answer_to_the_left
from workbench.label.store import Store


@dataclass(frozen=True)
class Due:
    """What is to be shown, by its id."""

    item_id: int
    again: VoteFact | None = None
    """The vote on it from before, where it is a hidden repeat."""


@dataclass(frozen=True)
class Turn:
    """A pair as it is to be shown."""

    pair: Pair
    left: Answer
    is_repeat: bool = False


class Queue:
    """What a set holds, for one annotator. Raises WrongUse when the plan's order cannot be had."""

    def __init__(self, store: Store, set_name: str, annotator: str, plan: Plan) -> None:
        self._store = store
        self._set_name = set_name
        self._annotator = annotator
        self._plan = plan
        self._order: list[int] = []
        """What is left, the last comes first."""
        self.refresh()

    def refresh(self) -> None:
        """Read what was shown until now, and rank what is left anew."""
        self._shown: list[VoteFact] = []
        if not self._plan.is_plain:
            facts = self._store.facts(self._set_name, of_any_kind=True)
            self._shown = [vote for vote in facts.votes if vote.annotator == self._annotator]
            answered = {vote.item_id for vote in self._shown}
            order = ranked(facts, self._plan_for(facts), self._annotator)
            self._order = [item for item in order if item not in answered][::-1]

    def next(self, after: int | None = None, wanted: int | None = None) -> Turn | None:
        """Return the pair that is `due` on its sides, None when every pair is answered."""
        due = self.due(after, wanted)
        return None if due is None else self.turn_of(due)

    def due(self, after: int | None = None, wanted: int | None = None) -> Due | None:
        """Return what to show, None when all is answered.

        In the order of adding, the next after the item of the id `after`. `wanted` is shown first if it still waits.
        """
        fresh = self._new(after, wanted)
        if fresh is None:
            return None
        again = repeat_due(self._shown, self._plan.repeats, self._annotator)
        return Due(fresh) if again is None else Due(again.item_id, again)

    def turn_of(self, due: Due) -> Turn:
        """Return a pair that is due as it is to be shown."""
        pair = self._store.pair(due.item_id)
        return self.turn(pair) if due.again is None else Turn(pair, other_side(due.again), is_repeat=True)

    def turn(self, pair: Pair, left: Answer | None = None, *, is_repeat: bool = False) -> Turn:
        """Return a pair as this annotator sees it, on the sides that it was shown on before if `left` says."""
        return Turn(pair, left or answer_to_the_left(pair, self._annotator), is_repeat)

    def answered(self, vote: VoteFact) -> None:
        """Hear of a vote that was stored."""
        self._shown = [each for each in self._shown if vote.is_repeat or each.item_id != vote.item_id]
        self._shown.append(vote)

    def taken_back(self, item_id: int, *, is_repeat: bool = False) -> None:
        """Hear of a vote that was undone: what it was on is the next to come."""
        if is_repeat or self._waits(item_id):
            undone = (item_id, is_repeat)
            self._shown = [each for each in self._shown if (each.item_id, each.is_repeat) != undone]
        else:
            self.refresh()  # a vote from before stands again
        self._order.append(item_id)

    def place(self, answered: int, items: int) -> tuple[int, int]:
        """Return the number of what is shown and of all that one is shown, with the repeats, so that none stands out.

        `answered` of `items` are answered.
        """
        done = sum(vote.is_repeat for vote in self._shown)
        left = items - answered
        to_come = repeats_to_come(len(self._shown), left, self._plan.repeats, self._annotator)
        return min(answered + 1, items) + done, items + done + to_come

    def _plan_for(self, facts: Facts) -> Plan:
        """The plan with the scores as they tell of whole rankings, where it goes by scores of every two answers."""
        if facts.kind != "ranking" or not self._plan.differences:
            return self._plan
        rankings = self._store.items(self._set_name)
        return replace(self._plan, differences=least_differences(rankings, self._plan.differences))

    def _new(self, after: int | None, wanted: int | None) -> int | None:
        if wanted is not None and self._waits(wanted):
            return wanted
        while self._order and self._plan.order != "added":
            if self._waits(self._order[-1]):
                return self._order[-1]
            self._order.pop()
        return self._store.next_id(self._set_name, self._annotator, wanted or after)

    def _waits(self, item_id: int) -> bool:
        """Whether the annotator has not answered it."""
        return self._store.next_id(self._set_name, self._annotator, item_id - 1) == item_id
