"""The Data pane by keys in a real terminal: found, filtered, sorted, profiled, mapped, mended, saved."""

import base64
import json
import re
from pathlib import Path

import pytest

from tests.conftest import Bench
from tests.terminal import Terminal

SIZES = [(80, 24), (120, 40)]
SCORES = [n * 37 % 120 for n in range(119)]
HIGH = sum(score > 100 for score in SCORES)


@pytest.fixture
def folder(bench: Bench) -> Path:
    """120 rows: row 7 has no answer, row 31 is one that does not parse."""
    rows = [{"question": f"What is {n} + 1?", "answer": f"It is {n + 1}.", "score": SCORES[n]} for n in range(119)]
    rows[6]["answer"] = ""
    lines = [json.dumps(row) for row in rows]
    lines.insert(30, '{"question": "What')
    (bench.folder / "sums.jsonl").write_text("\n".join(lines) + "\n")
    return bench.folder


def first_row(terminal: Terminal) -> str:
    """The number of the first row in the table."""
    below = terminal.text.partition("score")[2]
    found = re.search(r"^\W*(\d+)\s+What", below, re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize("size", SIZES)
def test_rows_are_found_filtered_and_sorted(bench: Bench, folder: Path, size: tuple[int, int]) -> None:
    with Terminal(bench.command("sums.jsonl"), folder, size) as terminal:
        terminal.wait("120 rows")
        terminal.press("/", *"is 99", "enter")
        terminal.wait("2 of 120 rows")  # the question of one, the answer of the one before
        assert first_row(terminal) == "100"
        terminal.press("escape")
        terminal.press(":", *"sc", "tab", *" > 117", "enter")
        terminal.wait("2 of 120 rows")
        terminal.press("right", "right", "s")
        terminal.wait("118")
        assert first_row(terminal) == str(SCORES.index(118) + 2)  # the broken row is before it
        terminal.press("escape", "escape", ":", *"31", "enter")
        terminal.press("enter")
        terminal.wait('{"question": "What')
        terminal.press(":", *"nonsense > 1", "enter")
        terminal.wait("nonsense")
        terminal.press("escape")
        assert "Traceback" not in terminal.text


@pytest.mark.parametrize("size", SIZES)
def test_columns_are_profiled_and_mapped(bench: Bench, folder: Path, size: tuple[int, int]) -> None:
    with Terminal(bench.command("sums.jsonl"), folder, size) as terminal:
        terminal.wait("120 rows")
        terminal.press("right", "right", "p")
        terminal.wait("integer 119")
        terminal.wait("median")
        assert "1 unreadable" in terminal.text
        terminal.press("escape", "x")
        terminal.settle()
        assert "score" not in terminal.text.splitlines()[3]
        terminal.press("X", "m")
        terminal.wait("Which column plays which part")
        terminal.press("right")
        terminal.press("escape")
        terminal.wait("prompt-completion")


@pytest.mark.parametrize("size", SIZES)
def test_problems_are_visited_and_mended_into_a_new_file(bench: Bench, folder: Path, size: tuple[int, int]) -> None:
    before = (folder / "sums.jsonl").read_bytes()
    with Terminal(bench.command("sums.jsonl"), folder, size) as terminal:
        terminal.wait("✗2", 60)
        terminal.press("e")
        terminal.wait("is empty")
        terminal.press("E")
        terminal.wait("unreadable-row")
        terminal.press("down", "enter")
        terminal.wait("malformed JSON")
        terminal.press("F")
        terminal.wait("sums.fixed.jsonl", 60)
        terminal.wait("118 of 120")
    assert (folder / "sums.jsonl").read_bytes() == before
    kept = [json.loads(line) for line in (folder / "sums.fixed.jsonl").read_text().splitlines()]
    assert len(kept) == 118
    assert all(row["answer"] for row in kept)


@pytest.mark.parametrize("size", SIZES)
def test_what_is_shown_is_saved_and_a_cell_is_copied(bench: Bench, folder: Path, size: tuple[int, int]) -> None:
    with Terminal(bench.command("sums.jsonl"), folder, size) as terminal:
        terminal.wait("120 rows")
        terminal.press(":", *"score > 100", "enter")
        terminal.wait(f"{HIGH} of 120 rows")
        terminal.press("w", *"high.csv", "enter")
        terminal.wait(f"{HIGH} rows written")
        terminal.press("w", *"high.csv", "enter")
        terminal.wait("there already")
        terminal.press("y")
        terminal.settle()
        (copied,) = re.findall(rb"\x1b\]52;c;([^\x07\x1b]*)", terminal.raw)
    lines = (folder / "high.csv").read_text().splitlines()
    assert len(lines) == HIGH + 1
    assert base64.b64decode(copied).decode() == lines[1].split(",")[0]
