"""Every tuning that is saved as an adapter in PEFT's own words: its configuration for one model."""

from typing import Any

from workbench.errors import WrongUse
from workbench.lora.spec import (
    ALL_LINEAR,
    NO_MODULES,
    AdapterTuning,
    Ia3Tuning,
    LoraTuning,
    PrefixTuning,
    PromptTuning,
    PTuning,
)
from workbench.lora.targets import layer_of, matches
from workbench.models.vocabulary import NewTokens, trained_rows


def peft_config(model: Any, tuning: AdapterTuning, new: NewTokens, task: str | None = "CAUSAL_LM") -> Any:
    """Return PEFT's configuration of `tuning` and new tokens for a model whose task PEFT calls `task`.

    Raises WrongUse for what PEFT or the trainer would pass by.
    """
    import peft

    match tuning:
        case LoraTuning():
            return _low_rank(model, tuning, new, task)
        case Ia3Tuning():
            return _scaling(model, tuning, new, task)
    if new:
        raise WrongUse(
            f"tuning: virtual tokens cannot train the rows of new tokens: {len(new)}",
            "use lora, or leave new tokens out",
        )
    shared = {"task_type": task, "num_virtual_tokens": getattr(tuning, "virtual_tokens", 0)}
    match tuning:
        case PromptTuning():
            start = "SAMPLE_VOCAB" if tuning.start == "vocabulary" else "RANDOM"
            return peft.PromptTuningConfig(**shared, prompt_tuning_init=start)
        case PTuning():
            return peft.PromptEncoderConfig(
                **shared,
                encoder_reparameterization_type=tuning.encoder.upper(),
                encoder_hidden_size=tuning.encoder_hidden_size,
                encoder_num_layers=tuning.encoder_layers,
            )
        case PrefixTuning():
            return peft.PrefixTuningConfig(
                **shared, prefix_projection=tuning.projection, encoder_hidden_size=tuning.encoder_hidden_size
            )
    raise AssertionError(tuning)


def linear_names(model: Any) -> list[str]:
    """Return the full names of all linear modules but the output head: what all-linear means."""
    head = model.get_output_embeddings()
    return [name for name, part in model.named_modules() if is_linear(part) and part is not head]


def is_linear(module: Any) -> bool:
    """Whether PEFT takes the module for a linear one."""
    import torch
    from transformers.pytorch_utils import Conv1D

    return isinstance(module, torch.nn.Linear | Conv1D)


def _low_rank(model: Any, tuning: LoraTuning, new: NewTokens, task: str | None) -> Any:
    import peft

    return peft.LoraConfig(
        task_type=task,
        r=tuning.rank,
        lora_alpha=tuning.alpha,
        lora_dropout=tuning.dropout,
        use_rslora=tuning.rslora,
        use_dora=tuning.dora,
        target_modules=[] if tuning.target == NO_MODULES else _target(model, tuning.target, tuning.layers),
        target_parameters=list(tuning.target_parameters) or None,
        rank_pattern=dict(tuning.rank_pattern),
        alpha_pattern=dict(tuning.alpha_pattern),
        bias=tuning.bias,
        modules_to_save=list(tuning.modules_to_save) or None,
        trainable_token_indices=trained_rows(model, new),
    )


def _scaling(model: Any, tuning: Ia3Tuning, new: NewTokens, task: str | None) -> Any:
    import peft

    if new:
        raise WrongUse(f"tuning: ia3 cannot train the rows of new tokens: {len(new)}", "use lora, or leave them out")
    return peft.IA3Config(
        task_type=task,
        target_modules=None if tuning.target is None else _target(model, tuning.target),
        feedforward_modules=None if tuning.feedforward is None else list(tuning.feedforward),
        modules_to_save=list(tuning.modules_to_save) or None,
    )


def _target(model: Any, target: str | tuple[str, ...], layers: tuple[int, ...] | None = None) -> str | list[str]:
    """The target as PEFT takes it: with layers the full names, as layers_to_transform takes no regular expression."""
    if layers is None:
        return target if isinstance(target, str) else list(target)
    known = linear_names(model) if target == ALL_LINEAR else [name for name, _ in model.named_modules() if name]
    meant = known if target == ALL_LINEAR else [name for name in known if matches(name, target)]
    kept = [name for name in meant if layer_of(name) in layers]
    if not kept:
        raise WrongUse(f"tuning.layers: no target is in layers {', '.join(map(str, layers))}", "name other layers")
    return kept
