"""What a tuning trains, module by module: the answer of every count."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

How = Literal["lora", "ia3", "prompt", "copy", "bias", "whole"]
"""lora and ia3: numbers beside a frozen weight; prompt: of virtual tokens; copy: a module trained in a copy that is
saved with the adapter; bias: the model's own bias; whole: the model's own weights."""

_BYTES = 4
"""PEFT keeps adapters in float32, and saves them so."""


@dataclass(frozen=True)
class Trained:
    """A module, or a parameter that holds experts, with what is trained in it."""

    name: str
    shape: tuple[int, ...]
    """(out, in) of its weight; of anything else the shape as it is."""
    trainable: int
    """How many numbers are trained."""
    rank: int | None = None
    """Of its adapter; None without a LoRA adapter."""
    experts: int = 1
    """How many matrices of this shape it holds, each with an adapter of its own."""
    how: How = "whole"

    @property
    def added(self) -> int:
        """How many numbers the model gets that it did not have."""
        return 0 if self.how in ("whole", "bias") else self.trainable


@dataclass(frozen=True)
class Count:
    """What a tuning trains in a model."""

    trained: tuple[Trained, ...]
    base: int
    """How many parameters the model has without adapters."""
    is_adapter: bool
    """Whether an adapter is saved, and not the model."""
    saved: int = 0
    """How many numbers are in the adapter's file."""

    @cached_property
    def trainable(self) -> int:
        """How many parameters are trained."""
        return sum(each.trainable for each in self.trained)

    @cached_property
    def total(self) -> int:
        """How many parameters there are, adapters among them, as PEFT counts."""
        return self.base + sum(each.added for each in self.trained)

    @property
    def percent(self) -> float:
        """100 · trainable / total."""
        return 100 * self.trainable / self.total if self.total else 0.0

    @property
    def adapter_bytes(self) -> int:
        """How large the adapter's file is, but for a header of some KB."""
        return _BYTES * self.saved * self.is_adapter


def adapter(trained: list[Trained], base: int, saved: int | None = None) -> Count:
    """Return the count of an adapter; all that is trained is saved, unless `saved` says otherwise."""
    return Count(tuple(trained), base, True, sum(each.trainable for each in trained) if saved is None else saved)
