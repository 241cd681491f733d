"""What each of N GPUs holds of a model's states under ZeRO, and under FSDP, which shards the same.

Rajbhandari et al. 2020, figure 1 and section 5: mixed precision with Adam takes 2 bytes of weights, 2 of gradients
and K = 12 of the optimizer for each parameter that is trained, and 2 for each that is frozen.
"""

from dataclasses import dataclass

_WEIGHT, _GRADIENT, _OPTIMIZER = 2, 2, 12
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
