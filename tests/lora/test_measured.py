"""The estimate against what the trainer of a run really takes, at a tiny size: what the benchmark does on a GPU."""

import pytest

from tests.bench.memory_run import Case, built, taken
from tests.lora.models import write_config
from tests.lora.test_count import shapes
from workbench.lora.fit import Plan, reckon
from workbench.lora.parts import Load
from workbench.lora.spec import FullTuning, LoraTuning, PrefixTuning, PromptTuning

SIZES = {
    "vocab_size": 32_768, "hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 3, "head_dim": 16,
}  # fmt: skip


@pytest.mark.parametrize(
    ("tuning", "dtype"),
    [
        (LoraTuning(rank=4), "float32"),
        (LoraTuning(rank=4, quantise="nf4"), "bfloat16"),
        (FullTuning(), "bfloat16"),
        (PromptTuning(virtual_tokens=40), "float32"),
        (PrefixTuning(virtual_tokens=40), "float32"),
    ],
    ids=lambda each: getattr(each, "kind", each),
)
def test_training_and_evaluation_need_what_is_said(tmp_path, tuning, dtype):
    from transformers import AutoConfig

    folder = write_config(tmp_path, "qwen3", **SIZES)
    load = Load(dtype, 2, 64, False, "cpu")
    _, said = reckon(shapes(folder), Plan(tuning, load, 2))
    model = built(AutoConfig.from_pretrained(folder), tuning, dtype, "cpu")
    took = taken(Case("tiny", tuning, said.load), model)
    assert took is not None
    assert said.part("weights") == took.weights
    assert said.part("optimizer") == took.optimizer
    runtime = said.part("runtime")
    moments = {moment.name: moment.expected - runtime for moment in said.moments}
    assert said.expected - runtime == pytest.approx(took.training, rel=0.1)
    assert moments["evaluation"] == pytest.approx(took.evaluation, rel=0.1)
