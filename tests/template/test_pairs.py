"""Preference pairs: the ids are those of TRL's own preparation, but for the white space behind a stop token."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Bench
from tests.small import CHATML, make_model, make_tokenizer
from tests.template.golden import make_golden
from workbench.template.encoder import open_encoder
from workbench.template.pairs import encode_pair
from workbench.template.spec import EncoderSpec
from workbench.template.writer import TemplateFailed


def said(role: str, text: str) -> dict[str, str]:
    return {"role": role, "content": text}


SYSTEM = said("system", "Be brief.")
CHATS = [
    {"prompt": [said("user", "q ß?")], "chosen": [said("assistant", "yes.")], "rejected": [said("assistant", "no…")]},
    {
        "prompt": [SYSTEM, said("user", "a"), said("assistant", "b"), said("user", "c")],
        "chosen": [said("assistant", "good one")],
        "rejected": [said("assistant", "good")],
    },
]
PLAIN = [{"prompt": "2 + 2 =", "chosen": " 4", "rejected": " five"}]
LONG = EncoderSpec(max_length=10_000)


def of_trl(folder: Path, rows: list[dict[str, Any]], out: Path) -> list[dict[str, list[int]]]:
    """The ids that TRL's DPOTrainer gives the loss."""
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import DPOConfig, DPOTrainer

    trainer = DPOTrainer(
        model=AutoModelForCausalLM.from_pretrained(folder),
        args=DPOConfig(output_dir=str(out), max_length=None, use_cpu=True, bf16=False, report_to="none"),
        train_dataset=Dataset.from_list(rows),
        processing_class=AutoTokenizer.from_pretrained(folder),
    )
    return [{name: row[name] for name in ("prompt_ids", "chosen_ids", "rejected_ids")} for row in trainer.train_dataset]


def without_tail(ids: list[int], stops: frozenset[int]) -> list[int]:
    """The ids up to the last stop token."""
    return ids[: max(place for place, token in enumerate(ids) if token in stops) + 1]


@pytest.mark.parametrize("name", ["qwen2_5", "qwen3", "llama3", "gemma3", "phi3", None])
def test_the_ids_are_those_of_trl(tmp_path: Path, name: str | None) -> None:
    """TRL also trains what a template writes behind the stop token: a line break that no model is asked to write."""
    folder = make_golden(tmp_path / "m", name) if name else make_tokenizer(tmp_path / "m", None, eos="</s>", bos="<s>")
    make_model(folder)
    encoder = open_encoder(folder, LONG)
    rows = CHATS if name else PLAIN
    for row, theirs in zip(rows, of_trl(folder, rows, tmp_path / "out"), strict=True):
        ours = encode_pair(encoder, row)
        assert ours.prompt_ids == theirs["prompt_ids"]
        assert ours.chosen_ids == without_tail(theirs["chosen_ids"], encoder.stop_ids)
        assert ours.rejected_ids == without_tail(theirs["rejected_ids"], encoder.stop_ids)
        assert ours.problems == []


def test_what_is_wrong_about_either_side_is_said(tmp_path: Path) -> None:
    folder = make_tokenizer(tmp_path / "m", CHATML)
    row = CHATS[0]
    prompt = len(encode_pair(open_encoder(folder, LONG), row).prompt_ids)
    cut = encode_pair(open_encoder(folder, EncoderSpec(max_length=prompt)), row)
    assert cut.problems == ["answer-cut"] and cut.chosen_ids == cut.rejected_ids == [] and cut.cut > 0
    first = encode_pair(open_encoder(folder, EncoderSpec(max_length=prompt + 1)), row)
    assert first.problems == [] and len(first.chosen_ids) == len(first.rejected_ids) == 1
    same = {**row, "rejected": [said("assistant", "yes. But")]}
    assert encode_pair(open_encoder(folder, EncoderSpec(max_length=prompt + 4)), same).problems == ["sides-equal"]
    spaces = {**CHATS[0], "chosen": [said("assistant", "x ")], "rejected": [said("assistant", "x")]}
    trims = open_encoder(make_golden(tmp_path / "g", "gemma3"), LONG)
    assert encode_pair(trims, spaces).problems == ["sides-equal"], "Gemma's template trims what is said"


def test_a_template_that_writes_the_prompt_by_its_answer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.jinja").write_text(
        "{{ messages[-1].content | length }} {{ messages | map(attribute='content') | join }}"
    )
    encoder = open_encoder(make_tokenizer(tmp_path / "m"), EncoderSpec(template=str(tmp_path / "odd.jinja")))
    with pytest.raises(TemplateFailed):
        encode_pair(encoder, CHATS[0])


def test_the_command_shows_both_sides(bench: Bench) -> None:
    rows = [
        {"prompt": "q", "chosen": "good", "rejected": "bad"},
        {"chosen": "\n\nHuman: hi\n\nAssistant: yes", "rejected": "\n\nHuman: hi\n\nAssistant: no"},
    ]
    for number, row in enumerate(rows):
        (bench.folder / f"{number}.jsonl").write_text(json.dumps(row) + "\n")
    shown = bench("template", "show", "0.jsonl", "--model", "tiny", "--json").json
    assert shown["text"] == "<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\ngood<|im_end|>\n"
    assert shown["rejected"]["text"] == "<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\nbad<|im_end|>\n"
    ids = shown["pair"]
    assert shown["input_ids"][: len(ids["prompt_ids"])] == ids["prompt_ids"]
    assert [label for label in shown["labels"] if label >= 0] == ids["chosen_ids"]
    assert [label for label in shown["rejected"]["labels"] if label >= 0] == ids["rejected_ids"]
    dialogue = bench("template", "show", "1.jsonl", "--model", "tiny", "--json").json
    assert dialogue["text"] == "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nyes<|im_end|>\n"
    checked = bench("template", "check", "tiny", "0.jsonl", "--json")
    assert checked.code == 0 and checked.json["problems"] == []
    written = bench("template", "show", "0.jsonl", "--model", "tiny").out
    assert "good<|im_end|>" in written and "bad<|im_end|>" in written and "rejected" in written
