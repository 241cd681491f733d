"""A table asks for no more than it shows, keeps its head, and draws hostile text as text."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from screens.widgets.columns import GAP, Column, rightmost_first, visible, widths
from screens.widgets.table import Table

HOSTILE = [
    "[/]",
    "\x1b[31mred\x1b]0;t\x07",
    "\u202eabc\u200b",
    "日本語テキスト" * 9,
    "e\u0301" * 80,
    "x" * 40_000,
    "\ud800",
    "\x9b5m",
]


@dataclass
class Numbers:
    """Rows that can be told from their number."""

    count: int
    asked: list[tuple[int, int]] = field(default_factory=list)

    def __len__(self) -> int:
        return self.count

    def prepare(self, first: int, stop: int) -> None:
        self.asked.append((first, stop))

    def number(self, place: int) -> int:
        return place + 1

    @property
    def largest(self) -> int:
        return len(self)

    def mark(self, place: int) -> str:
        return "✗" if place == 2 else ""

    def cells(self, place: int, columns: Sequence[int]) -> Sequence[str] | str | None:
        if place == 2:
            return "broken [/]"
        return None if place == 3 else [f"r{place + 1}c{column}" for column in columns]


class Shown(App[None]):
    """Nothing but a table."""

    def __init__(self, source: Numbers, columns: list[Column], sample: Sequence[Sequence[str]] = ()) -> None:
        super().__init__()
        self.arguments = source, columns, sample

    def compose(self) -> ComposeResult:
        yield Table()

    @property
    def table(self) -> Table:
        return self.query_one(Table)

    def on_mount(self) -> None:
        self.table.show(*self.arguments)

    @property
    def lines(self) -> list[str]:
        table = self.table
        return [table.render_line(y).text.rstrip() for y in range(table.size.height)]


def columns(count: int) -> list[Column]:
    return [Column(f"c{number}") for number in range(count)]


async def test_only_what_is_seen_of_a_million_rows_is_asked_for() -> None:
    source = Numbers(1_000_000)
    app = Shown(source, columns(2))
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.pause()
        app.table.move("end")
        await pilot.pause()
        assert app.lines[0].split() == ["#", "c0", "c1"]
        assert app.lines[-1].startswith("▸  1000000  ")
        assert source.asked[-1] == (999_990, 1_000_000)
        assert max(stop - first for first, stop in source.asked) == 10


async def test_the_cursor_moves_by_rows_pages_and_to_the_ends_and_is_marked() -> None:
    app = Shown(Numbers(100), columns(1))
    async with app.run_test(size=(60, 11)) as pilot:
        places = []
        for motion in ("down", "pagedown", "up", "pageup", "end", "down", "home", "up"):
            app.table.move(motion)
            places.append(app.table.cursor)
        await pilot.pause()
        assert places == [1, 11, 10, 0, 99, 99, 0, 0]
        assert [line.startswith("▸") for line in app.lines] == [False, True] + [False] * 9


async def test_broken_rows_are_marked_and_late_ones_stand_as_placeholders() -> None:
    app = Shown(Numbers(5), columns(2), [["a" * 10, "b" * 10]])
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.pause()
        assert app.lines[3] == " ✗ 3  broken [/]"
        assert app.lines[4].split() == ["4", "…", "…"]


async def test_columns_scroll_sideways_and_say_how_many_there_are() -> None:
    app = Shown(Numbers(5), columns(30), [["x" * 15] * 30])
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.pause()
        assert app.lines[0].split() == ["#", "c0", "c1", "c2", "27›"]
        app.table.move_sideways(2)
        assert app.lines[0].split() == ["‹2", "c2", "c3", "c4", "25›"]
        app.table.move_sideways(99)
        assert app.lines[0].split()[-1] == "c29"
        assert app.lines[1].split()[-1] == "r1c29"
        app.table.move_sideways(-99)
        assert app.table.first_column == 0


async def test_rows_that_come_later_can_be_gone_to_and_fewer_rows_keep_the_cursor_on_one() -> None:
    source = Numbers(5)
    app = Shown(source, columns(1))
    async with app.run_test(size=(60, 11)) as pilot:
        source.count = 500
        app.table.grow()
        app.table.move("end")
        await pilot.pause()
        assert app.table.cursor == 499
        source.count = 3
        app.table.renew()
        await pilot.pause()
        assert app.table.cursor == 2
        source.count = 0
        app.table.renew()
        app.table.move("down")
        await pilot.pause()
        assert app.table.cursor == 0


async def test_no_columns_and_no_rows_are_drawn_as_such() -> None:
    app = Shown(Numbers(0), [])
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.pause()
        assert app.lines == ["   #"] + [""] * 7


class Hostile(Numbers):
    def cells(self, place: int, columns: Sequence[int]) -> Sequence[str]:
        return [HOSTILE[place] for _ in columns]


async def test_hostile_text_is_drawn_as_text_and_every_line_is_as_wide_as_the_table() -> None:
    app = Shown(Hostile(len(HOSTILE)), [Column("[/]"), Column("\x1b[2J")], [[text] * 2 for text in HOSTILE])
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        table = app.table
        strips = [table.render_line(y) for y in range(10)]
        assert {strip.cell_length for strip in strips} == {table.scrollable_content_region.width}
        assert {cell_len(strip.text) for strip in strips} == {table.scrollable_content_region.width}
        drawn = "".join(strip.text for strip in strips)
        assert all(character.isprintable() for character in drawn)
        assert "[/]" in strips[1].text
        assert "␛[31mred␛]0;t␇" in strips[2].text


async def test_a_click_puts_the_cursor_there_and_another_one_chooses() -> None:
    app = Shown(Numbers(5), columns(1))
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.click(Table, offset=(8, 5))
        assert app.table.cursor == 4
        await pilot.click(Table, offset=(8, 9))
        assert app.table.cursor == 4


@pytest.mark.parametrize(
    ("needs", "room", "expected"),
    [
        ([10, 20], 40, [10, 20]),  # all fit
        ([10, 80, 80], 64, [10, 25, 25]),  # the long ones share what is left
        ([80, 80, 3], 20, [28, 28, 3]),  # too narrow: the table scrolls
        ([], 50, []),
    ],
)
def test_widths_are_dealt_out(needs: list[int], room: int, expected: list[int]) -> None:
    assert widths(needs, room) == expected
    if sum(expected) + GAP * (len(expected) - 1) <= room:
        assert visible(expected, 0, room) == list(enumerate(expected))


def test_the_last_column_that_is_seen_may_be_cut_and_the_last_of_all_can_be_seen_whole() -> None:
    assert visible([10, 10, 10], 0, 18) == [(0, 10), (1, 6)]
    assert visible([10, 10, 10], 1, 24) == [(1, 10), (2, 10)]
    assert rightmost_first([10, 10, 10], 24) == 1
    assert rightmost_first([10, 50], 24) == 1
    assert rightmost_first([], 24) == 0
