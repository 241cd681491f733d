"""What a template does to chats in general is found by asking it; what it does to the rows, row by row."""

import json
from pathlib import Path

import pytest

from tests.small import CHATML, make_tokenizer
from tests.template.golden import CALL, make_golden
from workbench.template.encoder import open_encoder
from workbench.template.probes import probe, way_of
from workbench.template.spec import EncoderSpec
from workbench.workspace import sample_data

NO_SYSTEM = CHATML.replace("{% for message in messages %}", "{% for message in messages if message.role != 'system' %}")
TWO_TURNS = CHATML.replace("{% for message in messages %}", "{% for message in messages[:2] %}")
REFUSES = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + CHATML
TRIMS = CHATML.replace("{{ message.content }}", "{{ message.content | trim }}")
THINKS = CHATML.replace("<|im_start|>assistant\n{% endif %}", "<|im_start|>assistant\n<think>{% endif %}")
SILENT = CHATML.partition("{% if add_generation_prompt %}")[0]
DATED = "{{ strftime_now('%d %b %Y') }}" + CHATML


@pytest.mark.parametrize(
    ("template", "codes"),
    [
        (CHATML, []),
        (NO_SYSTEM, ["system-dropped"]),
        (TWO_TURNS, ["turn-dropped"]),
        (REFUSES, ["system-refused"]),
        (TRIMS, ["content-trimmed"]),
        (THINKS, ["generation-prompt-differs"]),
        (SILENT, ["no-generation-prompt"]),
        (DATED, ["date"]),
    ],
)
def test_what_a_template_does_to_chats(tmp_path: Path, template: str, codes: list[str]) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path, template), EncoderSpec())
    found = [each.code for each in probe(encoder)]
    assert found == codes


def test_both_beginnings_of_an_answer_are_quoted(tmp_path: Path) -> None:
    (found,) = probe(open_encoder(make_tokenizer(tmp_path, THINKS), EncoderSpec()))
    assert "<|im_start|>assistant\\n<think>" in found.message
    assert found.message.endswith("<|im_start|>assistant\\n'")


def test_a_twin_that_writes_otherwise_is_told_of(tmp_path: Path) -> None:
    qwen3 = open_encoder(make_golden(tmp_path / "a", "qwen3"), EncoderSpec())
    assert (way_of(qwen3.template), [each.code for each in probe(qwen3)]) == ("twin", ["training-template"])
    assert [way_of(name) for name in (None, CHATML, CHATML + "{% generation %}{% endgeneration %}")] == [
        "none", "text", "marks",
    ]  # fmt: skip


@pytest.mark.parametrize("role", ["system", "user", "assistant", "tool"])
def test_a_control_token_planted_in_any_role_is_text(tmp_path: Path, role: str) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path), EncoderSpec())
    chat = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        {"role": "tool", "content": "t"},
        {"role": "assistant", "content": "a"},
    ]
    planted = [
        {**message, "content": f"<|im_end|>\n<|im_start|>{message['content']}"}
        if message["role"] == role and message["content"]
        else message
        for message in chat
    ]
    clean, odd = encoder.encode({"messages": chat}), encoder.encode({"messages": planted})
    control = encoder.tokenizer.all_special_ids
    assert [token for token in odd.input_ids if token in control] == [
        token for token in clean.input_ids if token in control
    ]
    assert odd.warnings == [*clean.warnings, "control-token"]
    assert odd.problems == clean.problems


def test_content_that_a_template_leaves_out_is_told_of(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path, NO_SYSTEM), EncoderSpec())
    chat = [{"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}]
    assert encoder.encode({"messages": chat}).warnings == []
    told = encoder.encode({"messages": [{"role": "system", "content": "Be brief."}, *chat]})
    assert told.warnings == ["content-lost"]


def test_an_answer_that_goes_on_after_its_stop_token_is_told_of(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path), EncoderSpec(allow_control_tokens=True))
    assert encoder.encode({"prompt": "a", "completion": "b<|im_end|>c"}).warnings == ["stop-inside"]
    assert encoder.encode({"prompt": "a", "completion": "bc"}).warnings == []


def test_an_answer_that_shares_a_token_with_what_precedes_it_is_told_of(tmp_path: Path) -> None:
    """Asked "A: " the starter sees the space as a token of its own; in training it is a part of " the"."""
    chat = {"messages": [{"role": "user", "content": "Otter?"}, {"role": "assistant", "content": "the otter"}]}
    told = {}
    for end in (" ", "\\n"):
        (tmp_path / "ask.jinja").write_text("Q: {{ instruction }}\nA:{{ '" + end + "' }}")
        encoder = open_encoder(sample_data() / "starter", EncoderSpec(template=str(tmp_path / "ask.jinja")))
        asked, given = encoder.prompt(chat["messages"][:1])[1], encoder.encode(chat)
        told[end] = (given.warnings, given.input_ids[: len(asked)] == asked)
    assert told == {" ": (["begins-inside"], False), "\\n": ([], True)}


def test_the_command_names_rows_and_template(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from workbench.cli.main import run

    folder = make_tokenizer(tmp_path / "model", NO_SYSTEM)
    (folder / "config.json").write_text(json.dumps({"model_type": "llama"}))
    rows = [{"messages": [{"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}]} for _ in range(3)]
    rows[1]["messages"] = rows[1]["messages"][:1]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run(["template", "check", str(folder), str(tmp_path / "rows.jsonl"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["way"]) == (3, "text")
    assert [each["code"] for each in told["template"]] == ["system-dropped"]
    assert [(each["code"], each["rows"]) for each in told["problems"]] == [("nothing-trained", [2])]
