"""Templates put on a model: their control tokens are added, trained and saved, and so are they."""

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Bench
from tests.small import make_model, make_tokenizer
from tests.train.test_run import history_of, losses, pid_of, wait_for_step

NEW = ["<|im_start|>", "<|im_end|>"]
APPLIED = {"model": "bare", "template": "chatml", "new_tokens": "template", "max_steps": 12, "save_every": 4}


@pytest.fixture(params=[True, False], ids=["tied", "untied"])
def bare(bench: Bench, request: pytest.FixtureRequest) -> Bench:
    """A workspace with a base model without a template, whose head has its embedding's weights or its own."""
    folder = make_tokenizer(bench.folder / "bare", None, control=(), eos="</s>", bos="<s>")
    make_model(folder, tie_word_embeddings=request.param)
    return bench


def loaded_as_its_card_says(output: Path) -> Any:
    """The model that the card's own Python gives."""
    card = (output / "README.md").read_text()
    code = re.search(r"```python\n(.*?)```", card, re.DOTALL)
    assert code is not None
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    names: dict[str, Any] = {
        "FOLDER": str(output), "PeftModel": PeftModel, "AutoModelForCausalLM": AutoModelForCausalLM
    }  # fmt: skip
    exec(code[1], names)
    return names["model"].eval()


def loss_of(model: Any, output: Path, rows: list[dict[str, str]]) -> float:
    """The mean loss of the answers' tokens, by plain transformers and hand-written ChatML."""
    import torch
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(output)
    sums: list[torch.Tensor] = []
    for row in rows:
        asked = f"<|im_start|>user\n{row['prompt']}<|im_end|>\n<|im_start|>assistant\n"
        said = f"{row['completion']}<|im_end|>"
        ids = tokenizer(asked + said + "\n", add_special_tokens=False)["input_ids"]
        first = len(tokenizer(asked, add_special_tokens=False)["input_ids"])
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0, :-1].float()
        sums.append(torch.nn.functional.cross_entropy(logits, torch.tensor(ids[1:]), reduction="none")[first - 1 : -1])
    return float(torch.cat(sums).mean())


def test_an_adapter_brings_its_new_tokens_along_and_loads_as_its_card_says(bare: Bench) -> None:
    spec = bare.spec("put", **APPLIED, data={"train": "rows.jsonl", "validation": "few.jsonl"}, micro_batch=4)
    few = (bare.folder / "rows.jsonl").read_text().splitlines()[:4]
    (bare.folder / "few.jsonl").write_text("\n".join(few))
    assert bare("train", "start", spec, "--wait").code == 0
    said = [each["message"] for each in history_of(bare, "put") if "added" in each.get("message", "")]
    assert said == ["added <|im_start|>, <|im_end|>: the embedding has 260 rows now"]
    output = Path(bare.show("put")["output"])

    from safetensors.torch import load_file
    from transformers import AutoTokenizer

    saved = load_file(output / "adapter_model.safetensors")
    trained = [value.shape for name, value in saved.items() if "trainable_tokens" in name]
    assert set(trained) == {(2, 32)} and not [name for name in saved if name.endswith("embed_tokens.weight")]
    assert max(value.numel() for value in saved.values()) < 258 * 32, "no whole embedding is saved"
    tokenizer = AutoTokenizer.from_pretrained(output)
    assert tokenizer.eos_token == "<|im_end|>" and tokenizer.convert_tokens_to_ids(NEW) == [258, 259]
    ours = bare.show("put")["history"]
    validated = [entry["eval_loss"] for entry in ours if "eval_loss" in entry][-1]
    assert loss_of(loaded_as_its_card_says(output), output, [json.loads(line) for line in few]) == pytest.approx(
        validated, abs=1e-4
    )
    assert 259 in loaded_as_its_card_says(output).generation_config.eos_token_id
    compared = bare("compare", "put", "--prompts", "few.jsonl", "--max-new-tokens", "8", "--json")
    assert compared.code == 0 and len(compared.json["models"]) == 2


def test_a_killed_run_with_new_tokens_repeats_the_losses_that_it_had_and_goes_on(bare: Bench) -> None:
    assert bare("train", "start", bare.spec("killed", **APPLIED)).code == 0
    wait_for_step(bare, "killed", 7)
    os.kill(pid_of(bare, "killed"), signal.SIGKILL)
    before = losses(bare, "killed")  # steps 5 to 7 are in no checkpoint
    assert bare("train", "resume", "killed", "--wait").code == 0
    after = losses(bare, "killed")
    assert len(after) == 12 and after[: len(before)] == before


def test_full_tuning_saves_a_larger_model_that_stops_at_the_new_token(bare: Bench) -> None:
    assert bare("train", "start", bare.spec("full", **APPLIED, tuning={"kind": "full"}), "--wait").code == 0
    output = Path(bare.show("full")["output"])
    model = loaded_as_its_card_says(output)
    assert model.get_input_embeddings().weight.shape[0] == model.get_output_embeddings().weight.shape[0] == 260
    assert 259 in model.generation_config.eos_token_id


def test_without_new_tokens_the_run_does_not_start_to_train_and_names_the_way(bare: Bench) -> None:
    ran = bare("train", "start", bare.spec("plain", **{**APPLIED, "new_tokens": None}), "--wait")
    assert ran.code == 1 and "the stop token of an answer is not trained" in ran.err and "new_tokens" in ran.err


def test_a_prompt_file_is_saved_as_the_chat_template_that_asks_as_was_trained(bench: Bench) -> None:
    rows = [{"instruction": f"Say {n}.", "input": "twice" * (n % 2), "output": f"{n}"} for n in range(8)]
    (bench.folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    make_model(make_tokenizer(bench.folder / "bare", None, control=(), eos="</s>", bos="<s>"))
    spec = bench.spec("asked", model="bare", template="alpaca", max_steps=2)
    assert bench("train", "start", spec, "--wait").code == 0
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(bench.show("asked")["output"])
    question = {"role": "user", "content": "Say 1.\n\ntwice", "instruction": "Say 1.", "input": "twice"}
    for row, asked in ((2, question), (1, {"role": "user", "content": "Say 0."})):
        shown = bench("template", "show", "rows.jsonl", "--model", "bare", "--template", "alpaca", "--row", str(row),
                      "--generation-prompt", "--json").json  # fmt: skip
        text = tokenizer.apply_chat_template([asked], tokenize=False, add_generation_prompt=True)
        assert text == shown["text"] and text.startswith("<s>Below is an instruction") and text.endswith("sponse:\n")
    samples = [json.loads(line) for line in (bench.folder / "runs/asked/journal.jsonl").read_text().splitlines()]
    prompts = [entry["prompt"] for entry in samples if entry["kind"] == "sample"]
    assert prompts and all(prompt.endswith("### Response:\n") for prompt in prompts)
