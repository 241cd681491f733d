"""Small models of many architectures, on torch's meta device: shapes without weights."""

import json
from pathlib import Path
from typing import Any

_SMALL = {
    "vocab_size": 100, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2,
}  # fmt: skip
_EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24}
ARCHITECTURES: dict[str, dict[str, Any]] = {
    "llama": _SMALL,
    "mistral": {**_SMALL, "head_dim": 16},
    "qwen2": {**_SMALL, "tie_word_embeddings": True},
    "qwen3": {**_SMALL, "head_dim": 24},
    "gemma2": {**_SMALL, "head_dim": 16},
    "phi3": {**_SMALL, "pad_token_id": 0},
    "gpt2": {"vocab_size": 100, "n_embd": 32, "n_layer": 2, "n_head": 4},
    "gpt_neox": _SMALL,
    "opt": {"vocab_size": 100, "hidden_size": 32, "ffn_dim": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
            "word_embed_proj_dim": 16},
    "bloom": {"vocab_size": 100, "hidden_size": 32, "n_layer": 2, "n_head": 4},
    "falcon": {"vocab_size": 100, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4},
    "mixtral": {**_SMALL, "num_local_experts": 4},
    "qwen3_moe": {**_SMALL, **_EXPERTS},
    "qwen2_moe": {**_SMALL, **_EXPERTS, "shared_expert_intermediate_size": 40},
    "gpt_oss": {**_SMALL, "num_local_experts": 4, "head_dim": 8},
}  # fmt: skip


def write_config(folder: Path, kind: str, **changes: Any) -> Path:
    """Write the config.json of a small model."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"model_type": kind, **ARCHITECTURES.get(kind, _SMALL), **changes}
    (folder / "config.json").write_text(json.dumps(content))
    return folder


def peft_counts(folder: Path, **lora: Any) -> tuple[tuple[int, int], dict[str, int]]:
    """What PEFT itself counts: (trainable, total), and what each module or parameter got."""
    import torch
    from peft import LoraConfig, get_peft_model
    from peft.tuners.lora.layer import ParamWrapper
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.from_pretrained(folder)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    model.tie_weights()
    tuned = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **lora))
    wrapped = {
        name: module.parameter_name for name, module in tuned.named_modules() if isinstance(module, ParamWrapper)
    }
    found: dict[str, int] = {}
    for name, parameter in tuned.named_parameters():
        if parameter.requires_grad:
            holder = name.partition(".lora_")[0]
            place = holder.removeprefix("base_model.model.").replace(".base_layer", "")
            key = f"{place}.{wrapped[holder]}" if holder in wrapped else place
            found[key] = found.get(key, 0) + parameter.numel()
    return tuned.get_nb_trainable_parameters(), found
