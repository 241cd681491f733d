"""Every kind of tuning counts as PEFT itself counts, on every architecture that PEFT can tune so."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.lora.models import ARCHITECTURES, OTHERS, peft_model, write_config
from tests.lora.test_count import shapes
from workbench.errors import WrongUse
from workbench.lora.count import count
from workbench.lora.modules import Shapes
from workbench.lora.spec import (
    AnyTuning,
    Ia3Tuning,
    LoraTuning,
    PrefixTuning,
    PromptTuning,
    PTuning,
)

HEADS = {"distilbert classify": ["pre_classifier"], "distilbert answer": ["qa_outputs"], "bert answer": ["qa_outputs"]}
"""PEFT puts all-linear adapters on these and then refuses to train them whole: all-linear means all but the heads."""
SEQ2SEQ = ("t5", "mt5", "bart", "pegasus")


def usual_task(kind: str) -> str:
    if kind in ARCHITECTURES:
        return "sft"
    return "seq2seq" if kind in SEQ2SEQ else "masked"


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    return cache(lambda kind: write_config(tmp_path_factory.mktemp(kind), kind))


@pytest.fixture(scope="session")
def shapes_for(folder_of: Callable[[str], Path]) -> Callable[[str, str], Shapes]:
    return cache(lambda kind, task: shapes(folder_of(kind), task))


def config_of(tuning: AnyTuning, heads: list[str] | None = None) -> Any:
    """The same tuning in PEFT's words, written here a second time."""
    import peft

    match tuning:
        case LoraTuning():
            target = tuning.target if isinstance(tuning.target, str) else list(tuning.target)
            return peft.LoraConfig(
                r=tuning.rank, use_dora=tuning.dora, bias=tuning.bias,
                target_modules=[] if target == "none" else target,
                target_parameters=list(tuning.target_parameters) or None,
                layers_to_transform=list(tuning.layers) if tuning.layers else None,
                exclude_modules=heads, rank_pattern=dict(tuning.rank_pattern),
                modules_to_save=list(tuning.modules_to_save) or None,
            )  # fmt: skip
        case Ia3Tuning():
            target = list(tuning.target) if tuning.target and tuning.target != "all-linear" else tuning.target
            feedforward = None if tuning.feedforward is None else list(tuning.feedforward)
            return peft.IA3Config(target_modules=target, feedforward_modules=feedforward, exclude_modules=heads)
        case PromptTuning():
            return peft.PromptTuningConfig(num_virtual_tokens=tuning.virtual_tokens)
        case PTuning():
            return peft.PromptEncoderConfig(
                num_virtual_tokens=tuning.virtual_tokens, encoder_hidden_size=tuning.encoder_hidden_size,
                encoder_reparameterization_type=tuning.encoder.upper(), encoder_num_layers=tuning.encoder_layers,
            )  # fmt: skip
        case PrefixTuning():
            return peft.PrefixTuningConfig(
                num_virtual_tokens=tuning.virtual_tokens, prefix_projection=tuning.projection,
                encoder_hidden_size=tuning.encoder_hidden_size,
            )  # fmt: skip
    raise AssertionError(tuning.kind)


KINDS = {
    "lora": LoraTuning(rank=3),
    "dora": LoraTuning(rank=2, dora=True),
    "lora bias all": LoraTuning(rank=2, bias="all"),
    "lora bias only": LoraTuning(rank=2, bias="lora_only"),
    "ia3": Ia3Tuning(),
    "ia3 all-linear": Ia3Tuning(target="all-linear", feedforward=()),
    "prompt": PromptTuning(virtual_tokens=7),
    "p-tuning": PTuning(virtual_tokens=7, encoder_hidden_size=20),
    "p-tuning lstm": PTuning(virtual_tokens=7, encoder="lstm", encoder_layers=3),
    "prefix": PrefixTuning(virtual_tokens=7),
    "prefix projection": PrefixTuning(virtual_tokens=7, projection=True),
}
CASES = [(kind, usual_task(kind)) for kind in (*ARCHITECTURES, *OTHERS)]
CASES += [(kind, "classify") for kind in ("llama", "gpt2", "bert", "roberta", "distilbert", "deberta-v2", "bart")]
CASES += [(kind, "reward") for kind in ("qwen2", "opt")] + [("bert", "answer"), ("distilbert", "answer")]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(("kind", "task"), CASES)
def test_a_tuning_counts_as_peft_counts(kind, task, name, folder_of, shapes_for):
    tuning = KINDS[name]
    found = shapes_for(kind, task)
    try:
        tuned = peft_model(folder_of(kind), config_of(tuning, HEADS.get(f"{kind} {task}")), task)
    except Exception:  # PEFT has no such tuning there
        with pytest.raises(WrongUse):
            count(found, tuning)
        return
    counted = count(found, tuning)
    assert (counted.trainable, counted.total) == tuned.get_nb_trainable_parameters()


EXPERTS = {
    "all-linear": {"target_parameters": ("experts.gate_up_proj", "experts.down_proj")},
    "none": {"target": "none", "target_parameters": ("model.layers.1.mlp.experts.down_proj",)},
    "patterns": {
        "target": ("q_proj",), "target_parameters": ("0.mlp.experts.gate_up_proj", "experts.down_proj"),
        "rank_pattern": {r"1\.mlp\.experts\.down_proj": 5}, "bias": "all",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", EXPERTS)
@pytest.mark.parametrize("kind", ["mixtral", "qwen2_moe", "qwen3_moe", "gpt_oss"])
def test_adapters_on_experts_in_one_parameter_count_as_peft_counts(kind, name, folder_of, shapes_for):
    tuning = LoraTuning(rank=3, **EXPERTS[name])
    counted, tuned = count(shapes_for(kind, "sft"), tuning), peft_model(folder_of(kind), config_of(tuning))
    assert (counted.trainable, counted.total) == tuned.get_nb_trainable_parameters()
