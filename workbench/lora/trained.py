"""What a tuning trains, module by module: the answer of every count."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from workbench.lora.modules import Shapes

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
    refused: str | None = None
    """Why no run would train this, though it can be counted."""

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


def adapter(trained: list[Trained], shapes: Shapes, saved: int | None = None) -> Count:
    """Return the count of an adapter; all that is trained is saved, unless `saved` says otherwise."""
    size = sum(each.trainable for each in trained) if saved is None else saved
    on_head = any(each.name == shapes.head and each.how in ("lora", "ia3") for each in trained)
    return Count(tuple(trained), shapes.size, True, size, on_head_refused(shapes.head) if on_head else None)


def on_head_refused(name: str | None) -> str:
    """Return why no adapter goes on the output head: TRL 1.16's SFTTrainer, and this project's runs with it."""
    return (
        f"{name}: the loss reads the head's weight directly, so an adapter on it would never be trained; "
        "train a copy of it instead: modules_to_save"
    )
