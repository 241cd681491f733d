"""Which modules a tuning's target means, matched as PEFT matches them.

all-linear: every linear and conv1d module but the output head. Names: the whole name or its end after a dot. Any
other text: a regular expression for the whole name. Where transformers 5 holds a layer's experts in one parameter,
PEFT adapts that parameter instead (`convert_peft_config_for_transformers` in PEFT 0.21).
"""

import difflib
import re
from dataclasses import dataclass

from workbench.errors import WrongUse
from workbench.lora.modules import Module, Shapes
from workbench.lora.spec import ALL_LINEAR

_SHOWN = 12


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


def targets(shapes: Shapes, target: str | tuple[str, ...]) -> Targets:
    """Return what `target` means. Raises WrongUse when it means nothing in this model."""
    names: str | frozenset[str] = target if isinstance(target, str) else frozenset(target)
    if shapes.renamed:
        found = _translated(shapes, _leaves(shapes, names) if isinstance(names, str) else names)
    elif names == ALL_LINEAR:
        found = Targets(_all_linear(shapes))
    else:
        found = Targets(_matched(shapes, names))
    if not found.modules and not any(found.rank_factor(name) for name, _, _ in shapes.named()):
        raise _unknown(shapes, target)
    return found


def ends_with(name: str, names: frozenset[str]) -> bool:
    """Whether `name` is one of `names`, or ends with one after a dot."""
    return name in names or any(name.endswith(f".{each}") for each in names)


def _all_linear(shapes: Shapes) -> frozenset[str]:
    return frozenset(
        module.name for module in shapes.modules if module.kind in ("linear", "conv1d") and module.name != shapes.head
    )


def _matched(shapes: Shapes, names: str | frozenset[str]) -> frozenset[str]:
    known = (module.name for module in shapes.modules if module.name)
    if isinstance(names, frozenset):
        return frozenset(name for name in known if ends_with(name, names))
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
        factors.append((new, len(parts)))
    return Targets(_matched(shapes, names - set(older)), frozenset(older.values()), tuple(factors))


def _unknown(shapes: Shapes, target: str | tuple[str, ...]) -> WrongUse:
    here = sorted({_leaf(name) for name in _all_linear(shapes)} | set(shapes.renamed))
    asked = [target] if isinstance(target, str) else list(target)
    near = [name for each in asked for name in difflib.get_close_matches(_leaf(each), here, n=1)]
    shown = ", ".join(here[:_SHOWN]) + (f" and {len(here) - _SHOWN} more" if len(here) > _SHOWN else "")
    hint = f"did you mean {', '.join(dict.fromkeys(near))}? " if near else ""
    return WrongUse(f"tuning.target: nothing here is called {', '.join(asked)}", f"{hint}linear modules here: {shown}")


def _leaf(name: str) -> str:
    return name.rpartition(".")[2]
