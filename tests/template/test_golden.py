"""Which tokens are trained under every template that TRL ships: as TRL's own trainer has it, and by their text."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.small import make_model
from tests.template.golden import NOT_JUDGED, STOPS, make_golden, plain_chats, reasoning_chats, tool_chats
from workbench.template.encoder import IGNORED, Encoder, open_encoder
from workbench.template.spec import EncoderSpec
from workbench.template.writer import TemplateFailed

LONG = EncoderSpec(max_length=100_000)
GROUPS = {"plain": plain_chats, "tools": tool_chats, "reasoning": reasoning_chats}


def taken_by(encoder: Encoder, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that the template does not refuse."""
    found = []
    for row in rows:
        with contextlib.suppress(TemplateFailed):
            encoder.encode(row)
            found.append(row)
    return found


def of_trl(folder: Path, rows: list[dict[str, Any]], out: Path) -> list[tuple[list[int], list[int]]]:
    """The ids and labels of TRL's SFTTrainer."""
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(folder),
        args=SFTConfig(
            output_dir=str(out), assistant_only_loss=True, max_length=None, use_cpu=True, bf16=False, report_to="none",
            disable_tqdm=True,
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=AutoTokenizer.from_pretrained(folder),
    )  # fmt: skip
    batches = [trainer.data_collator([row]) for row in trainer.train_dataset]
    return [(batch["input_ids"][0].tolist(), batch["labels"][0].tolist()) for batch in batches]


def trained(encoder: Encoder, row: dict[str, Any]) -> list[str]:
    """The stretches of text that are trained, decoded."""
    stretches: list[list[int]] = [[]]
    for label in encoder.encode(row).labels:
        if label != IGNORED:
            stretches[-1].append(label)
        elif stretches[-1]:
            stretches.append([])
    return [encoder.tokenizer.decode(stretch) for stretch in stretches if stretch]


def test_every_template_of_trl_is_listed() -> None:
    import trl

    folder = Path(trl.__file__).parent / "chat_templates"
    assert set(STOPS) == {path.stem for path in folder.glob("*.jinja") if not path.stem.endswith("_training")}


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("name", [name for name in STOPS if name not in NOT_JUDGED])
def test_labels_are_those_of_trl(tmp_path: Path, name: str, group: str) -> None:
    folder = make_golden(tmp_path / name, name)
    encoder = open_encoder(folder, LONG)
    rows = taken_by(encoder, GROUPS[group]())
    if not rows:
        pytest.skip("the template refuses such chats")
    make_model(folder)
    for row, (ids, labels) in zip(rows, of_trl(folder, rows, tmp_path / "out"), strict=True):
        ours = encoder.encode(row)
        assert ours.input_ids == ids, json.dumps(row)
        assert ours.labels == labels, json.dumps(row)


@pytest.mark.parametrize("name", STOPS)
def test_each_answer_is_trained_with_the_token_that_ends_it_and_nothing_of_the_questions(
    tmp_path: Path, name: str
) -> None:
    encoder = open_encoder(make_golden(tmp_path, name), LONG)
    rows = taken_by(encoder, plain_chats())
    assert len(rows) >= 5
    for row in rows:
        answers = [message["content"] for message in row["messages"] if message["role"] == "assistant"]
        stretches = trained(encoder, row)
        assert encoder.encode(row).problems == []
        assert len(stretches) == len(answers)
        for answer, text in zip(answers, stretches, strict=True):
            assert answer.strip() in text
            assert any(text.rstrip().endswith(stop) for stop in STOPS[name])
            assert "ß" not in text and "brief" not in text
