"""What was said class by class: how often, against what a model had guessed, and which classes two people confuse."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.label.agreement import agreement_of_two
from workbench.label.bootstrap import Estimate
from workbench.label.consistency import Share
from workbench.label.facts import ItemFact, VoteFact
from workbench.label.ratings import Scale

GUESS = "the guess"
"""What the model's guess is called where it stands beside annotators."""


@dataclass(frozen=True)
class ClassCount:
    """One class, or good or bad."""

    name: str
    votes: int
    """Of all annotators."""
    accepted: Share
    """Of the votes on rows that a model took for this class, those that say so too."""


@dataclass(frozen=True)
class Accepted:
    """What an annotator made of a model's guesses: accepted where the vote says the same, corrected elsewhere."""

    annotator: str
    share: Share
    kappa: Estimate
    """Cohen's, of the annotator and the guesses."""


@dataclass(frozen=True)
class Confusion:
    """What two annotators said of the items that both voted on."""

    names: tuple[str, str]
    cells: Mapping[tuple[str, str], int]
    """How often the first said the one and the second the other; what never came is not there."""


@dataclass(frozen=True)
class ByClass:
    """The votes of a set of classes or single answers, class by class."""

    counts: tuple[ClassCount, ...]
    """In the order of the set."""
    guesses: tuple[Accepted, ...]
    """By annotator; () where no model has guessed."""
    confusion: Confusion | None
    """None unless exactly two annotators share an item."""

    def document(self) -> dict[str, Any]:
        """Return it as `workbench label stats --json` prints it."""
        found = self.confusion
        return {
            "classes": [
                {"name": each.name, "votes": each.votes, **_accepted(each.accepted)} for each in self.counts
            ],
            "guesses": [
                {"annotator": each.annotator, **_accepted(each.share), "kappa": each.kappa.value,
                 "interval": each.kappa.interval}
                for each in self.guesses
            ],
            "confusion": found and {
                "annotators": found.names,
                "cells": [{"first": one, "second": other, "count": n} for (one, other), n in found.cells.items()],
            },
        }  # fmt: skip


def by_class(items: Sequence[ItemFact], votes: Sequence[VoteFact], scale: Scale) -> ByClass:
    """Return what was said class by class; no skips and no repeats should be among the votes (`Facts.firsts`)."""
    guess = {item.id: item.guess for item in items if item.guess is not None}
    said = Counter(vote.choice for vote in votes)
    guessed = Counter(guess[vote.item_id] for vote in votes if vote.item_id in guess)
    same = Counter(vote.choice for vote in votes if guess.get(vote.item_id) == vote.choice)
    counts = (ClassCount(name, said[name], Share(same[name], guessed[name])) for name in scale.answers)
    names = sorted({vote.annotator for vote in votes})
    return ByClass(
        tuple(counts),
        tuple(_against_guesses(name, votes, guess, scale) for name in names) if guess else (),
        _confusion(votes, scale),
    )


def _against_guesses(annotator: str, votes: Sequence[VoteFact], guess: Mapping[int, str], scale: Scale) -> Accepted:
    own = [vote for vote in votes if vote.annotator == annotator and vote.item_id in guess]
    guesses = [VoteFact(vote.item_id, GUESS, guess[vote.item_id]) for vote in own]
    same = sum(guess[vote.item_id] == vote.choice for vote in own)
    both = agreement_of_two([*own, *guesses], annotator, GUESS, scale)
    return Accepted(annotator, Share(same, len(own)), both.kappa)


def _confusion(votes: Sequence[VoteFact], scale: Scale) -> Confusion | None:
    said: dict[int, dict[str, str]] = {}
    for vote in votes:
        said.setdefault(vote.item_id, {})[vote.annotator] = vote.choice
    shared = [each for each in said.values() if len(each) > 1]
    names = sorted({name for each in shared for name in each})
    if len(names) != 2:
        return None
    counts = Counter((each[names[0]], each[names[1]]) for each in shared)
    place = {name: at for at, name in enumerate(scale.answers)}
    cells = sorted(counts.items(), key=lambda cell: (place.get(cell[0][0], -1), place.get(cell[0][1], -1)))
    return Confusion((names[0], names[1]), dict(cells))


def _accepted(found: Share) -> dict[str, Any]:
    return {"guessed": found.of, "accepted": found.count, "corrected": found.of - found.count}
