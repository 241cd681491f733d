"""How many bytes an optimizer keeps for what is trained: equal to the states of the real ones after their first step.

AdamW: Loshchilov & Hutter 2019; 8-bit states: Dettmers et al. 2022; Adafactor: Shazeer & Stern 2018, without momentum
and with a fixed learning rate, as transformers' Trainer makes it.
"""

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from math import ceil, prod

from workbench.lora.count import Count, Trained
from workbench.lora.modules import Module, Shapes
from workbench.lora.parts import Optimizer
from workbench.lora.trained import How

_MOMENTS = 2
_FLOAT32 = 4
_LEAST_FOR_8_BIT = 4096
"""bitsandbytes keeps the states of smaller tensors in float32."""
_BLOCK, _MAP = 256, 4 * 256
"""Numbers that share a float32 constant, and the table of their values, for each state."""


@dataclass(frozen=True)
class Tensor:
    """Something trained."""

    shape: tuple[int, ...]
    is_embedding: bool = False
    """The Trainer keeps the states of embeddings in float32."""
    how: How = "whole"

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)


def trained_tensors(shapes: Shapes, tuned: Count) -> Counter[Tensor]:
    """Return how many tensors of which shape are trained: A and B of adapters, otherwise the parameters themselves."""
    modules = shapes.by_name
    alike: dict[Hashable, tuple[Trained, Module | None, int]] = {}
    for each in tuned.trained:
        module = modules.get(each.name)
        key = (each[1:], module and (module.kind, module.size))  # all but its name
        alike[key] = (each, module, alike[key][2] + 1 if key in alike else 1)
    found: Counter[Tensor] = Counter()
    for each, module, times in alike.values():
        for tensor in _tensors(each, module):
            found[tensor] += times
    return found


def state_bytes(tensor: Tensor, optimizer: Optimizer, each: int = _FLOAT32) -> int:
    """Return the bytes that `optimizer` keeps for a tensor whose numbers take `each` bytes."""
    if optimizer == "sgd":
        return 0
    if optimizer == "adafactor":
        return _factored(tensor.shape) + _FLOAT32
    if optimizer == "adamw":
        return _MOMENTS * each * tensor.size + _FLOAT32
    if tensor.is_embedding or tensor.size < _LEAST_FOR_8_BIT:
        return _MOMENTS * _FLOAT32 * tensor.size
    return _MOMENTS * (tensor.size + _FLOAT32 * ceil(tensor.size / _BLOCK) + _MAP)


def _factored(shape: tuple[int, ...]) -> int:
    """Adafactor keeps a row and a column of means for each matrix, and every number of a vector."""
    if len(shape) < 2:
        return _FLOAT32 * prod(shape)
    *several, out, into = shape
    return _FLOAT32 * prod(several) * (out + into)


def _tensors(each: Trained, module: Module | None) -> Iterator[Tensor]:
    if each.rank is not None and each.trainable == each.experts * each.rank * sum(each.shape[-2:]):
        *_, out, into = each.shape
        yield Tensor((each.rank * each.experts, into), how="lora")
        yield Tensor((out, each.rank * each.experts), how="lora")
    elif module is not None and each.trainable == module.size:
        for parameter in module.parameters:
            if parameter.size:
                yield Tensor(parameter.shape, module.kind == "embedding", each.how)
    elif prod(each.shape) == each.trainable:
        yield Tensor(each.shape, how=each.how)
    elif each.trainable:
        yield Tensor((each.trainable,), how=each.how)
