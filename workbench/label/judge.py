"""A model judge votes on the pairs of a set, each asked in both orders, as an annotator of its own: judge:NAME.

Its verdict is what both orders name, else a tie. What it said in each order is kept beside the verdict, under a
criterion of its own. A pair is done once its verdict is stored, so a judge that was stopped goes on where it was.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from workbench.errors import WorkbenchError, WrongUse
from workbench.label.facts import Facts
from workbench.label.judge_prompt import JudgePrompt, verdict
from workbench.label.records import Answer as Side
from workbench.label.records import Choice, Pair
from workbench.label.store import Store
from workbench.label.trial import EACH_ORDER, JUDGE, NEEDED_KAPPA, Trial, judges_in, trial
from workbench.models.generate import Answer

_ORDERS: tuple[Side, ...] = ("first", "second")
"""Which answer is shown as A."""
_LONGEST_NOTE = 4000


class Answering(Protocol):
    """A model that answers questions."""

    def answer(self, prompts: Sequence[str]) -> Iterator[tuple[int, Answer]]:
        """Yield (place of the prompt, answer) as they come."""


@dataclass(frozen=True)
class Judge:
    """Who judges, and how it is asked."""

    name: str
    model: str
    """All that tells the model from another: its name, and the address where it answers."""
    prompt: JudgePrompt

    @property
    def annotator(self) -> str:
        """Under what name it votes."""
        return self.name if self.name.startswith(JUDGE) else JUDGE + self.name

    @property
    def mark(self) -> str:
        """What the notes of its verdicts hold: of one model, asked in one way."""
        return "asked as " + sha256(f"{self.model}\0{self.prompt.digest}".encode()).hexdigest()[:12]


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

    def and_one(self, said: Sequence[Choice | None]) -> "Judged":
        """Return the counts with one more pair."""
        is_unreadable = None in said
        agrees = not is_unreadable and len(set(said)) == 1
        return Judged(
            self.pairs + 1, self.agreed + agrees, self.inconsistent + (not agrees and not is_unreadable),
            self.unreadable + is_unreadable,
        )  # fmt: skip


def trial_of(store: Store, set_name: str, annotator: str, needed: float = NEEDED_KAPPA) -> Trial:
    """Return how a judge does in a set, with each of its two orders told apart."""
    votes, orders = store.facts(set_name).votes, store.facts(set_name, EACH_ORDER).votes
    return trial(votes, annotator, judges_in(votes), needed, orders)


def waiting(store: Store, set_name: str, judge: Judge, *, alone: bool, needed: float = NEEDED_KAPPA) -> list[Pair]:
    """Return the pairs that a judge has not judged: those that people voted on, `alone` all.

    Raises WrongUse where its name has votes of another model or another way of asking, WorkbenchError where people
    have voted on nothing, and `alone` where its trial is not passed.
    """
    facts = store.facts(set_name)
    _check_same(store, set_name, judge)
    if alone:
        _check_passed(trial_of(store, set_name, judge.annotator, needed), set_name)
    wanted = {pair.id for pair in facts.pairs} if alone else _voted_by_people(facts)
    if not wanted:
        fix = f"vote on some pairs first: workbench label next {set_name} --annotator ME"
        raise WorkbenchError(f"people have not voted on {set_name} yet, and a judge is held against them", fix)
    done = {pair_id for pair_id, _ in store.standing(set_name, judge.annotator)}
    return [pair for pair in store.pairs(set_name) if pair.id in wanted - done]


def judge_pairs(
    store: Store, pairs: Sequence[Pair], judge: Judge, model: Answering, tell: Callable[[Judged], None]
) -> Judged:
    """Ask about each pair in both orders and store each verdict as soon as it is known; `tell` hears of it."""
    questions = [judge.prompt.asks(pair, left) for pair in pairs for left in _ORDERS]
    heard: dict[int, dict[int, Answer]] = defaultdict(dict)
    done = Judged()
    for place, answer in model.answer(questions):
        at, order = divmod(place, len(_ORDERS))
        heard[at][order] = answer
        if len(heard[at]) == len(_ORDERS):
            both = heard.pop(at)
            done = done.and_one(_store(store, pairs[at], judge, [both[order] for order in range(len(_ORDERS))]))
            tell(done)
    return done


def _store(store: Store, pair: Pair, judge: Judge, answers: Sequence[Answer]) -> list[Choice | None]:
    """Store what was said in each order, and last the verdict."""
    said = [
        # an answer that was cut may end in anything
        verdict(answer.text, left) if answer.finish == "stop" else None
        for answer, left in zip(answers, _ORDERS, strict=True)
    ]
    for answer, left, choice in zip(answers, _ORDERS, said, strict=True):
        store.vote(
            pair.id, judge.annotator, choice or "skip", shown_left=left, note=answer.text[:_LONGEST_NOTE],
            criterion=EACH_ORDER, repeat=left != _ORDERS[0],
        )  # fmt: skip
    one, other = said
    together: Choice = "skip" if one is None or other is None else one if one == other else "tie"
    store.vote(pair.id, judge.annotator, together, note=judge.mark)
    return said


def _voted_by_people(facts: Facts) -> set[int]:
    judges = judges_in(facts.votes)
    return {vote.pair_id for vote in facts.firsts() if vote.annotator not in judges}


def _check_same(store: Store, set_name: str, judge: Judge) -> None:
    for vote in store.votes(set_name):
        if vote.annotator == judge.annotator and not vote.criterion and not vote.repeat and vote.note != judge.mark:
            raise WrongUse(
                f"{judge.annotator} has votes on {set_name} of another model, or asked in another way",
                "give this one a name of its own: --annotator NAME",
            )


def _check_passed(found: Trial, set_name: str) -> None:
    if not found.has_passed:
        from workbench.label.stats_words import figure

        kappa = found.with_people.kappa
        stands = kappa.why if kappa.value is None else f"kappa {figure(kappa)}"
        raise WorkbenchError(
            f"{found.judge} may not judge {set_name} alone: with people {stands} on {found.with_people.pairs:,} pairs,"
            f" and {found.needed:g} is needed at the lower end",
            "without --alone it judges the pairs that people voted on",
        )
