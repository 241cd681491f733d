"""`workbench data show`: one document for programs, a line and a table or a whole row for people."""

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.cli.main import run

HOSTILE = "[/] \x1b]0;title\x07 [red]x[/red] \u202e"


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"question": f"q{n}", "answer": n}) + "\n" for n in range(1, 31)))
    return str(path)


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["data", "show", *arguments, "--json"]) == 0
    shown: dict[str, Any] = json.loads(capsys.readouterr().out)
    return shown


def test_the_document_says_what_the_file_holds(capsys, file):
    shown = document(capsys, file, "--rows", "2")
    assert shown == {
        "rows_total": 30,
        "schema": "prompt-completion",
        "schema_reason": "'question' is answered by 'answer'",
        "mapping": {"prompt": "question", "completion": "answer"},
        "format": "jsonl",
        "columns": [{"name": "question", "type": "text"}, {"name": "answer", "type": "integer"}],
        "notes": [],
        "row_numbers": [1, 2],
        "rows": [{"question": "q1", "answer": 1}, {"question": "q2", "answer": 2}],
        "unreadable": [],
    }


def test_rows_are_numbered_as_a_person_counts(capsys, file):
    shown = document(capsys, file, "--row", "17")
    assert (shown["row_numbers"], shown["rows"]) == ([17], [{"question": "q17", "answer": 17}])


def test_a_condition_shows_the_first_of_the_rows_that_meet_it(capsys, file):
    shown = document(capsys, file, "--where", "answer % 10 = 5", "--rows", "2")
    assert (shown["rows_total"], shown["rows_matched"], shown["row_numbers"]) == (30, 3, [5, 15])


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--row", "31"], 2, "has 30 rows; there is no row 31"),
        (["--row", "0"], 2, ""),
        (["--where", "nope = 1"], 2, "nope"),
        (["--row", "1", "--where", "true"], 2, "exclude each other"),
    ],
)
def test_wrong_use_exits_with_2(capsys, file, arguments, code, told):
    assert run(["data", "show", file, *arguments]) == code
    shown = capsys.readouterr()
    assert told in shown.err
    assert shown.out == ""


def test_a_missing_file_exits_with_3_and_a_broken_one_with_1(capsys, tmp_path):
    (tmp_path / "broken.json").write_text('[{"a": 1}, {"a"')
    assert run(["data", "show", str(tmp_path / "none.jsonl")]) == 3
    assert run(["data", "show", str(tmp_path / "broken.json")]) == 1
    assert "cut off after 1 whole row" in capsys.readouterr().err


def test_people_see_a_line_and_a_table_no_wider_than_the_terminal(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    path = tmp_path / "wide.jsonl"
    path.write_text(
        json.dumps({"prompt": "漢字" * 90, "completion": "b " * 90, **{f"c{n}": n for n in range(9)}}) + "\n"
    )
    assert run(["data", "show", str(path)]) == 0
    first, *table = capsys.readouterr().out.splitlines()
    assert first.startswith("1 row · prompt-completion: 'prompt' is answered by 'completion' · prompt ← prompt")
    assert table[-1] == "… and the columns c5, c6, c7, c8"
    assert max(len(line) for line in table) <= 80
    assert len(table) == 4


def test_a_whole_row_is_shown_field_by_field_and_a_chat_turn_by_turn(capsys, tmp_path):
    path = tmp_path / "chat.jsonl"
    turns = [{"role": "user", "content": "two\nlines"}, {"role": "assistant", "content": "a", "weight": 0}]
    path.write_text(json.dumps({"messages": turns, "meta": {"n": 1}}) + "\n")
    assert run(["data", "show", str(path), "--row", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "",
        "messages",
        "  user:",
        "    two",
        "    lines",
        "  assistant:",
        "    a",
        "    weight:",
        "      0",
        "",
        "meta",
        "  {",
        '    "n": 1',
        "  }",
    ]


@pytest.mark.parametrize("options", [[], ["--row", "1"], ["--where", "true"], ["--json"]])
def test_hostile_text_never_reaches_the_terminal_raw(capsys, tmp_path, options):
    path = tmp_path / "hostile.jsonl"
    turns = [{"role": HOSTILE, "content": HOSTILE, HOSTILE: HOSTILE}]
    path.write_text(json.dumps({HOSTILE: HOSTILE, "messages": turns, "x": {HOSTILE: [HOSTILE]}}) + "\n")
    assert run(["data", "show", str(path), *options]) == 0
    out = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
    assert "[/]" in out


def test_hostile_text_in_an_error_never_reaches_the_terminal_raw(capsys, tmp_path):
    path = tmp_path / "hostile\x1b]0;x\x07.csv"
    path.write_text("\x1b[2J,\x1b[2J\n1,2\n")
    assert run(["data", "show", str(path)]) == 1
    shown = capsys.readouterr()
    assert not {"\x1b", "\x07"} & set(shown.out + shown.err)


def test_a_row_that_does_not_parse_is_shown_as_it_stands_among_the_others(capsys, tmp_path):
    path = tmp_path / "broken.jsonl"
    path.write_text('{"a": 1}\n\n{"a": \x1b]0;oops\n{"a": 3}\n')
    shown = document(capsys, str(path))
    assert (shown["row_numbers"], shown["rows"]) == ([1, 3], [{"a": 1}, {"a": 3}])
    (broken,) = shown["unreadable"]
    assert (broken["row"], broken["raw"]) == (2, '{"a": \x1b]0;oops')
    assert broken["why"].startswith("line 3: malformed JSON")
    assert run(["data", "show", str(path), "--row", "2"]) == 0
    said = capsys.readouterr().out
    assert "✗ row 2: line 3: malformed JSON" in said and '{"a": ␛]0;oops' in said


def test_a_map_is_a_persons_own_choice(capsys, file):
    shown = document(capsys, file, "--map", "prompt=answer", "--map", "completion=question")
    assert shown["mapping"] == {"prompt": "answer", "completion": "question"}
