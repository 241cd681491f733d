"""Streamed text is the text: for a batch of rows, whatever its characters, and however its rows end."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from tests.small import make_tokenizer
from workbench.compare.columns import Column
from workbench.engine.client import EngineClient
from workbench.models.generate import Sampling, generate
from workbench.models.place import place
from workbench.models.streaming import RowText

PROMPTS = [[256, 65, 66], [256, 70, 71, 72, 73, 74, 75], [80], [256, 90]]
WRITINGS = ["plain words", "  led and trailed  ", "漢字 and e\u0301 👩‍👩‍👧 ∀x", "a\n\n b\t", "", " \n "]


def column(folder: Path, name: str = "tiny") -> Column:
    return Column(name, folder, None, folder)


@pytest.mark.parametrize("text", WRITINGS)
def test_text_comes_whole_though_its_characters_come_in_bytes(tmp_path: Path, text: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(make_tokenizer(tmp_path / "bytes"))
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    row, pieces = RowText(tokenizer, {tokenizer.eos_token_id}), []
    for token in [*ids, tokenizer.eos_token_id, *ids]:
        row.add(token)
        pieces.append(row.flush())
    assert "".join(pieces) == text.strip() and row.has_ended
    assert not any("\ufffd" in piece for piece in pieces)


def test_half_a_character_at_the_end_is_shown_as_what_it_is(tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(make_tokenizer(tmp_path / "bytes"))
    ids = tokenizer("ab漢", add_special_tokens=False)["input_ids"][:-1]
    row = RowText(tokenizer, set())
    for token in ids:
        row.add(token)
    assert row.flush() == "ab"
    row.finish()
    assert row.flush() == "\ufffd" and tokenizer.decode(ids) == "ab\ufffd"


def writer(tiny: Path, text: str) -> tuple[torch.nn.Module, AutoTokenizer]:
    """A real model that, whatever it is asked, writes `text` and then stops: each position has its own next token."""
    model, tokenizer = AutoModelForCausalLM.from_pretrained(tiny), AutoTokenizer.from_pretrained(tiny)
    ids = [*tokenizer(text, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
    begun: list[int] = []

    def write(_module: object, args: tuple[torch.Tensor], _output: object) -> torch.Tensor:
        begun.append(args[0].shape[1])
        logits = torch.full((*args[0].shape[:2], len(tokenizer)), -1e9)
        for row, shift in enumerate(range(args[0].shape[0])):  # row n writes from character n on: other lengths
            logits[row, -1, ids[min(len(begun) - 1 + shift, len(ids) - 1)]] = 0
        return logits

    model.lm_head.register_forward_hook(write)
    return model, tokenizer


def test_rows_that_stop_at_different_times_stream_what_they_answer(tiny: Path) -> None:
    model, tokenizer = writer(tiny, "abc 漢字\nd")
    streamed = [""] * 3

    def tell(row: int, text: str) -> None:
        streamed[row] += text

    answers = generate(model, tokenizer, PROMPTS[:3], Sampling(max_new_tokens=40), tell=tell)
    assert streamed == ["abc 漢字\nd", "bc 漢字\nd", "c 漢字\nd"] == [answer.text for answer in answers]
    assert [answer.tokens for answer in answers] == [13, 12, 11]  # 4 + 2 × 3 + 2 bytes and the stop; one less, two less
    assert {answer.finish for answer in answers} == {"stop"}
    assert answers[0].seconds > answers[2].seconds


def test_a_batch_streams_what_it_answers_without_streaming(tiny: Path) -> None:
    prompts = {"one": PROMPTS}
    with EngineClient(place("cpu")) as engine:
        engine.load([column(tiny, "one")])
        for sampling in (Sampling(max_new_tokens=24), Sampling(max_new_tokens=24, temperature=1.5, seed=3)):
            plain = {(each["row"], each["column"]): each["text"] for each in engine.answer(prompts, sampling)}
            streamed: dict[tuple[int, str], str] = dict.fromkeys(plain, "")
            for each in engine.answer(prompts, sampling, stream=True):
                key = (each["row"], each["column"])
                if "delta" in each:
                    streamed[key] += each["delta"]
                else:
                    assert each["text"] == streamed[key] and each["seconds"] > 0
            assert streamed == plain and len(plain) == 4


def test_the_seed_alone_decides_what_is_drawn(tiny: Path) -> None:
    model, tokenizer = AutoModelForCausalLM.from_pretrained(tiny), AutoTokenizer.from_pretrained(tiny)

    def drawn(seed: int) -> list[str]:
        sampling = Sampling(max_new_tokens=16, temperature=1.0, seed=seed)
        return [answer.text for answer in generate(model, tokenizer, PROMPTS, sampling)]

    first = drawn(1)
    torch.rand(3)  # whatever else drew numbers before
    assert drawn(1) == first != drawn(2)


def test_a_model_that_asks_for_other_sampling_is_drawn_like_every_other(tiny: Path) -> None:
    plain, special = (AutoModelForCausalLM.from_pretrained(tiny) for _ in range(2))
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    special.generation_config = GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, do_sample=True, temperature=0.1, top_k=1, repetition_penalty=1.9
    )
    for sampling in (Sampling(max_new_tokens=24), Sampling(max_new_tokens=24, temperature=1.0)):
        assert generate(special, tokenizer, PROMPTS, sampling) == generate(plain, tokenizer, PROMPTS, sampling)


def test_the_tokenizers_own_stop_token_ends_an_answer_too(tiny: Path) -> None:
    model, tokenizer = writer(tiny, "ab")
    model.generation_config = GenerationConfig(eos_token_id=200)  # another one than the tokenizer's
    steps: list[int] = []
    model.lm_head.register_forward_hook(lambda *_: steps.append(1))
    (answer,) = generate(model, tokenizer, [[80]], Sampling(max_new_tokens=40))
    assert (answer.text, answer.finish, len(steps)) == ("ab", "stop", 3)
