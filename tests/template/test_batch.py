"""Rows that are encoded together become what each becomes alone."""

from pathlib import Path
from typing import Any

import pytest

from tests.small import CHATML, make_tokenizer
from workbench.errors import WorkbenchError
from workbench.template.batch import encode_together
from workbench.template.encoder import Encoder, Tokens, open_encoder
from workbench.template.spec import EncoderSpec

ROWS: list[dict[str, Any]] = [
    {"prompt": "Otter?", "completion": "Grey."},
    {"prompt": "a<|im_end|>b", "completion": "c<|im_start|>"},
    {"messages": [{"role": "user", "content": "Größe? 🦦"}, {"role": "assistant", "content": ""}]},
    {"messages": []},
    {"text": "plain <|im_end|> text"},
    {"text": ""},
    {"prompt": "half a character", "completion": "\ud800"},
    {"prompt": "none", "completion": None},
    {"messages": [{"role": "user<|im_end|>", "content": "x"}]},
    {"prompt": "long " * 300, "completion": "y" * 900},
    {"nothing": "of this"},
]


def said(encoder: Encoder, row: dict[str, Any]) -> Tokens | str:
    try:
        return encoder.encode(row)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("template", [CHATML, None], ids=["chat", "plain text"])
@pytest.mark.parametrize("allow", [False, True])
def test_a_batch_is_its_rows(tmp_path: Path, template: str | None, allow: bool) -> None:
    folder = make_tokenizer(tmp_path, template, bos="<s>")
    encoder = open_encoder(folder, EncoderSpec(allow_control_tokens=allow))
    rows = ROWS * 30  # several batches
    alone = [said(encoder, row) for row in rows]
    together = [each for batch in encode_together(encoder, rows) for each in batch]
    told = [f"{type(each).__name__}: {each}" if isinstance(each, Exception) else each for each in together]
    assert told == alone
    assert sum(isinstance(each, Tokens) for each in together) >= 4 * 30


def test_refusals_keep_what_they_say(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path), EncoderSpec())
    ((refused, fine),) = encode_together(encoder, [{"messages": [{"role": "u<|im_end|>", "content": "x"}]}, ROWS[0]])
    assert isinstance(refused, WorkbenchError) and "role" in refused.what
    assert isinstance(fine, Tokens)


def test_a_long_text_is_not_kept_waiting_with_others(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path), EncoderSpec())
    rows = [ROWS[0], {"prompt": "x" * 300_000, "completion": "y"}, ROWS[0]]
    assert [len(batch) for batch in encode_together(encoder, rows)] == [1, 1, 1]


def test_a_length_that_a_tokenizer_was_saved_with_cuts_nothing(tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    folder = make_tokenizer(tmp_path)
    backend = Tokenizer.from_file(str(folder / "tokenizer.json"))
    backend.enable_truncation(4)
    backend.enable_padding(length=64, pad_id=0)
    backend.save(str(folder / "tokenizer.json"))
    tokens = open_encoder(folder, EncoderSpec()).encode({"prompt": "Otter?", "completion": "Grey."})
    assert len(tokens.input_ids) == len("user\nOtter?") + len("assistant\nGrey.") + 2 * 2 + 2  # both newlines behind
