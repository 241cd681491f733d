"""The command line as a contract: JSON documents, exit codes, and errors of three lines at most with the fix."""

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pyte
import pytest

from tests.conftest import Bench

HOSTILE = "[/] [red]x \x1b]0;title\x07 \x1b[31m \u202e"


def test_template_show_says_what_is_trained_and_why(bench: Bench) -> None:
    seen = bench("template", "show", "rows.jsonl", "--model", "tiny", "--row", "2", "--json").json
    assert seen["text"] == "<|im_start|>user\nsay 1 x<|im_end|>\n<|im_start|>assistant\nok ok <|im_end|>\n"
    assert seen["stop_token_trained"] is True and seen["truncated"] == 0
    assert len(seen["tokens"]) == len(seen["input_ids"]) == len(seen["labels"])
    trained = [token for token in seen["tokens"] if token["trained"]]
    assert "".join(token["text"] for token in trained) == "ok ok <|im_end|>"
    assert {token["role"] for token in trained} == {"assistant"}
    assert trained[-1]["why"] == "part of an assistant turn: ends the answer"
    assert [label for label in seen["labels"] if label != -100] == [token["id"] for token in trained]


def test_template_show_ends_where_an_answer_begins_or_where_the_length_does(bench: Bench) -> None:
    prompt = bench("template", "show", "rows.jsonl", "-m", "tiny", "--generation-prompt", "--json").json
    assert prompt["text"].endswith("<|im_start|>assistant\n") and set(prompt["labels"]) == {-100}
    cut = bench("template", "show", "rows.jsonl", "-m", "tiny", "--max-length", "10", "--json")
    assert cut.code == 1 and cut.json["problems"] == ["answer-cut"] and len(cut.json["input_ids"]) == 10


def test_compare_answers_with_base_and_tuned(bench: Bench, trained: Path) -> None:
    (bench.folder / "ask.txt").write_text("say 1\n\nsay 2 " + HOSTILE + "\n")
    bench.bring(trained, "first")
    found = bench("compare", "first", "--prompts", "ask.txt", "--max-new-tokens", "4", "--json").json
    assert found["models"] == ["tiny", "first"]
    assert [row["prompt"] for row in found["rows"]] == ["say 1", "say 2 " + HOSTILE]
    assert all(set(row["answers"]) == {"tiny", "first"} for row in found["rows"])
    shown = bench("compare", "first", "--prompts", "ask.txt", "--max-new-tokens", "4")
    assert shown.code == 0 and "[red]x" in shown.out and "\x1b" not in shown.out and "\u202e" not in shown.out


def test_list_status_and_logs_of_no_run_and_of_one(bench: Bench, trained: Path) -> None:
    assert bench("train", "list", "--json").json == {"runs": []}
    assert "train start" in bench("train", "list").out and bench("status").out == "no runs\n"
    bench.bring(trained, "first")
    (run,) = bench("train", "list", "--json").json["runs"]
    assert run == {"run": "first", "task": "sft", "status": "finished", "step": 4, "steps": 4, "loss": run["loss"]}
    assert run["loss"] > 0
    assert bench("status", "--json").json["runs"] == [{"run": "first", "status": "finished", "step": 4, "steps": 4}]
    assert bench("status").out == "✓ first\n"
    assert isinstance(bench("train", "logs", "first", "--json").json["lines"], list)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["train", "show", "frist"], 3, "no run named frist"),
        (["train", "start", "absent.yaml"], 3, "absent.yaml: no such file"),
        (["train", "start", "run.yaml", "--set", "data=absent.jsonl"], 3, "absent.jsonl: no such file"),
        (["train", "start", "run.yaml", "--set", "model=absent"], 3, "absent"),
        (["train", "start", "run.yaml", "--set", "rank=3"], 2, "rank is not a known key"),
        (["train", "start", "run.yaml", "--set", "nonsense"], 2, "expected key=value"),
        (["train", "start", "run.yaml", "--set", "data.map.completion=reply"], 2, "reply"),
        (["train", "start", "run.yaml", "--set", "data=binary.jsonl"], 1, "binary.jsonl"),
        (["train", "start", "run.yaml", "--set", "template=absent.jinja"], 3, "absent.jinja"),
        (["train", "stop", "absent"], 3, "no run named absent"),
        (["template", "show", "rows.jsonl", "-m", "tiny", "--row", "99"], 2, "24 rows"),
        (["template", "show", "rows.jsonl", "-m", "empty"], 3, "config.json"),
        (["compare", "tiny", "--prompts", "absent.txt"], 3, "absent.txt"),
        (["compare", "nothing", "--prompts", "rows.jsonl"], 3, "nothing"),
        (["-C", "absent", "train", "list"], 3, "not a folder"),
        (["train", "list", "--frob"], 2, "--frob"),
        (["train", "start", "run.yaml", "--set", "max_steps=[1"], 2, "not YAML"),
        (["train", "start", "run.yaml", "--set", "learning_rate=.inf"], 2, "learning_rate"),
        (["train", "start", "run.yaml", "--set", "backend.device=cuda:77"], 3, "no cuda:77 here"),
        (["train", "start", "."], 2, "is a directory"),
        (["train", "show", ".."], 3, "no run named .."),
    ],
)
def test_an_error_is_short_and_has_its_exit_code(bench: Bench, arguments: list[str], code: int, says: str) -> None:
    bench.spec("run")
    (bench.folder / "empty").mkdir()
    (bench.folder / "binary.jsonl").write_bytes(bytes(range(256)) * 8)
    ran = bench(*arguments)
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err and "Traceback" not in ran.err and len(ran.err.strip().splitlines()) <= 4
    assert not (bench.folder / "runs" / "run").exists()


def test_wrong_use_is_a_document_too(bench: Bench) -> None:
    ran = bench("template", "show", "rows.jsonl", "-m", "tiny", "--train-on", "bogus", "--json")
    assert ran.code == 2 and ran.json["exit_code"] == 2 and "bogus" in ran.json["error"]
    assert len(ran.err.strip().splitlines()) <= 3


def test_ctrl_c_ends_a_command_with_its_own_exit_code(bench: Bench) -> None:
    (bench.folder / "spin.jinja").write_text(
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    )
    command = bench.command("template", "show", "rows.jsonl", "-m", "tiny", "--template", "spin.jinja", "--json")
    shown = subprocess.Popen(
        command, cwd=bench.folder, env=bench.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    time.sleep(1.0)
    os.killpg(shown.pid, signal.SIGINT)
    out, err = shown.communicate(timeout=20)
    assert shown.returncode == 4 and json.loads(out)["exit_code"] == 4 and "Traceback" not in err


def test_a_reader_that_goes_away_is_no_error(bench: Bench) -> None:
    for arguments in (
        "data show rows.jsonl",
        "template show rows.jsonl -m tiny",
        "doctor",
        "--help",
        "train list --json",
    ):
        line = f"set -o pipefail; {' '.join(bench.command())} {arguments} | true"
        ran = subprocess.run(
            ["bash", "-c", line], cwd=bench.folder, env=bench.environment, capture_output=True, text=True
        )
        assert ran.returncode == 0 and "Traceback" not in ran.stderr, (arguments, ran.stderr)


def test_one_odd_run_folder_does_not_hide_the_others(bench: Bench, trained: Path) -> None:
    bench.bring(trained, "good")
    runs = bench.folder / "runs"
    state = json.loads((runs / "good/state.json").read_text())
    oddities = {
        "newer": {**state, "future": 1},
        "list": [],
        "half": {"status": "running"},
        "word": {**state, "status": "dreaming"},
    }
    for name, content in oddities.items():
        shutil.copytree(runs / "good", runs / name)
        (runs / name / "state.json").write_text(json.dumps(content))
    shutil.copytree(runs / "good", runs / "bytes")
    for file in ("state.json", "run.yaml", "resolved.json"):
        (runs / "bytes" / file).write_bytes(b"\xff\xfe{")
    (runs / "good/journal.jsonl").write_text('[1]\n"x"\n' + (runs / "good/journal.jsonl").read_text())
    listed = {run["run"]: run["status"] for run in bench("train", "list", "--json").json["runs"]}
    assert listed == {
        "good": "finished",
        "newer": "finished",
        "list": "lost",
        "half": "lost",
        "word": "lost",
        "bytes": "lost",
    }
    assert bench("status").code == 0 and bench("train", "show", "good").code == 0


def test_an_error_is_the_document_with_json_and_a_traceback_with_debug(bench: Bench) -> None:
    ran = bench("train", "show", "absent", "--json")
    assert ran.code == 3 and ran.json["exit_code"] == 3 and "absent" in ran.json["error"]
    assert "Traceback" in bench("train", "show", "absent", "--debug").err


def test_a_second_run_of_a_name_is_refused_and_the_first_left_alone(bench: Bench, trained: Path) -> None:
    spec = bench.spec("same", max_steps=2)
    bench.bring(trained, "same")
    before = (bench.folder / "runs/same/journal.jsonl").read_bytes()
    ran = bench("train", "start", spec)
    assert ran.code == 2 and "a run named same" in ran.err and "resume" in ran.err
    assert (bench.folder / "runs/same/journal.jsonl").read_bytes() == before


def test_a_row_of_escape_sequences_reaches_no_terminal(bench: Bench) -> None:
    chat = [{"role": "user" + HOSTILE, "content": HOSTILE}, {"role": "assistant", "content": HOSTILE}]
    (bench.folder / "rows.jsonl").write_text(json.dumps({"messages": chat}) + "\n")
    ran = bench("template", "show", "rows.jsonl", "-m", "tiny")
    assert ran.code == 0 and "\x1b]" not in ran.out and "\x07" not in ran.out and "[/]" in ran.out


def test_waiting_in_a_terminal_draws_a_bar_and_ctrl_c_leaves_the_run(bench: Bench) -> None:
    spec = bench.spec("bar", max_steps=4000)
    parent, child = pty.openpty()
    os.set_blocking(parent, False)
    waiting = subprocess.Popen(
        bench.command("train", "start", str(spec), "--wait"), cwd=bench.folder, start_new_session=True,
        env={**bench.environment, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"},
        stdin=child, stdout=child, stderr=child,
    )  # fmt: skip
    os.close(child)
    screen = pyte.Screen(80, 24)
    stream = pyte.ByteStream(screen)
    read_until(parent, stream, screen, "bar running")
    read_until(parent, stream, screen, "loss")
    os.killpg(waiting.pid, signal.SIGINT)
    read_until(parent, stream, screen, "it goes on")
    assert waiting.wait(timeout=20) == 4
    assert bench.show("bar")["status"] == "running"


def read_until(terminal: int, stream: pyte.ByteStream, screen: pyte.Screen, text: str) -> None:
    deadline = time.monotonic() + 60
    while text not in "\n".join(screen.display):
        assert time.monotonic() < deadline, "\n".join(screen.display)
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                stream.feed(os.read(terminal, 65536))
            except OSError:
                assert text in "\n".join(screen.display), "\n".join(screen.display)


def test_the_tables_of_a_narrow_terminal_stay_in_it(bench: Bench, trained: Path) -> None:
    bench.bring(trained, "a-run-of-a-long-name")
    for command in (["train", "list"], ["train", "show", "a-run-of-a-long-name"]):
        out = bench(*command, COLUMNS="80").out
        assert max(map(len, out.splitlines()[:3])) <= 80
    assert Path(bench.show("a-run-of-a-long-name")["folder"]).is_dir()
