"""In which order an annotator is shown what a set holds: the same facts and the same seed give the same order.

An order ranks all items; whoever shows them takes the first that waits for an answer.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from workbench.errors import WrongUse
from workbench.label.facts import Facts, ItemFact
from workbench.label.plan import Plan

_KEY = b"workbench order 1"


def ranked(facts: Facts, plan: Plan, annotator: str) -> list[int]:
    """Return the ids of all items in the order in which this annotator should see them.

    Raises WrongUse for an order by what a model is sure of where it is not told.
    """
    draw = _drawing(annotator, plan.seed)
    if plan.order == "random":
        return _ids(sorted(facts.items, key=draw))
    if plan.order == "stratified":
        return _ids(in_turn(facts.items, _stratum(facts), draw))
    if plan.order == "least-sure":
        return _ids(_least_sure(facts, plan, draw))
    if plan.order == "disputed":
        return _ids(disputed_first(facts, draw))
    return _ids(facts.items)


def in_turn(
    items: Sequence[ItemFact], stratum: Callable[[ItemFact], str], draw: Callable[[ItemFact], bytes]
) -> list[ItemFact]:
    """Return one item of each stratum, then a second of each, until all are through: small strata are over early.

    Which items of a stratum come first is drawn, and so is the order of the strata in each round.
    """
    strata: dict[str, list[ItemFact]] = defaultdict(list)
    for item in sorted(items, key=draw):
        strata[stratum(item)].append(item)
    rounds = ((at, draw(item), item) for members in strata.values() for at, item in enumerate(members))
    return [item for _, _, item in sorted(rounds, key=lambda each: each[:2])]


def _least_sure(facts: Facts, plan: Plan, draw: Callable[[ItemFact], bytes]) -> list[ItemFact]:
    if facts.kind == "classes":
        return hardest_first(facts.items)
    return least_sure(facts.items, plan.differences, draw)


def hardest_first(rows: Sequence[ItemFact]) -> list[ItemFact]:
    """Return the rows whose guessed class is the least probable first; those without a guess come last."""
    return sorted(rows, key=lambda row: (row.probability is None, row.probability, row.id))


def least_sure(
    items: Sequence[ItemFact], differences: Mapping[str, float], draw: Callable[[ItemFact], bytes]
) -> list[ItemFact]:
    """Return the items whose scores lie close together first; those without scores are drawn, and come last."""
    if not differences:
        raise WrongUse("the order least-sure needs the scores of a reward run", "choose one: --scores RUN")
    return sorted(items, key=lambda item: (differences.get(item.digest, float("inf")), draw(item)))


def disputed_first(facts: Facts, draw: Callable[[ItemFact], bytes]) -> list[ItemFact]:
    """Return the items on which votes differ first, the most disputed before the others.

    Then those that fewer than two people voted on, as nobody knows of them; those that people agree on come last.
    """
    from workbench.label.agreement import disputed  # with numpy, which the app's start does not wait for
    from workbench.label.scales import on_scale

    measured, scale = on_scale(facts)
    shares = disputed(measured.firsts(), scale)

    def place(item: ItemFact) -> tuple[int, float, bytes]:
        share = shares.get(item.id)
        return (1, 0.0, draw(item)) if share is None else (0 if share else 2, -share, draw(item))

    return sorted(facts.items, key=place)


def _stratum(facts: Facts) -> Callable[[ItemFact], str]:
    """What is taken in turn: the classes that a model guesses, elsewhere the sources."""
    has_guesses = any(row.guess is not None for row in facts.items)
    return (lambda row: row.guess or "") if has_guesses else source_of


def source_of(item: ItemFact) -> str:
    """Return where an item comes from, without the row: rows.jsonl of rows.jsonl:17."""
    place, _, row = item.source.rpartition(":")
    return place if row.isdigit() else item.source


def _drawing(annotator: str, seed: int) -> Callable[[ItemFact], bytes]:
    def draw(item: ItemFact) -> bytes:
        return hashlib.blake2b(f"{seed} {annotator} {item.digest}".encode(), key=_KEY, digest_size=8).digest()

    return draw


def _ids(items: Sequence[ItemFact]) -> list[int]:
    return [item.id for item in items]
