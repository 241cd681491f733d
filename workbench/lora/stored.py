"""How many bytes bitsandbytes stores a quantised weight in, table and constants included: equal to its own tensors.

Sources: QLoRA (Dettmers et al. 2023, section 3) for NF4 and double quantisation, LLM.int8() (Dettmers et al. 2022).
"""

from math import ceil

from workbench.lora.modules import Module, Shapes
from workbench.lora.spec import Quantisation

_BLOCK, _NESTED_BLOCK = 64, 256
"""Weights that share a constant, and constants that share one of their own (bitsandbytes' defaults)."""
_CODE, _NESTED_CODE, _OFFSET = 4 * 16, 4 * 256, 4
"""The tables of the 16 and of the 256 values, and the constants' mean: float32, one set for each tensor."""
_FORMAT = 1


def nf4_bytes(size: int) -> int:
    """Return the bytes of `size` weights in NF4: 4 bits each, 8 for each 64 of them, 32 for each 256 of those."""
    blocks = ceil(size / _BLOCK)
    return ceil(size / 2) + blocks + 4 * ceil(blocks / _NESTED_BLOCK) + _CODE + _NESTED_CODE + _OFFSET


def int8_bytes(out: int, into: int) -> int:
    """Return the bytes of a weight (out, in) in int8: a byte each, and a float32 for each row."""
    return out * into + 4 * out + _FORMAT


def is_quantised(shapes: Shapes, module: Module) -> bool:
    """Whether bitsandbytes replaces the module: Linear and Conv1D ones, but neither the output head nor a task's."""
    is_head = module.name == shapes.head or (bool(shapes.task_heads) and module.name.endswith(shapes.task_heads))
    return module.kind in ("linear", "conv1d") and not is_head


def quantised_bytes(module: Module, quantise: Quantisation) -> int:
    """Return the bytes of the module's weight."""
    out, into = module.matrix
    return nf4_bytes(out * into) if quantise == "nf4" else int8_bytes(out, into)
