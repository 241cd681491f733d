"""The rough estimate: parts that can be checked by hand, a range, and a verdict that never promises lightly."""

from dataclasses import replace
from math import ceil

from tests.lora.models import write_config
from tests.lora.test_count import shapes
from workbench.lora.count import count
from workbench.lora.memory import Estimate, Model, estimate, training_dtype
from workbench.lora.parts import Load, Part
from workbench.lora.spec import FullTuning, LoraTuning

GPU = Load("bfloat16", micro_batch=2, length=100, checkpointing=True, device="cuda")
CPU = Load("float32", micro_batch=2, length=100, checkpointing=False, device="cpu")


def parts(folder, tuning, load) -> dict[str, Part]:
    model = shapes(write_config(folder, "llama"))
    return {part.name: part for part in estimate(model, count(model, tuning), tuning, load).parts}


def test_full_tuning_holds_four_bytes_each_and_two_moments(tmp_path):
    found = parts(tmp_path, FullTuning(), GPU)
    model = shapes(tmp_path)
    tensors = sum(1 for _, _, parameter in model.named() if parameter.size)
    assert (found["weights"].low, found["gradients"].low) == (4 * model.size, 4 * model.size)
    assert found["optimizer"].low == 8 * model.size + 4 * tensors, "and AdamW counts each tensor's steps"


def test_adapters_train_little_beside_frozen_weights(tmp_path):
    found = parts(tmp_path, LoraTuning(rank=2), GPU)
    model = shapes(tmp_path)
    trained = count(model, LoraTuning(rank=2)).trainable
    assert found["weights"].low == 2 * model.size + 4 * trained
    assert found["gradients"].high == 4 * trained


def test_nf4_quantises_linear_modules_but_not_embeddings_norms_and_head(tmp_path):
    found = parts(tmp_path, LoraTuning(rank=2, quantise="nf4"), GPU)
    model = shapes(tmp_path)
    linear = [each.size for each in model.modules if each.name.endswith("_proj")]
    trained = count(model, LoraTuning(rank=2)).trainable
    tables = 4 * (16 + 256 + 1)
    held = sum(size / 2 + ceil(size / 64) + 4 + tables for size in linear)  # at most 256 blocks each
    assert found["weights"].low == held + 2 * (model.size - sum(linear)) + 2 * trained


def test_checkpointing_and_fewer_rows_need_less(tmp_path):
    model = shapes(write_config(tmp_path, "llama", num_hidden_layers=12))
    tuned = count(model, LoraTuning())
    free = estimate(model, tuned, LoraTuning(), CPU)
    again = estimate(model, tuned, LoraTuning(), Load("float32", 2, 100, True, "cpu"))
    assert again.low < free.low
    assert again.high < free.high
    assert estimate(model, tuned, LoraTuning(), CPU.with_rows(1)).high < free.high


def test_a_verdict_is_fits_only_when_the_worst_case_fits():
    found = Estimate(GPU, (Part("weights", 10, 14, ""), Part("logits", 2, 6, "")))
    assert (found.low, found.high) == (12, 20)
    assert [found.verdict(free) for free in (21, 20, 13, 12)] == ["fits", "tight", "tight", "does not fit"]


def test_what_is_never_there_at_one_time_is_not_added(tmp_path):
    """Without accumulation gradients come while activations go: the peak is the larger, not the sum."""
    model = shapes(write_config(tmp_path, "llama", vocab_size=20_000))
    tuned = count(model, FullTuning())
    once = estimate(model, tuned, FullTuning(), CPU)
    several = estimate(model, tuned, FullTuning(), CPU.with_rows(2, batch=8))
    assert once.part("gradients") == several.part("gradients") == 4 * model.size
    assert once.expected < several.expected < sum(part.expected for part in several.parts)
    assert once.low < once.expected < once.high


def test_other_models_stand_beside_the_trained_one(tmp_path):
    """DPO's reference is the model without its adapters, and a second one in full tuning; PPO has a reward model."""
    model = shapes(write_config(tmp_path, "llama"))

    def beside(tuning, task: str) -> float:
        return estimate(model, count(model, tuning), tuning, replace(GPU, task=task)).part("other models")

    assert [beside(LoraTuning(), task) for task in ("sft", "dpo", "ppo", "grpo")] == [0, 0, 2 * model.size, 0]
    assert [beside(FullTuning(), task) for task in ("sft", "dpo", "ppo", "grpo")] == [
        0, 4 * model.size, 8 * model.size, 0,
    ]  # fmt: skip


def test_generation_keeps_keys_and_values_of_every_layer(tmp_path):
    """2 layers, 2 of 4 heads of 8 for k and for v, 2 × 100 tokens, 2 bytes."""
    model = shapes(write_config(tmp_path, "llama"))
    found = estimate(model, count(model, LoraTuning()), LoraTuning(), replace(GPU, task="grpo"))
    assert found.part("kv cache") == 2 * (16 + 16) * 200 * 2


def test_only_a_plain_trainer_holds_the_whole_logits(tmp_path):
    """A tile is at most 4,096 × 32,768; ForCausalLMLoss has 2 + 4 + 4 + 4 bytes for every token and word."""
    model = shapes(write_config(tmp_path, "llama", vocab_size=128_000))
    tuned = count(model, LoraTuning())
    load = Load("bfloat16", 8, 2048, True, "cuda")
    found = {task: estimate(model, tuned, LoraTuning(), replace(load, task=task)) for task in ("sft", "causal")}
    assert found["causal"].part("logits") == 8 * 2048 * 128_000 * 14
    assert found["sft"].part("logits") == 4096 * 32_768 * 2 + 8 * 2048 * 32 * 6
    scored = estimate(model, tuned, LoraTuning(), replace(load, task="reward"))
    assert scored.part("logits") == 2 * 8 * 2048 * 4, "a pair is two sequences"


def test_the_micro_batch_is_the_largest_divisor_that_fits(tmp_path):
    model = shapes(write_config(tmp_path, "llama"))
    tuned = count(model, LoraTuning())

    def rows(free: int) -> int:
        return Model(model, tuned, LoraTuning()).with_micro_batch(GPU, 12, free).load.micro_batch

    needs = {size: estimate(model, tuned, LoraTuning(), GPU.with_rows(size, 12)).high for size in (6, 12)}
    assert rows(int(needs[12] / 0.9) + 2) == 12
    assert rows(int(needs[6] / 0.9) + 2) == 6
    assert rows(1) == 1
    long = Load("float32", 1, 8192, False, "cpu")
    assert Model(model, tuned, LoraTuning()).with_micro_batch(long, 16, free=1).load.micro_batch == 2


def test_the_dtype_is_what_a_run_would_choose():
    assert training_dtype("auto", "cuda", bf16=True) == "bfloat16"
    assert training_dtype("auto", "cuda", bf16=False) == "float16"
    assert training_dtype("auto", "cpu", bf16=False) == "float32"
    assert training_dtype("float32", "cuda", bf16=True) == "float32"
