"""`workbench data dedupe | sample | split`: counts in one document for programs, the same in words for people."""

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.cli.main import run

HOSTILE = "\x1b]0;title\x07[red]x[/] \u202e"
LINES = [
    '{"text": "a good one", "label": "pos"}',
    '{"text": "a bad one", "label": "neg"}',
    '{"text": ',
    '{"text": "a  good one", "label": "pos"}',
    '{"text": "a good one", "label": "pos"}',
    '{"text": "so so"}',
]
BROKEN = {"unreadable": 1, "unreadable_rows": [3]}


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(LINES) + "\n")
    return str(path)


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[dict[str, Any], str]:
    assert run(["data", *map(str, arguments), "--json"]) == 0
    told = capsys.readouterr()
    found: dict[str, Any] = json.loads(told.out)
    return found, told.err


def test_dedupe_says_what_was_left_out_and_why(capsys, file, tmp_path):
    out = tmp_path / "out.jsonl"
    found, told = document(capsys, "dedupe", file, out)
    reasons = found.pop("unreadable_reasons")
    counts = {"rows_in": 6, "rows_out": 3, "exact": 1, "near": 1, "without_text": 0, **BROKEN}
    assert found == {**counts, "groups": [[1, 4, 5]], "compared": ["text"]}
    assert "row 3: line 3: malformed JSON" in reasons[0]
    assert "1 row cannot be read (left out" in told and reasons[0] in told
    assert out.read_text().splitlines() == [LINES[0], LINES[1], LINES[5]]


def test_dedupe_at_1_leaves_near_copies(capsys, file, tmp_path):
    found, _ = document(capsys, "dedupe", file, tmp_path / "out.jsonl", "--near", "1")
    assert (found["exact"], found["near"], found["groups"]) == (1, 0, [[1, 5]])


def test_sample_shows_the_classes_before_and_after(capsys, file, tmp_path):
    out = tmp_path / "out.jsonl"
    found, told = document(capsys, "sample", file, out, "-n", "2", "--by", "label")
    assert (found["rows_in"], found["rows_out"]) == (6, 4)
    assert found["per_group_in"] == {"pos": 3, "neg": 1, "∅": 1}
    assert found["per_group"] == {"pos": 2, "neg": 1, "∅": 1}
    assert "fewer than 2 rows, so all are taken: 2 of 3 classes: neg, ∅" in told
    assert run(["data", "sample", file, str(out), "-n", "2", "--by", "label"]) == 0
    table = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert table[0] == ["label", "before", "after"]
    assert table[2:] == [["pos", "3", "2"], ["neg", "1", "1"], ["∅", "1", "1"]]


def test_a_sample_overall_has_no_classes(capsys, file, tmp_path):
    found, _ = document(capsys, "sample", file, tmp_path / "out.jsonl", "-n", "2", "--seed", "3")
    assert (found["rows_out"], found["per_group"]) == (2, {})


def test_split_says_how_many_went_where(capsys, file, tmp_path):
    parts = ["--train", tmp_path / "a.jsonl", "--validation", tmp_path / "b.jsonl"]
    found, told = document(capsys, "split", file, *parts, "--fraction", "0.4", "--by", "label")
    assert (found["train"], found["validation"], found["moved_together"]) == (4, 1, 3)
    assert found["per_group"]["train"]["pos"] == 3
    assert "1 row cannot be read (in neither part)" in told
    assert "no row held out of 2 classes: pos, ∅" in told
    written = [(tmp_path / name).read_text().splitlines() for name in ("a.jsonl", "b.jsonl")]
    assert sorted(written[0] + written[1]) == sorted(line for line in LINES if line != LINES[2])


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["dedupe", "in.jsonl", "in.jsonl"], 2, "it is never changed"),
        (["dedupe", "in.jsonl", "out.jsonl", "--near", "0"], 2, "--near 0 is no similarity"),
        (["dedupe", "in.jsonl", "out.jsonl", "--on", "txt"], 2, "did you mean text?"),
        (["sample", "in.jsonl", "out.jsonl", "-n", "0"], 2, ""),
        (["sample", "in.jsonl", "out.jsonl"], 2, ""),
        (["split", "in.jsonl", "--train", "a.jsonl", "--validation", "in.jsonl"], 2, "it is never changed"),
        (["sample", "none.jsonl", "out.jsonl", "-n", "1"], 3, "no such file"),
    ],
)
def test_wrong_use_changes_nothing(capsys, file, tmp_path, monkeypatch, arguments, code, told):
    monkeypatch.chdir(tmp_path)
    before = Path(file).read_bytes()
    assert run(["data", *arguments]) == code
    assert told in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]
    assert Path(file).read_bytes() == before


def test_hostile_text_never_reaches_the_terminal_raw(capsys, tmp_path):
    path = tmp_path / "in.jsonl"
    rows = [{"text": HOSTILE + str(n % 2), HOSTILE: f"{HOSTILE}{n % 3}"} for n in range(9)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + f'{{"{HOSTILE}')
    out = tmp_path / "out.jsonl"
    assert run(["data", "dedupe", str(path), str(out), "--on", HOSTILE]) == 0
    assert run(["data", "sample", str(path), str(out), "-n", "5", "--by", HOSTILE]) == 0
    parts = ["--train", str(tmp_path / "a.jsonl"), "--validation", str(tmp_path / "b.jsonl"), "--fraction", "0.6"]
    assert run(["data", "split", str(path), *parts, "--by", HOSTILE, "--on", HOSTILE]) == 0
    told = capsys.readouterr()
    assert not {"\x1b", "\x07", "\u202e"} & set(told.out + told.err)
    assert "[red]x[/]" in told.out
