"""What is trained of a prompt and its completion: as TRL's completion_only_loss has it, and why where it differs."""

import json
from pathlib import Path

import pytest

from tests.small import make_model, make_tokenizer
from tests.template.golden import (
    LONG,
    STOPS,
    as_given_to_trl,
    assistant,
    completions,
    make_golden,
    of_trl,
    plain_chats,
    reasoning_chats,
    stretches,
    taken_by,
    tool_chats,
    trained,
    user,
)
from workbench.template.encoder import IGNORED, Encoder, open_encoder
from workbench.template.twins import has_marks

GROUPS = {"plain": plain_chats, "tools": tool_chats, "reasoning": reasoning_chats}
DIFFERS = {
    ("glm4moe", "plain"), ("glm4moe", "tools"), ("glm4moe", "reasoning"), ("qwen3_5_nothink", "reasoning"),
    ("deepseekv3", "tools"),
}  # fmt: skip
"""What TRL writes otherwise, or refuses: a test of its own says of each which is right."""


def without_tail(encoder: Encoder, labels: list[int]) -> list[int]:
    """The labels without the white space behind the last stop token.

    TRL trains all that follows the prompt. The model is stopped at its stop token, so it never writes what follows:
    training it teaches nothing, and costs loss on a token that the template writes. Ours ends with the stop token.
    """
    cut = list(labels)
    while cut and (cut[-1] == IGNORED or not encoder.tokenizer.decode([cut[-1]]).strip()):
        cut.pop()
    return cut + [IGNORED] * (len(labels) - len(cut))


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("name", STOPS)
def test_labels_of_a_completion_are_those_of_trl_up_to_its_stop_token(tmp_path: Path, name: str, group: str) -> None:
    if (name, group) in DIFFERS:
        pytest.skip("a test of its own judges these")
    folder = make_golden(tmp_path / name, name)
    encoder = open_encoder(folder, LONG)
    rows = taken_by(encoder, completions(GROUPS[group]()))
    if not rows:
        pytest.skip("the template refuses such chats")
    make_model(folder)
    theirs = of_trl(folder, [as_given_to_trl(name, row) for row in rows], tmp_path / "out", completion_only_loss=True)
    for row, (ids, labels) in zip(rows, theirs, strict=True):
        ours = encoder.encode(row)
        assert ours.input_ids == ids, json.dumps(row)
        marks_itself = has_marks(encoder.template or "")  # and marks the white space too: that is its author's word
        assert ours.labels == (labels if marks_itself else without_tail(encoder, labels)), json.dumps(row)
        assert encoder.stop_ids & set(ours.labels), json.dumps(row)


@pytest.mark.parametrize("name", STOPS)
def test_a_question_and_its_answer_as_text_are_a_user_and_an_assistant_turn(tmp_path: Path, name: str) -> None:
    encoder = open_encoder(make_golden(tmp_path, name), LONG)
    chat = {"prompt": [user("Größe?")], "completion": [assistant("1 m «ok».")]}
    assert encoder.encode({"prompt": "Größe?", "completion": "1 m «ok»."}) == encoder.encode(chat)


def test_without_a_template_a_prompt_and_its_completion_are_those_of_trl(tmp_path: Path) -> None:
    """TRL takes both texts as they stand and ends them with the EOS, and so does ours, where there is no template."""
    folder = make_model(make_tokenizer(tmp_path / "plain", None))
    encoder = open_encoder(folder, LONG)
    rows = [{"prompt": f"Q{n} ß? ", "completion": answer} for n, answer in enumerate(("A «ok»", "A\n", "A<|im_end|>"))]
    theirs = of_trl(folder, rows, tmp_path / "out", completion_only_loss=True)
    assert [(encoder.encode(row).input_ids, encoder.encode(row).labels) for row in rows] == theirs
    assert trained(encoder, rows[0]) == ["A «ok»<|im_end|>"]


def test_with_a_template_trl_trains_texts_that_the_chat_model_never_sees(tmp_path: Path) -> None:
    """TRL joins both texts without the template; asked through the template, the model sees another prompt."""
    folder = make_model(make_tokenizer(tmp_path / "chatml"))
    encoder = open_encoder(folder, LONG)
    row = {"prompt": "Otter?", "completion": "Grey."}
    ((ids, labels),) = of_trl(folder, [row], tmp_path / "out", completion_only_loss=True)
    assert (encoder.tokenizer.decode(ids), stretches(encoder, labels)) == ("Otter?Grey.<|im_end|>", ["Grey.<|im_end|>"])
    asked, _ = encoder.prompt("Otter?")
    assert encoder.tokenizer.decode(encoder.encode(row).input_ids) == f"{asked}Grey.<|im_end|>\n"
    assert trained(encoder, row) == ["Grey.<|im_end|>"]


@pytest.mark.parametrize("group", GROUPS)
def test_glm_never_ends_its_last_answer_so_the_twin_does(tmp_path: Path, group: str) -> None:
    """GLM's own template leaves the last answer open, and TRL trains no stop token there: the model never stops.

    Ours takes TRL's training twin, which ends it with `<|user|>`, the token that the model itself ends answers with.
    """
    folder = make_golden(tmp_path / "glm4moe", "glm4moe")
    encoder = open_encoder(folder, LONG)
    rows = completions(GROUPS[group]())
    make_model(folder)
    for row, (ids, labels) in zip(rows, of_trl(folder, rows, tmp_path / "o", completion_only_loss=True), strict=True):
        assert not encoder.stop_ids & set(labels)
        ours = encoder.encode(row)
        (text,) = stretches(encoder, ours.labels)
        assert text.endswith(row["completion"][0]["content"] + "<|user|>") and ours.problems == []
        assert ours.warnings == ["training-template"]
        if row["prompt"][0]["content"] == "Q0 ß?":
            assert ours.input_ids[: len(ids)] == ids


def test_thoughts_that_the_prompt_forbids_are_trained_as_they_were_given(tmp_path: Path) -> None:
    """Qwen3.5's prompt ends with empty thoughts, so no prompt goes on to thoughts that a row brings along.

    TRL trains from where both part. Ours trains the same in a single turn. Of several turns ours takes the twin,
    which keeps the thoughts of earlier answers; TRL drops them, as the model's own template does. Ours says so.
    """
    folder = make_golden(tmp_path / "q", "qwen3_5_nothink")
    encoder = open_encoder(folder, LONG)
    rows = completions(reasoning_chats())
    make_model(folder)
    (one, theirs_one), (two, theirs_two) = of_trl(folder, rows, tmp_path / "out", completion_only_loss=True)
    single, several = encoder.encode(rows[0]), encoder.encode(rows[1])
    assert (single.input_ids, single.labels) == (one, without_tail(encoder, theirs_one))
    assert stretches(encoder, single.labels) == ["Easy.\n</think>\n\n3<|im_end|>"]
    assert stretches(encoder, theirs_two) == ["Hm.\n</think>\n\n4<|im_end|>\n"]
    assert stretches(encoder, several.labels) == ["<think>\nHm.\n</think>\n\n4<|im_end|>\n"]
    assert "Easy." not in encoder.tokenizer.decode(two) and "Easy." in encoder.tokenizer.decode(several.input_ids)
    assert several.warnings == ["training-template"]


def test_arguments_of_calls_are_written_for_a_template_that_joins_texts(tmp_path: Path) -> None:
    """DeepSeek V3 joins the arguments of a call as text: TRL gives objects and fails, ours gives their JSON."""
    folder = make_golden(tmp_path / "d", "deepseekv3")
    encoder = open_encoder(folder, LONG)
    rows = completions(tool_chats())
    make_model(folder)
    with pytest.raises(TypeError, match="concatenate"):
        of_trl(folder, rows, tmp_path / "out", completion_only_loss=True)
    written = json.loads(json.dumps(rows).replace('{"a": 1, "b": 2}', json.dumps('{"a": 1, "b": 2}')))
    for row, (ids, labels) in zip(
        rows, of_trl(folder, written, tmp_path / "out", completion_only_loss=True), strict=True
    ):
        ours = encoder.encode(row)
        assert ours.input_ids == ids and ours.labels == without_tail(encoder, labels)


@pytest.mark.parametrize("name", ["qwen2_5", "qwen3", "llama3", "gptoss", "nemotron_3_nano", "diffusion_gemma"])
def test_of_a_completion_of_several_turns_the_answers_alone_are_trained(tmp_path: Path, name: str) -> None:
    """TRL trains all that follows the prompt, so the model learns to write what people and tools say, and goes on.

    Ours leaves that out, and trains nothing that TRL does not, where both write the same text.
    """
    folder = make_golden(tmp_path / name, name)
    encoder = open_encoder(folder, LONG)
    (chat,) = plain_chats()[4:5]
    row = {"prompt": chat["messages"][:1], "completion": chat["messages"][1:]}
    make_model(folder)
    ((ids, labels),) = of_trl(folder, [row], tmp_path / "out", completion_only_loss=True)
    assert "Q1 ß?" in "".join(stretches(encoder, labels)) and "Q2 ß?" in "".join(stretches(encoder, labels))
    ours = encoder.encode(row)
    texts = stretches(encoder, ours.labels)
    assert len(texts) == 3 and ours.problems == []
    for number, text in enumerate(texts):
        assert f"A{number} «ok».  x" in text and any(text.strip().endswith(stop) for stop in STOPS[name])
        assert "ß" not in text
    if ours.input_ids == ids:
        assert all(mine in (IGNORED, theirs) for mine, theirs in zip(ours.labels, labels, strict=True))
