"""The network that makes virtual tokens, in a checkpoint: PEFT saves what it makes, from which no training goes on."""

from pathlib import Path
from typing import Any

_FILE = "prompt_network.safetensors"


def has_network(model: Any) -> bool:
    """Whether virtual tokens are made by a network (P-tuning, a projected prefix) that is only there in training."""
    encoder = getattr(model, "prompt_encoder", None)
    return encoder is not None and any("embedding." not in name for name, _ in encoder.named_parameters())


def save_network(model: Any, folder: Path) -> None:
    """Write the network beside the adapter in a checkpoint."""
    from safetensors.torch import save_file

    save_file({name: part.contiguous() for name, part in model.prompt_encoder.state_dict().items()}, folder / _FILE)


def load_network(model: Any, folder: Path) -> None:
    """Put the network back that `save_network` wrote."""
    from safetensors.torch import load_file

    model.prompt_encoder.load_state_dict(load_file(folder / _FILE))
