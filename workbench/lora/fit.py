"""Whether a run fits into a device's free memory, what would make it fit, and the largest that does. Pure arithmetic."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from workbench.lora.cards import CARDS, Card
from workbench.lora.count import Count, count
from workbench.lora.memory import Estimate, Verdict, estimate
from workbench.lora.modules import Shapes
from workbench.lora.parts import GIB, Load
from workbench.lora.spec import FullTuning, LoraTuning, Tuning

_CHANGES = 3
_MOST_ROWS, _MOST_LENGTH, _MOST_RANK = 2**16, 2**20, 2**13
_LEAST_LENGTH, _LEAST_RANK = 128, 4


@dataclass(frozen=True)
class Plan:
    """A tuning with its load: what is judged, and what a change makes another of."""

    tuning: Tuning
    load: Load
    rows: int
    """Rows per optimizer step on one device."""

    def with_micro_batch(self, rows: int) -> "Plan":
        """Return the plan with another number of rows at once in the same step."""
        return replace(self, load=replace(self.load, micro_batch=rows, accumulates=rows < self.rows))

    def loaded(self, **changes: object) -> "Plan":
        """Return the plan with changes of its load."""
        return replace(self, load=replace(self.load, **changes))  # type: ignore[arg-type]

    def tuned(self, **changes: object) -> "Plan":
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
    """Whether it is enough alone."""


@dataclass(frozen=True)
class Largest:
    """The most that still fits, each with all else as it is; None where even the least does not fit."""

    batch: int | None
    length: int | None
    rank: int | None


def reckon(shapes: Shapes, plan: Plan) -> tuple[Count, Estimate]:
    """Return what a plan trains and needs. Raises WrongUse when its target matches nothing."""
    counted = count(shapes, plan.tuning)
    return counted, estimate(shapes, counted, plan.tuning, plan.load)


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
    alone = []
    for changed, words, costs in _possible(plan):
        found = reckon(shapes, changed)[1]
        if found.verdict(free) == "fits":
            alone.append(Change(words, before.expected - found.expected, costs, fits=True))
    return alone[:_CHANGES] if alone else _steps(shapes, plan, free)


def largest(shapes: Shapes, plan: Plan, free: int) -> Largest:
    """Return the most rows at once, the longest row and the highest rank that still fit."""

    def fits(changed: Plan) -> bool:
        return reckon(shapes, changed)[1].verdict(free) == "fits"

    rank = None
    if isinstance(plan.tuning, LoraTuning):
        rank = most(lambda value: fits(plan.tuned(rank=value)), _MOST_RANK)
    return Largest(
        most(lambda rows: fits(replace(plan, rows=max(rows, plan.rows)).with_micro_batch(rows)), _MOST_ROWS),
        most(lambda length: fits(plan.loaded(length=length)), _MOST_LENGTH),
        rank,
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
    """The changes that save most, one on top of another, until it fits or there are three."""
    made: list[Change] = []
    for _ in range(_CHANGES):
        before = reckon(shapes, plan)[1]
        reckoned = [(reckon(shapes, each[0])[1], each) for each in _possible(plan)]
        if not reckoned:
            break
        found, (changed, words, costs) = min(reckoned, key=lambda one: one[0].high)
        if found.expected >= before.expected:
            break
        fits = found.verdict(free) == "fits"
        said = f"then {words}" if made else words
        made.append(Change(said, before.expected - found.expected, costs, fits))
        plan = changed
        if fits:
            break
    return made


def _possible(plan: Plan) -> Iterator[tuple[Plan, str, str]]:
    """Changes from the cheapest on: what it becomes, in words, and what it costs."""
    load, tuning = plan.load, plan.tuning
    if load.attention == "eager":
        yield plan.loaded(attention="sdpa"), "attention sdpa", "nothing: the same numbers but for rounding, and faster"
    for rows in _halves(load.micro_batch, 1):
        if plan.rows % rows == 0:
            passes = plan.rows // rows
            yield (plan.with_micro_batch(rows), f"{rows} row{'s' * (rows > 1)} at once, {passes} passes a step",
                   "time: smaller passes use the device less well; the training is the same")  # fmt: skip
    if load.optimizer == "adamw":
        yield plan.loaded(optimizer="adamw-8bit"), "optimizer adamw-8bit", "little: its states are rounded to 8 bit"
    if not load.checkpointing:
        yield (plan.loaded(checkpointing=True), "gradient checkpointing",
               "about a third more time: the forward pass runs twice")  # fmt: skip
    if isinstance(tuning, LoraTuning) and tuning.quantise != "nf4":
        if tuning.quantise == "none":
            yield plan.tuned(quantise="int8"), "weights in int8", "time, and a little accuracy of the frozen weights"
        yield plan.tuned(quantise="nf4"), "weights in nf4", "some time, and some accuracy of the frozen weights"
    if isinstance(tuning, LoraTuning):
        for rank in _halves(tuning.rank, _LEAST_RANK):
            yield plan.tuned(rank=rank), f"rank {rank}", "the adapter can learn less"
    for length in _halves(load.length, _LEAST_LENGTH):
        yield plan.loaded(length=length), f"rows of {length:,} tokens", "what is longer is cut, or left out"
    if load.optimizer in ("adamw", "adamw-8bit") and isinstance(tuning, FullTuning):
        yield plan.loaded(optimizer="adafactor"), "optimizer adafactor", "another optimizer: other learning rates"
    if isinstance(tuning, FullTuning):
        adapters = LoraTuning()
        yield replace(plan, tuning=adapters), "LoRA, rank 16, on all linear modules", "most of the model stays as it is"
        yield (replace(plan, tuning=adapters.model_copy(update={"quantise": "nf4"})), "LoRA on weights in nf4 (QLoRA)",
               "most of the model stays as it is, rounded to 4 bit")  # fmt: skip


def _halves(value: int, least: int) -> Iterator[int]:
    """Half, a quarter …, down to `least`."""
    while value // 2 >= least:
        value //= 2
        yield value
