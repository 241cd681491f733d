"""The encoder worker as its clients meet it: same answers as the encoder, no torch, and limits that hold."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.small import make_tokenizer
from workbench.errors import Missing, WorkbenchError
from workbench.settings import Settings
from workbench.template.client import EncoderWorker
from workbench.template.encoder import open_encoder
from workbench.template.spec import EncoderSpec

SPIN = (
    "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(9) %}{% endfor %}{% endfor %}{% endfor %}"
)


def test_the_worker_returns_what_the_encoder_returns(tmp_path: Path) -> None:
    folder = make_tokenizer(tmp_path)
    rows = [{"prompt": f"q{number}", "completion": f"a{number}"} for number in range(150)]
    encoder = open_encoder(folder, EncoderSpec())
    with EncoderWorker(folder, EncoderSpec()) as worker:
        answers = list(worker.encode(rows))
        assert worker.stop_tokens == ["<|im_end|>"]
    assert [answer["input_ids"] for answer in answers] == [encoder.encode(row).input_ids for row in rows]
    assert [answer["labels"] for answer in answers] == [encoder.encode(row).labels for row in rows]


def test_prompts_end_where_an_answer_begins(tmp_path: Path) -> None:
    with EncoderWorker(make_tokenizer(tmp_path), EncoderSpec()) as worker:
        (chat,) = worker.prompts([{"prompt": "Otter?"}])
        (raw,) = worker.prompts([{"prompt": "Otter?"}], raw=True)
    assert chat["text"] == "<|im_start|>user\nOtter?<|im_end|>\n<|im_start|>assistant\n"
    assert raw["text"] == "Otter?"


def test_a_template_that_never_ends_costs_its_row_and_not_the_others(tmp_path: Path) -> None:
    template = tmp_path / "spin.jinja"
    template.write_text("{% if messages[0].content == 'spin' %}" + SPIN + "{% endif %}{{ messages[0].content }}")
    rows = [{"prompt": word, "completion": "x"} for word in ("one", "spin", "two")]
    with EncoderWorker(make_tokenizer(tmp_path / "t"), EncoderSpec(template=str(template), train_on="all"),
                       Settings(render_seconds=1.0)) as worker:  # fmt: skip
        first, second, third = worker.encode(rows)
    assert "did not end within 1 s" in second["error"]
    assert len(first["input_ids"]) == len(third["input_ids"]) == 3


def test_two_rows_that_never_end_are_told_from_the_rest_of_their_batch(tmp_path: Path) -> None:
    template = tmp_path / "spin.jinja"
    template.write_text("{% if 'spin' in messages[0].content %}" + SPIN + "{% endif %}{{ messages[0].content }}")
    folder = make_tokenizer(tmp_path / "t")
    words = [f"row {number}" for number in range(200)]
    words[70], words[75] = "spin a", "spin b"
    rows = [{"prompt": word, "completion": "x"} for word in words]
    spec = EncoderSpec(template=str(template), train_on="all")
    with EncoderWorker(folder, spec, Settings(render_seconds=0.5)) as worker:
        answers = list(worker.encode(rows))
    encoder = open_encoder(folder, spec)
    assert [number for number, answer in enumerate(answers) if "error" in answer] == [70, 75]
    assert all("did not end within 0.5 s" in answers[number]["error"] for number in (70, 75))
    for number in (69, 71, 74, 76, 199):
        assert answers[number]["input_ids"] == encoder.encode(rows[number]).input_ids


def test_a_row_that_kills_the_worker_is_told_from_the_rest_of_its_batch(tmp_path: Path) -> None:
    template = tmp_path / "fat.jinja"  # memory that the tokenizer cannot get ends its process
    template.write_text("{{ messages[0].content * (5000000 if messages[0].content == 'fat' else 1) }}")
    rows = [{"prompt": word, "completion": "x"} for word in ("one", "fat", "two")]
    with EncoderWorker(make_tokenizer(tmp_path / "t"), EncoderSpec(template=str(template), train_on="all"),
                       Settings(render_memory_gib=1.0, render_seconds=8.0)) as worker:  # fmt: skip
        first, second, third = worker.encode(rows)
    how = ("died", "memory", "did not end")  # the last: where a thread that gets no memory leaves the others waiting
    assert any(each in second["error"] for each in how)
    assert len(first["input_ids"]) == len(third["input_ids"]) == 3


def test_a_template_that_never_ends_ends_with_the_process_that_asked(tmp_path: Path) -> None:
    template = tmp_path / "spin.jinja"
    template.write_text("{% if messages[0].content == 'spin' %}" + SPIN + "{% endif %}{{ messages[0].content }}")
    script = (
        "import sys; from pathlib import Path; from workbench.settings import Settings\n"
        "from workbench.template.client import EncoderWorker; from workbench.template.spec import EncoderSpec\n"
        "worker = EncoderWorker(Path(sys.argv[1]), EncoderSpec(template=sys.argv[2]), Settings(render_seconds=60))\n"
        "print(worker._child._process.pid, flush=True)\n"
        "list(worker.encode([{'prompt': 'spin', 'completion': 'x'}]))\n"
    )
    folder = make_tokenizer(tmp_path / "t")
    with subprocess.Popen(
        [sys.executable, "-c", script, folder, template], stdout=subprocess.PIPE, text=True
    ) as client:
        assert client.stdout is not None
        worker = psutil.Process(int(client.stdout.readline()))
        client.kill()
    worker.wait(30)  # raises when it goes on


def test_a_template_that_eats_memory_is_an_error(tmp_path: Path) -> None:
    template = tmp_path / "fat.jinja"
    template.write_text("{{ 'x' * 8000000000 }}")
    with pytest.raises(WorkbenchError, match="too much memory"):
        EncoderWorker(make_tokenizer(tmp_path / "t"), EncoderSpec(template=str(template)))


def test_a_template_that_raises_says_what_it_said(tmp_path: Path) -> None:
    template = tmp_path / "raises.jinja"
    template.write_text("{{ raise_exception('only two roles') }}")
    with EncoderWorker(make_tokenizer(tmp_path / "t"), EncoderSpec(template=str(template))) as worker:
        (answer,) = worker.encode([{"prompt": "a", "completion": "b"}])
    assert "only two roles" in answer["error"]


def test_a_folder_without_a_tokenizer_is_missing(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(Missing, match="no usable tokenizer"):
        EncoderWorker(tmp_path, EncoderSpec())


@pytest.mark.parametrize("text", ["null", "{}", "{"])
def test_a_damaged_tokenizer_is_missing(tmp_path: Path, text: str) -> None:
    (make_tokenizer(tmp_path) / "tokenizer.json").write_text(text)
    with pytest.raises(Missing, match="no usable tokenizer"):
        EncoderWorker(tmp_path, EncoderSpec())


def test_answers_that_nobody_read_do_not_answer_the_next_request(tmp_path: Path) -> None:
    rows = [{"prompt": str(number) * 20_000, "completion": "x"} for number in range(64)]
    with EncoderWorker(make_tokenizer(tmp_path), EncoderSpec()) as worker:
        answers = worker.encode(rows)
        next(answers)
        del answers
        (answer,) = worker.prompts([{"prompt": "Otter?"}], raw=True)
    assert answer["text"] == "Otter?"


def test_an_odd_row_costs_its_answer_and_not_the_worker(tmp_path: Path) -> None:
    rows = [
        {"prompt": "a", "completion": "\ud800"},
        {"prompt": "a", "completion": None},
        {"prompt": "a", "completion": "b"},
    ]
    with EncoderWorker(make_tokenizer(tmp_path), EncoderSpec()) as worker:
        odd, none, fine = worker.encode(rows)
    assert "error" in odd and "died" not in odd["error"]
    assert "error" in none and fine["input_ids"]


def test_a_prompt_hides_control_tokens_as_training_does(tmp_path: Path) -> None:
    with EncoderWorker(make_tokenizer(tmp_path), EncoderSpec()) as worker:
        (answer,) = worker.prompts([{"prompt": "a<|im_end|>b"}])
        (planted,) = worker.encode([{"messages": [{"role": "user<|im_end|>", "content": "x"}]}])
    assert answer["input_ids"].count(257) == 1 and "a<|im_end|>b" in answer["text"]
    assert "role" in planted["error"]
