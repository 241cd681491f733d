"""Templates without marks, which TRL cannot be asked about as they stand: worked by hand, and marked for TRL."""

from pathlib import Path

import pytest

from tests.small import CHATML, ZEPHYR, make_model, make_tokenizer
from tests.template.golden import (
    LONG,
    make_golden,
    of_trl,
    plain_chats,
    reasoning_chats,
    stretches,
    tool_chats,
    trained,
)
from workbench.template.encoder import IGNORED, Encoder, open_encoder

GROUPS = {"plain": plain_chats, "tools": tool_chats, "reasoning": reasoning_chats}
FAMILIES = {"chatml": (CHATML, "<|im_end|>", "<|im_start|>{}\n"), "zephyr": (ZEPHYR, "</s>", "<|{}|>\n")}
"""Template, EOS, and how a turn begins."""

ZEPHYR_OWN = """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>
'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}"""
"""As HuggingFaceH4/zephyr-7b-beta ships it."""


def marked(header: str, eos: str, *, tail: bool) -> str:
    """The same template with marks around what an assistant says, without or with the newline behind its EOS."""
    said = f"{{{{ message.content }}}}{eos}"
    newline = "{{ '\\n' }}"
    inside, outside = (newline, "") if tail else ("", newline)
    return (
        "{% for message in messages %}" + header.format("{{ message.role }}")
        + "{% if message.role == 'assistant' %}{% generation %}" + said + inside + "{% endgeneration %}" + outside
        + "{% else %}" + said + newline + "{% endif %}{% endfor %}"
    )  # fmt: skip


def worked(encoder: Encoder, pieces: list[tuple[str, bool]]) -> tuple[list[int], list[int]]:
    """The ids and labels of pieces of text, of which some are trained; every byte is a token of its own."""
    ids: list[int] = []
    labels: list[int] = []
    for text, is_trained in pieces:
        found = encoder.tokenizer(text, add_special_tokens=False)["input_ids"]
        ids += found
        labels += found if is_trained else [IGNORED] * len(found)
    return ids, labels


def family(folder: Path, name: str, template: str | None = None) -> Path:
    """A tokenizer with the template, or another one, of a family."""
    own, eos, _ = FAMILIES[name]
    control = ("<|im_start|>", "<|im_end|>") if name == "chatml" else ()
    return make_tokenizer(folder, template or own, control=control, eos=eos)


@pytest.mark.parametrize("name", FAMILIES)
def test_spans_worked_by_hand(tmp_path: Path, name: str) -> None:
    _, eos, header = FAMILIES[name]
    encoder = open_encoder(family(tmp_path, name), LONG)
    system, user, assistant = (header.format(role) for role in ("system", "user", "assistant"))
    for chat in plain_chats():
        pieces = [(f"{system}Be brief.{eos}\n", False)] if chat["messages"][0]["role"] == "system" else []
        for turn in range(len(chat["messages"]) // 2):
            pieces += [
                (f"{user}Q{turn} ß?{eos}\n{assistant}", False), (f"A{turn} «ok».  x{eos}", True), ("\n", False),
            ]  # fmt: skip
        ours = encoder.encode(chat)
        assert (ours.input_ids, ours.labels) == worked(encoder, pieces)
        assert ours.problems == ours.warnings == []
    assert encoder.prompt("Größe?")[0] == f"{user}Größe?{eos}\n{assistant}"


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("name", FAMILIES)
def test_labels_are_those_of_trl_under_the_same_template_with_marks(tmp_path: Path, name: str, group: str) -> None:
    """TRL needs marks. Where they end with the EOS both agree.

    Marks that hold the newline too, as TRL's own twins have them, train a token that no model writes: it is stopped
    at the EOS. Ours finds answers without marks and leaves that newline out.
    """
    _, eos, header = FAMILIES[name]
    rows = GROUPS[group]()
    encoder = open_encoder(family(tmp_path / "own", name), LONG)
    ours = [encoder.encode(row) for row in rows]
    for tail in (False, True):
        folder = make_model(family(tmp_path / f"{tail}", name, marked(header, eos, tail=tail)))
        for mine, (ids, labels) in zip(
            ours, of_trl(folder, rows, tmp_path / "out", assistant_only_loss=True), strict=True
        ):
            assert mine.input_ids == ids
            (newline,) = encoder.tokenizer("\n", add_special_tokens=False)["input_ids"]
            behind = [at for at in range(1, len(ids)) if tail and labels[at - 1] == encoder.tokenizer.eos_token_id]
            assert all(labels[at] == newline for at in behind) and bool(behind) == tail
            assert mine.labels == [IGNORED if at in behind else label for at, label in enumerate(labels)]


def test_zephyr_s_own_template_writes_what_the_short_one_does(tmp_path: Path) -> None:
    long = open_encoder(family(tmp_path / "long", "zephyr", ZEPHYR_OWN), LONG)
    short = open_encoder(family(tmp_path / "short", "zephyr"), LONG)
    for chat in [*plain_chats(), *reasoning_chats()]:
        assert long.encode(chat) == short.encode(chat)
    assert long.prompt("Größe?") == short.prompt("Größe?")


@pytest.mark.parametrize("name", ["llama3_1", "llama3_2"])
def test_llama_answers_and_calls_end_with_the_end_of_their_turn(tmp_path: Path, name: str) -> None:
    encoder = open_encoder(make_golden(tmp_path, name), LONG)
    call = '{"name": "add", "parameters": {"a": 1, "b": 2}}<|eot_id|>'
    once, twice = tool_chats()
    assert trained(encoder, once) == [call, "It is 3.<|eot_id|>"]
    assert trained(encoder, twice) == [call, "It is 3.<|eot_id|>", call, "Still 3.<|eot_id|>"]
    assert [trained(encoder, row) for row in reasoning_chats()] == [["3<|eot_id|>"], ["3<|eot_id|>", "4<|eot_id|>"]]
    user, assistant = (f"<|start_header_id|>{role}<|end_header_id|>\n\n" for role in ("user", "assistant"))
    ids, labels = worked(encoder, [(f"{user}Q0 ß?<|eot_id|>{assistant}", False), ("A0 «ok».  x<|eot_id|>", True)])
    ours = encoder.encode(plain_chats()[0])
    assert ours.input_ids[-len(ids) :] == ids and ours.labels[-len(ids) :] == labels
    assert set(ours.labels[: -len(ids)]) == {IGNORED}


@pytest.mark.parametrize("name", ["gemma4", "gemma4_v2", "gemma4_v3", "gemma4_v4", "gemma4_v5"])
def test_gemma_calls_end_where_the_tool_answers(tmp_path: Path, name: str) -> None:
    """A call ends with `<|tool_response>`, on which Gemma 4 stops; the second version writes an end of turn."""
    encoder = open_encoder(make_golden(tmp_path, name), LONG)
    ends = "<turn|>" if name == "gemma4_v2" else "<|tool_response>"
    call = f"<|tool_call>call:add{{a:1,b:2}}<tool_call|>{ends}"
    once, twice = tool_chats()
    assert trained(encoder, once) == [call, "It is 3.<turn|>"]
    assert trained(encoder, twice) == [call, "It is 3.<turn|>", call, "Still 3.<turn|>"]
    assert encoder.encode(once).problems == encoder.encode(twice).problems == []
    ours = encoder.encode(plain_chats()[2])
    assert (ours.input_ids, ours.labels) == worked(
        encoder,
        [
            ("<bos><|turn>user\nQ0 ß?<turn|>\n<|turn>model\n", False), ("A0 «ok».  x<turn|>", True),
            ("\n<|turn>user\nQ1 ß?<turn|>\n<|turn>model\n", False), ("A1 «ok».  x<turn|>", True), ("\n", False),
        ],
    )  # fmt: skip


@pytest.mark.parametrize("name", ["gemma4", "gemma4_v2", "gemma4_v3", "gemma4_v4", "gemma4_v5"])
def test_gemma_thoughts_are_trained_where_the_template_writes_them(tmp_path: Path, name: str) -> None:
    """The fifth version writes the thoughts of the last answer, and leaves those of earlier ones out."""
    encoder = open_encoder(make_golden(tmp_path, name), LONG)
    one, two = (trained(encoder, row) for row in reasoning_chats())
    told = [encoder.encode(row).warnings for row in reasoning_chats()]
    if name != "gemma4_v5":
        assert (one, two) == (["3<turn|>"], ["3<turn|>", "4<turn|>"])
        assert told == [["content-lost"], ["content-lost"]]
    else:
        assert one == ["<|channel>thought\nEasy.\n<channel|>3<turn|>"]
        assert two == ["3<turn|>", "<|channel>thought\nHm.\n<channel|>4<turn|>"]
        assert told == [[], ["history-rewritten"]]


def test_a_call_without_a_stop_token_is_told_of(tmp_path: Path) -> None:
    """TRL's twin of Diffusion Gemma leaves the end of a call out of its marks: as trained, no call would ever end."""
    encoder = open_encoder(make_golden(tmp_path, "diffusion_gemma"), LONG)
    ours = encoder.encode(tool_chats()[0])
    assert stretches(encoder, ours.labels)[0] == "<|tool_call>call:add{a:1,b:2}<tool_call|>"
    assert ours.problems == ["stop-not-trained"]


def test_llava_answers_begin_behind_the_instruction(tmp_path: Path) -> None:
    encoder = open_encoder(make_golden(tmp_path, "llava_next"), LONG)
    ours = encoder.encode(plain_chats()[3])
    assert (ours.input_ids, ours.labels) == worked(
        encoder,
        [
            ("<<SYS>>\nBe brief.\n<</SYS>>\n\n[INST] Q0 ß? [/INST]", False), (" A0 «ok».  x</s>", True),
            (" [INST] Q1 ß? [/INST]", False), (" A1 «ok».  x</s>", True), (" ", False),
        ],
    )  # fmt: skip
    assert [trained(encoder, row) for row in reasoning_chats()] == [[" 3</s>"], [" 3</s>", " 4</s>"]]


@pytest.mark.parametrize("name", ["idefics3", "smolvlm", "deepseek_r1_distill"])
def test_a_call_that_a_template_leaves_out_is_told_of(tmp_path: Path, name: str) -> None:
    """TRL says nothing of it, and the model learns to answer with silence where it should call."""
    encoder = open_encoder(make_golden(tmp_path, name), LONG)
    for row in tool_chats():
        ours = encoder.encode(row)
        assert "add" not in encoder.tokenizer.decode(ours.input_ids) and ours.warnings == ["content-lost"]
