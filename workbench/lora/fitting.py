"""Everything that `lora fit` says of a plan: its memory in parts, the verdicts, the ways out, and what it costs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workbench.lora.cards import Card
from workbench.lora.cost import Work, price, work
from workbench.lora.count import Count
from workbench.lora.fit import Change, Largest, Plan, changes, largest, on_cards, reckon
from workbench.lora.memory import Estimate, Verdict
from workbench.lora.modules import Shapes
from workbench.lora.parts import GIB
from workbench.lora.zero import FSDP, STAGES, mixed_precision, per_gpu

_KEYS = {
    "weights": "weights_gib", "gradients": "gradients_gib", "optimizer": "optimizer_gib",
    "activations": "activations_gib", "logits": "logits_gib", "runtime": "overhead_gib",
    "other models": "models_gib", "kv cache": "kv_cache_gib", "gathered": "gathered_gib",
}  # fmt: skip


@dataclass(frozen=True)
class Sharded:
    """What each GPU holds of the model's states when several share them, as the paper reckons it."""

    stage: int
    gpus: int
    states: float
    """Bytes of weights, gradients and optimizer, in mixed precision."""
    total: float
    """With what a batch and the libraries add."""


@dataclass(frozen=True)
class Fitting:
    """The answer; sizes in bytes."""

    plan: Plan
    counted: Count
    found: Estimate
    free: int
    verdict: Verdict
    cards: list[tuple[Card, Verdict]]
    sharded: list[Sharded]
    changes: list[Change]
    largest: Largest
    work: Work
    tokens_per_second: float | None
    hours: float | None
    price: float | None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON, sizes in GiB."""
        found = self.found
        return {
            **{key: found.part(name) / GIB for name, key in _KEYS.items()},
            "overlap_gib": found.overlap / GIB,
            "total_gib": found.expected / GIB,
            "range_gib": [found.low / GIB, found.high / GIB],
            "free_gib": self.free / GIB,
            "fits": self.verdict == "fits",
            "verdict": self.verdict,
            "trainable": self.counted.trainable,
            "adapter_bytes": self.counted.file_bytes(found.load.dtype),
            "peak": found.peak.name if found.peak else None,
            "moments": [
                {"name": each.name, "gib": each.expected / GIB, "host_gib": each.host / GIB} for each in found.moments
            ],
            "load": asdict(found.load),
            "parts": [
                {"name": part.name, "gib": part.expected / GIB, "range_gib": [part.low / GIB, part.high / GIB],
                 "formula": part.formula}
                for part in found.parts
            ],
            "zero": [
                {"stage": each.stage, "gpus": each.gpus, "per_gpu_gib": each.states / GIB,
                 "total_gib": each.total / GIB, "fsdp": FSDP.get(each.stage)}
                for each in self.sharded
            ],
            "cards": [{"name": card.name, "gib": card.gib, "verdict": verdict} for card, verdict in self.cards],
            "changes": [
                {"change": each.words, "saves_gib": each.saves / GIB, "costs": each.costs, "fits": each.fits}
                for each in self.changes
            ],
            "largest": asdict(self.largest),
            "cost": {
                "tokens_per_step": self.work.tokens_per_step, "steps": self.work.steps, "tokens": self.work.tokens,
                "flops_per_token": self.work.flops_per_token, "flops": self.work.flops,
                "tokens_per_second": self.tokens_per_second, "hours": self.hours, "price": self.price,
            },
        }  # fmt: skip


def fitting(
    shapes: Shapes,
    plan: Plan,
    on_card: Plan,
    *,
    free: int,
    gpus: Sequence[int],
    devices: int,
    steps: int | None,
    speed: float | None,
    rate: float | None,
) -> Fitting:
    """Return the answer for `plan` where `free` bytes are free; `on_card` is the same plan on a GPU.

    `gpus` are the numbers of GPUs to shard over, `devices` how many the run has, `speed` the tokens a second that one
    of them was measured at. Raises WrongUse when the target matches nothing.
    """
    counted, found = reckon(shapes, plan)
    todo = work(counted, rows=plan.rows, length=plan.load.length, devices=devices, steps=steps,
                checkpointing=plan.load.checkpointing)  # fmt: skip
    hours = todo.hours(speed and speed * devices)
    return Fitting(
        plan=plan,
        counted=counted,
        found=found,
        free=free,
        verdict=found.verdict(free),
        cards=on_cards(reckon(shapes, on_card)[1]),
        sharded=_sharded(counted, reckon(shapes, plan.loaded(zero=0, devices=1))[1], gpus),
        changes=changes(shapes, plan, free),
        largest=largest(shapes, plan, free),
        work=todo,
        tokens_per_second=speed,
        hours=hours,
        price=price(hours, rate, devices),
    )


def _sharded(counted: Count, found: Estimate, gpus: Sequence[int]) -> list[Sharded]:
    held = [found.part(name) for name in ("weights", "gradients", "optimizer")]
    added = sum(number * counted.number_bytes(how, found.load.dtype) for how, number in counted.added.items())
    frozen = held[0] - added if counted.is_adapter else 0.0
    states = mixed_precision(counted.trainable, frozen)
    rest = found.expected - sum(held)
    return [
        Sharded(stage, number, per_gpu(states, stage, number), per_gpu(states, stage, number) + max(0.0, rest))
        for number in gpus
        for stage in STAGES
    ]
