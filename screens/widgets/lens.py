"""A row's tokens as text, a turn after the other, with the trained ones marked and a cursor that stands on a token.

Only the lines that are seen are drawn, so that a row of forty thousand tokens moves like a row of ten.
"""

import re
from collections.abc import Set as AbstractSet
from typing import ClassVar, Literal

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from workbench.printable import printable
from workbench.template.layout import Layout, Line, Piece, lay_out, marks_below
from workbench.template.seen import Token

_LEFT = 1
_GAP = 2
_ROLE_WIDTH = (9, 14)  # at least, so that the text stands still from row to row, and at most
_TINTS = {
    "system": "system", "developer": "system", "user": "user", "assistant": "assistant", "tool": "tool",
    "function": "tool", "ipython": "tool", "template": "template",
}  # fmt: skip
_RUNS = re.compile(r" +|⏎|[^ ⏎]+")
_MARKS = re.compile("[ ━]+|[═╌]+")
_ACTIVE, _PASSIVE = Style(reverse=True), Style(underline=True, bold=True)

Motion = Literal["left", "right", "up", "down", "pageup", "pagedown", "home", "end", "next", "previous"]


class Lens(ScrollView, can_focus=False):
    """The pane that holds it has the keys, and says how to `move`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lens--system", "lens--user", "lens--assistant", "lens--tool", "lens--template", "lens--trained",
        "lens--space", "lens--count", "lens--mark", "lens--differs", "lens--cut", "lens--stale",
    }  # fmt: skip
    DEFAULT_CSS = """
    Lens {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .lens--system { color: $role-system; }
        & > .lens--user { color: $role-user; }
        & > .lens--assistant { color: $role-assistant; }
        & > .lens--tool { color: $role-tool; }
        & > .lens--template { color: $role-template; }
        & > .lens--trained { color: $accent; text-style: bold; }
        & > .lens--space { color: $foreground 38%; }
        & > .lens--count { color: $foreground-muted; }
        & > .lens--mark { color: $accent; }
        & > .lens--differs { color: $secondary; text-style: bold; }
        & > .lens--cut { color: $foreground-muted; text-style: strike; }
        & > .lens--stale { color: $foreground 38%; }
    }
    """
    ALLOW_SELECT = False

    class Pointed(Message):
        """The cursor was put on a token with the mouse."""

        def __init__(self, lens: "Lens") -> None:
            self.lens = lens
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._tokens: tuple[Token, ...] = ()
        self._layout = Layout()
        self._is_stale = False
        self._differing: AbstractSet[int] = frozenset()
        self._margin = 0
        self._goal = 0
        """The column that the cursor keeps to when it moves over lines."""
        self.cursor = 0
        self.is_active = True
        """Whether the keys move this cursor; that of the other of two lenses follows and looks otherwise."""

    # what is shown

    def show(self, tokens: tuple[Token, ...], cursor: int = 0) -> None:
        """Show other tokens, with the cursor on the one at this place, counted from 0."""
        self._tokens = tokens
        self._is_stale = False
        self._differing = frozenset()
        self.cursor = cursor
        self._lay_out()

    def mark(self, differing: AbstractSet[int]) -> None:
        """Mark the tokens at these places as other than those of another lens."""
        if differing != self._differing:
            self._differing = differing
            self._lay_out()

    def grey(self) -> None:
        """Show that what stands here is not what is asked for."""
        if not self._is_stale:
            self._is_stale = True
            self.refresh()

    @property
    def token(self) -> Token | None:
        """The token under the cursor; None while there is none, or an old one."""
        return self._tokens[self.cursor] if self._tokens and not self._is_stale else None

    @property
    def part(self) -> tuple[int, int]:
        """Which part of its character the token under the cursor is, and of how many."""
        return self._layout.part(self.cursor)

    def _lay_out(self) -> None:
        region = self.scrollable_content_region
        least, most = _ROLE_WIDTH
        roles = {token.role for token in self._tokens}
        longest = max((cell_len(printable(role[:most])) for role in roles), default=0)
        self._margin = _LEFT + min(max(longest, least), most) + _GAP
        self._layout = lay_out(self._tokens, region.width - self._margin, self._differing)
        self.virtual_size = Size(0, self._layout.tops[-1])
        self._put(self.cursor, centre=True)
        self.refresh()

    # the cursor

    def move(self, motion: Motion) -> None:
        """Move the cursor by a token, a line, a page, to an end, or to where training begins next."""
        if not self._tokens or self._is_stale:
            return
        if motion in ("up", "down", "pageup", "pagedown"):
            page = max(self.scrollable_content_region.height // 2, 1)
            steps = {"up": -1, "down": 1, "pageup": -page, "pagedown": page}
            self._put(self._over_lines(steps[motion]), keep_goal=True)
        else:
            last = len(self._tokens) - 1
            places = {"left": self.cursor - 1, "right": self.cursor + 1, "home": 0, "end": last}
            self._put(places[motion] if motion in places else self._stretch(1 if motion == "next" else -1))

    def go(self, place: int) -> None:
        """Put the cursor on the token at this place."""
        if not self._is_stale:
            self._put(place)

    def follow(self, place: int, row: int) -> None:
        """Put the cursor on the token at this place, as far below the upper edge as `row` where that can be."""
        if self._tokens and not self._is_stale:
            self._put(place)
            top = self._layout.tops[self._layout.places[self.cursor][0]]
            self.scroll_to(y=max(top - row, 0), animate=False, force=True)

    @property
    def row(self) -> int:
        """How many rows of the screen are between the upper edge and the cursor."""
        return self._layout.tops[self._layout.places[self.cursor][0]] - self.scroll_offset.y if self._tokens else 0

    def _over_lines(self, step: int) -> int:
        """The token nearest to the cursor's column so many lines further."""
        lines = self._layout.lines
        line = self._layout.places[self.cursor][0] + step
        line = max(0, min(line, len(lines) - 1))
        while 0 < line < len(lines) - 1 and not lines[line].pieces:
            line += 1 if step > 0 else -1
        found = self._layout.token_at(line, self._goal)
        return self.cursor if found is None else found

    def _stretch(self, step: int) -> int:
        """The first token of the next or the previous stretch that is trained; the cursor's own without one."""
        place = self.cursor + step
        while 0 <= place < len(self._tokens):
            before = place > 0 and self._tokens[place - 1].is_trained
            if self._tokens[place].is_trained and not before:
                return place
            place += step
        return self.cursor

    def _put(self, place: int, *, centre: bool = False, keep_goal: bool = False) -> None:
        before, self.cursor = self.cursor, max(0, min(place, len(self._tokens) - 1))
        if not self._tokens:
            return
        line, piece = self._layout.places[self.cursor]
        if not keep_goal:
            self._goal = self._layout.lines[line].pieces[piece].column
        top, stop = self._layout.tops[line], self._layout.tops[line + 1]
        seen, height = self.scroll_offset.y, max(self.scrollable_content_region.height, 1)
        if not (seen <= top and stop <= seen + height):
            above = top - height // 2 if centre else top if top < seen else stop - height
            self.scroll_to(y=max(above, 0), animate=False, force=True)
        for each in {before, self.cursor}:
            self._redraw(each)

    def _redraw(self, place: int) -> None:
        if place < len(self._layout.places):
            line = self._layout.places[place][0]
            row = self._layout.tops[line] - self.scroll_offset.y
            if row >= 0:
                self.refresh(Region(0, row, self.scrollable_content_region.width, 1))

    # events

    def on_resize(self) -> None:
        """Break the lines anew; the cursor stays in sight."""
        self._lay_out()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is."""
        row = self.scroll_offset.y + event.y
        if self._is_stale or row >= self._layout.tops[-1]:
            return
        found = self._layout.token_at(self._layout.row(row)[0], event.x - self._margin)
        if found is not None:
            self._put(found)
            self.post_message(self.Pointed(self))

    # drawing

    def render_line(self, y: int) -> Strip:
        """Draw a line of text, or of the marks below it."""
        width = self.scrollable_content_region.width
        usual = self.visual_style.rich_style
        row = self.scroll_offset.y + y
        if row >= self._layout.tops[-1]:
            return Strip.blank(width, usual)
        number, is_marks = self._layout.row(row)
        line = self._layout.lines[number]
        segments = [self._beside(row, line), *(self._marks(line) if is_marks else self._text(line))]
        return Strip(segments).adjust_cell_length(width, usual).simplify()

    def _beside(self, row: int, line: Line) -> Segment:
        """Who speaks, tinted as what is said is, or how much of it is trained."""
        text = self._layout.beside(row)
        is_role = row == self._layout.tops[self._layout.row(row)[0]] and bool(line.role)
        style = self._style(_TINTS.get(line.role, "count") if is_role else "count")
        shown = set_cell_size(text, self._margin - _LEFT - _GAP) if text else ""
        return Segment(f"{' ' * _LEFT}{shown}".ljust(self._margin), style)

    def _text(self, line: Line) -> list[Segment]:
        return [segment for piece in line.pieces for segment in self._piece(piece)]

    def _piece(self, piece: Piece) -> list[Segment]:
        style, space = self._style(_kind(self._tokens[piece.token])), self._style("space")
        if not self._is_stale and self._layout.places[piece.token] == self._layout.places[self.cursor]:
            style = space = style + (_ACTIVE if self.is_active else _PASSIVE)
        return [
            Segment("·" * len(run), space) if run[0] == " " else Segment(run, space if run == "⏎" else style)
            for run in _RUNS.findall(piece.text)
        ]

    def _marks(self, line: Line) -> list[Segment]:
        text = marks_below(line, self._tokens, self._differing)
        if self._is_stale:
            return [Segment(re.sub("[^ ]", "╌", text), self._style("mark"))]
        return [
            Segment(run, self._style("mark" if run[0] in " ━" else "differs")) for run in _MARKS.findall(text) if run
        ]

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"lens--{'stale' if self._is_stale else name}")


def _kind(token: Token) -> str:
    """What a token is drawn as."""
    if token.is_cut or token.is_trained:
        return "cut" if token.is_cut else "trained"
    return _TINTS.get(token.role, "user") if token.is_content else "template"
