"""Room in a model for tokens that its tokenizer did not have.

A new token begins as the mean of the tokens that its text was spelled with before, in the embedding and in the head:
near to where the model has seen that text, and different for each.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NewTokens = dict[int, list[int]]
"""The id of each new token, with the ids that its text was spelled with before."""


def add_tokens(tokenizer: Any, names: Sequence[str], eos: str | None) -> NewTokens:
    """Add control tokens to a tokenizer as the encoder did, and give it that EOS."""
    from workbench.template.tokens import with_tokens

    spelled = {name: tokenizer.encode(name, add_special_tokens=False) for name in names}
    with_tokens(tokenizer, names, eos)
    return {tokenizer.convert_tokens_to_ids(name): ids for name, ids in spelled.items()}


def make_room(model: Any, new: NewTokens) -> None:
    """Resize the embedding and the head where they are too small for the new tokens, and fill their rows."""
    import torch

    if not new:
        return
    _resize(model, max(new) + 1)
    with torch.no_grad():
        for layer in _layers(model).values():
            for token, pieces in new.items():
                layer.weight[token] = layer.weight[pieces].float().mean(0).to(layer.weight.dtype)


def make_room_for_adapter(model: Any, adapter: Path) -> None:
    """Resize the embedding and the head for an adapter that has tokens of its own; it brings their rows along."""
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    trained = config.get("trainable_token_indices") or []
    ids = [token for each in trained.values() for token in each] if isinstance(trained, dict) else trained
    if ids:
        _resize(model, max(ids) + 1)


def trained_rows(model: Any, new: NewTokens) -> dict[str, list[int]] | None:
    """Return what PEFT calls trainable_token_indices: which rows of which layers are trained; None for none."""
    return {name: sorted(new) for name in _layers(model)} if new else None


def vocabulary_of(model: Any) -> int:
    """Return how many rows the embedding has."""
    return int(model.get_input_embeddings().weight.shape[0])


def _resize(model: Any, size: int) -> None:
    if vocabulary_of(model) < size:
        model.resize_token_embeddings(size, mean_resizing=False)


def _layers(model: Any) -> dict[str, Any]:
    """The embedding and, where it has weights of its own, the head, by their last names."""
    layers = [model.get_input_embeddings()]
    head = model.get_output_embeddings()
    if head is not None and head.weight is not layers[0].weight:
        layers.append(head)
    return {name.rpartition(".")[2]: part for name, part in model.named_modules() if part in layers}
