"""The viewer with real workers: the newest question is answered, and no template keeps another one waiting."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from tests.conftest import Bench
from tests.small import make_tokenizer
from tests.template.test_worker import SPIN
from workbench.data.spec import DataSpec
from workbench.errors import Missing
from workbench.settings import Settings
from workbench.template.spec import EncoderSpec
from workbench.template.viewer import Ask, Failed, Noted, Shown, Viewer

Event = Noted | Shown | Failed


class Bed:
    """A viewer over eight rows, and what it told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: Queue[Event] = Queue()
        make_tokenizer(folder / "model")
        rows = [{"prompt": f"q{n}", "completion": f"a{n}"} for n in range(1, 9)]
        (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        self.viewer = Viewer(self.find, Settings(render_seconds=1.0), self.told.put)

    def find(self, name: str, tell: Callable[[str], None]) -> Path:
        if name == "absent":
            raise Missing("no such model", "name another one")
        tell(f"found {name}")
        return self.folder / name

    def ask(self, row: int = 1, **changes: Any) -> Ask:
        options = {"data": DataSpec(train=str(self.folder / "rows.jsonl")), "model": "model", "spec": EncoderSpec()}
        return Ask(**{**options, **changes}, row=row)

    def template(self, name: str, text: str) -> EncoderSpec:
        path = self.folder / name
        path.write_text(text)
        return EncoderSpec(template=str(path), train_on="all")

    def answer(self) -> Shown | Failed:
        event = self.told.get(timeout=30)
        return self.answer() if isinstance(event, Noted) else event

    def text(self) -> str:
        answer = self.answer()
        assert isinstance(answer, Shown), answer
        return "".join(token.text for token in answer.seen.tokens)


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    made = Bed(tmp_path)
    yield made
    made.viewer.close()


def test_a_row_is_shown_as_the_model_sees_it(bed: Bed) -> None:
    bed.viewer.look(bed.ask(3))
    assert bed.told.get(timeout=30) == Noted("found model")
    shown = bed.answer()
    assert isinstance(shown, Shown) and shown.rows == 8 and shown.folder == bed.folder / "model"
    trained = [token for token in shown.seen.tokens if token.is_trained]
    assert "".join(token.text for token in trained) == "a3<|im_end|>"
    assert {token.turn for token in trained} == {2} and shown.seen.has_stop and shown.seen.trained == 3
    bed.viewer.look(bed.ask(3, generation_prompt=True))
    assert bed.text().endswith("q3<|im_end|>\n<|im_start|>assistant\n")


def test_of_many_questions_the_last_is_answered_last(bed: Bed) -> None:
    asks = [bed.ask(row) for row in (1, 2, 3, 4, 5)]
    for ask in asks:
        bed.viewer.look(ask)
    answers = [bed.answer()]
    while answers[-1].ask is not asks[-1]:
        answers.append(bed.answer())
    assert bed.told.empty() and all(isinstance(answer, Shown) for answer in answers)


def test_a_second_question_stands_beside_the_first(bed: Bed) -> None:
    own = bed.template("own.jinja", "{{ messages[0].content }}")
    first, second = bed.ask(1), bed.ask(1, spec=own)
    bed.viewer.look(first)
    bed.viewer.look_beside(second)
    answers = {id(answer.ask): answer for answer in (bed.answer(), bed.answer())}
    assert set(answers) == {id(first), id(second)} and all(isinstance(each, Shown) for each in answers.values())
    bed.viewer.look_beside(bed.ask(2, spec=own))
    bed.viewer.look_beside(None)
    bed.viewer.look(bed.ask(3))
    answer = bed.answer()
    assert answer.ask.spec == EncoderSpec() and answer.ask.row == 3 and bed.told.empty()


def test_a_template_that_never_ends_is_told_and_keeps_no_other_waiting(bed: Bed) -> None:
    spin, plain = bed.template("spin.jinja", SPIN), bed.template("plain.jinja", "{{ messages[0].content }}")
    bed.viewer.look(bed.ask(1, spec=spin))
    bed.viewer.look(bed.ask(2, spec=plain))
    assert bed.text() == "q2"
    bed.viewer.look(bed.ask(1, spec=spin))
    failed = bed.answer()
    assert isinstance(failed, Failed) and "did not end within 1 s" in failed.error.what and failed.rows == 8


def test_a_template_is_read_again_when_its_file_changed(bed: Bed) -> None:
    spec = bed.template("own.jinja", "{{ messages[0].content }}")
    bed.viewer.look(bed.ask(1, spec=spec))
    assert bed.text() == "q1"
    bed.template("own.jinja", "<{{ messages[0].content }}>")
    os.utime(spec.template or "", ns=(1, 1))
    bed.viewer.look(bed.ask(1, spec=spec))
    assert bed.text() == "<q1>"


def test_data_is_read_again_when_its_file_changed(bed: Bed) -> None:
    bed.viewer.look(bed.ask(1))
    assert "q1" in bed.text()
    (bed.folder / "rows.jsonl").write_text('{"prompt": "other", "completion": "x"}\n')
    bed.viewer.look(bed.ask(1))
    assert "other" in bed.text()
    bed.viewer.look(bed.ask(2))
    failed = bed.answer()
    assert isinstance(failed, Failed) and "no row 2" in failed.error.what and failed.rows == 1


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"model": "absent"}, "no such model"),
        ({"data": DataSpec(train="absent.jsonl")}, "absent.jsonl"),
        ({"spec": EncoderSpec(template="absent.jinja")}, "absent.jinja"),
        ({"row": 99}, "no row 99"),
    ],
)
def test_what_is_missing_is_told(bed: Bed, changes: dict[str, Any], what: str) -> None:
    bed.viewer.look(bed.ask(**changes))
    failed = bed.answer()
    assert isinstance(failed, Failed) and what in failed.error.what and failed.error.fix


def test_the_command_shows_the_same(bench: Bench) -> None:
    (bench.folder / "own rows.csv").write_text("ask,reply\nq1,a1\nq2,a2\n")
    (bench.folder / "own.jinja").write_text("{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}")
    ask = Ask(
        DataSpec(train="own rows.csv", map={"prompt": "ask", "completion": "reply"}),
        "tiny", EncoderSpec(template="own.jinja", train_on="completion", max_length=6), 2, generation_prompt=True,
    )  # fmt: skip
    assert ask.command == (
        "workbench template show 'own rows.csv' --model tiny --row 2 --template own.jinja --train-on completion "
        "--max-length 6 --generation-prompt --map prompt=ask --map completion=reply"
    )
    import shlex

    assert bench(*shlex.split(ask.command)[1:], "--json").json["text"] == "q2<|im_end|>"
