"""Which modules a tuning's target means, matched as PEFT matches them.

all-linear: every linear and conv1d module but the output head. Names: the whole name or its end after a dot. Any
other text: a regular expression for the whole name. Where transformers 5 holds a layer's experts in one parameter,
PEFT adapts that parameter instead (`convert_peft_config_for_transformers` in PEFT 0.21).
"""

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache

from workbench.errors import WrongUse
from workbench.lora.modules import Module, Shapes
from workbench.lora.spec import ALL_LINEAR

_SHOWN = 12
_LAYER = re.compile(r".*?\.[^.]*\.(?P<layer>\d+)\.")
"""The first number after two parts of a name: layers_to_transform in PEFT."""


@dataclass(frozen=True)
class Targets:
    """What a target means in one model."""

    modules: frozenset[str]
    """Full names."""
    parameters: frozenset[str] = frozenset()
    """Ends of full names of parameters."""
    factors: tuple[tuple[str, int], ...] = ()
    """Parameters that are made of several matrices: each brings the rank along."""

    def names_module(self, module: Module) -> bool:
        """Whether the module gets an adapter."""
        return module.name in self.modules

    def rank_factor(self, parameter: str) -> int:
        """How often the rank goes into the adapter of a parameter; 0 without one."""
        if not ends_with(parameter, self.parameters):
            return 0
        return dict(self.factors).get(parameter.rpartition(".")[2], 1)


def targets(
    shapes: Shapes,
    target: str | tuple[str, ...],
    layers: tuple[int, ...] | None = None,
    excluded: tuple[str, ...] = (),
    *,
    is_lora: bool = True,
) -> Targets:
    """Return what `target` means, in these layers only, and nowhere below a module that is `excluded`.

    PEFT translates names of experts for LoRA alone. Raises WrongUse when it means nothing in this model.
    """
    names: str | frozenset[str] = target if isinstance(target, str) else frozenset(target)
    if shapes.renamed and is_lora:
        found = _translated(shapes, _leaves(shapes, names) if isinstance(names, str) else names)
    elif names == ALL_LINEAR:
        found = Targets(_all_linear(shapes))
    else:
        found = Targets(_matched(shapes, names))
    if not found.modules and not any(found.rank_factor(name) for name, _, _ in shapes.named()):
        raise unknown(shapes, target)
    return _within(shapes, found, layers, excluded)


def matches(name: str, target: str | tuple[str, ...]) -> bool:
    """Whether a target that is not all-linear means the module or parameter called `name`."""
    return re.fullmatch(target, name) is not None if isinstance(target, str) else ends_with(name, frozenset(target))


def ends_with(name: str, names: frozenset[str]) -> bool:
    """Whether `name` is one of `names`, or ends with one after a dot."""
    return name in names or name.endswith(_ends(names))


@lru_cache(64)
def _ends(names: frozenset[str]) -> tuple[str, ...]:
    return tuple(f".{each}" for each in names)


def layer_of(name: str) -> int | None:
    """Return the number of the layer that a module is in, as PEFT reads it from its name."""
    found = _LAYER.match(name)
    return int(found["layer"]) if found else None


def unknown(shapes: Shapes, target: str | tuple[str, ...]) -> WrongUse:
    """Return the error of a target that means nothing, with what there is."""
    asked = [target] if isinstance(target, str) else list(target)
    here = sorted({_leaf(name) for name in _all_linear(shapes)} | set(shapes.renamed))
    return WrongUse(f"tuning.target: nothing here is called {', '.join(asked)}", nearest(asked, here, "linear modules"))


def nearest(asked: list[str], here: list[str], what: str) -> str:
    """Return the names that come nearest to those asked for, and the first of those there are."""
    near = [name for each in asked for name in difflib.get_close_matches(_leaf(each), here, n=1)]
    shown = ", ".join(here[:_SHOWN]) + (f" and {len(here) - _SHOWN} more" if len(here) > _SHOWN else "")
    hint = f"did you mean {', '.join(dict.fromkeys(near))}? " if near else ""
    return f"{hint}{what} here: {shown}"


def linear_leaves(shapes: Shapes) -> str:
    """Return the last parts of the names of all linear modules, as a list in words."""
    return ", ".join(sorted({_leaf(name) for name in _all_linear(shapes)}))


def _within(shapes: Shapes, found: Targets, layers: tuple[int, ...] | None, excluded: tuple[str, ...]) -> Targets:
    """What is left of the targets in these layers, and outside of what is excluded."""
    modules = found.modules
    if excluded:
        inside = re.compile(rf"(?:^|.*\.)(?:{'|'.join(map(re.escape, excluded))})(?:$|\..*)")
        modules = frozenset(name for name in modules if not inside.match(name))
        if found.modules and not modules:
            raise WrongUse("tuning.target: all that it means is trained whole already", "name other targets")
    if layers is None:
        return Targets(modules, found.parameters, found.factors)
    if any(found.rank_factor(name) for name, _, _ in shapes.named()):
        raise WrongUse(
            "tuning.layers: PEFT adapts experts that are one parameter in every layer",
            f"name them in target_parameters (3.mlp.experts…), and other modules as target: {linear_leaves(shapes)}",
        )
    kept = frozenset(name for name in modules if layer_of(name) in layers)
    if not kept:
        there = sorted({number for name in modules if (number := layer_of(name)) is not None})
        said = f"they are in layers {there[0]} to {there[-1]}" if there else "they are in no numbered layer"
        raise WrongUse(f"tuning.layers: no target is in layers {', '.join(map(str, layers))}", said)
    return Targets(kept)


def _all_linear(shapes: Shapes) -> frozenset[str]:
    return frozenset(
        module.name for module in shapes.modules if module.kind in ("linear", "conv1d") and module.name != shapes.head
    )


def _matched(shapes: Shapes, names: str | frozenset[str]) -> frozenset[str]:
    known = (module.name for module in shapes.modules if module.name)
    if isinstance(names, frozenset):
        ends = _ends(names)
        return frozenset(name for name in known if name in names or name.endswith(ends))
    try:
        pattern = re.compile(names)
    except re.error as error:
        raise WrongUse(f"tuning.target: {names!r} is not a regular expression: {error}", "mend it") from error
    return frozenset(name for name in known if pattern.fullmatch(name))


def _leaves(shapes: Shapes, target: str) -> frozenset[str]:
    """The last parts of the names that a text means, and the older names of experts that it would have meant."""
    older = frozenset(shapes.renamed)
    if target == ALL_LINEAR:
        return frozenset(_leaf(name) for name in _all_linear(shapes)) | older
    parameters = [name for name, _, _ in shapes.named()]
    found = {_leaf(name) for name in _matched(shapes, target)}
    found |= {_leaf(name) for name in parameters if re.fullmatch(target, name)}
    for old, new in shapes.renamed.items():
        holders = (name.rpartition(".")[0] for name in parameters if _leaf(name) == new)
        if any(re.fullmatch(target, f"{holder}.{old}") for holder in holders):
            found.add(old)
    return frozenset(found)


def _translated(shapes: Shapes, names: frozenset[str]) -> Targets:
    """Modules for the names that are modules, parameters for those that became parts of one."""
    older = {name: new for name in names for old, new in shapes.renamed.items() if ends_with(name, frozenset({old}))}
    factors = []
    for new, parts in shapes.fused.items():
        named = {part for part in parts if any(ends_with(name, frozenset({part})) for name in older)}
        if named and named != set(parts):
            absent = ", ".join(part for part in parts if part not in named)
            raise WrongUse(
                f"tuning.target: {', '.join(sorted(named))} and {absent} are one parameter here, {new}",
                f"name {absent} as well",
            )
        factors += [(new, len(parts))] if named else []
    return Targets(_matched(shapes, names - set(older)), frozenset(older.values()), tuple(factors))


def _leaf(name: str) -> str:
    return name.rpartition(".")[2]
