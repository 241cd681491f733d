"""The Data pane: any file opens, rows are searched and sent on, and nothing in a file breaks the screen."""

import json
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from screens.data import DataPane
from screens.data_keys import _beside
from screens.problems import Problems
from screens.widgets.search_bar import SearchBar
from screens.widgets.table import Table
from tests.screens.conftest import Opened, screen_text, until
from workbench.data.check.problems import Problem


def write(folder: Path, name: str, rows: list[Any]) -> dict[str, Any]:
    """Write JSON Lines; return the draft that opens them."""
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return {"data": {"train": str(path)}}


def rows(count: int = 100) -> list[dict[str, str]]:
    return [
        {"question": f"Where does {'an otter' if n % 10 == 0 else 'a seal'} live, {n}?", "answer": f"At place {n}."}
        for n in range(1, count + 1)
    ]


def lines(pilot: Pilot[None]) -> list[str]:
    return screen_text(pilot).splitlines()


def pane(pilot: Pilot[None]) -> DataPane:
    found = pilot.app.active_pane
    assert isinstance(found, DataPane)
    return found


async def shows(pilot: Pilot[None], text: str) -> None:
    await until(pilot, lambda: text in screen_text(pilot))


async def test_a_file_opens_as_a_table_with_the_row_beside_it(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", rows())) as pilot:
        await shows(pilot, "ROW 1")
        text = lines(pilot)
        assert text[1].startswith(" 100 rows") and "prompt-completion: question→prompt answer→completion" in text[1]
        assert text[4].startswith("▸    1  Where does a seal live, 1?")
        assert "prompt ← question" in text[5]
        await pilot.press("j", "down", "pagedown")
        place = pane(pilot).query_one(Table).cursor
        await shows(pilot, f"ROW {place + 1}")
        await pilot.press("G")
        await shows(pilot, "ROW 100")


async def test_in_a_narrow_window_enter_opens_the_row_over_the_table(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="data", size=(80, 24), draft=write(tmp_path, "a.jsonl", rows())) as pilot:
        await shows(pilot, "At place 1.")
        assert "ROW 1" not in screen_text(pilot)
        await pilot.press("enter")
        await shows(pilot, "ROW 1")
        assert "▸" not in screen_text(pilot)
        await pilot.press("right_square_bracket")
        await shows(pilot, "ROW 2")
        await pilot.press("escape")
        await shows(pilot, "▸    2")
        assert lines(pilot)[4].startswith("     1")


async def test_a_search_narrows_the_rows_and_escape_goes_back_to_the_row_from_before(
    opened: Opened, tmp_path: Path
) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", rows())) as pilot:
        await shows(pilot, "ROW 1")
        await pilot.press("pagedown", *["down"] * 7, "slash", *"otter")
        await shows(pilot, "10 of 100 rows")
        await shows(pilot, "ROW 40")
        assert [line.split()[0] for line in lines(pilot)[5:15] if "▸" not in line] == [
            str(n) for n in range(10, 101, 10) if n != 40
        ]
        await pilot.press("escape")
        await shows(pilot, "ROW 42")
        assert "of 100 rows" not in screen_text(pilot)


async def test_typed_letters_and_digits_are_text_and_enter_keeps_the_search(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", rows())) as pilot:
        await shows(pilot, "ROW 1")
        await pilot.press("slash", *"e 77.", "enter")
        await shows(pilot, "1 of 100 rows")
        await pilot.press("6")
        assert pilot.app.active_pane.PANE == "label"
        await pilot.press("backspace")
        await shows(pilot, "1 of 100 rows")
        await pilot.press("slash", *"xyz")
        await shows(pilot, "no row has it")
        assert pane(pilot).targets() == []


async def test_a_paste_into_the_search_field_reaches_the_terminal_without_its_escapes(
    opened: Opened, tmp_path: Path
) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", rows())) as pilot:
        await shows(pilot, "ROW 1")
        await pilot.press("slash")
        pilot.app.screen.query_one(SearchBar).query_one(Input).post_message(Paste("ot\x1b]0;title\x07ter\u202e"))
        await shows(pilot, "ot]0;titleter")


async def test_the_row_goes_to_template_and_one_comes_back_to_it(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a b.jsonl", rows())) as pilot:
        await shows(pilot, "ROW 1")
        await pilot.press(*["down"] * 16)
        assert pane(pilot).command() == f"workbench data show '{tmp_path / 'a b.jsonl'}' --row 17"
        assert [target.pane for target in pane(pilot).targets()] == ["template", "train"]
        await pilot.press("greater_than_sign", "greater_than_sign")
        assert (pilot.app.active_pane.PANE, pilot.app.hand.row) == ("template", 17)
        pilot.app.take(row=30)
        await pilot.press("backspace")
        await shows(pilot, "ROW 30")


async def test_the_next_app_shows_the_same_row_and_search(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", rows())) as pilot:
        await shows(pilot, "ROW 1")
        await pilot.press("slash", *"otter")
        await shows(pilot, "10 of 100 rows")
        await pilot.press("down", "down", "enter", "q")
    async with opened(tmp_path) as pilot:
        await shows(pilot, "10 of 100 rows")
        await shows(pilot, "ROW 30")
        assert not pane(pilot).focused


async def test_without_data_the_files_here_are_offered(opened: Opened, tmp_path: Path) -> None:
    write(tmp_path, "one.jsonl", rows(3))
    write(tmp_path, "two.jsonl", rows(5))
    async with opened(tmp_path, pane="data") as pilot:
        await shows(pilot, "two.jsonl")
        assert "No data set is chosen" in lines(pilot)[1]
        assert pane(pilot).command() == ""
        await pilot.press("down", "enter")
        await shows(pilot, "5 rows")
        assert pilot.app.hand.draft.data.train == str(tmp_path.resolve() / "two.jsonl")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "is empty"),
        ("model.safetensors", b"\x00\x01\x02" * 100, "is binary, not rows of data"),
        ("cut.json", b'[{"a": 1}, {"a"', "the JSON is cut off after 1 whole rows"),
        ("gone.jsonl", None, "no such file"),
    ],
)
async def test_what_cannot_be_opened_is_told_with_the_fix_and_other_files_are_offered(
    opened: Opened, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    write(tmp_path, "good.jsonl", rows(3))
    if content is not None:
        (tmp_path / name).write_bytes(content)
    async with opened(tmp_path, pane="data", draft={"data": {"train": str(tmp_path / name)}}) as pilot:
        await shows(pilot, "good.jsonl")
        assert "✗" in lines(pilot)[1]
        assert said in screen_text(pilot)
        assert pane(pilot).targets() == []


async def test_a_broken_row_is_one_row_that_says_why(opened: Opened, tmp_path: Path) -> None:
    draft = write(tmp_path, "a.jsonl", rows(2))
    with (tmp_path / "a.jsonl").open("a") as file:
        file.write('{"question": \n[1]\n')
        file.write(json.dumps(rows(1)[0]) + "\n")
    async with opened(tmp_path, pane="data", draft=draft) as pilot:
        await shows(pilot, "5 rows")
        await pilot.press(*["down"] * 2)
        await shows(pilot, "✗ line 3: malformed JSON")
        assert "mend that line or take it out" in screen_text(pilot)
        await pilot.press("G")
        await shows(pilot, "ROW 5")


HOSTILE = [
    {"question": "[/] [bold]x[/bold]", "answer": "[red"},
    {"question": "\x1b[31mred\x1b[0m \x1b]0;title\x07", "answer": "\x9b5m"},
    {"question": "\u202egnp.exe\u202c \u200b\ufeff", "answer": "\ud800"},
    {"question": "日本語" * 50, "answer": "e\u0301" * 200},
    {"question": "x" * 40_000, "answer": None},
    {"question": {"[/]": ["\x1b[2J"]}, "answer": [{"role": "\x1b", "content": "[/]\x07\n\tend"}]},
    {"[/]\x1b": "late column", "question": 1},
]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_hostile_rows_are_drawn_as_text(opened: Opened, tmp_path: Path, size: tuple[int, int]) -> None:
    async with opened(tmp_path, pane="data", size=size, draft=write(tmp_path, "a.jsonl", HOSTILE)) as pilot:
        await shows(pilot, "7 rows")
        await pilot.press("enter")
        for number in range(1, len(HOSTILE) + 1):
            await shows(pilot, f"ROW {number}")
            drawn = screen_text(pilot).replace("\n", "")
            assert [character for character in drawn if not character.isprintable()] == []
            await pilot.press("right_square_bracket")
        await pilot.press("escape", "slash", *"x]", "escape")
        await shows(pilot, "▸")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("wide.csv", ",".join(f"c{n}" for n in range(100)) + "\n" + ",".join("v" for _ in range(100)), "1 row ·"),
        ("header.csv", "prompt,completion\n", "0 rows · only a header: prompt, completion"),
        ("none.jsonl", "{}\n{}\n", "2 rows · ✗2 · no columns"),
    ],
)
async def test_tables_of_odd_shapes_are_shown(
    opened: Opened, tmp_path: Path, name: str, content: str, said: str
) -> None:
    (tmp_path / name).write_text(content)
    async with opened(tmp_path, pane="data", draft={"data": {"train": str(tmp_path / name)}}) as pilot:
        await shows(pilot, said)
        await pilot.press("down", "pagedown", "G", "g", "right", "left", "enter", "escape", "slash", "v")
        await until(pilot, lambda: "of 1 row" in lines(pilot)[3] or "no row" in lines(pilot)[3])


async def test_a_file_that_vanishes_while_it_is_open_is_told_of_and_read_again_when_it_is_back(
    opened: Opened, tmp_path: Path
) -> None:
    draft = write(tmp_path, "a.jsonl", rows(1000))
    async with opened(tmp_path, pane="data", draft=draft) as pilot:
        await shows(pilot, "1,000 rows")
        (tmp_path / "a.jsonl").unlink()
        await pilot.press("G")
        await shows(pilot, "✗ no such file or directory")
        await pilot.press("6", "1")
        await shows(pilot, "a.jsonl changed on disk: Ctrl+R reads it again")
        write(tmp_path, "a.jsonl", rows(20))
        await pilot.press("ctrl+r")
        await shows(pilot, "20 rows")
        await shows(pilot, "ROW 20")


async def test_every_public_file_can_be_looked_at(opened: Opened, tmp_path: Path, shared: Path) -> None:
    files = [path for path in sorted(shared.glob("*/**/*.json*")) + sorted(shared.glob("*/**/*.csv")) if path.is_file()]
    async with opened(tmp_path, pane="data", size=(100, 30)) as pilot:
        for path in files[:: max(1, len(files) // 8)]:
            pilot.app.take(draft={"data": {"train": str(path)}}, row=1)
            await until(pilot, lambda: lines(pilot)[1].startswith((" ✗", " 1 row")) or " rows · " in lines(pilot)[1])
            await pilot.press("end", "right")


async def test_a_condition_filters_a_number_jumps_and_escape_shows_all_again(opened: Opened, tmp_path: Path) -> None:
    data = [{"n": number, "text": f"t{number}"} for number in range(1, 201)]
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", data)) as pilot:
        await shows(pilot, "ROW 1")
        await pilot.press("colon", *"150", "enter")
        await shows(pilot, "ROW 150")
        await pilot.press("colon", *"n > 195", "enter")
        await shows(pilot, "5 of 200 rows")
        await shows(pilot, "▸  196")
        await pilot.press("slash", *"t198", "enter")
        await shows(pilot, "1 of 5 rows")
        await pilot.press("escape", "G")
        await shows(pilot, "ROW 200")
        assert "5 of 200 rows" in screen_text(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: lines(pilot)[1].startswith(" 200 rows"))
        assert "ROW 200" in screen_text(pilot)


async def test_a_wrong_condition_is_told_and_stays_to_be_mended(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", rows())) as pilot:
        await shows(pilot, "ROW 1")
        await pilot.press("colon", *"nope = 1", "enter")
        await shows(pilot, "✗ the condition nope = 1 does not work")
        assert "100 rows" in screen_text(pilot)
        await pilot.press("colon", *["backspace"] * 8, *"que")
        await shows(pilot, "where  question")
        await pilot.press("right", *" LIKE '%otter%'", "enter")
        await shows(pilot, "10 of 100 rows")


async def test_a_column_is_sorted_hidden_moved_and_copied_and_that_is_kept(opened: Opened, tmp_path: Path) -> None:
    data = [{"n": number % 7, "text": f"t{number}", "more": "x"} for number in range(1, 31)]
    draft = write(tmp_path, "a.jsonl", data)
    async with opened(tmp_path, pane="data", draft=draft) as pilot:
        await shows(pilot, "ROW 1")
        await pilot.press("s")
        await shows(pilot, "n ↑")
        await until(pilot, lambda: "30 rows" in lines(pilot)[1])
        await pilot.press("g")
        await shows(pilot, "▸   7")
        await pilot.press("s")
        await shows(pilot, "n ↓")
        await until(pilot, lambda: "30 rows" in lines(pilot)[1])
        await pilot.press("g")
        await shows(pilot, "▸   6")
        await pilot.press("right", "y")
        await shows(pilot, "copied, saved to .workbench/copied.txt: text")
        assert (tmp_path / ".workbench" / "copied.txt").read_text() == "t6\n"
        await pilot.press("right", "x", "h", "L")
        await until(pilot, lambda: lines(pilot)[3].split()[1:4] == ["text", "n", "↓"])
        kept = pane(pilot).place()
        saved = tmp_path / ".workbench" / "place.json"
        await until(pilot, lambda: json.loads(saved.read_text())["panes"]["data"].get("columns") == ["text", "n"])
    assert (kept["columns"], kept["order"], kept["column"]) == (["text", "n"], ["n", True], "n")
    async with opened(tmp_path, pane="data", draft=draft) as pilot:
        await shows(pilot, "n ↓")
        assert lines(pilot)[3].split()[1:3] == ["text", "n"]
        await pilot.press("X", "s")
        await until(pilot, lambda: lines(pilot)[3].split()[1:4] == ["n", "text", "more"])  # third time: as in the file


async def test_n_goes_to_the_next_found_row_among_all_others(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", rows())) as pilot:
        await shows(pilot, "ROW 1")
        await pilot.press("slash", *"otter", "enter")
        await shows(pilot, "10 of 100 rows")
        await shows(pilot, "▸   10")
        await pilot.press("n")
        await shows(pilot, "2 of 10")
        await shows(pilot, "▸   20")
        assert "   19  Where" in screen_text(pilot)
        await pilot.press("N", "N")
        await shows(pilot, "▸  100")
        await pilot.press("slash", "enter")
        await until(pilot, lambda: "   99  Where" not in screen_text(pilot))


PLANTED = [{"prompt": f"Question {n}?", "completion": f"Answer {n}."} for n in range(1, 41)]
PLANTED[6] = {"prompt": "Question 7?", "completion": ""}
PLANTED[19] = PLANTED[18]
PLANTED[29] = {"prompt": "Question 30?", "completion": ""}


async def test_what_a_check_finds_is_counted_marked_and_visited(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", PLANTED)) as pilot:
        await shows(pilot, "40 rows · ✗2 ⚠1 ·")
        assert "✗  7  Question 7?" in screen_text(pilot)
        met = []
        for _ in range(4):
            await pilot.press("e")
            met.append(await until(pilot, lambda: next(line for line in lines(pilot) if "ROW" in line).split()[-1]))
        assert met == ["7", "20", "30", "7"]
        await shows(pilot, "1 of 3 · ✗ completion is empty")
        await pilot.press("E")
        await shows(pilot, "2 problems")
        assert "exact-copy" in screen_text(pilot)
        await pilot.press("down", "enter")
        await shows(pilot, "ROW 20")
        await pilot.press("e")
        await shows(pilot, "1 of 1 · ⚠ the row is the same as an earlier one")


async def test_the_rows_that_are_shown_are_saved_to_a_new_file_only(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", PLANTED)) as pilot:
        await shows(pilot, "ROW 1")
        await pilot.press("colon", *"completion = ''", "enter")
        await shows(pilot, "2 of 40 rows")
        await pilot.press("w", *"empty.jsonl", "enter")
        await shows(pilot, "2 rows written to")
        assert [json.loads(line) for line in (tmp_path / "empty.jsonl").open()] == [PLANTED[6], PLANTED[29]]
        await shows(pilot, "where  completion = ''")
        await pilot.press("w", *"empty.jsonl", "enter")
        await shows(pilot, "is there already")


async def test_a_row_that_does_not_parse_is_shown_as_it_stands_in_the_file(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text('{"prompt": "a", "completion": "b"}\n\n{"prompt": oops\n')
    async with opened(tmp_path, pane="data", draft={"data": {"train": str(tmp_path / "b.jsonl")}}) as pilot:
        await shows(pilot, "2 rows · ✗1")
        await pilot.press("e")
        await shows(pilot, "line 3: malformed JSON")
        await shows(pilot, '{"prompt": oops')


async def test_a_column_is_profiled_in_characters_and_in_the_models_tokens(opened: Opened, tmp_path: Path) -> None:
    draft = {**write(tmp_path, "a.jsonl", PLANTED), "model": "starter"}
    async with opened(tmp_path, pane="data", draft=draft) as pilot:
        await shows(pilot, "ROW 1")
        await pilot.press("right", "p")
        await shows(pilot, "Column completion")
        await shows(pilot, "text 40 · 38 distinct values · 2 empty")
        await shows(pilot, "characters 0 to 10 · median 10")
        await shows(pilot, "tokens ")
        await shows(pilot, "· mean")
        await pilot.press("escape")
        await shows(pilot, "ROW 1")


async def test_columns_are_mapped_by_hand_and_the_draft_keeps_it(opened: Opened, tmp_path: Path) -> None:
    data = [{"frage": "A?", "antwort": "a"}, {"frage": "B?", "antwort": "b"}]
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", data)) as pilot:
        await shows(pilot, "schema unknown")
        await pilot.press("m")
        await shows(pilot, "✗ prompt and completion need a column")
        await pilot.press("down", "right", "down", "right", "right")
        await shows(pilot, "✓ 'frage' is answered by 'antwort'")
        await pilot.press("enter")
        await shows(pilot, "prompt-completion: frage→prompt antwort→completion")
        assert pilot.app.hand.draft.data.map == {"prompt": "frage", "completion": "antwort"}
        await shows(pilot, "2 rows · ✓")
        await pilot.press("m", "r")
        await shows(pilot, "schema unknown")


async def test_what_can_be_mended_is_mended_in_a_new_file(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", PLANTED)) as pilot:
        await shows(pilot, "✗2 ⚠1")
        before = (tmp_path / "a.jsonl").read_bytes()
        await pilot.press("F")
        await shows(pilot, "a.fixed.jsonl: 37 of 40 rows · dropped empty-answer 2, exact-copy 1")
        await pilot.press("F")
        await shows(pilot, "a.fixed2.jsonl: 37 of 40 rows")
        assert (tmp_path / "a.jsonl").read_bytes() == before
        assert (tmp_path / "a.fixed.jsonl").read_text().count("\n") == 37


async def test_the_next_problem_is_one_of_the_rows_that_are_shown(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", PLANTED)) as pilot:
        await shows(pilot, "40 rows · ✗2 ⚠1 ·")
        await pilot.press("colon", *"completion = ''", "enter")
        await shows(pilot, "2 of 40 rows")
        for row, place in (("7", 1), ("30", 2), ("7", 1)):
            await pilot.press("e")
            await shows(pilot, f"{place} of 2 · ✗ completion is empty")
            await shows(pilot, f"ROW {row}")
        await shows(pilot, "where  completion = ''")
        await pilot.press("E", "down", "enter")  # none of them is shown
        await shows(pilot, "ROW 20")
        await pilot.press("colon", *"prompt = 'Question 8?'", "enter")
        await shows(pilot, "1 of 40 rows")
        await pilot.press("e")
        await shows(pilot, "nothing is wrong with the rows that are shown")


async def test_the_problems_of_one_file_are_not_those_of_the_next(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", PLANTED)) as pilot:
        await shows(pilot, "40 rows · ✗2 ⚠1 ·")
        (tmp_path / "none.json").write_text("[]")
        pane(pilot).workbench.take(draft={"data": {"train": str(tmp_path / "none.json")}}, row=1)
        await shows(pilot, " 0 rows")
        assert "✗" not in screen_text(pilot)


async def test_rows_of_a_file_that_was_changed_are_not_saved(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", rows())) as pilot:
        await shows(pilot, "ROW 1")
        write(tmp_path, "a.jsonl", [{"other": "a"}] * 200)
        await pilot.press("w", *"out.jsonl", "enter")
        await shows(pilot, "changed on disk")
        assert not (tmp_path / "out.jsonl").exists()


async def test_a_column_without_a_name_is_profiled_and_a_wrong_condition_keeps_the_order(
    opened: Opened, tmp_path: Path
) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", [{"n": 1, "": None}, {"n": 2}])) as pilot:
        await shows(pilot, "ROW 1")
        await pilot.press("s", "s")
        await shows(pilot, "n ↓")
        await pilot.press("colon", *"nonsense = 1", "enter")
        await shows(pilot, "does not work")
        await shows(pilot, "n ↓")
        await pilot.press("right", "p")
        await shows(pilot, "no values · 0 distinct values · 2 absent or null")
        assert "several types" not in screen_text(pilot)


async def test_a_row_with_two_problems_counts_once(opened: Opened, tmp_path: Path) -> None:
    twice = [{"prompt": "", "completion": ""}, *[{"prompt": f"Q {n}?", "completion": f"A {n}."} for n in range(9)]]
    problems = Problems(
        [Problem("empty-field", "error", (1, 4), 2, "", ""), Problem("empty-answer", "error", (1,), 1, "", "")]
    )
    assert problems.words() == "✗2"
    cut = Problem("secret", "warning", (1, 2), 7, "", "")
    assert Problems([cut]).words() == "⚠7"
    assert Problems([cut, Problem("mojibake", "warning", (3,), 1, "", "")]).words() == "⚠≥7"
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", twice)) as pilot:
        await shows(pilot, "10 rows · ✗1 ·")


async def test_a_problem_of_the_whole_file_has_no_row_to_go_to(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="data", draft=write(tmp_path, "a.jsonl", [{"odd": 1}, {"odd": 2}])) as pilot:
        await shows(pilot, "2 rows · ✗2")
        await pilot.press("e")
        await shows(pilot, "concerns the whole file: E tells it")


def test_what_is_mended_of_a_pattern_is_no_file_of_the_pattern(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.jsonl").write_text("{}\n")
    assert _beside(tmp_path / "set" / "*.jsonl") == tmp_path / "set.fixed.jsonl"
