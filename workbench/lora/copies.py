"""Modules that are trained whole in a copy beside the frozen one (PEFT's modules_to_save), and heads of tasks."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from workbench.errors import WrongUse
from workbench.lora.modules import Module, Shapes
from workbench.lora.targets import nearest
from workbench.lora.trained import Trained


@dataclass(frozen=True)
class Copied:
    """The modules of one model that are trained in a copy."""

    shapes: Shapes
    modules: tuple[Module, ...]
    names: tuple[str, ...]
    """Ends of names by which PEFT knows them: no adapter goes where one of these is a part of the name."""

    def holds(self, name: str) -> bool:
        """Whether the module or parameter called `name` is in one of them."""
        return any(_is_in(name, module.name) for module in self.modules)

    def outside(self, adapters: Iterable[Trained]) -> list[Trained]:
        """Return the adapters that are not in a copy, which has adapters of its own."""
        return [each for each in adapters if not self.holds(each.name)]

    def trained(self, adapters: Iterable[Trained] = ()) -> list[Trained]:
        """Return what is trained of the copies: every number in them, and in adapters that were put in before."""
        found = []
        inside = list(adapters)
        for module in self.modules:
            twice = sum(each.trainable for each in inside if _is_in(each.name, module.name))
            size = self._size(module)
            if size:
                made = Trained(module.name, _shape(self.shapes, module), size + twice, how="copy", frozen_copy=twice)
                found.append(made)
        return found

    def _size(self, module: Module) -> int:
        """A tensor that is tied to one outside is copied too."""
        return sum(
            prod(parameter.shape)
            for full, _, parameter in self.shapes.named()
            if _is_in(full, module.name) and not (parameter.tied_to and _is_in(parameter.tied_to, module.name))
        )


def copied(shapes: Shapes, names: tuple[str, ...]) -> Copied:
    """Return the modules that `names` mean, ends of names as in PEFT, with the heads that the model's task trains.

    Raises WrongUse when a name means nothing, or one module lies in another.
    """
    known = [module for module in shapes.modules if module.name]
    for name in names:
        if not any(module.name.endswith(name) for module in known):
            leaves = sorted({module.name.rpartition(".")[2] for module in known})
            raise WrongUse(
                f"tuning.modules_to_save: nothing here is called {name}", nearest([name], leaves, "modules here")
            )
    ends = (*names, *shapes.task_heads)
    found = tuple(module for module in known if ends and module.name.endswith(ends))
    for inner in found:
        for outer in found:
            if inner is not outer and _is_in(inner.name, outer.name):
                raise WrongUse(
                    f"tuning.modules_to_save: {inner.name} lies in {outer.name}", "name one of them"
                )
    return Copied(shapes, found, ends)


def _is_in(name: str, holder: str) -> bool:
    return name == holder or name.startswith(f"{holder}.")


def _shape(shapes: Shapes, module: Module) -> tuple[int, ...]:
    """Of the module's own weight, else of the first in it."""
    if module.parameters:
        return module.shape
    return next(each.shape for each in shapes.modules if each.parameters and _is_in(each.name, module.name))
