"""A set, counted: hand-made rows of single-byte tokens, so that every figure can be checked by hand."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.small import CHATML, make_tokenizer
from tests.template.test_worker import SPIN
from workbench.data.spec import DataSpec
from workbench.errors import WorkbenchError
from workbench.settings import Settings
from workbench.template.spec import EncoderSpec
from workbench.template.survey import Survey, Surveying, survey, survey_of

# <|im_start|>user⏎ is 6 tokens, <|im_start|>assistant⏎ is 11, <|im_end|>⏎ is 2: a pair has 21 and its own letters
FRAME = 6 + 2 + 11 + 2
USER = {"role": "user", "content": "ab"}


def write(folder: Path, rows: list[Any]) -> DataSpec:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return DataSpec(train=str(path))


def chat(question: str, answer: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


def test_lengths_training_and_problems_are_counted(tmp_path: Path) -> None:
    rows = [
        chat("ab", "c"),
        chat("ab", "cde"),
        chat("abcd", "cde"),
        {"messages": [USER]},
        {"messages": "broken"},
        chat("a" * 60, "b"),
        chat("ab", "c" * 30),
    ]
    data = write(tmp_path, rows)
    *_, found = survey(data, make_tokenizer(tmp_path / "t"), EncoderSpec(max_length=40), Settings())
    assert (found.rows, found.total, found.is_done, found.is_sample) == (7, 7, True, False)
    assert found.lengths == ((10, 1), (FRAME + 3, 1), (FRAME + 5, 1), (FRAME + 7, 1), (FRAME + 32, 1), (FRAME + 61, 1))
    assert (found.median_length, found.longest) == (FRAME + 5, FRAME + 61)
    kept_of_the_long_answer = 40 - (6 + 2 + 2 + 11)
    assert found.trained == ((0, 2), (2, 1), (4, 2), (kept_of_the_long_answer, 1))
    assert found.median_trained == 2
    assert (found.untrained, found.refused, found.cut, found.answers_lost, found.without_stop) == (1, 1, 2, 1, 0)
    assert found.named == (4, 5, 6)
    assert [found.next_problem(row) for row in (1, 4, 5, 6, 7)] == [4, 5, 6, 4, 4]
    assert survey_of(json.loads(json.dumps(found.as_json()))) == found


def test_a_sample_says_so_and_tells_how_far_it_is(tmp_path: Path) -> None:
    data = write(tmp_path, [chat("ab", "c")] * 150)
    found = list(survey(data, make_tokenizer(tmp_path / "t"), EncoderSpec(), Settings(), most=100))
    assert [(each.rows, each.is_done) for each in found] == [(64, False), (100, False), (100, True)]
    assert found[-1].is_sample and found[-1].total == 150 and found[-1].next_problem(1) is None


def test_what_the_template_does_in_general_is_known_in_the_end(tmp_path: Path) -> None:
    data = write(tmp_path, [chat("ab", "c")])
    (tmp_path / "own.jinja").write_text(
        CHATML + "{% if messages[0].role == 'system' %}{{ raise_exception('') }}{% endif %}"
    )
    spec = EncoderSpec(template=str(tmp_path / "own.jinja"))
    *before, found = survey(data, make_tokenizer(tmp_path / "t"), spec, Settings())
    assert [each.code for each in found.template] == ["system-refused"]
    assert survey_of(json.loads(json.dumps(found.as_json()))) == found
    assert not any(each.template for each in before)
    *_, found = survey(data, tmp_path / "t", EncoderSpec(), Settings())
    assert found.template == ()


def test_an_empty_survey_has_no_median() -> None:
    assert (Survey(1024).median_length, Survey(1024).median_trained, Survey(1024).longest) == (0, 0, 0)


def test_a_template_that_never_ends_ends_the_survey(tmp_path: Path) -> None:
    template = tmp_path / "spin.jinja"
    template.write_text(SPIN)
    data = write(tmp_path, [chat("ab", "c")] * 150)
    spec = EncoderSpec(template=str(template))
    with pytest.raises(WorkbenchError, match=r"did not end within 0\.2 s"):
        list(survey(data, make_tokenizer(tmp_path / "t"), spec, Settings(render_seconds=0.2)))


def test_a_survey_that_is_stopped_tells_no_more(tmp_path: Path) -> None:
    data = write(tmp_path, [chat("ab", "c")] * 1500)
    told: list[Survey | WorkbenchError] = []
    first, ended = threading.Event(), threading.Event()

    def tell(found: Survey | WorkbenchError) -> None:
        told.append(found)
        first.set()
        ended.wait(20)

    counting = Surveying(data, make_tokenizer(tmp_path / "t"), EncoderSpec(), Settings(), tell)
    assert first.wait(20)
    counting.stop()
    ended.set()
    counting.wait(20)
    assert len(told) == 1
