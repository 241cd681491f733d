"""How many parameters a tuning trains, module by module: the numbers that PEFT would report, by arithmetic alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import prod

from workbench.errors import WrongUse
from workbench.lora.modules import Module, Shapes
from workbench.lora.spec import FullTuning, LoraTuning
from workbench.lora.targets import Targets, targets

_BYTES = 4
"""PEFT keeps adapters in float32, and saves them so."""
_MAMBA = {"falcon_h1", "mamba", "mamba2", "falcon_mamba", "nemotron_h"}
_NOT_IN_MAMBA = {"out_proj", "conv1d"}
"""PEFT refuses these: a Mamba kernel reads their weights and would pass by the adapter."""


@dataclass(frozen=True)
class Trained:
    """A module, or a parameter that holds experts, with what is trained in it."""

    name: str
    shape: tuple[int, ...]
    """(out, in) of its weight; of anything else the shape as it is."""
    trainable: int
    """How many numbers are trained."""
    rank: int | None = None
    """Of its adapter; None when it is trained itself."""
    experts: int = 1
    """How many matrices of this shape it holds, each with an adapter of its own."""


@dataclass(frozen=True)
class Count:
    """What a tuning trains in a model."""

    trained: tuple[Trained, ...]
    base: int
    """How many parameters the model has without adapters."""
    is_adapter: bool

    @cached_property
    def trainable(self) -> int:
        """How many parameters are trained."""
        return sum(each.trainable for each in self.trained)

    @property
    def total(self) -> int:
        """How many parameters there are, adapters among them, as PEFT counts."""
        return self.base + self.trainable * self.is_adapter

    @property
    def percent(self) -> float:
        """100 · trainable / total."""
        return 100 * self.trainable / self.total if self.total else 0.0

    @property
    def adapter_bytes(self) -> int:
        """How large the adapter's file is, but for a header of some KB."""
        return _BYTES * self.trainable * self.is_adapter


def count(shapes: Shapes, tuning: LoraTuning | FullTuning) -> Count:
    """Return what `tuning` trains. Raises WrongUse when its target matches nothing, or what cannot be adapted."""
    if isinstance(tuning, FullTuning):
        return Count(tuple(_whole(shapes.modules)), shapes.size, is_adapter=False)
    return Count(tuple(_adapters(shapes, tuning)), shapes.size, is_adapter=True)


def adapter_size(out: int, into: int, rank: int) -> int:
    """Return the numbers in A (rank, in) and B (out, rank); LoRA, Hu et al. 2021, section 4.1."""
    return rank * (out + into)


def _whole(modules: Iterable[Module]) -> Iterable[Trained]:
    for module in modules:
        if module.size:
            shape = module.matrix if module.kind in ("linear", "conv1d") else module.parameters[0].shape
            yield Trained(module.name, shape, module.size)


def _adapters(shapes: Shapes, tuning: LoraTuning) -> Iterable[Trained]:
    wanted = targets(shapes, tuning.target)
    for module in shapes.modules:
        if wanted.names_module(module):
            out, into = _adaptable(shapes, module)
            yield Trained(module.name, (out, into), adapter_size(out, into, tuning.rank), tuning.rank)
    yield from _parameters(shapes, tuning, wanted)


def _adaptable(shapes: Shapes, module: Module) -> tuple[int, int]:
    if shapes.model_type in _MAMBA and module.name.rpartition(".")[2] in _NOT_IN_MAMBA:
        raise WrongUse(
            f"tuning.target: {module.name} cannot have an adapter in a Mamba model ({shapes.model_type})",
            "name the other linear modules: in_proj, x_proj …",
        )
    if module.kind == "other":
        raise WrongUse(
            f"tuning.target: {module.name} is neither a linear module nor an embedding",
            "name linear modules, or all-linear",
        )
    return module.matrix


def _parameters(shapes: Shapes, tuning: LoraTuning, wanted: Targets) -> Iterable[Trained]:
    """Adapters of parameters: 3 dimensions are (experts, out, in), each expert with a rank of its own."""
    for name, _, parameter in shapes.named():
        factor = wanted.rank_factor(name)
        if not factor:
            continue
        if tuning.dropout:
            raise WrongUse(
                f"tuning.dropout: PEFT has no dropout for {name}, which holds experts",
                "set dropout to 0, or name other targets",
            )
        *experts, out, into = parameter.shape
        copies, rank = prod(experts), factor * tuning.rank
        yield Trained(name, (out, into), copies * adapter_size(out, into, rank), rank, copies)
