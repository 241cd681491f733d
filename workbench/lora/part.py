"""Tunings that train the model's own weights: all of them, the last blocks and chosen modules, or the biases."""

from collections.abc import Iterable

from workbench.errors import WrongUse
from workbench.lora.modules import Shapes, place_of
from workbench.lora.spec import ALL_LINEAR, BiasTuning, FreezeTuning, PartKind
from workbench.lora.targets import matches, unknown
from workbench.lora.trained import Count, Trained


def whole(shapes: Shapes) -> Count:
    """Return the count of everything."""
    found = tuple(Trained(module.name, module.shape, module.size) for module in shapes.modules if module.size)
    return Count(found, shapes.size, is_adapter=False)


def part(shapes: Shapes, tuning: PartKind) -> Count:
    """Return what is trained of a part; a tensor that is tied counts where it came first.

    Raises WrongUse when nothing is trained, or a target means nothing.
    """
    names = [name for name, _, _ in shapes.named()]
    linear = frozenset(module.name for module in shapes.modules if module.kind in ("linear", "conv1d"))
    chosen = trained_names(names, tuning, linear - {shapes.head})
    if isinstance(tuning, FreezeTuning) and tuning.target is not None and not _by_target(names, tuning.target, linear):
        raise unknown(shapes, tuning.target)
    if not chosen:
        raise WrongUse(
            f"tuning: nothing is trained: {shapes.model_type} has no {_WANTED[tuning.kind]}", "choose another tuning"
        )
    chosen |= {name for name in names if _is_head(name, shapes.task_heads)}
    chosen |= {parameter.tied_to for name, _, parameter in shapes.named() if parameter.tied_to and name in chosen}
    found = []
    for module in shapes.modules:
        own = [each for each in module.parameters if f"{module.name}.{each.name}".lstrip(".") in chosen]
        size = sum(each.size for each in own)
        if not size:
            continue
        if all(each.name == "bias" for each in own):
            found.append(Trained(f"{module.name}.bias", own[0].shape, size, how="bias"))
        else:
            found.append(Trained(module.name, module.shape, size))
    return Count(tuple(found), shapes.size, is_adapter=False)


_WANTED = {"freeze": "numbered blocks", "bias": "biases"}


def trained_names(names: Iterable[str], tuning: PartKind, linear: frozenset[str]) -> set[str]:
    """Return which of these parameters are trained, of all of a model's by their full names.

    `linear` are the linear modules but the output head, which all-linear means.
    """
    known = list(names)
    if isinstance(tuning, BiasTuning):
        return {name for name in known if name.rpartition(".")[2] == "bias"}
    found = _last_blocks(known, tuning.last)
    return found if tuning.target is None else found | _by_target(known, tuning.target, linear)


def _by_target(names: list[str], target: str | tuple[str, ...], linear: frozenset[str]) -> set[str]:
    if target == ALL_LINEAR:
        return {name for name in names if name.rpartition(".")[0] in linear}
    return {name for name in names if any(matches(each, target) for each in _path(name))}


def _last_blocks(names: list[str], last: int) -> set[str]:
    """The parameters in the last blocks of each stack of layers."""
    ends: dict[str, int] = {}
    for name in names:
        place = place_of(name)
        if place.layer is not None:
            ends[place.stack] = max(place.layer, ends.get(place.stack, 0))
    if last and ends and last > 1 + max(ends.values()):
        raise WrongUse(f"tuning.last: {last} of {1 + max(ends.values())} blocks", "name fewer, or tune all: full")
    places = ((name, place_of(name)) for name in names)
    return {name for name, at in places if at.layer is not None and at.layer > ends[at.stack] - last}


def _path(name: str) -> Iterable[str]:
    """The parameter's name and those of the modules that hold it."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def _is_head(name: str, heads: tuple[str, ...]) -> bool:
    return bool(heads) and any(each.endswith(heads) for each in _path(name.rpartition(".")[0]))
