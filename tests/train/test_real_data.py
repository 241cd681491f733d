"""Runs on public data: the starter and a Qwen-shaped model learn from it, and plain PEFT loads what they learned."""

from pathlib import Path

import pytest

from tests.conftest import Bench
from tests.small import make_model, make_tokenizer


@pytest.mark.shared
@pytest.mark.parametrize("model", ["starter", "qwen"])
def test_alpaca_rows_are_learned_and_the_adapter_loads_without_this_project(
    bench: Bench, shared: Path, model: str
) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    from workbench.workspace import sample_data

    if model == "qwen":
        make_model(make_tokenizer(bench.folder / "qwen"), "qwen2")
    spec = bench.spec(
        "alpaca", model=model, data=str(shared / "llama-factory-demos" / "alpaca_en_demo.json"), max_steps=12,
        max_length=256, allow_cut_answers=0.05, batch_size=8, learning_rate=2e-3, tuning={"kind": "lora", "rank": 8},
    )  # fmt: skip
    ran = bench("train", "start", spec, "--wait")
    assert ran.code == 0, ran.err
    shown = bench.show("alpaca")
    losses = [entry["loss"] for entry in shown["history"]]
    assert shown["status"] == "finished" and sum(losses[-3:]) < sum(losses[:3])
    assert shown["resolved"]["rows"] > 900 and any(w["code"] == "truncated" for w in shown["warnings"])
    base = sample_data() / "starter" if model == "starter" else bench.folder / "qwen"
    tuned = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), shown["output"])
    assert sum(p.numel() for n, p in tuned.named_parameters() if "lora_" in n) == shown["resolved"]["trained"]
