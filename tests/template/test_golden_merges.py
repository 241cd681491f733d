"""The goldens again with a tokenizer that merges across white space and words, so that tokens straddle the spans."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.small import ZEPHYR, make_model, make_tokenizer
from tests.template.golden import (
    LONG,
    NO_TWIN,
    STOPS,
    as_given_to_trl,
    completions,
    make_golden,
    of_trl,
    plain_chats,
    taken_by,
)
from workbench.template.encoder import IGNORED, Encoder, open_encoder
from workbench.template.twins import has_marks


def merging(folder: Path, rows: list[dict[str, Any]]) -> Encoder:
    """Turn the byte tokenizer in `folder` into one trained on the rows, free to merge all but control tokens."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    old = open_encoder(folder, LONG)
    control = [token.content for token in old.tokenizer.added_tokens_decoder.values()]
    between = re.compile("|".join(map(re.escape, sorted(control, key=len, reverse=True))))
    texts = [part for row in rows for part in between.split(old.tokenizer.decode(old.encode(row).input_ids)) if part]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=500, min_frequency=2, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
        ),
    )
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in control])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=old.tokenizer.eos_token, pad_token=old.tokenizer.eos_token,
        bos_token=old.tokenizer.bos_token,
    )  # fmt: skip
    fast.chat_template = old.tokenizer.chat_template
    fast.save_pretrained(folder)
    stops = old.tokenizer.convert_ids_to_tokens(sorted(old.stop_ids))
    ids = AutoTokenizer.from_pretrained(folder).convert_tokens_to_ids(stops)
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": ids}))
    return open_encoder(folder, LONG)


def without_tail(encoder: Encoder, labels: list[int]) -> list[int]:
    """The labels up to the last stop token; see test_golden_completion for why."""
    last = max(at for at, label in enumerate(labels) if label in encoder.stop_ids)
    assert not encoder.tokenizer.decode([label for label in labels[last + 1 :] if label != IGNORED]).strip()
    return labels[: last + 1] + [IGNORED] * (len(labels) - last - 1)


@pytest.mark.parametrize("name", [name for name in STOPS if name not in NO_TWIN])
def test_labels_of_a_chat_are_those_of_trl_where_tokens_straddle(tmp_path: Path, name: str) -> None:
    folder = make_golden(tmp_path / name, name)
    rows = taken_by(open_encoder(folder, LONG), plain_chats())
    encoder = merging(folder, rows)
    make_model(folder)
    theirs = of_trl(folder, [as_given_to_trl(name, row) for row in rows], tmp_path / "out", assistant_only_loss=True)
    assert [(tokens.input_ids, tokens.labels) for tokens in map(encoder.encode, rows)] == theirs


@pytest.mark.parametrize("name", [name for name in STOPS if name != "glm4moe"])
def test_labels_of_a_completion_are_those_of_trl_where_tokens_straddle(tmp_path: Path, name: str) -> None:
    folder = make_golden(tmp_path / name, name)
    rows = completions(taken_by(open_encoder(folder, LONG), plain_chats()))
    encoder = merging(folder, rows)
    make_model(folder)
    theirs = of_trl(folder, [as_given_to_trl(name, row) for row in rows], tmp_path / "out", completion_only_loss=True)
    is_marked = has_marks(encoder.template or "")
    for row, (ids, labels) in zip(rows, theirs, strict=True):
        ours = encoder.encode(row)
        assert (ours.input_ids, ours.labels) == (ids, labels if is_marked else without_tail(encoder, labels))


def test_a_token_that_holds_the_end_of_the_prompt_and_of_the_answer_s_beginning_is_trained(tmp_path: Path) -> None:
    """Zephyr's header is plain text, so its newline may stand in one token with the answer; TRL trains that too."""
    folder = make_tokenizer(tmp_path / "zephyr", ZEPHYR, control=(), eos="</s>")
    rows = completions([{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "A"}]}] * 3)
    encoder = merging(folder, rows)
    make_model(folder)
    (ids, labels), *_ = of_trl(folder, rows, tmp_path / "out", completion_only_loss=True)
    ours = encoder.encode(rows[0])
    assert (ours.input_ids, ours.labels) == (ids, without_tail(encoder, labels))
    stretch = encoder.tokenizer.decode([label for label in ours.labels if label != IGNORED])
    assert stretch.endswith("A</s>") and len(stretch) > len("A</s>")
