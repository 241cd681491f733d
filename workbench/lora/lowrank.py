"""The count of LoRA: two thin matrices for each target, and what else its settings train."""

import re
from collections.abc import Iterable
from math import prod

from workbench.errors import WrongUse
from workbench.lora.copies import Copied, copied
from workbench.lora.modules import Module, Shapes, is_bare
from workbench.lora.spec import NO_MODULES, LoraTuning
from workbench.lora.targets import Targets, ends_with, nearest, targets
from workbench.lora.trained import Count, Trained, adapter

_MAMBA = {"falcon_h1", "mamba", "mamba2", "falcon_mamba", "nemotron_h"}
_NOT_IN_MAMBA = {"out_proj", "conv1d"}
"""PEFT refuses these: a Mamba kernel reads their weights and would pass by the adapter."""


def low_rank(shapes: Shapes, tuning: LoraTuning) -> Count:
    """Return what LoRA trains. Raises WrongUse for a target or a module to save that is not there."""
    copies = copied(shapes, tuning.modules_to_save)
    wanted = Targets(frozenset())
    if tuning.target != NO_MODULES:
        wanted = targets(shapes, tuning.target, tuning.layers, copies.names)
    for name in tuning.target_parameters:
        _check_parameter(shapes, name, copies)
    found = [*_matrices(shapes, tuning, wanted), *_parameters(shapes, tuning, wanted)]
    found = copies.outside(found, tuning.target)
    _check_patterns(tuning, [each.name for each in found])
    biases = list(_biases(shapes, tuning, wanted, copies))
    return adapter([*found, *biases, *copies.trained], shapes)


def adapter_size(out: int, into: int, rank: int) -> int:
    """Return the numbers in A (rank, in) and B (out, rank); LoRA, Hu et al. 2021, section 4.1."""
    return rank * (out + into)


def matching(patterns: Iterable[str], name: str) -> str | None:
    """Return the first key of a rank or alpha pattern that means the module called `name`, as PEFT matches it."""
    return next((pattern for pattern in patterns if re.match(rf"(.*\.)?({pattern})$", name)), None)


def _matrices(shapes: Shapes, tuning: LoraTuning, wanted: Targets) -> Iterable[Trained]:
    for module in shapes.modules:
        if module.name in wanted.modules:
            out, into = shape = _adaptable(shapes, module)
            rank = _rank(tuning, module.name, tuning.rank)
            magnitude = out if tuning.dora else 0
            yield Trained(module.name, shape, adapter_size(out, into, rank) + magnitude, rank, how="lora")


def _rank(tuning: LoraTuning, name: str, usual: int) -> int:
    if not tuning.rank_pattern:
        return usual
    try:
        pattern = matching(tuning.rank_pattern, name)
    except re.error as error:
        raise WrongUse(f"tuning.rank_pattern: not a regular expression: {error}", "mend it") from error
    return usual if pattern is None else tuning.rank_pattern[pattern]


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
    named = frozenset(tuning.target_parameters)
    for name, _, parameter in shapes.named() if wanted.parameters or named else ():
        factor = wanted.rank_factor(name) or int(ends_with(name, named))
        if not factor:
            continue
        for setting in ("dropout", "dora"):
            if getattr(tuning, setting):
                raise WrongUse(
                    f"tuning.{setting}: PEFT has no {setting} for {name}, which holds experts",
                    f"leave {setting} out, or name other targets",
                )
        *experts, out, into = parameter.shape
        copies, rank = prod(experts), _rank(tuning, name, factor * tuning.rank)
        yield Trained(name, (out, into), copies * adapter_size(out, into, rank), rank, copies, how="lora")


def _check_parameter(shapes: Shapes, named: str, copies: Copied) -> None:
    """Refuse the name of a parameter that is not there, that is reached as a module, or that is in a copy."""
    found = [each for each in shapes.named() if ends_with(each[0], frozenset({named}))]
    if copied_one := next((name for name, *_ in found if copies.holds(name)), None):
        raise WrongUse(
            f"tuning.target_parameters: {copied_one} is trained whole already, in a copy",
            "leave it out of target_parameters or modules_to_save",
        )
    other = next((name for name, module, parameter in found if not is_bare(module, parameter)), None)
    if other is not None:
        raise WrongUse(f"tuning.target_parameters: {other} holds no experts", "name modules as target")
    if not found:
        bare = (name for name, module, parameter in shapes.named() if is_bare(module, parameter))
        there = sorted({".".join(name.split(".")[-2:]) for name in bare})
        instead = "this model holds no experts so: name modules as target"
        raise WrongUse(
            f"tuning.target_parameters: nothing here is called {named}",
            nearest([named], there, "experts") if there else instead,
        )


def _biases(shapes: Shapes, tuning: LoraTuning, wanted: Targets, copies: Copied) -> Iterable[Trained]:
    """The model's own biases; those of a module that is trained in a copy stay frozen."""
    if tuning.bias == "none":
        return
    for name, module, parameter in shapes.named():
        is_wanted = tuning.bias == "all" or wanted.names_module(module)
        if parameter.name == "bias" and is_wanted and not copies.holds(module.name):
            yield Trained(name, parameter.shape, parameter.size, how="bias")


def _check_patterns(tuning: LoraTuning, names: list[str]) -> None:
    """A pattern that means no target would be passed over in silence."""
    for field in ("rank_pattern", "alpha_pattern"):
        for pattern in getattr(tuning, field):
            if not any(matching([pattern], name) for name in names):
                raise WrongUse(f"tuning.{field}: {pattern} means no target", nearest([pattern], names, "targets"))
