"""`workbench data check`: one document, lines for people, exit codes, and a new file that never is the old one."""

import json
from pathlib import Path

import pytest

from workbench.cli.main import run

CLEAN = [{"prompt": f"What is {n} and {n}?", "completion": f"It is {2 * n}."} for n in range(1, 21)]


def rows_file(path: Path, rows: list[dict]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.fixture
def clean(tmp_path: Path) -> str:
    return rows_file(tmp_path / "clean.jsonl", CLEAN)


@pytest.fixture
def broken(tmp_path: Path) -> str:
    wrong = [{"prompt": "Why?", "completion": ""}, {"prompt": "Who\x1b[2J?", "completion": "Me."}, CLEAN[0]]
    return rows_file(tmp_path / "broken.jsonl", [*CLEAN, *wrong])


def test_a_clean_file_reports_an_empty_list_and_exits_with_0(capsys, clean):
    assert run(["data", "check", clean, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rows"], found["schema"], found["problems"]) == (20, "prompt-completion", [])


def test_an_error_exits_with_1_and_is_told_with_its_rows_and_its_fix(capsys, broken):
    assert run(["data", "check", broken, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["problems"]
    assert found[0] == {
        "code": "empty-answer", "severity": "error", "rows": [21], "count": 1,
        "message": "completion is empty", "fix": "write the answer; `--fix OUT` drops these rows",
    }  # fmt: skip
    assert {(each["code"], *each["rows"]) for each in found[1:]} == {("control-character", 22), ("exact-copy", 23)}


def test_people_read_one_sentence_a_problem_and_nothing_reaches_the_terminal_raw(capsys, broken):
    assert run(["data", "check", broken]) == 1
    out = capsys.readouterr().out
    assert "\n✗ error empty-answer · 1 row\n  completion is empty\n  row 21\n  → write the answer" in out
    assert "\x1b" not in out


def test_only_warnings_exit_with_0(tmp_path):
    assert run(["data", "check", rows_file(tmp_path / "rows.jsonl", [*CLEAN, CLEAN[0]])]) == 0


def test_a_fix_writes_a_new_file_and_says_what_it_did(capsys, broken, tmp_path):
    out = tmp_path / "fixed.jsonl"
    assert run(["data", "check", broken, "--fix", str(out), "--json"]) == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out)["fix"] == {
        "rows_in": 23, "rows_out": 21, "changed": {"control-character": 1},
        "dropped": {"empty-answer": 1, "exact-copy": 1}, "left": {},
    }  # fmt: skip
    assert "21 of 23 rows" in shown.err
    assert run(["data", "check", str(out)]) == 0
    assert json.loads(out.read_text().splitlines()[-1]) == {"prompt": "Who?", "completion": "Me."}


def test_a_fix_never_writes_over_what_it_reads(capsys, broken):
    before = Path(broken).read_bytes()
    assert run(["data", "check", broken, "--fix", broken]) == 2
    assert "is the file that is read" in capsys.readouterr().err
    assert Path(broken).read_bytes() == before


def test_prompts_of_the_validation_file_are_an_error(capsys, clean, tmp_path):
    other = rows_file(tmp_path / "other.jsonl", [{"prompt": CLEAN[4]["prompt"], "completion": "Ten."}])
    assert run(["data", "check", clean, "--validation", other, "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["problems"]
    assert (found["code"], found["rows"]) == ("in-validation", [5])


def test_rows_too_long_for_a_model_are_named(capsys, tmp_path):
    long = {"prompt": "What is 1 and 1?", "completion": "It is two. " * 40}
    file = rows_file(tmp_path / "rows.jsonl", [*CLEAN[1:], long])
    assert run(["data", "check", file, "--model", "starter", "--max-length", "64", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["problems"]
    assert (found["code"], found["rows"]) == ("too-long", [20])
    assert found["message"] == "the row is longer than the limit of 64 tokens: it is cut"


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--max-length", "8"], 2, "no model is named"),
        (["--fix", "out.xyz"], 2, "says no format"),
        (["--map", "prompt=nope"], 2, "no column nope"),
        (["--validation", "none.jsonl"], 3, "no such file"),
    ],
)
def test_wrong_use_is_told_before_any_work(capsys, clean, options, code, told):
    assert run(["data", "check", clean, *options]) == code
    assert told in capsys.readouterr().err
