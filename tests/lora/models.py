"""Small models of many architectures, on torch's meta device: shapes without weights."""

import json
from pathlib import Path
from typing import Any

from workbench.lora.tasks import TASKS

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
    "gpt_bigcode": {"vocab_size": 100, "n_embd": 32, "n_layer": 2, "n_head": 4, "multi_query": True},
    "gptj": {"vocab_size": 100, "n_embd": 32, "n_layer": 2, "n_head": 4, "rotary_dim": 4},
    "gpt_neo": {"vocab_size": 100, "hidden_size": 32, "num_layers": 2, "num_heads": 4,
                "attention_types": [[["global", "local"], 1]]},
    "gemma": {**_SMALL, "num_key_value_heads": 1, "head_dim": 16},
    "gemma3_text": {**_SMALL, "head_dim": 16},
    "phi": _SMALL,
    "stablelm": _SMALL,
    "starcoder2": _SMALL,
    "olmo2": _SMALL,
    "cohere": _SMALL,
    "mpt": {"vocab_size": 100, "d_model": 32, "n_layers": 2, "n_heads": 4},
    "mamba": {"vocab_size": 100, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 4},
    "deepseek_v3": {**_SMALL, "n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24,
                    "n_group": 1, "topk_group": 1, "q_lora_rank": 16, "kv_lora_rank": 16, "qk_rope_head_dim": 8,
                    "qk_nope_head_dim": 8, "v_head_dim": 8, "first_k_dense_replace": 1},
}  # fmt: skip
"""Decoders: with heads of another width than hidden / heads, multi-query, experts, fused and tied ones among them."""
_ENCODER = {
    "vocab_size": 100, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
}  # fmt: skip
_BOTH = {
    "vocab_size": 100, "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4,
    "decoder_attention_heads": 4, "encoder_ffn_dim": 48, "decoder_ffn_dim": 48,
}  # fmt: skip
OTHERS: dict[str, dict[str, Any]] = {
    "bert": _ENCODER,
    "roberta": _ENCODER,
    "distilbert": {"vocab_size": 100, "dim": 32, "hidden_dim": 48, "n_layers": 2, "n_heads": 4},
    "electra": {**_ENCODER, "embedding_size": 16},
    "deberta-v2": _ENCODER,
    "albert": {**_ENCODER, "embedding_size": 16},
    "modernbert": {**_ENCODER, "pad_token_id": 0},
    "t5": {"vocab_size": 100, "d_model": 32, "d_kv": 12, "d_ff": 48, "num_layers": 2, "num_heads": 4},
    "mt5": {"vocab_size": 100, "d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_heads": 4},
    "bart": _BOTH,
    "pegasus": _BOTH,
}
"""Encoders, and encoders with a decoder."""


def write_config(folder: Path, kind: str, **changes: Any) -> Path:
    """Write the config.json of a small model."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"model_type": kind, **{**ARCHITECTURES, **OTHERS}.get(kind, _SMALL), **changes}
    (folder / "config.json").write_text(json.dumps(content))
    return folder


def meta_model(folder: Path, task: str = "sft", **config: Any) -> Any:
    """The model itself, without weights."""
    import torch
    import transformers

    found = transformers.AutoConfig.from_pretrained(folder, **config)
    with torch.device("meta"):
        model = getattr(transformers, TASKS[task].model).from_config(found)
    model.tie_weights()
    return model


def peft_model(folder: Path, config: Any, task: str = "sft") -> Any:
    """The model with what PEFT makes of `config`, without weights."""
    import torch
    from peft import get_peft_model

    config.task_type = TASKS[task].peft
    labels = {"num_labels": TASKS[task].labels} if TASKS[task].labels else {}
    model = meta_model(folder, task, **labels)
    with torch.device("meta"):
        return get_peft_model(model, config)


def peft_counts(folder: Path, **lora: Any) -> tuple[tuple[int, int], dict[str, int]]:
    """What PEFT itself counts: (trainable, total), and what each module or parameter got."""
    from peft import LoraConfig
    from peft.tuners.lora.layer import ParamWrapper

    tuned = peft_model(folder, LoraConfig(**lora))
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
