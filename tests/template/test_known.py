"""Templates by name, prompt files as chat templates, and what is added to a tokenizer for a template."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.conftest import Bench
from tests.small import CHATML, ZEPHYR, make_tokenizer, trl_template
from workbench.errors import Missing, WrongUse
from workbench.template.encoder import IGNORED, Encoder, open_encoder
from workbench.template.known import find_template, known_templates, same_as, source_of
from workbench.template.probes import probe
from workbench.template.spec import EncoderSpec
from workbench.template.writer import TemplateFailed

CHAT = {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]}


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A tokenizer without a chat template."""
    return make_tokenizer(tmp_path / "bare", None, control=(), eos="</s>", bos="<s>")


def trained(encoder: Encoder, row: dict[str, Any]) -> str:
    return encoder.tokenizer.decode([label for label in encoder.encode(row).labels if label != IGNORED])


def test_a_name_means_a_file_then_one_of_the_workspace_then_ours_then_trls(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    mine = tmp_path / "templates" / "mine.jinja"
    mine.write_text(ZEPHYR)
    assert find_template("mine", tmp_path) == find_template("mine.jinja", tmp_path) == str(mine)
    assert find_template(str(mine), tmp_path / "elsewhere") == str(mine)
    assert find_template("chatml", tmp_path) == "chatml"
    assert source_of("trl/qwen3") == trl_template("qwen3")
    (tmp_path / "templates" / "chatml.jinja").write_text(CHATML)
    assert find_template("chatml", tmp_path) == str(tmp_path / "templates" / "chatml.jinja")
    names = [each.name for each in known_templates(tmp_path)]
    assert names[:2] == ["chatml", "mine"] and "alpaca" in names and "trl/gemma3" in names
    assert not [name for name in names if name.endswith("_training")]
    assert same_as(trl_template("gemma3"), tmp_path) == "trl/gemma3" and same_as("x", tmp_path) is None


def test_what_is_no_file_is_not_listed_and_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    (folder / "folder.jinja").mkdir(parents=True)
    os.mkfifo(folder / "pipe.jinja")
    (folder / "mine.jinja").write_text("{{ messages }}")
    assert [each.name for each in known_templates(tmp_path) if each.source == "workspace"] == ["mine"]
    assert same_as("{{ messages }}", tmp_path) == "mine"


def test_a_wrong_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(Missing) as caught:
        find_template("chatmll", tmp_path)
    assert caught.value.fix == "did you mean chatml?"


def test_our_chatml_writes_what_chatml_is(tmp_path: Path) -> None:
    folder = make_tokenizer(tmp_path / "with", CHATML)
    row = {"messages": [{"role": "system", "content": "S\n"}, *CHAT["messages"] * 2]}
    ours, plain = open_encoder(folder, EncoderSpec(template="chatml")), open_encoder(folder, EncoderSpec())
    assert ours.encode(row) == plain.encode(row)
    assert ours.prompt("q") == plain.prompt("q")


def test_a_prompt_file_is_given_what_a_question_is_put_together_from(bare: Path) -> None:
    encoder = open_encoder(bare, EncoderSpec(template="alpaca"))
    parts = {"instruction": "Add.", "input": "1, 2"}
    row = {"prompt": "Add.\n\n1, 2", "completion": "3", "parts": parts}
    with_input = (
        "<s>Below is an instruction that describes a task, paired with an input that provides further context. "
        "Write a response that appropriately completes the request.\n\n"
        "### Instruction:\nAdd.\n\n### Input:\n1, 2\n\n### Response:\n"
    )
    assert encoder.renderer.render(row).text == f"{with_input}3</s>"
    assert trained(encoder, row) == "3</s>"
    without = encoder.renderer.render({"prompt": "Hi.", "completion": "Yo"}).text
    assert without.endswith("the request.\n\n### Instruction:\nHi.\n\n### Response:\nYo</s>")
    assert encoder.prompt("Hi.")[0] + "Yo</s>" == without
    assert [found.code for found in probe(encoder)] == []


def test_a_prompt_file_keeps_its_own_white_space_and_takes_no_orders_from_the_row(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "own.jinja").write_text("  Q: {{ prompt }}\n\nA: \n")
    encoder = open_encoder(bare, EncoderSpec(template=str(tmp_path / "own.jinja")))
    row = {"prompt": "x</s>{{ 7 * 7 }}", "completion": " y"}
    assert encoder.renderer.render(row).text == "<s>  Q: x</s>{{ 7 * 7 }}\n\nA:  y</s>"
    found = encoder.encode(row)
    assert found.input_ids.count(encoder.tokenizer.eos_token_id) == 1 and "control-token" in found.warnings


def test_the_mark_with_which_editors_begin_a_file_is_no_part_of_a_template(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "notepad.jinja").write_text(CHATML, encoding="utf-8-sig")
    spec = EncoderSpec(template=str(tmp_path / "notepad.jinja"), new_tokens="template")
    assert open_encoder(bare, spec).template == CHATML


def test_a_template_that_cannot_be_read_names_its_line(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "torn.jinja").write_text("{% for message in messages %}\n{{ message.content }\n{% endfor %}")
    with pytest.raises(TemplateFailed, match="cannot be read, line 2"):
        open_encoder(bare, EncoderSpec(template=str(tmp_path / "torn.jinja"))).encode(CHAT)


@pytest.mark.parametrize("names", [("",), (" ",), ("template", "<|x|>")])
def test_names_that_cannot_be_meant_as_tokens_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError, match="new_tokens"):
        EncoderSpec(new_tokens=names)


def test_a_token_named_twice_is_added_once(bare: Path) -> None:
    assert open_encoder(bare, EncoderSpec(new_tokens=("<|x|>", "<|x|>"))).prepared.added == ("<|x|>",)


def test_stop_tokens_that_the_tokenizer_does_not_have_are_none(tmp_path: Path) -> None:
    """A padded vocabulary has more rows than the tokenizer has tokens, and a generation_config.json may name one."""
    folder = make_tokenizer(tmp_path)
    (folder / "generation_config.json").write_text('{"eos_token_id": [10, 99999, "x"]}')
    assert open_encoder(folder, EncoderSpec()).stop_ids == {10, 257}


def test_tokens_that_a_template_writes_are_added_when_that_is_asked(bare: Path) -> None:
    spelled = open_encoder(bare, EncoderSpec(template="chatml"))
    assert spelled.prepared.unknown == ("<|im_start|>", "<|im_end|>")
    assert spelled.encode(CHAT).problems == ["stop-not-trained"]
    assert [found.code for found in probe(spelled)] == ["unknown-tokens"]
    whole = open_encoder(bare, EncoderSpec(template="chatml", new_tokens="template"))
    assert whole.prepared.added == ("<|im_start|>", "<|im_end|>") and whole.tokenizer.eos_token == "<|im_end|>"
    assert whole.encode(CHAT).problems == [] and trained(whole, CHAT) == "yo<|im_end|>"
    named = open_encoder(bare, EncoderSpec(template="chatml", new_tokens=("<|im_end|>",)))
    assert named.prepared.added == ("<|im_end|>",) and named.prepared.unknown == ("<|im_start|>",)
    assert named.encode(CHAT).problems == []


def test_the_end_of_an_answer_that_is_no_stop_token_is_named_and_can_be_made_one(tmp_path: Path) -> None:
    """As base models of Qwen come: the token is there, but their EOS is another."""
    folder = make_tokenizer(tmp_path / "base", CHATML, eos="<|endoftext|>")
    plain = open_encoder(folder, EncoderSpec())
    (found,) = [each for each in probe(plain) if each.severity == "error"]
    assert (found.code, found.fix) == ("no-stop-token", "stop_token: <|im_end|>")
    assert plain.encode(CHAT).problems == ["stop-not-trained"]
    mended = open_encoder(folder, EncoderSpec(stop_token="<|im_end|>"))
    assert mended.encode(CHAT).problems == [] and mended.tokenizer.eos_token == "<|im_end|>"
    assert open_encoder(folder, EncoderSpec(new_tokens="template")).tokenizer.eos_token == "<|im_end|>"
    with pytest.raises(WrongUse, match="no token of this model"):
        open_encoder(folder, EncoderSpec(stop_token="<|stop|>"))


def test_the_commands_take_names_and_list_them(bench: Bench) -> None:
    listed = bench("template", "list", "--model", "tiny", "--json").json
    assert {"name": "chatml", "source": "workbench"}.items() <= listed["templates"][1].items()
    assert listed["own"]["same_as"] is None and "im_start" in listed["own"]["template"]
    (bench.folder / "chat.jsonl").write_text(json.dumps(CHAT) + "\n")
    make_tokenizer(bench.folder / "bare", None, control=(), eos="</s>")
    (bench.folder / "bare" / "config.json").write_text('{"model_type": "llama"}')
    show = ("template", "show", "chat.jsonl", "--model", "bare", "--json")
    refused = bench(*show)
    assert refused.code == 1 and "template: chatml" in refused.err
    unset = [bench(*show, *option, "") for option in (("--template",), ("--template", "chatml", "--stop-token"))]
    assert [(ran.code, "''" in ran.err) for ran in unset] == [(3, True), (2, True)]
    shown = bench(*show, "--template", "chatml", "--new-tokens", "template").json
    assert shown["stop_token_trained"] and shown["text"].startswith("<|im_start|>user\nhi<|im_end|>")
