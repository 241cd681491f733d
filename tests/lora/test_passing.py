"""Activations are what torch saves: its own tensors on a CPU are the oracle, within a stated error."""

import json
from dataclasses import replace

import pytest

from tests.lora.saved import build, saved_bytes
from tests.lora.test_count import shapes
from workbench.lora.blocks import blocks
from workbench.lora.count import count
from workbench.lora.parts import Load
from workbench.lora.passing import passing
from workbench.lora.spec import FullTuning, LoraTuning

SIZES = {
    "vocab_size": 100, "hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 6, "num_attention_heads": 4,
    "num_key_value_heads": 2,
}  # fmt: skip
KINDS = {
    "llama": SIZES,
    "qwen3": {**SIZES, "head_dim": 24},
    "phi3": {**SIZES, "pad_token_id": 0},
    "gpt2": {"vocab_size": 100, "n_embd": 64, "n_layer": 6, "n_head": 4},
    "gpt_neox": SIZES,
    "opt": {"vocab_size": 100, "hidden_size": 64, "ffn_dim": 160, "num_hidden_layers": 6, "num_attention_heads": 4,
            "word_embed_proj_dim": 64, "dropout": 0.0},
    "mixtral": {**SIZES, "num_local_experts": 4, "num_experts_per_tok": 2},
}  # fmt: skip
ROWS, LENGTH = 2, 64
_EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 48}
ODD = {
    "falcon": ("sdpa", {"vocab_size": 100, "hidden_size": 64, "num_hidden_layers": 6, "num_attention_heads": 4}),
    "gpt_neox": ("sdpa", SIZES),
    "gemma2": ("eager", {**SIZES, "head_dim": 16}),
    "olmo": ("sdpa", SIZES),
    "qwen3_moe": ("sdpa", {**SIZES, **_EXPERTS, "head_dim": 16}),
    "gpt_oss": ("eager", {**SIZES, "num_local_experts": 4, "num_experts_per_tok": 2, "head_dim": 16}),
    "gpt_neo": ("eager", {"vocab_size": 100, "hidden_size": 64, "num_layers": 6, "num_heads": 4,
                          "attention_types": [[["global", "local"], 3]]}),
}  # fmt: skip
"""One head of keys, which no fused kernel takes; torch's LayerNorm; capped scores; norms without a weight; experts
that work in the dtype of their weights; a softmax in 16 bit; one whose dtype is left to autocast."""


def kept(folder, tuning, load: Load) -> float:
    model = shapes(folder)
    tuned = count(model, tuning)
    return passing(model, blocks(model, tuned), tuned, "none", load).kept


def described(folder, kind: str):
    dropouts = {"attn_pdrop": 0.0, "resid_pdrop": 0.0, "embd_pdrop": 0.0} if kind == "gpt2" else {}
    (folder / "config.json").write_text(json.dumps({"model_type": kind, **KINDS[kind], **dropouts}))
    return folder


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("kind", KINDS)
def test_float32_is_within_seven_percent(tmp_path, kind, attention):
    folder = described(tmp_path, kind)
    load = Load("float32", ROWS, LENGTH, False, "cpu", attention=attention)
    for tuning in (LoraTuning(rank=4), FullTuning()):
        rank = tuning.rank if isinstance(tuning, LoraTuning) else None
        real = saved_bytes(build(folder, dtype="float32", rank=rank, attention=attention), ROWS, LENGTH, "float32")
        assert kept(folder, tuning, load) == pytest.approx(real, rel=0.07), tuning.kind


@pytest.mark.parametrize("kind", ["llama", "qwen3", "phi3", "opt"])
def test_autocast_keeps_casts_of_weights_and_inputs_too(tmp_path, kind):
    folder = described(tmp_path, kind)
    load = Load("bfloat16", ROWS, LENGTH, False, "cpu")
    for tuning in (LoraTuning(rank=4), FullTuning()):
        rank = tuning.rank if isinstance(tuning, LoraTuning) else None
        real = saved_bytes(build(folder, dtype="bfloat16", rank=rank), ROWS, LENGTH, "bfloat16")
        assert kept(folder, tuning, load) == pytest.approx(real, rel=0.05), tuning.kind


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_rows_of_unequal_length_keep_a_mask_in_each_layer_within_the_range(tmp_path, dtype):
    folder, length = described(tmp_path, "llama"), 4 * LENGTH
    model = build(folder, dtype=dtype, rank=4)
    alike, padded = (saved_bytes(model, ROWS, length, dtype, shorter=shorter) for shorter in (0, LENGTH))
    each = 4 if dtype == "float32" else 2
    assert padded - alike >= 6 * ROWS * length**2 * each  # six layers
    found = shapes(folder)
    tuned = count(found, LoraTuning(rank=4))
    load = Load(dtype, ROWS, length, False, "cpu")
    assert padded <= passing(found, blocks(found, tuned), tuned, "none", load).part.high


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("kind", ODD)
def test_odd_architectures_are_within_nine_percent(tmp_path, kind, dtype):
    attention, sizes = ODD[kind]
    dropouts = dict.fromkeys(("attention_dropout", "resid_dropout", "embed_dropout", "hidden_dropout"), 0.0)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind, **sizes, **dropouts}))
    load = Load(dtype, ROWS, LENGTH, False, "cpu", attention=attention)
    for tuning in (LoraTuning(rank=4), FullTuning()):
        rank = tuning.rank if isinstance(tuning, LoraTuning) else None
        real = saved_bytes(build(tmp_path, dtype=dtype, rank=rank, attention=attention), ROWS, LENGTH, dtype)
        assert kept(tmp_path, tuning, load) == pytest.approx(real, rel=0.09), tuning.kind


def test_adapters_on_two_modules_keep_only_their_inputs(tmp_path):
    folder = described(tmp_path, "llama")
    tuning = LoraTuning(rank=4, target="q_proj, v_proj")
    model = build(folder, dtype="float32", rank=4, target=["q_proj", "v_proj"])
    load = Load("float32", ROWS, LENGTH, False, "cpu")
    real = saved_bytes(model, ROWS, LENGTH, "float32")
    assert kept(folder, tuning, load) == pytest.approx(real, rel=0.02)
    assert kept(folder, tuning, load) < kept(folder, LoraTuning(rank=4), load)


def test_checkpointing_keeps_a_layer_s_input(tmp_path):
    """64 numbers of 4 bytes for each of 6 layers and the last norm."""
    folder = described(tmp_path, "llama")
    model = build(folder, dtype="float32", rank=4)
    model.enable_input_require_grads()
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    real = saved_bytes(model, ROWS, LENGTH, "float32")
    load = Load("float32", ROWS, LENGTH, True, "cpu")
    assert kept(folder, LoraTuning(rank=4), load) == ROWS * LENGTH * 64 * 4 * (6 + 1)
    assert kept(folder, LoraTuning(rank=4), load) == pytest.approx(real, rel=0.1)


def test_eager_attention_grows_with_the_square_of_the_length(tmp_path):
    """4 heads × 64 × 64 after the softmax, 4 bytes, 6 layers, 2 rows; doubled length, four times that."""
    folder = described(tmp_path, "llama")
    load = Load("float32", ROWS, LENGTH, False, "cpu")
    long = replace(load, length=2 * LENGTH)
    extra = [
        kept(folder, FullTuning(), replace(each, attention="eager")) - kept(folder, FullTuning(), each)
        for each in (load, long)
    ]
    scores = 4 * LENGTH**2 * 4 * 6 * ROWS
    assert extra[1] - 2 * extra[0] == 2 * scores
