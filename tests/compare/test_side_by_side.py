"""Base and tuned in one batch answer as each would alone; a tuning that cannot share a batch does not."""

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import IA3Config, LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from workbench.compare.columns import columns
from workbench.models.generate import Answer, Sampling, generate
from workbench.models.side_by_side import load
from workbench.workspace import open_workspace

PROMPTS = [[256, 65, 66], [256, 70, 71, 72, 73, 74, 75], [80]]
GREEDY = Sampling(max_new_tokens=12)
TUNINGS = {
    "lora": LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM"),
    "dora": LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False, use_dora=True, task_type="CAUSAL_LM"),
    "ia3": IA3Config(target_modules=["v_proj", "down_proj"], feedforward_modules=["down_proj"], task_type="CAUSAL_LM"),
}


def column(name: str, folder: Path, adapter: Path | None = None) -> dict[str, Any]:
    return {"name": name, "folder": str(folder), "adapter": str(adapter) if adapter else None, "tokenizer": str(folder)}


def alone(model: Any, folder: Path, prompt: list[int]) -> Answer:
    return generate(model.eval(), AutoTokenizer.from_pretrained(folder), [prompt], GREEDY)[0]


@pytest.mark.parametrize("tuning", TUNINGS)
def test_each_column_answers_as_its_model_alone(tiny: Path, tmp_path: Path, tuning: str) -> None:
    torch.manual_seed(3)
    tuned = get_peft_model(AutoModelForCausalLM.from_pretrained(tiny), TUNINGS[tuning])
    if tuning == "ia3":
        with torch.no_grad():
            for name, parameter in tuned.named_parameters():
                if "ia3" in name:
                    parameter.copy_(torch.randn_like(parameter) * 300)
    tuned.save_pretrained(tmp_path / "adapter")
    loaded = load([column("base", tiny), column("tuned", tiny, tmp_path / "adapter")], dtype="float32", device="cpu")
    assert len(loaded) == (1 if tuning == "lora" else 2)
    found = {
        (row, name): answer
        for models in loaded
        for row, name, answer in models.answer({"base": PROMPTS, "tuned": PROMPTS}, GREEDY)
    }
    untouched = AutoModelForCausalLM.from_pretrained(tiny)
    again = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny), tmp_path / "adapter")
    for row, prompt in enumerate(PROMPTS):
        assert found[row, "base"] == alone(untouched, tiny, prompt)
        assert found[row, "tuned"] == alone(again, tiny, prompt)
    assert any(found[row, "base"] != found[row, "tuned"] for row in range(len(PROMPTS)))


def test_an_answer_says_why_it_ended(tiny: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny)
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    (long,) = generate(model, tokenizer, [[65]], Sampling(max_new_tokens=5))
    assert (long.tokens, long.finish) == (5, "length")
    with torch.no_grad():  # the stop token wins everywhere
        model.lm_head.weight = torch.nn.Parameter(torch.zeros_like(model.lm_head.weight))
        model.lm_head.bias = torch.nn.Parameter(torch.nn.functional.one_hot(torch.tensor(257), 258).float())
    (short,) = generate(model, tokenizer, [[65]], Sampling(max_new_tokens=5))
    assert short == Answer("", 1, "stop")


def test_models_of_one_name_get_columns_of_their_own(tiny: Path, tmp_path: Path) -> None:
    import shutil

    for version in ("v1", "v2"):
        shutil.copytree(tiny, tmp_path / version / "model")
    found = columns([str(tmp_path / "v1/model"), str(tmp_path / "v2/model")], open_workspace(tmp_path), print)
    assert len({column.name for column in found}) == 2
