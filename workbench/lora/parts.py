"""The parts that a run's memory is reckoned from, and what a run asks of a device besides its model and tuning."""

from dataclasses import dataclass, replace
from typing import Literal

DeviceKind = Literal["cuda", "mps", "cpu"]

DTYPE_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
GIB = 2**30


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

    @property
    def tokens(self) -> int:
        """Tokens at once."""
        return self.micro_batch * self.length

    @property
    def bytes_each(self) -> int:
        """Bytes of a number in the forward pass."""
        return DTYPE_BYTES[self.dtype]

    def with_rows(self, rows: int) -> "Load":
        """Return the load with another micro-batch."""
        return replace(self, micro_batch=rows)


@dataclass(frozen=True)
class Part:
    """One part of the memory, a range in bytes, with how it was reckoned."""

    name: str
    low: float
    high: float
    formula: str
    """With the values filled in."""
