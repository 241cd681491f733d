"""How many parameters a tuning trains, module by module: the numbers that PEFT would report, by arithmetic alone."""

from workbench.lora.lowrank import adapter_size, low_rank
from workbench.lora.modules import Shapes
from workbench.lora.part import part, whole
from workbench.lora.prompts import prompts
from workbench.lora.scaling import scaling
from workbench.lora.spec import AnyTuning, BiasTuning, FreezeTuning, FullTuning, Ia3Tuning, LoraTuning
from workbench.lora.trained import Count, Trained

__all__ = ["Count", "Trained", "adapter_size", "count"]


def count(shapes: Shapes, tuning: AnyTuning) -> Count:
    """Return what `tuning` trains. Raises WrongUse when its target matches nothing, or what cannot be adapted."""
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
