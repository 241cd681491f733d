"""What torch really keeps: the bytes of the tensors that a forward pass saves for its backward pass."""

from pathlib import Path
from typing import Any


def build(folder: Path, *, dtype: str, rank: int | None, attention: str = "sdpa", target: Any = "all-linear") -> Any:
    """Return the model of a configuration with random weights: with adapters of this rank, or whole for None."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(0)
    held = torch.float32 if rank is None else getattr(torch, dtype)
    config = AutoConfig.from_pretrained(folder)
    model = AutoModelForCausalLM.from_config(config, dtype=held, attn_implementation=attention)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):  # on a CPU it takes attention's fused kernel away
            module.p = 0.0
    if rank is not None:
        model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=rank, target_modules=target))
    return model.train()


def saved_bytes(model: Any, rows: int, length: int, dtype: str, *, has_head: bool = False, shorter: int = 0) -> int:
    """Return the bytes of all storages that a pass over `rows` × `length` tokens saves, parameters left out.

    The first row is `shorter` than the others by so many tokens.
    """
    import torch

    own = {each.untyped_storage().data_ptr() for each in [*model.parameters(), *model.buffers()]}
    kept: dict[int, Any] = {}

    def keep(tensor: Any) -> Any:
        if tensor.untyped_storage().data_ptr() not in own:
            kept[tensor.untyped_storage().data_ptr()] = tensor  # held, so that no other takes its place
        return tensor

    whole = model.get_base_model() if hasattr(model, "get_base_model") else model
    called = whole if has_head else getattr(whole, whole.base_model_prefix)
    ids = torch.randint(0, 90, (rows, length))
    mask = torch.ones_like(ids)
    mask[0, length - shorter :] = 0
    with (
        torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor),
        torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == "bfloat16"),
    ):
        result = called(input_ids=ids, attention_mask=mask, use_cache=False)
    found = sum(tensor.untyped_storage().nbytes() for tensor in kept.values())
    del result
    return found
