"""What a model is made of: its modules with the shapes of their parameters, as text that can be kept.

A `Shapes` is all that the arithmetic of this package needs; no weight is behind it.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from math import prod
from typing import Any, Literal

Kind = Literal["linear", "conv1d", "embedding", "other"]
"""linear: torch's Linear, weight (out, in); conv1d: GPT-2's Conv1D, weight (in, out); embedding: weight (rows, dim)."""

_MATRICES = (2, 3)
"""(out, in) and (experts, out, in)."""


@dataclass(frozen=True)
class Parameter:
    """One tensor of a module."""

    name: str
    """Without the module's name: weight, bias …"""
    shape: tuple[int, ...]
    tied_to: str | None = None
    """The full name of an earlier parameter that is this same tensor."""

    @property
    def size(self) -> int:
        """How many numbers it has that no earlier parameter has already."""
        return 0 if self.tied_to else prod(self.shape)

    @property
    def is_bias(self) -> bool:
        """Whether it is added to what comes out; those of experts have a row for each of them."""
        return self.name.endswith("bias")


@dataclass(frozen=True)
class Module:
    """A module of the model with the parameters that it holds itself."""

    name: str
    """From the model's root: model.layers.0.self_attn.q_proj."""
    kind: Kind
    parameters: tuple[Parameter, ...] = ()

    @cached_property
    def size(self) -> int:
        """How many numbers its parameters have; a tied tensor counts where it came first."""
        return sum(parameter.size for parameter in self.parameters)

    @property
    def shape(self) -> tuple[int, ...]:
        """(out, in) of a linear or conv1d module, else the shape of its first parameter as it is."""
        return self.matrix if self.kind in ("linear", "conv1d") else self.parameters[0].shape

    @cached_property
    def matrix(self) -> tuple[int, int]:
        """(out, in) of a linear, conv1d or embedding module; an embedding reads as W (dim, rows)."""
        first, second = self.parameters[0].shape
        return (first, second) if self.kind == "linear" else (second, first)


@dataclass(frozen=True)
class Layer:
    """One layer of a stack."""

    index: int
    """In its stack."""
    members: "tuple[tuple[str, Module, Parameter], ...]"
    """Its parameters with their full names."""
    bare_norms: int
    """How many norms without a weight it has."""
    look: int
    """The same number for layers that are built alike."""


@dataclass(frozen=True)
class PromptSizes:
    """What virtual tokens are made of, as PEFT reads it off the configuration; 0 where it cannot."""

    width: int = 0
    """Of the embedding of a virtual token."""
    copies: int = 1
    """2 for an encoder and a decoder, which have virtual tokens of their own."""
    prefix_width: int = 0
    """Of the keys of a layer: heads of keys times their dimension."""
    layers: int = 0
    """How many layers get a prefix."""


@dataclass(frozen=True, eq=False)
class Shapes:
    """All modules of a model, in its order, and the facts of its configuration that memory depends on.

    It equals itself only, so that what was counted of it can be kept by it.
    """

    model_type: str
    """What the configuration calls the architecture."""
    modules: tuple[Module, ...]
    head: str | None
    """The module whose output are the logits; adapters on all linear modules leave it out."""
    renamed: dict[str, str]
    """Names of experts in older releases → what PEFT targets instead (`LoraConfig.target_parameters`)."""
    fused: dict[str, tuple[str, ...]]
    """A parameter → the older names that it is made of; PEFT adapts it only when all are named."""
    hidden: int
    vocabulary: int
    heads: int
    experts_per_token: int
    """How many experts a token passes; 0 where the configuration does not say so."""
    is_sdpa: bool
    """Whether attention can avoid holding its length × length scores."""
    quantised: str | None
    """How the stored weights are quantised already, in the configuration's word."""
    context: int = 0
    """How many tokens the model was made for; 0 where the configuration does not say so."""
    task_heads: tuple[str, ...] = ()
    """Ends of the names of heads that a task begins at random: every tuning trains and saves them."""
    prompt: PromptSizes = PromptSizes()
    ia3: tuple[str, ...] | None = None
    """The modules that PEFT scales in this architecture by default; None where it knows none."""
    ia3_feedforward: tuple[str, ...] | None = None
    """Which of them it scales at their input."""

    @cached_property
    def size(self) -> int:
        """How many parameters the model has, tied ones once."""
        return sum(module.size for module in self.modules)

    @cached_property
    def by_name(self) -> dict[str, Module]:
        """Every module by its name."""
        return {module.name: module for module in self.modules}

    @cached_property
    def layers(self) -> "tuple[Layer, ...]":
        """The layers of all stacks, in the model's order."""
        members: dict[tuple[str, int], list[tuple[str, Module, Parameter]]] = {}
        bare: Counter[tuple[str, int]] = Counter()
        for module in self.modules:
            place = place_of(module.name)
            if place.layer is None:
                continue
            own = members.setdefault((place.stack, place.layer), [])
            own += [(f"{module.name}.{each.name}", module, each) for each in module.parameters]
            bare[place.stack, place.layer] += not module.parameters and place.kind.endswith("norm")
        looks: dict[object, int] = {}
        return tuple(
            Layer(at[1], tuple(own), bare[at], looks.setdefault((bare[at], *map(_look, own)), len(looks)))
            for at, own in members.items()
        )

    def named(self) -> Iterator[tuple[str, Module, Parameter]]:
        """Yield every parameter with its full name."""
        for module in self.modules:
            for parameter in module.parameters:
                yield f"{module.name}.{parameter.name}".lstrip("."), module, parameter

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def is_bare(module: Module, parameter: Parameter) -> bool:
    """Whether a parameter is a matrix, or one for each expert, that stands in no linear module and no embedding.

    PEFT adapts such ones by the name of the parameter; convolutions and biases of experts are none.
    """
    is_other = "conv" in module.name.rpartition(".")[2] or parameter.is_bias
    return module.kind == "other" and len(parameter.shape) in _MATRICES and not is_other


def shapes_from_json(found: dict[str, Any]) -> Shapes:
    """Return what `as_json` returned. Raises KeyError, TypeError or ValueError for anything else."""
    modules = tuple(
        Module(
            each["name"],
            each["kind"],
            tuple(Parameter(one["name"], tuple(one["shape"]), one["tied_to"]) for one in each["parameters"]),
        )
        for each in found["modules"]
    )
    fused = {name: tuple(parts) for name, parts in found["fused"].items()}
    lists = {name: tuple(found[name]) for name in ("task_heads", "ia3", "ia3_feedforward") if found[name] is not None}
    prompt = PromptSizes(**found["prompt"])
    return Shapes(**{**found, **lists, "modules": modules, "fused": fused, "prompt": prompt})


@dataclass(frozen=True)
class Place:
    """Where a module stands: in a layer of a stack, or outside all layers."""

    stack: str
    """What holds the layers (model.layers); empty outside."""
    layer: int | None
    kind: str
    """The name within the layer, with `*` for a number of an expert: self_attn.q_proj, mlp.experts.*.up_proj."""


_IN_LAYER = re.compile(r"(?P<stack>.*?)\.(?P<layer>\d+)\.(?P<rest>.+)")
_NUMBER = re.compile(r"(?<=\.)\d+(?=\.|$)")


@lru_cache(maxsize=1 << 16)
def place_of(name: str) -> Place:
    """Return where the module or parameter called `name` stands."""
    found = _IN_LAYER.fullmatch(name)
    if found is None:
        return Place("", None, name)
    return Place(found["stack"], int(found["layer"]), _NUMBER.sub("*", found["rest"]))


def _look(member: tuple[str, Module, Parameter]) -> object:
    full, module, parameter = member
    return place_of(full).kind, module.kind, parameter.shape, parameter.tied_to is None
