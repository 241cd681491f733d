"""`workbench data convert` writes a new file and says what is not in it."""

import json
import signal
import subprocess
import sys
import time

import pytest

from workbench.cli.main import run
from workbench.data.rows import open_rows


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("question,answer,id\nA?,a,1\nB?,,2\nC?,c,3\n")
    return path


def test_the_document_counts_what_was_read_written_and_left_out(capsys, source, tmp_path):
    out = tmp_path / "out.jsonl"
    assert run(["data", "convert", str(source), str(out), "--to", "messages", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "rows_in": 3,
        "rows_out": 2,
        "schema": "messages",
        "left_out": 1,
        "problems": [{"row": 2, "why": "answer (the completion) is empty"}],
        "columns_left_out": ["id"],
    }
    assert "row 2: answer (the completion) is empty" in said.err
    assert [len(row["messages"]) for row in open_rows(out)] == [2, 2]


def test_another_format_keeps_every_row_and_column(capsys, source, tmp_path):
    out = tmp_path / "out.parquet"
    assert run(["data", "convert", str(source), str(out)]) == 0
    assert list(open_rows(out)) == list(open_rows(source))


def test_a_map_is_a_persons_own_choice(capsys, source, tmp_path):
    out = tmp_path / "out.jsonl"
    asked = ["data", "convert", str(source), str(out), "--map", "prompt=answer", "--map", "completion=id"]
    assert run([*asked, "--json"]) == 0
    assert next(iter(open_rows(out))) == {"prompt": "a", "completion": 1}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["{source}", "{source}"], 2, "is the file that is read"),
        (["{source}", "{folder}/out.xyz"], 2, "says no format"),
        (["{source}", "{folder}/none/out.jsonl"], 2, "no such folder"),
        (["{source}", "{folder}/out.jsonl", "--to", "kto"], 2, "cannot become kto"),
        (["{folder}/none.csv", "{folder}/out.jsonl"], 3, "no such file"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_written(capsys, source, tmp_path, arguments, code, told):
    before = source.read_bytes()
    asked = [argument.format(source=source, folder=tmp_path) for argument in arguments]
    assert run(["data", "convert", *asked]) == code
    assert told in capsys.readouterr().err
    assert source.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_nothing_is_written_when_no_row_can_be_converted(capsys, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text('{"prompt": "p", "completion": ""}\n')
    assert run(["data", "convert", str(source), str(tmp_path / "out.jsonl"), "--to", "messages"]) == 1
    assert "no row" in capsys.readouterr().err
    assert not (tmp_path / "out.jsonl").exists()


@pytest.fixture
def not_under_nohup():
    """Children of what was started under nohup ignore a hang-up, which is right, but not what is asked here."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("not_under_nohup")
@pytest.mark.parametrize("ended_by", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_what_ends_the_command_early_leaves_nothing_half_written(tmp_path, ended_by):
    source = tmp_path / "in.jsonl"
    source.write_text('{"prompt": "a", "completion": "b"}\n' * 1_000_000)
    command = [sys.executable, "-m", "workbench", "data", "convert", str(source), str(tmp_path / "out.csv"), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not list(tmp_path.glob("*.part")):
            time.sleep(0.01)
        process.send_signal(getattr(signal, ended_by))
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 4
    assert json.loads(said)["exit_code"] == 4
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]
