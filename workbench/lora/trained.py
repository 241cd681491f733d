"""What a tuning trains, module by module: the answer of every count."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from workbench.lora.modules import Shapes
from workbench.lora.parts import DTYPE_BYTES

_OWN = ("whole", "bias")
"""Trained as they are, not beside the model."""
How = Literal["lora", "ia3", "prompt", "rows", "copy", "bias", "whole"]
"""lora and ia3: numbers beside a frozen weight; prompt: of virtual tokens; rows: of new tokens, in an embedding or a
head; copy: a module trained in a copy that is saved with the adapter; bias: the model's own bias; whole: its own
weights."""

_FLOAT32, _BFLOAT16 = 4, 2


class Trained(NamedTuple):
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
    def magnitude(self) -> int:
        """How many of the trained numbers are a magnitude of DoRA."""
        return 0 if self.rank is None else self.trainable - self.experts * self.rank * sum(self.shape[-2:])


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
    is_quantised: bool = False
    """Whether it stands beside quantised weights."""

    @cached_property
    def trainable(self) -> int:
        """How many parameters are trained."""
        return sum(each.trainable for each in self.trained)

    @cached_property
    def by_how(self) -> dict[How, int]:
        """How many numbers are trained in which way."""
        found: dict[How, int] = {}
        for each in self.trained:
            found[each.how] = found.get(each.how, 0) + each.trainable
        return found

    @property
    def added(self) -> dict[How, int]:
        """How many numbers the model gets that it did not have, by the way in which they are trained."""
        return {how: number for how, number in self.by_how.items() if how not in _OWN}

    @cached_property
    def total(self) -> int:
        """How many parameters there are, adapters among them, as PEFT counts."""
        return self.base + sum(self.added.values())

    @property
    def percent(self) -> float:
        """100 · trainable / total."""
        return 100 * self.trainable / self.total if self.total else 0.0

    @property
    def adapter_bytes(self) -> int:
        """The adapter's file, as `file_bytes` says, after a run that computes in bfloat16."""
        return self.file_bytes("bfloat16")

    def file_bytes(self, dtype: str) -> int:
        """Return the bytes of the tensors in the adapter's file after a run in `dtype`; 0 where the model is saved.

        The names of the tensors come before them, in a header of some KB that is not counted. Magnitudes of DoRA stay
        in float32.
        """
        if not self.is_adapter:
            return 0
        own = [each for each in self.trained if each.how in ("copy", "bias")]
        rest = self.saved - sum(each.trainable for each in own)
        held = self.number_bytes("lora", dtype)
        return (
            sum(each.trainable * self.number_bytes(each.how, dtype) for each in own)
            + held * rest
            + (_FLOAT32 - held) * self._magnitudes
        )

    @cached_property
    def _magnitudes(self) -> int:
        return sum(each.magnitude for each in self.trained)

    def held_in(self, dtype: str) -> str:
        """Return the dtype of an adapter that is trained in a run that computes in `dtype`."""
        return "float32" if self.number_bytes("lora", dtype) == _FLOAT32 else "bfloat16"

    def number_bytes(self, how: How, dtype: str) -> int:
        """Return the bytes of a number that is trained: float32, but for what PEFT 0.21 and TRL 1.16 hold smaller.

        TRL casts all that is trained beside quantised weights to bfloat16, which this project undoes for float16; and
        biases and modules in a copy keep the dtype of their model.
        """
        if not self.is_adapter or dtype == "float16":
            return _FLOAT32
        if self.is_quantised:
            return _BFLOAT16
        return DTYPE_BYTES[dtype] if how in ("copy", "bias") else _FLOAT32


def adapter(trained: list[Trained], shapes: Shapes, saved: int | None = None) -> Count:
    """Return the count of an adapter; all that is trained is saved, unless `saved` says otherwise."""
    size = sum(each.trainable for each in trained) if saved is None else saved
    on_head = any(each.name == shapes.head and each.how in ("lora", "ia3") for each in trained)
    return Count(tuple(trained), shapes.size, True, size, on_head_refused(shapes.head) if on_head else None)


def copy_refused(name: str) -> str:
    """Return why no module with quantised weights is trained in a copy: the copy is quantised too."""
    return (
        f"{name}: its weights are quantised, and so is its copy, which cannot be trained; quantise: none, or adapt it"
    )


def on_head_refused(name: str | None) -> str:
    """Return why no adapter goes on the output head: TRL 1.16's SFTTrainer, and this project's runs with it."""
    return (
        f"{name}: the loss reads the head's weight directly, so an adapter on it would never be trained; "
        "train a copy of it instead: modules_to_save"
    )
