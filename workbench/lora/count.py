"""How many parameters a tuning trains, module by module: the numbers that PEFT would report, by arithmetic alone."""

from dataclasses import replace
from functools import lru_cache

from workbench.lora.lowrank import adapter_size, low_rank
from workbench.lora.modules import Shapes
from workbench.lora.part import part, whole
from workbench.lora.prompts import prompts
from workbench.lora.rows import with_rows, with_rows_trained
from workbench.lora.scaling import scaling
from workbench.lora.spec import AnyTuning, BiasTuning, FreezeTuning, FullTuning, Ia3Tuning, LoraTuning
from workbench.lora.stored import is_quantised
from workbench.lora.trained import Count, Trained, copy_refused

__all__ = ["Count", "Trained", "adapter_size", "count"]


def count(shapes: Shapes, tuning: AnyTuning, new_tokens: int = 0) -> Count:
    """Return what `tuning` trains, with the rows of `new_tokens` that the vocabulary did not have.

    The last answer is kept: what was painted is counted to see what it means, and a moment later to be shown.
    Raises WrongUse when its target matches nothing, or what cannot be adapted, or it cannot train such rows.
    """
    return _count(shapes, tuning, new_tokens)


@lru_cache(maxsize=1)
def _count(shapes: Shapes, tuning: AnyTuning, new_tokens: int) -> Count:
    shapes = with_rows(shapes, new_tokens)
    found = with_rows_trained(_counted(shapes, tuning), shapes, tuning, new_tokens)
    if getattr(tuning, "quantise", "none") == "none":
        return found
    copies = tuple(f"{each.name}." for each in found.trained if each.how == "copy")
    within = (each for each in shapes.modules if f"{each.name}.".startswith(copies) and is_quantised(shapes, each))
    refused = next((copy_refused(each.name) for each in within), found.refused)
    return replace(found, is_quantised=True, refused=refused)


def _counted(shapes: Shapes, tuning: AnyTuning) -> Count:
    match tuning:
        case FullTuning():
            return whole(shapes)
        case FreezeTuning() | BiasTuning():
            return part(shapes, tuning)
        case LoraTuning():
            return low_rank(shapes, tuning)
        case Ia3Tuning():
            return scaling(shapes, tuning)
    return prompts(shapes, tuning)
