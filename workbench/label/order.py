"""In which order an annotator is shown what a set holds: the same facts and the same seed give the same order.

An order ranks all pairs, or other items; whoever shows them takes the first that waits for an answer.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from workbench.errors import WrongUse
from workbench.label.facts import Facts, PairFact
from workbench.label.plan import Plan

_KEY = b"workbench order 1"


def ranked(facts: Facts, plan: Plan, annotator: str) -> list[int]:
    """Return the ids of all pairs, or other items, in the order in which this annotator should see them.

    Raises WrongUse for an order by what a model is sure of where it is not told.
    """
    draw = _drawing(annotator, plan.seed)
    if plan.order == "random":
        return _ids(sorted(facts.pairs, key=draw))
    if plan.order == "stratified":
        return _ids(in_turn(facts.pairs, _stratum(facts), draw))
    if plan.order == "least-sure":
        return _ids(_least_sure(facts, plan, draw))
    if plan.order == "disputed":
        return _ids(disputed_first(facts, draw))
    return _ids(facts.pairs)


def in_turn(
    pairs: Sequence[PairFact], stratum: Callable[[PairFact], str], draw: Callable[[PairFact], bytes]
) -> list[PairFact]:
    """Return one pair of each stratum, then a second of each, until all are through: small strata are over early.

    Which pairs of a stratum come first is drawn, and so is the order of the strata in each round.
    """
    strata: dict[str, list[PairFact]] = defaultdict(list)
    for pair in sorted(pairs, key=draw):
        strata[stratum(pair)].append(pair)
    rounds = ((at, draw(pair), pair) for members in strata.values() for at, pair in enumerate(members))
    return [pair for _, _, pair in sorted(rounds, key=lambda each: each[:2])]


def _least_sure(facts: Facts, plan: Plan, draw: Callable[[PairFact], bytes]) -> list[PairFact]:
    if facts.kind == "classes":
        return hardest_first(facts.pairs)
    return least_sure(facts.pairs, plan.differences, draw)


def hardest_first(rows: Sequence[PairFact]) -> list[PairFact]:
    """Return the rows whose guessed class is the least probable first; those without a guess come last."""
    return sorted(rows, key=lambda row: (row.probability is None, row.probability, row.id))


def least_sure(
    pairs: Sequence[PairFact], differences: Mapping[str, float], draw: Callable[[PairFact], bytes]
) -> list[PairFact]:
    """Return the pairs whose scores lie close together first; those without scores are drawn, and come last."""
    if not differences:
        raise WrongUse("the order least-sure needs the scores of a reward run", "choose one: --scores RUN")
    return sorted(pairs, key=lambda pair: (differences.get(pair.digest, float("inf")), draw(pair)))


def disputed_first(facts: Facts, draw: Callable[[PairFact], bytes]) -> list[PairFact]:
    """Return the pairs on which votes differ first, the most disputed before the others.

    Then those that fewer than two people voted on, as nobody knows of them; those that people agree on come last.
    """
    from workbench.label.agreement import disputed  # with numpy, which the app's start does not wait for
    from workbench.label.scales import on_scale

    measured, scale = on_scale(facts)
    shares = disputed(measured.firsts(), scale)

    def place(pair: PairFact) -> tuple[int, float, bytes]:
        share = shares.get(pair.id)
        return (1, 0.0, draw(pair)) if share is None else (0 if share else 2, -share, draw(pair))

    return sorted(facts.pairs, key=place)


def _stratum(facts: Facts) -> Callable[[PairFact], str]:
    """What is taken in turn: the classes that a model guesses, elsewhere the sources."""
    has_guesses = any(row.guess is not None for row in facts.pairs)
    return (lambda row: row.guess or "") if has_guesses else source_of


def source_of(pair: PairFact) -> str:
    """Return where a pair comes from, without the row: rows.jsonl of rows.jsonl:17."""
    place, _, row = pair.source.rpartition(":")
    return place if row.isdigit() else pair.source


def _drawing(annotator: str, seed: int) -> Callable[[PairFact], bytes]:
    def draw(pair: PairFact) -> bytes:
        return hashlib.blake2b(f"{seed} {annotator} {pair.digest}".encode(), key=_KEY, digest_size=8).digest()

    return draw


def _ids(pairs: Sequence[PairFact]) -> list[int]:
    return [pair.id for pair in pairs]
