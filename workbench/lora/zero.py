"""What each of N GPUs holds of a model under ZeRO, and under FSDP, which shards the same.

Rajbhandari et al. 2020, figure 1 and section 5: mixed precision with Adam takes 2 bytes of weights, 2 of gradients
and K = 12 of the optimizer for each parameter that is trained, and 2 for each that is frozen.
"""

from collections import defaultdict
from dataclasses import dataclass

from workbench.lora.count import Count
from workbench.lora.modules import Shapes, place_of
from workbench.lora.parts import Load, Part

_WEIGHT, _GRADIENT, _OPTIMIZER = 2, 2, 12
_FETCHED = 2
STAGES = (0, 1, 2, 3)
FSDP = {0: "NO_SHARD", 2: "SHARD_GRAD_OP", 3: "FULL_SHARD"}
"""What FSDP calls a stage; it has none for the optimizer alone."""


@dataclass(frozen=True)
class States:
    """The bytes of one copy of a model's states."""

    frozen: float
    weights: float
    """Of what is trained."""
    gradients: float
    optimizer: float


def mixed_precision(trained: int, frozen: float = 0.0) -> States:
    """Return the states of `trained` parameters beside `frozen` bytes that are not trained."""
    return States(frozen, _WEIGHT * trained, _GRADIENT * trained, _OPTIMIZER * trained)


def per_gpu(states: States, stage: int, gpus: int) -> float:
    """Return the bytes that each GPU holds: stage 1 shards the optimizer, 2 gradients too, 3 the weights as well."""
    optimizer = states.optimizer / (gpus if stage >= 1 else 1)
    gradients = states.gradients / (gpus if stage >= 2 else 1)
    weights = (states.weights + states.frozen) / (gpus if stage >= 3 else 1)
    return weights + gradients + optimizer


def gathered(shapes: Shapes, tuned: Count, held: float, load: Load) -> Part | None:
    """Return what a device holds whole for a moment; None where nothing is shared.

    From stage 3 on the weights of one layer, in the dtype of the forward pass, and of the next, which is fetched
    meanwhile; from stage 2 on the gradients of one layer, before they are divided. A layer that is stored quantised
    comes as it is stored: `held` are the bytes of all weights.
    """
    if load.shards(2) == 1:
        return None
    layers: dict[tuple[str, int | None], int] = defaultdict(int)
    trained: dict[tuple[str, int | None], int] = defaultdict(int)
    for module in shapes.modules:
        layers[_unit(module.name)] += module.size
    for each in tuned.trained:
        trained[_unit(each.name)] += each.trainable
    number = held / shapes.size if tuned.is_quantised else load.bytes_each
    weights = _FETCHED * max(layers.values()) * number if load.shards(3) > 1 else 0.0
    gradients = float(load.bytes_each * max(trained.values(), default=0))
    said = f"{_FETCHED} × {max(layers.values()):,} × {number:.4g} of the widest layer + " if weights else ""
    said += f"gradients {max(trained.values(), default=0):,} × {load.bytes_each}"
    return Part("gathered", weights + gradients, weights + gradients, said)


def _unit(name: str) -> tuple[str, int | None]:
    """What is fetched with the module of that name: its layer, or outside of layers the module alone."""
    place = place_of(name)
    return (name, None) if place.layer is None else (place.stack, place.layer)
