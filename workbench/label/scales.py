"""The votes of a set on the scale of its kind: which answer is better, good or bad, a class.

A ranking is a vote on each two of its answers, as labellers' agreement on rankings is reported (Ouyang et al. 2022,
section 3.4). Which of two answers is called the first is drawn: their places in a file may go by a model, a score or
what somebody preferred. Then nearly all votes would have one name, agreement on it would count as chance, and kappa
would be near 0 though people agree (Feinstein and Cicchetti 1990). All votes on an item are turned alike, so what they
have in common stays as it is.
"""

import hashlib
from dataclasses import replace

from workbench.label.choices import RATINGS, SKIP
from workbench.label.facts import Facts, VoteFact
from workbench.label.ranking import order_in, pairs_in
from workbench.label.ratings import PAIRS, Scale, nominal
from workbench.label.records import Answer, Choice

_TURNED: dict[str, Choice] = {
    "first-clearly": "second-clearly", "first": "second", "second": "first", "second-clearly": "first-clearly"
}  # fmt: skip
_OTHER: dict[Answer, Answer] = {"first": "second", "second": "first"}


def on_scale(facts: Facts) -> tuple[Facts, Scale]:
    """Return the facts with votes of which agreement can be told, and the scale that they are on.

    Votes on pairs keep their pair, and name its answers as they were drawn, also the one that stood to the left; votes
    on rankings become one on each two answers, under a number of their own.
    """
    if facts.kind == "ranking":
        return _in_pairs(facts)
    if facts.kind == "single":
        return facts, nominal(RATINGS)
    if facts.kind == "classes":
        guesses = (item.guess for item in facts.items if item.guess is not None)
        return facts, nominal(tuple(dict.fromkeys((*facts.classes, *guesses))))
    digests = {pair.id: pair.digest for pair in facts.items}
    votes = (_turned(vote) if _is_turned(digests.get(vote.item_id, ""), 0, 1) else vote for vote in facts.votes)
    return replace(facts, votes=tuple(votes)), PAIRS


def _turned(vote: VoteFact) -> VoteFact:
    left = None if vote.shown_left is None else _OTHER[vote.shown_left]
    return replace(vote, choice=_TURNED.get(vote.choice, vote.choice), shown_left=left)


def _in_pairs(facts: Facts) -> tuple[Facts, Scale]:
    digests = {item.id: item.digest for item in facts.items}
    numbers: dict[tuple[int, int, int], int] = {}
    votes: list[VoteFact] = []
    for vote in facts.votes:
        if vote.choice == SKIP:
            continue
        for one, other, choice in pairs_in(order_in(vote.choice)):
            number = numbers.setdefault((vote.item_id, one, other), len(numbers) + 1)
            is_turned = _is_turned(digests.get(vote.item_id, ""), one, other)
            votes.append(replace(vote, item_id=number, choice=_TURNED.get(choice, choice) if is_turned else choice))
    parts = {number: item for (item, _, _), number in numbers.items()}
    return replace(facts, votes=tuple(votes)), nominal(PAIRS.answers[:3], parts)


def _is_turned(digest: str, one: int, other: int) -> bool:
    """Which of two answers is called the first, by lot."""
    return hashlib.blake2b(f"{digest} {one} {other}".encode(), digest_size=1).digest()[0] < 128
