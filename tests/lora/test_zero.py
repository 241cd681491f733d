"""ZeRO's own numbers (Rajbhandari et al. 2020, figure 1), and what its stages shard."""

from dataclasses import replace

import pytest

from tests.lora.models import write_config
from tests.lora.test_count import shapes
from workbench.lora.count import count
from workbench.lora.memory import estimate
from workbench.lora.parts import Load
from workbench.lora.spec import FullTuning
from workbench.lora.zero import States, mixed_precision, per_gpu


def test_the_paper_s_table():
    """7.5 B parameters on 64 GPUs: 120, 31.4, 16.6 and 1.9 GB."""
    states = mixed_precision(7_500_000_000)
    found = [round(per_gpu(states, stage, 64) / 1e9, 1) for stage in range(4)]
    assert found == [120.0, 31.4, 16.6, 1.9]


def test_three_billion_parameters_in_mixed_precision():
    """2 + 2 + 12 bytes a parameter."""
    assert per_gpu(mixed_precision(3_000_000_000), 0, 1) == 48e9


def test_a_stage_shards_what_the_stage_before_does_and_one_more():
    states = States(frozen=800, weights=40, gradients=80, optimizer=160)
    assert [per_gpu(states, stage, 8) for stage in range(4)] == [1080, 940, 870, 135]
    assert all(per_gpu(states, stage, 1) == 1080 for stage in range(4))


def test_frozen_weights_are_whole_on_each_gpu_until_the_last_stage():
    states = mixed_precision(1_000, frozen=64_000)
    assert per_gpu(states, 2, 8) == 64_000 + 2_000 + 14_000 / 8
    assert per_gpu(states, 3, 8) == pytest.approx((64_000 + 16_000) / 8)


def test_a_shared_plan_gathers_two_layers_and_one_layer_s_gradients(tmp_path):
    """The widest unit is a layer, fetched in bfloat16; the embedding is smaller."""
    model = shapes(write_config(tmp_path, "llama"))
    layer = sum(module.size for module in model.modules if ".layers.0" in module.name)
    tuned = count(model, FullTuning())
    load = Load("bfloat16", 1, 8, True, "cuda", zero=3, devices=4)
    found = estimate(model, tuned, FullTuning(), load)
    assert found.part("gathered") == 2 * layer * 2 + layer * 2
    assert found.part("weights") == 4 * model.size / 4
    less = estimate(model, tuned, FullTuning(), replace(load, zero=2))
    assert less.part("gathered") == layer * 2
    assert (less.part("weights"), less.part("gradients")) == (4 * model.size, 4 * model.size / 4)
