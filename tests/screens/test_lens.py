"""The lens: marks below what is trained, a cursor that moves by tokens and lines, and rows of any length."""

from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from screens.theme import role_tints
from screens.widgets.lens import Lens
from tests.screens.conftest import screen_text
from workbench.template.seen import Token


class Alone(App[None]):
    """The lens and nothing else."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return role_tints(self.current_theme)

    def compose(self) -> ComposeResult:
        yield Lens()


def tokens(*texts: str, role: str = "user", turn: int = 1, is_trained: bool = False) -> tuple[Token, ...]:
    return tuple(Token(0, text, role, turn, is_trained, "") for text in texts)


ROW = (
    tokens("<u>", "Which", " colour", "\n", "is", " it", "?")
    + tokens("<a>", role="assistant", turn=2)
    + tokens(" 漢字", " grey", ".", role="assistant", turn=2, is_trained=True)
)


def drawn(pilot: Pilot[None]) -> list[str]:
    return [line for line in screen_text(pilot).splitlines() if line.strip()]


def lens(pilot: Pilot[None]) -> Lens:
    return pilot.app.query_one(Lens)


def reversed_text(pilot: Pilot[None]) -> str:
    """What the cursor is on; a scrollbar ends in a reversed cell too."""
    strips = pilot.app.screen._compositor.render_strips()
    return "".join(each.text for strip in strips for each in strip if each.style and each.style.reverse).strip()


async def test_what_is_trained_has_a_mark_below_it() -> None:
    async with Alone().run_test(size=(60, 12)) as pilot:
        lens(pilot).show(ROW)
        await pilot.pause()
        assert drawn(pilot) == [
            " user       <u>Which·colour⏎",
            " 7 tok      is·it?",
            " assistant  <a>·漢字·grey.",
            " 3 of 4        ━━━━━━━━━━━",
        ]


async def test_the_cursor_moves_by_token_line_and_stretch() -> None:
    async with Alone().run_test(size=(60, 12)) as pilot:
        view = lens(pilot)
        view.show(ROW)
        await pilot.pause()
        seen = []
        for motion in ("right", "right", "down", "down", "up", "end", "right", "home", "left", "next", "previous"):
            view.move(motion)
            seen.append(view.cursor)
        # Which, colour; below its column ?, then grey, and ? again; the last; the first; 漢字, with none before it
        assert seen == [1, 2, 6, 9, 6, 10, 10, 0, 0, 8, 8]
        await pilot.pause()
        assert reversed_text(pilot) == "·漢字"


async def test_an_old_mask_is_grey_has_no_cursor_and_no_solid_marks() -> None:
    async with Alone().run_test(size=(60, 12)) as pilot:
        view = lens(pilot)
        view.show(ROW, cursor=8)
        view.grey()
        await pilot.pause()
        view.move("left")
        assert view.token is None and view.cursor == 8
        assert "━" not in screen_text(pilot) and reversed_text(pilot) == ""
        view.show(ROW, cursor=8)
        await pilot.pause()
        assert view.token == ROW[8] and "━" in screen_text(pilot)


async def test_what_differs_is_marked_and_the_cursor_that_follows_is_not_reversed() -> None:
    async with Alone().run_test(size=(60, 12)) as pilot:
        view = lens(pilot)
        view.show(ROW, cursor=8)
        view.is_active = False
        view.mark({1, 9})
        await pilot.pause()
        assert drawn(pilot) == [
            " user       <u>Which·colour⏎",
            " 7 tok         ╌╌╌╌╌",
            "            is·it?",
            " assistant  <a>·漢字·grey.",
            " 3 of 4        ━━━━━═════━",
        ]
        assert reversed_text(pilot) == ""
        view.mark(frozenset())
        await pilot.pause()
        assert "╌" not in screen_text(pilot) and "═" not in screen_text(pilot)


async def test_a_lens_follows_to_the_same_height() -> None:
    row = tokens(*(f"line{number}\n" for number in range(200)))
    async with Alone().run_test(size=(40, 10)) as pilot:
        view = lens(pilot)
        view.show(row)
        for place, height in ((100, 3), (50, 7), (101, 0)):
            view.follow(place, height)
            await pilot.pause()
            assert (view.cursor, view.row) == (place, height)
            assert f"line{place}⏎" in screen_text(pilot).splitlines()[height]
        view.follow(0, 5)
        await pilot.pause()
        assert (view.cursor, view.row) == (0, 0)


async def test_a_long_row_is_scrolled_to_the_cursor_and_wrapped_anew() -> None:
    row = tokens(*(f" word{number}" for number in range(40_000)), is_trained=True)
    async with Alone().run_test(size=(40, 10)) as pilot:
        view = lens(pilot)
        view.show(row)
        view.move("end")
        await pilot.pause()
        assert "word39999" in screen_text(pilot) and reversed_text(pilot) == "·word39999"
        await pilot.resize_terminal(70, 12)
        await pilot.pause()
        assert view.cursor == 39_999 and reversed_text(pilot) == "·word39999"
        view.move("home")
        await pilot.pause()
        assert reversed_text(pilot) == "·word0"


async def test_a_click_puts_the_cursor_on_a_token() -> None:
    async with Alone().run_test(size=(60, 12)) as pilot:
        lens(pilot).show(ROW)
        await pilot.click(Lens, offset=(18, 0))
        assert lens(pilot).cursor == 1
        await pilot.click(Lens, offset=(16, 3))  # the marks stand for what is above them
        assert lens(pilot).cursor == 8
        await pilot.click(Lens, offset=(16, 9))
        assert lens(pilot).cursor == 8


@pytest.mark.parametrize("row", [(), tokens(""), tokens("\n"), tokens("\x1b]0;x\x07[/]\u202e", role="[red]\x1b[31m")])
async def test_odd_rows_are_drawn(row: Sequence[Token]) -> None:
    async with Alone().run_test(size=(60, 12)) as pilot:
        view = lens(pilot)
        view.show(tuple(row))
        for motion in ("left", "right", "up", "down", "pagedown", "pageup", "home", "end", "next", "previous"):
            view.move(motion)
        await pilot.pause()
        text = screen_text(pilot)
        assert "\x1b" not in text and "\u202e" not in text
