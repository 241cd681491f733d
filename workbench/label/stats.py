"""What the votes of a set say about the votes: agreement, consistency, position bias, pace, and what to talk about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from workbench.label.agreement import Agreement, Disagreement, Two, agreement, disagreements
from workbench.label.bootstrap import Estimate
from workbench.label.by_class import ByClass, by_class
from workbench.label.consistency import Share, by_annotator, chance_of, self_consistency, to_the_left
from workbench.label.facts import Facts, VoteFact
from workbench.label.pace import seconds_left
from workbench.label.ranks import RankAgreement, rank_agreement
from workbench.label.ratings import Scale
from workbench.label.scales import on_scale
from workbench.label.schema import SetKind
from workbench.label.trial import Trial, judges_in, trial


@dataclass(frozen=True)
class AnnotatorStats:
    """One annotator's votes, by themselves."""

    name: str
    votes: int
    """On so many pairs, or other items: no skips, no repeats."""
    repeats: Share
    """Hidden repeats that said the same again; of rankings the pairs of answers in them."""
    left: Share
    """Decided votes that went to the left."""
    seconds: float | None
    """The median for a vote; None where too few tell."""


@dataclass(frozen=True)
class Stats:
    """A set and its votes."""

    set_name: str
    pairs: int
    """Or what else the set holds."""
    votes: int
    annotators: tuple[AnnotatorStats, ...]
    agreement: Agreement
    left: Share
    disagreements: tuple[Disagreement, ...]
    numbers: dict[int, int]
    """The pairs' numbers in the set, by their ids."""
    trials: tuple[Trial, ...] = ()
    """Of the annotators that are models, where the set holds pairs."""
    kind: SetKind = "pairs"
    ranks: RankAgreement | None = None
    """Of rankings as wholes; `agreement` is that on each two answers of them."""
    by_class: ByClass | None = None
    """Of classes and single answers."""
    enough: tuple[str, ...] = ()
    """Whether more votes would help, or how that is found out, line by line; () where nobody looked."""


def stats(set_name: str, facts: Facts, orders: Sequence[VoteFact] | None = None) -> Stats:
    """Return what the votes of a set say about the votes; `orders` are those of judges in each order."""
    firsts = facts.firsts()
    measured, scale = on_scale(facts)
    judges = judges_in(facts.votes) if facts.kind == "pairs" else []
    return Stats(
        set_name,
        len(facts.items),
        len(firsts),
        _annotators(facts, measured, scale),
        agreement(measured.firsts(), scale),
        to_the_left(facts.votes),
        _disagreements(firsts, measured, scale),
        {pair.id: pair.number for pair in facts.items},
        tuple(trial(measured.votes, judge, judges, orders=orders, criterion=facts.criterion) for judge in judges),
        facts.kind,
        rank_agreement(firsts) if facts.kind == "ranking" else None,
        by_class(facts.items, firsts, scale) if facts.kind in ("single", "classes") else None,
    )


def document_of(found: Stats) -> dict[str, Any]:
    """Return the statistics as `workbench label stats --json` prints them; a figure that has no value is null."""
    return {
        "set": found.set_name,
        "pairs": found.pairs,
        "votes": found.votes,
        "annotators": [_annotator_document(each) for each in found.annotators],
        "agreement": _agreement_document(found.agreement),
        "position_bias": found.left.value,
        "position": _position(found.left),
        "disagreements": [
            {"pair": found.numbers[each.item_id], "disagreement": each.share, "votes": dict(each.votes)}
            for each in found.disagreements
        ],
        "judges": [trial_document(each) for each in found.trials],
        "kind": found.kind,
        **(_ranks_document(found.ranks) if found.ranks else {}),
        **(found.by_class.document() if found.by_class else {}),
    }


def trial_document(found: Trial) -> dict[str, Any]:
    """Return the trial of a judge: with people, with itself in the other order, and how often it prefers the first."""
    return {
        "judge": found.judge,
        "criterion": found.criterion,
        "has_passed": found.has_passed,
        "needed_kappa": found.needed,
        "with_people": _two_document(found.with_people),
        "same_when_swapped": {"same": found.itself.count, "of": found.itself.of, "interval": found.itself.interval},
        "first_shown_wins": _position(found.left),
    }


def _annotators(facts: Facts, measured: Facts, scale: Scale) -> tuple[AnnotatorStats, ...]:
    """Each by name; whether they agree with themselves is told of the votes as they are measured."""
    again = by_annotator(measured.votes)
    given = by_annotator(vote for vote in facts.votes if vote.choice != "skip")
    return tuple(_annotator(name, votes, self_consistency(again[name], scale)) for name, votes in given.items())


def _annotator(name: str, votes: Sequence[VoteFact], repeats: Share) -> AnnotatorStats:
    firsts = sum(not vote.is_repeat for vote in votes)
    return AnnotatorStats(name, firsts, repeats, to_the_left(votes), _pace(votes))


def _disagreements(firsts: Sequence[VoteFact], measured: Facts, scale: Scale) -> tuple[Disagreement, ...]:
    """With what was said of each item as it was said: a ranking as a whole, a pair by the names of its answers."""
    found = disagreements(measured.firsts(), scale)
    said: dict[int, dict[str, str]] = {}
    for vote in firsts:
        said.setdefault(vote.item_id, {})[vote.annotator] = vote.choice
    return tuple(replace(each, votes=tuple(sorted(said[each.item_id].items()))) for each in found)


def _pace(votes: Sequence[VoteFact]) -> float | None:
    """From what was kept, else from what lies between the votes that were given on a screen."""
    kept = [vote.seconds for vote in votes if vote.seconds is not None]
    return median(kept) if kept else seconds_left([vote.at for vote in votes if vote.shown_left], 1)


def _annotator_document(found: AnnotatorStats) -> dict[str, Any]:
    return {
        "name": found.name,
        "votes": found.votes,
        "self_consistency": found.repeats.value,
        "self_consistency_interval": found.repeats.interval,
        "repeats": found.repeats.of,
        "position_bias": found.left.value,
        "position": _position(found.left),
        "seconds_per_vote": found.seconds,
    }


def _position(left: Share) -> dict[str, Any]:
    return {"left": left.count, "decided": left.of, "interval": left.interval, "p": chance_of(left)}


def _agreement_document(found: Agreement) -> dict[str, Any]:
    figures = {"observed": found.observed, "kappa": found.kappa, "alpha": found.alpha}
    if found.alpha_in_steps is not None:
        figures["alpha_ordinal"] = found.alpha_in_steps
    return {
        **_values(figures),
        "kappa_is": found.kappa_is,
        "pairs": found.pairs,
        "each_two": [_two_document(two) for two in found.each_two],
    }


def _two_document(found: Two) -> dict[str, Any]:
    figures = {"observed": found.observed, "kappa": found.kappa}
    if found.in_steps is not None:
        figures["kappa_quadratic"] = found.in_steps
    return {"annotators": found.names, "pairs": found.pairs, **_values(figures)}


def _ranks_document(found: RankAgreement) -> dict[str, Any]:
    return {"ranks": {"rankings": found.rankings, **_values({"tau_b": found.tau, "alpha_ordinal": found.alpha})}}


def _values(figures: dict[str, Estimate]) -> dict[str, Any]:
    return {
        **{name: figure.value for name, figure in figures.items()},
        "intervals": {name: figure.interval for name, figure in figures.items()},
        "why": {name: figure.why for name, figure in figures.items() if figure.why},
    }
