"""Reward runs: from votes to a model that tells better from worse, by TRL's own loss, and exact when resumed."""

import json
import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Bench
from tests.small import make_model, make_tokenizer
from tests.train.test_run import losses, pid_of, wait_for_step

ENDS_IN_STOP = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""Nothing follows the stop token, where TRL would read the score."""
STEPS = 40
SPEC: dict[str, Any] = {
    "task": {"kind": "reward", "margin": 0.3, "center_rewards_coefficient": 0.01},
    "model": "model",
    "data": {"votes": "yes-no", "split": 0.25},
    "max_steps": STEPS,
    "batch_size": 8,
    "learning_rate": 1e-2,
    "save_every": 5,
}


def voted(count: int) -> list[dict[str, Any]]:
    """Pairs of which the answer that says yes is better, whether it is the first or the second, with votes."""
    chance = random.Random(3)
    rows = []
    for number in range(count):
        good, bad = (f"{word} {''.join(chance.choices('abcdefgh', k=3))}" for word in ("yes", "no"))
        is_first = chance.random() < 0.5
        better, worse = ("first", "second") if is_first else ("second", "first")
        votes = [{"annotator": "ana", "choice": f"{better}-clearly" if number % 3 else better}]
        votes += [{"annotator": "ben", "choice": worse if number % 9 == 0 else better}] * (number % 2)
        votes = [] if number % 12 == 0 else votes
        if number % 12 == 1:
            votes = [{"annotator": "ana", "choice": "tie"}, {"annotator": "ben", "choice": "bad"}]
        first, second = (good, bad) if is_first else (bad, good)
        rows.append({"prompt": f"q{number % 40}", "chosen": first, "rejected": second, "votes": votes})
    return rows


@pytest.fixture
def labels(bench: Bench) -> Bench:
    """A workspace with 96 pairs that two people voted on."""
    make_model(make_tokenizer(bench.folder / "model", ENDS_IN_STOP))
    (bench.folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in voted(96)))
    assert bench("label", "import", "pairs.jsonl", "--into", "yes-no").code == 0
    return bench


def test_votes_train_a_model_that_tells_which_answer_is_better_and_goes_on_exactly(labels: Bench) -> None:
    bench = labels
    ran = bench("train", "start", bench.spec("whole", **SPEC), "--wait", "--json")
    assert ran.code == 0, ran.err
    shown = bench.show("whole")
    held_out = shown["result"]["held_out"]
    decisive = sum(vote["choice"] not in ("tie", "bad") for row in voted(96) for vote in row["votes"])
    assert shown["resolved"]["rows"] + held_out["votes"] == decisive
    assert held_out["low"] > 0.5 and held_out["accuracy"] > 0.8  # ben is wrong on purpose now and then
    assert sum(part["votes"] for part in held_out["by_annotator"].values()) == held_out["votes"]
    assert set(held_out["by_grade"]) == {"clearly", "slightly"}
    assert sum(each["votes"] for each in held_out["calibration"]["bins"]) == held_out["votes"]

    folder = bench.folder / "runs" / "whole"
    scored = [json.loads(line) for line in (folder / "scores.jsonl").read_text().splitlines()]
    from workbench.label.store import open_store

    with open_store(bench.folder / "labels.db") as store:
        pairs = store.pairs("yes-no")
    assert [each["pair"] for each in scored] == [pair.digest for pair in pairs]
    kept = [each[side] for each in scored for side in ("first", "second")]
    assert plain_scores(bench, pairs) == pytest.approx(kept, abs=1e-4)
    again = bench("compare", "score", "whole", "pairs.jsonl", "--json").json
    assert [row["scores"][side] for row in again["rows"] for side in ("chosen", "rejected")] == pytest.approx(
        kept, abs=1e-4
    )
    card = (folder / "output" / "README.md").read_text()
    assert "AutoModelForSequenceClassification" in card and f"of {held_out['votes']} (" in card

    assert bench("train", "start", bench.spec("killed", **SPEC)).code == 0
    wait_for_step(bench, "killed", 23)
    os.kill(pid_of(bench, "killed"), signal.SIGKILL)
    assert bench("label", "vote", "yes-no", "1", "second", "--annotator", "cyn").code == 0  # not for this run
    assert bench("train", "resume", "killed", "--wait").code == 0
    assert losses(bench, "killed") == losses(bench, "whole")
    assert bench.show("killed")["result"]["held_out"] == held_out


def test_a_model_that_was_trained_quantised_scores_quantised(labels: Bench) -> None:
    tuning = {"kind": "lora", "rank": 4, "quantise": "nf4"}
    spec = labels.spec("small", **{**SPEC, "tuning": tuning, "max_steps": 2, "save_every": 2})
    ran = labels("train", "start", spec, "--wait")
    assert ran.code == 0, ran.err
    lines = (labels.folder / "runs" / "small" / "scores.jsonl").read_text().splitlines()
    kept = [score for line in map(json.loads, lines) for score in (line["first"], line["second"])]
    found = labels("compare", "score", "small", "pairs.jsonl", "--json").json
    again = [row["scores"][side] for row in found["rows"] for side in ("chosen", "rejected")]
    assert again == pytest.approx(kept, abs=1e-4)


def plain_scores(bench: Bench, pairs: list[Any]) -> list[float]:
    """The scores of the run's output as transformers and PEFT load it, each answer alone in its batch."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    output = bench.folder / "runs" / "whole" / "output"
    tokenizer = AutoTokenizer.from_pretrained(output)
    base = AutoModelForSequenceClassification.from_pretrained(bench.folder / "model", num_labels=1)
    base.config.pad_token_id = tokenizer.pad_token_id
    model = PeftModel.from_pretrained(base, output).eval()
    found = []
    for pair in pairs:
        chats = [
            [{"role": "user", "content": pair.prompt}, {"role": "assistant", "content": answer}]
            for answer in (pair.first, pair.second)
        ]
        with torch.no_grad():
            ids = [tokenizer.apply_chat_template(chat, return_tensors="pt", return_dict=True) for chat in chats]
            found += [float(model(**each).logits) for each in ids]
    return found


def test_the_first_steps_have_the_losses_of_trl_on_the_same_rows(bench: Bench, tmp_path: Path) -> None:
    from datasets import Dataset
    from peft import LoraConfig, get_peft_model
    from torch.utils.data import SequentialSampler
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, set_seed
    from trl import RewardConfig, RewardTrainer

    from workbench.train.order import epoch_order

    make_model(make_tokenizer(bench.folder / "model", ENDS_IN_STOP))
    rows = [{key: row[key] for key in ("prompt", "chosen", "rejected")} for row in voted(24)]
    (bench.folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    task = {"kind": "reward", "center_rewards_coefficient": 0.05}
    spec = bench.spec("ours", task=task, model="model", data="pairs.jsonl", batch_size=8, max_steps=6, warmup=0)
    assert bench("train", "start", spec, "--wait").code == 0

    tokenizer = AutoTokenizer.from_pretrained(bench.folder / "model")
    chats = [
        {side: [turn("user", row["prompt"]), turn("assistant", row[side])] for side in ("chosen", "rejected")}
        for row in rows
    ]
    lengths = [
        max(len(tokenizer.apply_chat_template(chat[side], return_dict=True)["input_ids"]) for side in chat)
        for chat in chats
    ]
    ordered = [index for epoch in (0, 1) for index in epoch_order(lengths, 8, 7, epoch)]
    set_seed(7)
    model = AutoModelForSequenceClassification.from_pretrained(bench.folder / "model", num_labels=1)
    lora = LoraConfig(task_type="SEQ_CLS", r=4, lora_alpha=8, target_modules="all-linear")

    class InOrder(RewardTrainer):
        def _get_train_sampler(self, dataset: Any = None) -> Any:
            return SequentialSampler(dataset)

    trainer = InOrder(
        model=get_peft_model(model, lora),
        args=RewardConfig(
            output_dir=str(tmp_path / "trl"), max_steps=6, per_device_train_batch_size=8, learning_rate=5e-3,
            lr_scheduler_type="cosine", center_rewards_coefficient=0.05, logging_steps=1, seed=7, use_cpu=True,
            bf16=False, gradient_checkpointing=False, max_length=None, report_to="none", save_strategy="no",
            disable_tqdm=True,
        ),
        train_dataset=Dataset.from_list([chats[index] for index in ordered]),
        processing_class=tokenizer,
    )  # fmt: skip
    trainer.train()
    theirs = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    ours = [entry["loss"] for entry in bench.show("ours")["history"] if "loss" in entry]
    assert len(ours) == 6 and ours == pytest.approx(theirs, abs=2e-4)


def turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
