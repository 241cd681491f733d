"""The Label pane: a key is a vote on disk, about the answer that stood there; nothing is voted on unseen."""

import json
import os
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from screens.label_words import scale, time_left
from screens.widgets.passage import Passage, wrapped
from tests.conftest import Bench
from tests.screens.conftest import Opened, screen_text, until
from tests.terminal import Terminal
from workbench.label.annotator import login_name
from workbench.label.reading import Said
from workbench.label.records import Progress
from workbench.label.session import Done, Shown
from workbench.label.store import open_store

KILLS = int(os.environ.get("WORKBENCH_TEST_KILLS", "4"))
"""How often the app is killed after a vote, half of it in each of two stores. A thousand times:
`WORKBENCH_TEST_KILLS=1000 python -m pytest -n 2 --timeout 0 tests/screens/test_label.py -k kill_9`."""


def make_set(folder: Path, count: int = 6, name: str = "geo") -> None:
    with open_store(folder / "labels.db") as store:
        for n in range(count):
            store.add_pair(name, f"question {n}?", f"yes {n}", f"no {n}")


def write_rows(folder: Path, name: str = "pref.jsonl", count: int = 3) -> Path:
    path = folder / name
    rows = [{"prompt": f"question {n}?", "chosen": f"yes {n}", "rejected": f"no {n}"} for n in range(count)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def votes(folder: Path) -> list[tuple[int, str, str, str, bool]]:
    """Pair, choice, the answer to the left, note, whether it stands: read by SQLite alone."""
    with sqlite3.connect(folder / "labels.db") as connection:
        question = "SELECT item_id, choice, shown_left, note, undone IS NULL FROM votes ORDER BY id"
        return [(*row[:4], bool(row[4])) for row in connection.execute(question)]


async def shows(pilot: Pilot[None], text: str) -> str:
    await until(pilot, lambda: text in screen_text(pilot))
    return screen_text(pilot)


async def ready(pilot: Pilot[None], text: str) -> str:
    """Wait until a pair is there and votes on it count."""
    await shows(pilot, text)
    await until(pilot, lambda: not pilot.app.screen._is_busy and time.monotonic() > pilot.app.screen._counts_from)
    return screen_text(pilot)


SAYS = {
    "first": {"a": "first-clearly", "s": "first", "d": "tie", "f": "second", "g": "second-clearly", "x": "bad"},
    "second": {"a": "second-clearly", "s": "second", "d": "tie", "f": "first", "g": "first-clearly", "x": "bad"},
}
"""What a key says, by the answer that stands to the left."""


async def test_one_key_is_one_vote_for_the_answer_that_stood_there(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)
    expected = []
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        for number, key in enumerate("asdfgx"):
            text = await ready(pilot, f"question {number}?")
            left = "first" if text.index(f"yes {number}") < text.index(f"no {number}") else "second"
            expected.append((number + 1, SAYS[left][key], left))
            await pilot.press(key)
        await shows(pilot, "all 6 pairs answered")
    assert [vote[:3] for vote in votes(tmp_path)] == expected
    assert {left for *_, left in expected} == {"first", "second"}


async def test_the_vote_is_on_disk_when_the_next_pair_is_seen(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        for number in range(3):
            await ready(pilot, f"question {number}?")
            await pilot.press("s")
            text = await shows(pilot, f"question {number + 1}?")
            assert len(votes(tmp_path)) == number + 1
            assert f"#{number + 1} left" in text and f"{number + 2}/6" in text and login_name() in text


async def test_keys_that_come_too_fast_do_not_vote_unseen(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press(*"ssssssssss")  # as a held key sends them
        await shows(pilot, "did not count")
        assert len(votes(tmp_path)) == 1
        await ready(pilot, "question 1?")
        await pilot.press("s")
        await shows(pilot, "question 2?")
        assert len(votes(tmp_path)) == 2 and "did not count" not in screen_text(pilot)


async def test_undo_returns_to_the_pair_with_its_note(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("n", *"1 is short", "enter")
        assert pilot.app.active_pane.PANE == "label"  # a digit in a field is text
        await pilot.press("g")
        text = await ready(pilot, "question 1?")
        assert "1 is short" not in text
        await pilot.press("u")
        text = await ready(pilot, "question 0?")
        assert "undone ↩ #1 right clearly" in text and "1 is short" in text
        await pilot.press("d")
        await shows(pilot, "question 1?")
    assert [(pair, note, stands) for pair, _, _, note, stands in votes(tmp_path)] == [
        (1, "1 is short", False),
        (1, "1 is short", True),
    ]
    assert votes(tmp_path)[1][1] == "tie"


async def test_skipped_pairs_come_again_at_the_end(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path, count=2)
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("space")
        await ready(pilot, "question 1?")
        await pilot.press("x")
        text = await shows(pilot, "all 2 pairs answered")
        assert "1 skipped" in text and "1 both bad" in text
        await pilot.press("space")
        await ready(pilot, "question 0?")
        await pilot.press("d")
        assert "skipped" not in await shows(pilot, "1 tied")
        await pilot.press("u")
        await ready(pilot, "question 0?")


async def test_sides_stay_when_the_window_or_the_app_changes(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path, count=12)

    def is_first_left(text: str, number: int) -> bool:
        return text.index(f"yes {number}") < text.index(f"no {number}")

    sides = {}
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        for number in range(5):
            sides[number] = is_first_left(await ready(pilot, f"question {number}?"), number)
            if number < 4:
                await pilot.press("d")
        await pilot.resize_terminal(80, 24)
        text = await shows(pilot, "ABOVE")
        assert is_first_left(text, 4) == sides[4] and "LEFT" not in text
        await pilot.resize_terminal(120, 40)
        assert is_first_left(await shows(pilot, "LEFT"), 4) == sides[4]
        await pilot.press("n", *"half a thought", "escape", "q")
    async with opened(tmp_path) as pilot:
        await shows(pilot, "half a thought")
        text = await shows(pilot, "question 4?")
        assert is_first_left(text, 4) == sides[4] and "5/12" in text
    assert len(set(sides.values())) == 2


async def test_a_preference_file_in_hand_becomes_pairs_with_enter(opened: Opened, tmp_path: Path) -> None:
    path = write_rows(tmp_path)
    async with opened(tmp_path, pane="label", draft={"data": {"train": str(path)}}) as pilot:
        await shows(pilot, "makes pairs from pref.jsonl")
        assert not (tmp_path / "labels.db").exists()
        assert f"workbench label import {path} --into pref" == pilot.app.active_pane.command()
        await pilot.press("enter")
        await ready(pilot, "question 0?")
        assert pilot.app.hand.pairs == "pref"
        await pilot.press("f")
        await shows(pilot, "question 1?")
        assert pilot.app.active_pane.command().startswith("workbench label vote pref 1 ")


async def test_i_imports_a_file_by_its_path(opened: Opened, tmp_path: Path) -> None:
    write_rows(tmp_path, "other.jsonl")
    (tmp_path / "rows.jsonl").write_text('{"prompt": "a", "completion": "b"}\n')
    async with opened(tmp_path, pane="label") as pilot:
        await shows(pilot, "No pairs yet")
        await pilot.press("i", *"rows.jsonl", "enter")
        await shows(pilot, "holds no pairs")
        await pilot.press("i", *"absent.jsonl", "enter")
        await shows(pilot, "no such file")
        await pilot.press("i", *"other.jsonl", "enter")
        await shows(pilot, "question 0?")


async def test_a_set_that_is_gone_is_said_and_the_others_offered(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path, name="here")
    async with opened(tmp_path, pane="label", pairs="gone") as pilot:
        await shows(pilot, "no set of pairs named gone")
        await pilot.press("enter")
        await shows(pilot, "question 0?")
        assert pilot.app.hand.pairs == "here"


async def test_a_store_of_a_newer_version_is_refused_in_words(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)
    connection = sqlite3.connect(tmp_path / "labels.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        await shows(pilot, "newer Workbench")
        await pilot.press("a", "u", "n", "enter", "space")


async def test_a_vote_that_cannot_be_stored_is_said_and_the_pair_stays(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)

    def rename(before: str, after: str) -> None:
        with sqlite3.connect(tmp_path / "labels.db") as connection:
            connection.execute("PRAGMA legacy_alter_table = ON")
            connection.execute(f"ALTER TABLE {before} RENAME TO {after}")

    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        rename("votes", "gone")
        await pilot.press("s")
        text = await shows(pilot, "no such table")
        assert "question 0?" in text and "saved" not in text
        rename("gone", "votes")
        await ready(pilot, "question 0?")
        await pilot.press("s")
        await shows(pilot, "question 1?")
    assert len(votes(tmp_path)) == 1


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40)])
async def test_both_answers_scroll_together_and_every_line_can_be_seen(
    opened: Opened, tmp_path: Path, size: tuple[int, int]
) -> None:
    long = "\n".join(f"line {n}" for n in range(200))
    with open_store(tmp_path / "labels.db") as store:
        store.add_pair("geo", "\n".join(f"ask {n}" for n in range(60)), long, "漢字 " * 3000 + "last")
    async with opened(tmp_path, size=size, pane="label", pairs="geo") as pilot:
        await shows(pilot, "line 0")
        left, right = (pilot.app.screen.query_one(f"#{side}", Passage) for side in ("left", "right"))
        await pilot.press("down", "j")
        assert (left.top, right.top) == (2, 2)
        await pilot.press("end")
        text = await shows(pilot, "line 199")
        assert "last" in text
        await pilot.press("home")
        assert "line 0" in await shows(pilot, "ask 0")
        await pilot.press("enter", "end")
        assert "ask 59" in await shows(pilot, "ask 59")
        await pilot.press("escape")
        await shows(pilot, "line 0")


async def test_hostile_text_is_shown_and_does_nothing(opened: Opened, tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07[/] [bold]x[/bold] \u202eevil\x9b31m"
    with open_store(tmp_path / "labels.db") as store:
        store.add_pair(evil, evil, [{"role": evil, "content": evil, "tool_calls": [{"name": evil}]}], evil * 2000)
    async with opened(tmp_path, size=(80, 24), pane="label", pairs=evil) as pilot:
        text = await ready(pilot, "[bold]x[/bold]")
        assert "\x1b" not in text and "\u202e" not in text and "\x9b" not in text
        await pilot.press("s")
        text = await shows(pilot, "answered")
        assert "\x1b" not in text


def test_long_lines_are_broken_at_spaces_and_code_keeps_its_indent() -> None:
    def broken(text: str, width: int) -> list[str]:
        return [line.plain for line in wrapped(Said("", text), width)]

    assert broken("aaa bbb ccc\n\n  if x:", 9) == ["aaa bbb", "ccc", "", "  if x:"]
    assert broken("abcdefghijkl", 5) == ["abcde", "fghij", "kl"]
    assert broken("漢字漢字", 4) == ["漢字", "漢字"]
    assert broken(" \n", 5) == ["∅"]


def test_nothing_moves_from_pair_to_pair() -> None:
    done = Done(1_312, 1_312, "left-clearly", "first-clearly")
    for width in (56, 76, 78, 98, 118):
        heights = set()
        for last in (None, done, replace(done, is_undone=True)):
            drawn = scale(Shown("geo", "ana", Progress(1, 5_000, None), done=last), width, is_stacked=True)
            heights.add(len(drawn.plain.splitlines()))
            assert max(map(len, drawn.plain.splitlines())) <= width
        assert heights == ({2} if width < 76 else {1})


def test_the_time_left_is_said_in_round_words() -> None:
    assert [time_left(seconds) for seconds in (20, 1500, 4000, 9000)] == [
        "less than a minute left",
        "about 25 min left",
        "about 67 min left",
        "about 2 h left",
    ]


@pytest.mark.parametrize("lane", ["one", "another"])
def test_kill_9_after_each_vote_loses_none(bench: Bench, lane: str) -> None:
    make_set(bench.folder, count=KILLS // 2 + 1)
    (bench.folder / ".workbench").mkdir()
    (bench.folder / ".workbench" / "place.json").write_text(json.dumps({"pane": "label", "pairs": "geo"}))
    for number in range(KILLS // 2):
        with Terminal(bench.command(), bench.folder, WORKBENCH_LOCKS=str(bench.locks)) as terminal:
            terminal.wait(f"question {number}?")
            terminal.settle()
            terminal.write("s")
            terminal.wait(f"question {number + 1}?")
            terminal.kill()
        stored = votes(bench.folder)
        assert [(pair, stands) for pair, *_, stands in stored] == [(n + 1, True) for n in range(number + 1)]
