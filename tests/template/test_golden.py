"""Which tokens are trained under every template that TRL ships: as TRL's own trainer has it, and by their text."""

import json
from pathlib import Path

import pytest

from tests.small import make_model
from tests.template.golden import (
    IN_PARTS,
    LONG,
    NO_TWIN,
    STOPS,
    as_given_to_trl,
    make_golden,
    of_trl,
    plain_chats,
    reasoning_chats,
    stretches,
    taken_by,
    tool_chats,
    trained,
)
from workbench.template.encoder import open_encoder

GROUPS = {"plain": plain_chats, "tools": tool_chats, "reasoning": reasoning_chats}


def test_every_template_of_trl_is_listed() -> None:
    import trl

    folder = Path(trl.__file__).parent / "chat_templates"
    assert set(STOPS) == {path.stem for path in folder.glob("*.jinja") if not path.stem.endswith("_training")}


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("name", [name for name in STOPS if name not in NO_TWIN])
def test_labels_are_those_of_trl(tmp_path: Path, name: str, group: str) -> None:
    folder = make_golden(tmp_path / name, name)
    encoder = open_encoder(folder, LONG)
    rows = taken_by(encoder, GROUPS[group]())
    if not rows:
        pytest.skip("the template refuses such chats")
    make_model(folder)
    theirs = of_trl(folder, [as_given_to_trl(name, row) for row in rows], tmp_path / "out", assistant_only_loss=True)
    for row, (ids, labels) in zip(rows, theirs, strict=True):
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
        texts = trained(encoder, row)
        assert encoder.encode(row).problems == []
        assert len(texts) == len(answers)
        for answer, text in zip(answers, texts, strict=True):
            assert answer.strip() in text
            assert any(text.rstrip().endswith(stop) for stop in STOPS[name])
            assert "ß" not in text and "brief" not in text


@pytest.mark.parametrize("name", IN_PARTS)
def test_trl_loses_the_text_of_templates_that_want_parts_and_ours_does_not(tmp_path: Path, name: str) -> None:
    """TRL gives a message's text as it stands: two templates then write nothing of it, and the third refuses it."""
    encoder = open_encoder(make_golden(tmp_path / name, name), LONG)
    row = plain_chats()[0]
    ours = encoder.encode(row)
    assert [text.strip() for text in trained(encoder, row)] == [f"A0 «ok».  x{STOPS[name][0]}"]
    assert "Q0 ß?" in encoder.tokenizer.decode(ours.input_ids) and ours.warnings == []
    folder = make_model(tmp_path / name)
    if name == "llava_next":
        with pytest.raises(Exception, match="has no attribute"):
            of_trl(folder, [row], tmp_path / "out", assistant_only_loss=True)
        return
    ((ids, labels),) = of_trl(folder, [row], tmp_path / "out", assistant_only_loss=True)
    assert "A0" not in encoder.tokenizer.decode(ids) and "Q0" not in encoder.tokenizer.decode(ids)
    assert "A0" not in "".join(stretches(encoder, labels))
