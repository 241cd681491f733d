"""Read the shapes of a model from its configuration alone: `python -m workbench.lora.shapes FOLDER`, one JSON document.

The model is built on torch's meta device, where a tensor has a shape and no memory: 405 B parameters take a second.
It runs as a process of its own (see workbench.lora.known), because it imports torch. No code of a model runs.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from workbench.lora.modules import Kind, Module, Parameter, Shapes

_SEVERAL_EXPERTS = 3
"""The dimensions of a parameter that holds all experts of a layer."""


def main() -> None:
    """Print the shapes, or {"error"} when the configuration describes no model."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries print
    try:
        found = read_shapes(Path(sys.argv[1])).as_json()
    except Exception as error:  # a configuration can be wrong in as many ways as there are architectures
        found = {"error": _reason(error)}
    json.dump(found, answers)
    answers.close()


def read_shapes(folder: Path) -> Shapes:
    """Return the shapes of the causal language model that the config.json in `folder` describes.

    Raises whatever transformers raises when there is no such model.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, trust_remote_code=False, attn_implementation="eager")
    model.tie_weights()
    head = model.get_output_embeddings()
    vocabulary, hidden = model.get_input_embeddings().weight.shape
    renamed, fused = _experts(model)
    return Shapes(
        model_type=model.config.model_type,
        modules=tuple(_modules(model)),
        head=next((name for name, module in model.named_modules() if module is head), None),
        renamed=renamed,
        fused=fused,
        hidden=_number(model, "hidden_size") or hidden,
        vocabulary=vocabulary,
        heads=_number(model, "num_attention_heads"),
        experts_per_token=_number(model, "num_experts_per_tok"),
        is_sdpa=bool(getattr(model, "_supports_sdpa", False)),
        quantised=(getattr(config, "quantization_config", None) or {}).get("quant_method"),
    )


def _reason(error: Exception) -> str:
    """The first sentence of what a library says."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    if lines[0].startswith("Unrecognized configuration class"):
        return "its architecture does not generate text from a prompt alone"
    return lines[0].partition(". ")[0]


def _number(model: Any, name: str) -> int:
    """A number of the configuration; 0 where it is absent, or another in each layer."""
    try:
        found = getattr(model.config.get_text_config(), name)
    except Exception:  # some configurations refuse to be asked
        return 0
    return found if isinstance(found, int) else 0


def _modules(model: Any) -> list[Module]:
    """Every module once, in the order in which PEFT meets them."""
    first: dict[int, str] = {}
    found = []
    for name, module in model.named_modules():
        own = []
        for key, tensor in module.named_parameters(recurse=False):
            full = f"{name}.{key}" if name else key
            earlier = first.setdefault(id(tensor), full)
            own.append(Parameter(key, tuple(tensor.shape), None if earlier == full else earlier))
        found.append(Module(name, _kind(module), tuple(own)))
    return found


def _kind(module: Any) -> Kind:
    """What PEFT takes the module for."""
    import torch
    from transformers.pytorch_utils import Conv1D

    if isinstance(module, torch.nn.Linear):
        return "linear"
    if isinstance(module, Conv1D):
        return "conv1d"
    return "embedding" if isinstance(module, torch.nn.Embedding) else "other"


def _experts(model: Any) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """How PEFT translates names of experts for this architecture: transformers 5 holds them in one parameter.

    PEFT keeps this in tables that it does not export; a release without them translates nothing.
    """
    if all(parameter.ndim < _SEVERAL_EXPERTS for parameter in model.parameters()):
        return {}, {}
    try:
        from peft.utils import transformers_weight_conversion as peft
        from transformers.conversion_mapping import get_checkpoint_conversion_mapping
    except ImportError:
        return {}, {}
    kind = model.config.model_type
    family = peft._MODEL_TO_CONVERSION_PATTERN.get(kind)
    if get_checkpoint_conversion_mapping(kind) is None or not peft._MOE_FUSED_TARGETS.get(family):
        return {}, {}
    fused = {name: tuple(parts) for name, parts in peft._MOE_FUSED_TARGETS[family].items()}
    return dict(peft._MOE_TARGET_MODULE_MAPPING[family]), fused


if __name__ == "__main__":
    main()
