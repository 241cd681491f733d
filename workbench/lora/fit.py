"""Whether a run fits into a device's free memory, what would make it fit, and the largest that does: arithmetic."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, combinations
from typing import Any

from workbench.lora.cards import CARDS, Card
from workbench.lora.count import Count, count
from workbench.lora.memory import Estimate, Model, Verdict
from workbench.lora.modules import Shapes
from workbench.lora.parts import GIB, Load
from workbench.lora.rows import with_rows
from workbench.lora.spec import AnyTuning, FullTuning, LoraTuning, Tuning

_CHANGES = 3
_MOST_ROWS, _MOST_LENGTH = 2**16, 2**20
_LEAST_LENGTH, _LEAST_RANK = 128, 4


def _as_reckoned(found: Estimate) -> Estimate:
    return found


@dataclass(frozen=True)
class Plan:
    """A tuning with its load: what is judged, and what a change makes another of."""

    tuning: Tuning
    load: Load
    rows: int
    """Rows per optimizer step on one device."""
    corrected: Callable[[Estimate], Estimate] = _as_reckoned
    """What makes an estimate one that measured runs corrected."""

    def loaded(self, **changes: Any) -> "Plan":
        """Return the plan with changes of its load."""
        load = replace(self.load, **changes)
        return replace(self, load=replace(load, accumulates=load.micro_batch < self.rows))

    def tuned(self, **changes: Any) -> "Plan":
        """Return the plan with changes of its tuning."""
        return replace(self, tuning=self.tuning.model_copy(update=changes))


@dataclass(frozen=True)
class Change:
    """Something to do about a run that does not fit."""

    words: str
    saves: float
    """Bytes, of the expected peak."""
    costs: str
    fits: bool
    """Whether the run fits then."""
    plan: Plan
    """The run with the change, and with those that it stands on."""


@dataclass(frozen=True)
class Largest:
    """The most that still fits, each with all else as it is; None where even the least does not fit."""

    batch: int | None
    length: int | None
    """Of a row, in tokens; at most the context."""
    rank: int | None
    context: int | None
    """How many tokens the model was made for; None where its configuration does not say so."""


@dataclass(frozen=True)
class _Option:
    """A change before it is made; those of one kind exclude each other."""

    kind: str
    words: str
    costs: str
    made: Callable[[Plan], Plan]


def reckon(shapes: Shapes, plan: Plan) -> tuple[Count, Estimate]:
    """Return what a plan trains and needs. Raises WrongUse when its target matches nothing."""
    counted, model = looked_through(shapes, plan.tuning, plan.load.new_tokens)
    return counted, plan.corrected(model.estimate(plan.load))


def looked_through(shapes: Shapes, tuning: AnyTuning, new_tokens: int) -> tuple[Count, Model]:
    """Return what a tuning trains, with rows for so many new tokens, and the model that estimates are made from.

    Raises WrongUse when its target matches nothing.
    """
    counted = count(shapes, tuning, new_tokens)
    return counted, Model(with_rows(shapes, new_tokens), counted, tuning)


def on_cards(found: Estimate) -> list[tuple[Card, Verdict]]:
    """Return the common cards, each with the verdict when nothing else runs there."""
    return [(card, found.verdict(int(card.gib * GIB))) for card in CARDS]


def changes(shapes: Shapes, plan: Plan, free: int) -> list[Change]:
    """Return the three cheapest changes that each make the plan fit; none when it fits as it is.

    Where no single one is enough, the changes are steps: each is made on top of those before it.
    """
    before = reckon(shapes, plan)[1]
    if before.verdict(free) == "fits":
        return []
    found: list[Change] = []
    kinds: set[str] = set()
    for option in _options(plan):
        if option.kind in kinds:
            continue  # a smaller change of the same kind is enough
        made = option.made(plan)
        after = reckon(shapes, made)[1]
        if after.verdict(free) == "fits":
            kinds.add(option.kind)
            found.append(Change(option.words, before.expected - after.expected, option.costs, fits=True, plan=made))
        if len(found) == _CHANGES:
            return found
    return found or _steps(shapes, plan, free)


def largest(shapes: Shapes, plan: Plan, free: int) -> Largest:
    """Return the most rows at once, the longest row and the highest rank that still fit.

    A rank goes no higher than that of the largest matrix that is adapted.
    """
    counted, model = looked_through(shapes, plan.tuning, plan.load.new_tokens)

    def holds(load: Load) -> bool:
        return plan.corrected(model.estimate(load)).verdict(free) == "fits"

    def holds_rank(rank: int) -> bool:
        return reckon(shapes, plan.tuned(rank=rank))[1].verdict(free) == "fits"

    return Largest(
        most(lambda rows: holds(plan.load.with_rows(rows)), _MOST_ROWS),
        most(lambda length: holds(replace(plan.load, length=length)), shapes.context or _MOST_LENGTH),
        most(holds_rank, max((min(each.shape[-2:]) for each in counted.trained if each.rank), default=1))
        if isinstance(plan.tuning, LoraTuning)
        else None,
        shapes.context or None,
    )


def most(fits: Callable[[int], bool], limit: int) -> int | None:
    """Return the largest number up to `limit` that fits, by bisection; None when 1 does not."""
    if not fits(1):
        return None
    low, high = 1, 2
    while high <= limit and fits(high):
        low, high = high, 2 * high
    high = min(high, limit + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _steps(shapes: Shapes, plan: Plan, free: int) -> list[Change]:
    """Two or three changes that fit together, none of a dearer kind than needed; else the three that save most."""
    by_kind: dict[str, list[_Option]] = {}
    for option in _options(plan):
        by_kind.setdefault(option.kind, []).append(option)
    strongest = [options[-1] for options in by_kind.values()]
    most: tuple[float, list[Change]] = (0.0, [])
    for dearest in range(1, len(strongest)):
        for cheaper in chain.from_iterable(combinations(strongest[:dearest], size) for size in range(1, _CHANGES)):
            made = _made(shapes, plan, (*cheaper, strongest[dearest]), free)
            if made[-1].fits:
                mildest = _mildest(
                    shapes, plan, [by_kind[option.kind] for option in (*cheaper, strongest[dearest])], free
                )
                return _made(shapes, plan, mildest, free)
            most = max(most, (sum(change.saves for change in made), made), key=lambda one: one[0])
    return most[1]


def _mildest(shapes: Shapes, plan: Plan, kinds: list[list[_Option]], free: int) -> tuple[_Option, ...]:
    """Of each kind the smallest change with which it still fits, the dearest kind first."""
    chosen = [options[-1] for options in kinds]
    for at in reversed(range(len(kinds))):
        for option in kinds[at]:
            tried = (*chosen[:at], option, *chosen[at + 1 :])
            if _made(shapes, plan, tried, free)[-1].fits:
                chosen[at] = option
                break
    return tuple(chosen)


def _made(shapes: Shapes, plan: Plan, chosen: tuple[_Option, ...], free: int) -> list[Change]:
    made: list[Change] = []
    before = reckon(shapes, plan)[1]
    for option in chosen:
        plan = option.made(plan)
        after = reckon(shapes, plan)[1]
        words = f"and {option.words}" if made else option.words
        fits = after.verdict(free) == "fits"
        made.append(Change(words, before.expected - after.expected, option.costs, fits, plan))
        before = after
    return made


def _options(plan: Plan) -> Iterator[_Option]:
    """What can be changed, the cheapest first, and of each kind the smallest change first."""
    load, tuning = plan.load, plan.tuning
    if load.attention == "eager":
        yield _Option("attention", "attention sdpa", "nothing: equal but for rounding, and faster",
                      lambda before: before.loaded(attention="sdpa"))  # fmt: skip
    for rows in _halves(load.micro_batch, 1):
        if plan.rows % rows == 0:
            yield _Option("rows", f"{rows} row{'s' * (rows > 1)} at once, {plan.rows // rows} passes a step",
                          "time: small passes use the device less well; the training is the same",
                          lambda before, rows=rows: before.loaded(micro_batch=rows))  # type: ignore[misc]  # fmt: skip
    if load.optimizer == "adamw":
        yield _Option("optimizer", "optimizer adamw-8bit", "little: its states are rounded to 8 bit",
                      lambda before: before.loaded(optimizer="adamw-8bit"))  # fmt: skip
    if not load.checkpointing:
        yield _Option("checkpointing", "gradient checkpointing", "about a third more time: the forward pass runs twice",
                      lambda before: before.loaded(checkpointing=True))  # fmt: skip
    if isinstance(tuning, LoraTuning):
        yield from _of_adapters(tuning)
    for length in _halves(load.length, _LEAST_LENGTH):
        yield _Option("length", f"rows of {length:,} tokens", "what is longer is cut, or left out",
                      lambda before, length=length: before.loaded(length=length))  # type: ignore[misc]  # fmt: skip
    if isinstance(tuning, FullTuning):
        for quantise, name in (("none", "LoRA, rank 16, all-linear"), ("nf4", "LoRA on weights in nf4 (QLoRA)")):
            yield _Option("tuning", name, "most of the model stays as it is",
                          lambda before, quantise=quantise: replace(before, tuning=LoraTuning(quantise=quantise)))  # type: ignore[misc]  # fmt: skip


def _of_adapters(tuning: LoraTuning) -> Iterator[_Option]:
    weaker = {"none": ("int8", "nf4"), "int8": ("nf4",), "nf4": ()}[tuning.quantise]
    for quantise in weaker:
        yield _Option("weights", f"weights in {quantise}", "some time, and some accuracy of the frozen weights",
                      lambda before, quantise=quantise: before.tuned(quantise=quantise))  # type: ignore[misc]  # fmt: skip
    for rank in _halves(tuning.rank, _LEAST_RANK):
        yield _Option("rank", f"rank {rank}", "the adapter can learn less",
                      lambda before, rank=rank: before.tuned(rank=rank))  # type: ignore[misc]  # fmt: skip


def _halves(value: int, least: int) -> Iterator[int]:
    """Half, a quarter …, down to `least`."""
    while value // 2 >= least:
        value //= 2
        yield value
