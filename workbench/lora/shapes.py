"""Read a model's shapes from its configuration: `python -m workbench.lora.shapes FOLDER TASK LABELS` prints JSON.

The model is built on torch's meta device, where a tensor has a shape and no memory: 405 B parameters take a second.
It runs as a process of its own (see workbench.lora.known), because it imports torch. No code of a model runs.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from workbench.children import begin_imports
from workbench.lora.modules import Kind, Module, Parameter, PromptSizes, Shapes
from workbench.lora.tasks import ANY, TASKS, Head

_SEVERAL_EXPERTS = 3
"""The dimensions of a parameter that holds all experts of a layer."""


def main() -> None:
    """Print the shapes, or {"error"} when the configuration describes no model."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries print
    begin_imports()
    sys.modules["bitsandbytes"] = None  # type: ignore[assignment]  # blocks the import, which brings torch's compiler
    try:
        folder, task, labels = sys.argv[1:]
        found = read_shapes(Path(folder), task, int(labels)).as_json()
    except Exception as error:  # a configuration can be wrong in as many ways as there are architectures
        found = {"error": _reason(error)}
    json.dump(found, answers)
    answers.close()


def read_shapes(folder: Path, task: str = "sft", labels: int = 0) -> Shapes:
    """Return the shapes of the model for `task` that the config.json in `folder` describes.

    `labels` is how many classes a head tells apart; 0 leaves it to the task, or to the configuration. Raises whatever
    transformers raises when there is no such model.
    """
    import torch
    import transformers

    changes = {"num_labels": labels or TASKS[task].labels} if labels or TASKS[task].labels else {}
    config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False, **changes)
    head = TASKS[_usual_task(config) if task == ANY else task]
    with torch.device("meta"):
        model = getattr(transformers, head.model).from_config(
            config, trust_remote_code=False, attn_implementation="eager"
        )
    model.tie_weights()
    output = model.get_output_embeddings()
    vocabulary, hidden = _embedding(model)
    renamed, fused = _experts(model)
    targets, feedforward = _ia3(model)
    return Shapes(
        model_type=model.config.model_type,
        modules=tuple(_modules(model)),
        head=next((name for name, module in model.named_modules() if module is output), None),
        renamed=renamed,
        fused=fused,
        hidden=_number(model, "hidden_size") or hidden,
        vocabulary=vocabulary,
        heads=_number(model, "num_attention_heads"),
        experts_per_token=_number(model, "num_experts_per_tok"),
        is_sdpa=bool(getattr(model, "_supports_sdpa", False)),
        quantised=(getattr(config, "quantization_config", None) or {}).get("quant_method"),
        context=_number(model, "max_position_embeddings"),
        task_heads=head.trained,
        ia3=targets,
        ia3_feedforward=feedforward,
        prompt=_prompt(model, head),
    )


def _embedding(model: Any) -> tuple[int, int]:
    """The rows of the embedding and their width; zeros for a model that reads characters without one."""
    try:
        rows, width = model.get_input_embeddings().weight.shape
    except (NotImplementedError, AttributeError, ValueError):
        return 0, 0
    return rows, width


def _usual_task(config: Any) -> str:
    """What a configuration is for, where nobody said: an encoder with a decoder writes text from text."""
    from transformers.models.auto import modeling_auto as auto

    if config.is_encoder_decoder and type(config) in auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING:
        return "seq2seq"
    masked = type(config) in auto.MODEL_FOR_MASKED_LM_MAPPING
    return "masked" if masked and not _is_decoder(config) else "sft"


def _is_decoder(config: Any) -> bool:
    """Whether its published model reads from left to right, as far as the configuration says."""
    named = getattr(config, "architectures", None) or [""]
    return bool(getattr(config, "is_decoder", False)) or "CausalLM" in named[0]


def _prompt(model: Any, head: Head) -> PromptSizes:
    """What PEFT itself finds when it puts one virtual token before the model. On the meta device that costs little."""
    import torch
    from peft import PrefixTuningConfig, PromptTuningConfig, get_peft_model

    found: dict[str, int] = {}
    for kind in (PromptTuningConfig, PrefixTuningConfig):
        asked = kind(task_type=head.peft, num_virtual_tokens=1)
        try:
            with torch.device("meta"):
                get_peft_model(model, asked)
        except Exception:  # noqa: S112 - a configuration without the numbers that PEFT looks for
            continue
        if kind is PromptTuningConfig:
            found |= {"width": asked.token_dim, "copies": asked.num_transformer_submodules}
        else:
            found |= {"prefix_width": asked.token_dim, "layers": asked.num_layers}
    return PromptSizes(**found)


def _ia3(model: Any) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """The modules that PEFT scales by default, and which of them at their input."""
    from peft.utils import TRANSFORMERS_MODELS_TO_IA3_FEEDFORWARD_MODULES_MAPPING as INPUTS
    from peft.utils import TRANSFORMERS_MODELS_TO_IA3_TARGET_MODULES_MAPPING as TARGETS

    kind = model.config.model_type
    return tuple(TARGETS[kind]) if kind in TARGETS else None, tuple(INPUTS[kind]) if kind in INPUTS else None


def _reason(error: Exception) -> str:
    """The first sentence of what a library says."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    if lines[0].startswith("Unrecognized configuration class"):
        return "its architecture has no such head"
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
