"""What a store of labels holds, as plain values: pairs of answers, votes on them, how far one has come."""

from dataclasses import dataclass
from typing import Literal, get_args

from workbench.data.shapes import Text

Answer = Literal["first", "second"]
Choice = Literal["first-clearly", "first", "tie", "second", "second-clearly", "bad", "skip"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
"""From the first answer to the second; then both are bad, and no vote for now."""


@dataclass(frozen=True)
class GivenVote:
    """A vote that came with its pair, from a file."""

    annotator: str
    choice: Choice


@dataclass(frozen=True)
class NewPair:
    """Two answers to one prompt, each a text or messages; `source` says where they come from."""

    prompt: Text
    first: Text
    second: Text
    source: str = ""
    votes: tuple[GivenVote, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Two answers to one prompt, as they are stored."""

    id: int
    set_name: str
    prompt: Text
    first: Text
    second: Text
    source: str
    digest: str
    """Of the prompt and both answers: the same in every store."""

    def answer(self, which: Answer) -> Text:
        """Return one of the two."""
        return self.first if which == "first" else self.second


@dataclass(frozen=True)
class Vote:
    """What an annotator said about a pair: by answer, whatever side it was shown on."""

    id: int
    pair_id: int
    annotator: str
    choice: Choice
    shown_left: Answer | None
    """The answer that stood to the left; None where none was shown."""
    note: str
    at: float
    """Seconds since 1970."""


@dataclass(frozen=True)
class PairSet:
    """A named set of pairs; `votes` counts those that stand, of all annotators, without skips."""

    name: str
    pairs: int
    votes: int


@dataclass(frozen=True)
class Progress:
    """How far an annotator has come in a set."""

    answered: int
    """Pairs that were voted on or skipped."""
    pairs: int
    seconds_left: float | None
    """At the pace of the last votes; None before there are enough."""
