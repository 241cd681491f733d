"""A prompt answered by base and tuned in one batch, against one model after the other (plain PEFT, float32, greedy).

Prints one JSON line; `ratio` above 1 means that the shared batch is faster. Checks that the tokens are equal.
    python -m tests.bench.answer_speed
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.compare.side_by_side import load
from workbench.models.generate import Sampling, generate
from workbench.workspace import sample_data

_PROMPTS, _NEW_TOKENS, _ROUNDS = 16, 48, 5


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and result of one call."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def main() -> None:
    """Measure in turns."""
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    starter = sample_data() / "starter"
    torch.manual_seed(0)
    config = LoraConfig(r=16, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    sampling = Sampling(max_new_tokens=_NEW_TOKENS)
    with tempfile.TemporaryDirectory() as adapter:
        get_peft_model(AutoModelForCausalLM.from_pretrained(starter), config).save_pretrained(adapter)
        columns = [
            {"name": name, "folder": str(starter), "adapter": path, "tokenizer": str(starter)}
            for name, path in (("base", None), ("tuned", adapter))
        ]
        (together,) = load(columns, dtype="float32", device="cpu")
        base = AutoModelForCausalLM.from_pretrained(starter).eval()
        tuned = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(starter), Path(adapter)).eval()
    tokenizer = AutoTokenizer.from_pretrained(starter)
    prompts = [[20 + (7 * row + place) % 600 for place in range(12)] for row in range(_PROMPTS)]

    def together_one_by_one() -> list[Any]:
        return [
            answer
            for prompt in prompts
            for _, _, answer in together.answer({"base": [prompt], "tuned": [prompt]}, sampling)
        ]

    def one_after_the_other() -> list[Any]:
        models = (base, tuned)
        return [answer for p in prompts for model in models for answer in generate(model, tokenizer, [p], sampling)]

    ways = {"together": together_one_by_one, "one_after_the_other": one_after_the_other}
    spent: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(_ROUNDS):
        answers = {}
        for way, work in ways.items():
            took, answers[way] = timed(work)
            spent[way].append(took)
        assert answers["together"] == answers["one_after_the_other"]
    medians = {way: round(statistics.median(values), 3) for way, values in spent.items()}
    ratio = round(medians["one_after_the_other"] / medians["together"], 2)
    print(json.dumps({"bench": "answer_speed", "seconds": medians, "equal_tokens": True, "ratio": ratio}))


if __name__ == "__main__":
    main()
