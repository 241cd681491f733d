"""Modules that are trained whole in a copy beside the frozen one (PEFT's modules_to_save), and heads of tasks."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from workbench.errors import WrongUse
from workbench.lora.modules import Module, Shapes
from workbench.lora.spec import ALL_LINEAR
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

    def outside(self, adapters: Iterable[Trained], target: str | tuple[str, ...]) -> list[Trained]:
        """Return the adapters that are not in a copy: all-linear leaves these modules out, by name they are refused."""
        found = list(adapters)
        kept = [each for each in found if not self.holds(each.name)] if self.modules else found
        if len(kept) < len(found) and target != ALL_LINEAR:
            first = next(each.name for each in found if self.holds(each.name))
            raise WrongUse(
                f"tuning.target: {first} is trained whole already, in a copy",
                "leave it out of target or modules_to_save",
            )
        if not kept:
            raise WrongUse("tuning.target: all that it means is trained whole already", "name other targets")
        return kept

    @property
    def trained(self) -> list[Trained]:
        """Every number in them."""
        sizes = [(module, self._size(module)) for module in self.modules]
        return [Trained(each.name, _shape(self.shapes, each), size, how="copy") for each, size in sizes if size]

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
                raise WrongUse(f"tuning.modules_to_save: {inner.name} lies in {outer.name}", "name one of them")
    return Copied(shapes, found, ends)


def _is_in(name: str, holder: str) -> bool:
    return name == holder or name.startswith(f"{holder}.")


def _shape(shapes: Shapes, module: Module) -> tuple[int, ...]:
    """Of the module's own weight, else of the first in it."""
    if module.parameters:
        return module.shape
    return next(each.shape for each in shapes.modules if each.parameters and _is_in(each.name, module.name))
