"""The parts that a run's memory is reckoned from, and what a run asks of a device besides its model and tuning."""

from dataclasses import dataclass, replace
from typing import Literal

DeviceKind = Literal["cuda", "mps", "cpu"]
Optimizer = Literal["adamw", "adamw-8bit", "paged-adamw-8bit", "adafactor", "sgd"]
Attention = Literal["sdpa", "eager", "flash"]
Task = Literal["sft", "causal", "reward", "dpo", "ppo", "grpo"]

DTYPE_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
GIB = 2**30
_IN_PAIRS = ("dpo", "reward")
"""A row is two sequences, the chosen and the rejected answer, in one pass."""


@dataclass(frozen=True)
class Load:
    """What a run asks of a device."""

    dtype: str
    """Of the forward pass: float32, bfloat16 or float16."""
    micro_batch: int
    """Rows at once."""
    length: int
    """Of the longest row, in tokens."""
    checkpointing: bool
    """Whether activations are computed again in the backward pass."""
    device: DeviceKind
    optimizer: Optimizer = "adamw"
    attention: Attention = "sdpa"
    task: Task = "sft"
    """causal is a plain Trainer, which holds the whole logits."""
    accumulates: bool = False
    """Whether a step is made of several passes; then gradients are there while activations are."""
    zero: int = 0
    """The stage of ZeRO by which `devices` share the model's states; FSDP's full shard is 3."""
    devices: int = 1
    """How many share them."""
    virtual_tokens: int = 0
    """Before each row, like tokens of it: those of prompt tuning and P-tuning."""
    prefix_tokens: int = 0
    """Before each row, as keys and values only."""
    new_tokens: int = 0
    """Tokens that the tokenizer did not have, whose rows of the embedding and the head are trained."""

    @property
    def sequences(self) -> int:
        """Sequences at once: a pair is two."""
        return self.micro_batch * (2 if self.task in _IN_PAIRS else 1)

    @property
    def tokens(self) -> int:
        """Tokens at once, virtual ones among them."""
        return self.sequences * (self.length + self.virtual_tokens)

    @property
    def bytes_each(self) -> int:
        """Bytes of a number in the forward pass."""
        return DTYPE_BYTES[self.dtype]

    def shards(self, stage: int) -> int:
        """Return among how many devices that is divided which ZeRO divides from `stage` on."""
        return self.devices if self.zero >= stage else 1

    def with_rows(self, rows: int, batch: int | None = None) -> "Load":
        """Return the load with another micro-batch; in a step of `batch` rows it may take several passes."""
        return replace(self, micro_batch=rows, accumulates=batch is not None and rows < batch)


@dataclass(frozen=True)
class Part:
    """One part of the memory, a range in bytes, with how it was reckoned."""

    name: str
    low: float
    high: float
    formula: str
    """With the values filled in."""
    likely: float | None = None
    """Within the range; None for its middle."""

    @property
    def expected(self) -> float:
        """The one number to compare with what is measured, in bytes."""
        return (self.low + self.high) / 2 if self.likely is None else self.likely


@dataclass(frozen=True)
class Moment:
    """A time at which a run may need most."""

    name: str
    expected: float
    """Bytes of all that is on the device then."""
    host: float = 0.0
    """Bytes that it takes of the machine's own memory besides, where the device is another."""
