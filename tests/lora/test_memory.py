"""The rough estimate: parts that can be checked by hand, a range, and a verdict that never promises lightly."""

import pytest

from tests.lora.models import write_config
from tests.lora.test_count import shapes
from workbench.lora.count import count
from workbench.lora.memory import Estimate, estimate, estimate_batch, training_dtype
from workbench.lora.parts import Load, Part
from workbench.lora.spec import FullTuning, LoraTuning

GPU = Load("bfloat16", micro_batch=2, length=100, checkpointing=True, device="cuda")
CPU = Load("float32", micro_batch=2, length=100, checkpointing=False, device="cpu")


def parts(folder, tuning, load) -> dict[str, Part]:
    model = shapes(write_config(folder, "llama"))
    return {part.name: part for part in estimate(model, count(model, tuning), tuning, load).parts}


def test_full_tuning_holds_four_bytes_each_and_two_moments(tmp_path):
    found = parts(tmp_path, FullTuning(), GPU)
    size = shapes(tmp_path).size
    assert (found["weights"].low, found["gradients"].low, found["optimizer"].low) == (4 * size, 4 * size, 8 * size)


def test_adapters_train_little_beside_frozen_weights(tmp_path):
    found = parts(tmp_path, LoraTuning(rank=2), GPU)
    model = shapes(tmp_path)
    trained = count(model, LoraTuning(rank=2)).trainable
    assert found["weights"].low == 2 * model.size + 4 * trained
    assert found["gradients"].high == 4 * trained


def test_nf4_quantises_linear_modules_but_not_embeddings_norms_and_head(tmp_path):
    found = parts(tmp_path, LoraTuning(rank=2, quantise="nf4"), GPU)
    model = shapes(tmp_path)
    linear = sum(each.size for each in model.modules if each.name.endswith("_proj"))
    trained = count(model, LoraTuning(rank=2)).trainable
    bits = 4 + 8 / 64 + 32 / (64 * 256)
    assert found["weights"].low == pytest.approx(bits / 8 * linear + 2 * (model.size - linear) + 2 * trained)


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


def test_the_micro_batch_is_the_largest_divisor_that_fits(tmp_path):
    model = shapes(write_config(tmp_path, "llama"))
    tuned = count(model, LoraTuning())

    def rows(free: int) -> int:
        return estimate_batch(model, tuned, LoraTuning(), GPU, 12, free).load.micro_batch

    needs = {size: estimate(model, tuned, LoraTuning(), GPU.with_rows(size)).high for size in (6, 12)}
    assert rows(int(needs[12] / 0.9) + 2) == 12
    assert rows(int(needs[6] / 0.9) + 2) == 6
    assert rows(1) == 1
    long = Load("float32", 1, 8192, False, "cpu")
    assert estimate_batch(model, tuned, LoraTuning(), long, 16, free=1).load.micro_batch == 2


def test_the_dtype_is_what_a_run_would_choose():
    assert training_dtype("auto", "cuda", bf16=True) == "bfloat16"
    assert training_dtype("auto", "cuda", bf16=False) == "float16"
    assert training_dtype("auto", "cpu", bf16=False) == "float32"
    assert training_dtype("float32", "cuda", bf16=True) == "float32"
