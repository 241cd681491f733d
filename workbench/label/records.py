"""What a store of labels holds, as plain values: items with their answers, votes on them, how far one has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from workbench.data.shapes import Text
from workbench.label.schema import SetKind

Answer = Literal["first", "second"]
Choice = Literal["first-clearly", "first", "tie", "second", "second-clearly", "bad", "skip"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
"""From the first answer to the second; then both are bad, and no vote for now."""

Order = Literal["added", "random", "stratified", "least-sure", "disputed"]
ORDERS: tuple[Order, ...] = get_args(Order)
"""As they were added; at random; each source, or each class that a model guesses, in turn; where a model is least sure;
where people disagree."""


@dataclass(frozen=True)
class Origin:
    """Who gave an answer: a model, a run, a file, as far as it is known, and the sampling settings."""

    model: str = ""
    run: str = ""
    file: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GivenVote:
    """A vote that came with its item, from a file; `choice` as the set's kind has it."""

    annotator: str
    choice: str
    shown_left: Answer | None = None
    note: str = ""
    seconds: float | None = None
    at: float | None = None
    """Seconds since 1970; None is now."""
    criterion: str = ""
    repeat: bool = False


@dataclass(frozen=True)
class Guess:
    """The class that a model takes a row for, and its probability."""

    label: str
    probability: float


@dataclass(frozen=True)
class NewItem:
    """A prompt with its answers, each a text or messages; `source` says which row it comes from."""

    prompt: Text
    answers: tuple[Text, ...] = ()
    origins: tuple[Origin | None, ...] = ()
    """Of the answers, in their order; () where none is known."""
    source: str = ""
    guess: Guess | None = None
    votes: tuple[GivenVote, ...] = ()


@dataclass(frozen=True)
class NewPair:
    """Two answers to one prompt, each a text or messages; `source` says where they come from."""

    prompt: Text
    first: Text
    second: Text
    source: str = ""
    votes: tuple[GivenVote, ...] = ()
    origins: tuple[Origin | None, ...] = ()
    is_tied: bool = False
    """Whether the row itself says that neither is better."""

    @property
    def item(self) -> NewItem:
        """The pair as an item of any kind."""
        return NewItem(self.prompt, (self.first, self.second), self.origins, self.source, None, self.votes)


@dataclass(frozen=True)
class Item:
    """What is judged, as it is stored."""

    id: int
    set_name: str
    kind: SetKind
    prompt: Text
    answers: tuple[Text, ...]
    origins: tuple[Origin | None, ...]
    source: str
    digest: str
    """Of the prompt and its answers: the same in every store."""
    guess: Guess | None = None


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
class Judgement:
    """What an annotator said about any item: the order of a ranking, good or bad, a class, or a pair's choice."""

    id: int
    item_id: int
    annotator: str
    choice: str
    shown_left: Answer | None
    """The answer that stood to the left; None where none was shown."""
    note: str
    at: float
    """Seconds since 1970."""
    seconds: float | None = None
    """From the item being shown to the vote; None where that was not measured."""
    criterion: str = ""
    """What was asked; "" is which answer is better all in all."""
    repeat: bool = False
    """Whether the annotator had voted on the pair before, and saw it again with the sides swapped."""


@dataclass(frozen=True)
class Vote(Judgement):
    """What an annotator said about a pair: by answer, whatever side it was shown on."""

    choice: Choice


@dataclass(frozen=True)
class Past:
    """A judgement in the history of its item; `undone` (seconds since 1970) and `undone_by` where it was taken back."""

    judgement: Judgement
    undone: float | None
    undone_by: str | None


@dataclass(frozen=True)
class Demonstration:
    """An answer that a person wrote to an item's prompt."""

    id: int
    item_id: int
    annotator: str
    prompt: Text
    text: Text
    of: Answer | None
    """The answer that it was edited from; None where it was written anew."""
    at: float
    """Seconds since 1970."""
    pair_id: int | None
    """The pair in which it is better than that answer."""


@dataclass(frozen=True)
class Written:
    """A demonstration in the history of its item; `undone` and `undone_by` as in Past."""

    demonstration: Demonstration
    undone: float | None
    undone_by: str | None


@dataclass(frozen=True)
class PairSet:
    """A named set; `pairs` counts what it holds, `votes` those that stand, of all annotators, without skips."""

    name: str
    pairs: int
    votes: int
    kind: SetKind = "pairs"
    classes: tuple[str, ...] = ()
    """What the rows of a set of classes may be called."""
    order: Order | None = None
    """In which order it is gone through; None for the usual one."""
    repeats: float | None = None
    """The share of hidden repeats; None for the usual one."""


@dataclass(frozen=True)
class Progress:
    """How far an annotator has come in a set."""

    answered: int
    """Pairs that were voted on or skipped."""
    pairs: int
    seconds_left: float | None
    """At the pace of the last votes; None before there are enough."""
