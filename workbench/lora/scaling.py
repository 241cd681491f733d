"""The count of IA3: one vector for each target, as long as what it puts out, or as what goes into a feed-forward one.

Liu et al. 2022, section 3.3; matched as PEFT matches.
"""

from workbench.errors import WrongUse
from workbench.lora.copies import copied
from workbench.lora.modules import Module, Shapes
from workbench.lora.spec import Ia3Tuning
from workbench.lora.targets import linear_leaves, targets
from workbench.lora.trained import Count, Trained, adapter


def scaling(shapes: Shapes, tuning: Ia3Tuning) -> Count:
    """Return what IA3 trains. Raises WrongUse when nothing is named and PEFT knows no default for the architecture."""
    target, inputs = _chosen(shapes, "target", tuning.target), _chosen(shapes, "feedforward", tuning.feedforward)
    copies = copied(shapes, tuning.modules_to_save)
    wanted = targets(shapes, target, excluded=copies.names, is_lora=False)
    found = [_vector(module, inputs) for module in shapes.modules if wanted.names_module(module)]
    return adapter([*copies.outside(found, target), *copies.trained], shapes)


def _chosen(shapes: Shapes, field: str, named: str | tuple[str, ...] | None) -> str | tuple[str, ...]:
    if named is not None:
        return named
    known = shapes.ia3 if field == "target" else shapes.ia3_feedforward
    if known is None:
        more = "" if field == "target" else ", or [] for none"
        raise WrongUse(
            f"tuning.{field}: PEFT has no default for {shapes.model_type}",
            f"name modules{more}; linear ones here: {linear_leaves(shapes)}",
        )
    return known


def _vector(module: Module, inputs: str | tuple[str, ...]) -> Trained:
    if module.kind not in ("linear", "conv1d"):
        raise WrongUse(f"tuning.target: {module.name} is not a linear module", "name linear modules, or all-linear")
    out, into = module.matrix
    return Trained(module.name, (out, into), into if module.name.endswith(tuple(inputs)) else out, how="ia3")
