"""A map of cells with a cursor: a column for each kind, a row for each layer, each cell one glyph.

The column titles and the row labels stay in sight. The cursor is a pair of brackets, and the cells of a rectangle have
arrows around them, so that both are seen without colour.
"""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.text import cut

_LONGEST = 16
_SCROLLBAR = 2
_STYLES = {"░": "grid--frozen", "▒": "grid--adapted", "▓": "grid--adapted", "█": "grid--trained", "b": "grid--trained"}


@dataclass(frozen=True)
class GridRow:
    """A row: a label and a glyph for each column ("" where there is nothing), or one glyph with a text."""

    label: str
    glyphs: tuple[str, ...] = ()
    alone: str = ""
    """The glyph of a row that belongs to no column; its label stands behind it."""


class CellGrid(ScrollView, can_focus=False):
    """Draws rows by the line; the pane moves the cursor."""

    COMPONENT_CLASSES: ClassVar = {
        "grid--title", "grid--label", "grid--frozen", "grid--adapted", "grid--trained", "grid--cursor",
    }  # fmt: skip
    DEFAULT_CSS = """
    CellGrid { height: 1fr; max-width: 60%; background: $background; }
    CellGrid > .grid--title { color: $text-muted; }
    CellGrid > .grid--label { color: $text-muted; }
    CellGrid > .grid--frozen { color: $text-muted; }
    CellGrid > .grid--adapted { color: $accent; }
    CellGrid > .grid--trained { color: $accent; text-style: bold; }
    CellGrid > .grid--cursor { color: $primary; text-style: bold; }
    """

    class Moved(Message):
        """The cursor stands on another cell."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[GridRow, ...] = ()
        self._named: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        """The titles and the labels, as they were given; the next two are cut to what there is room for."""
        self._titles: tuple[str, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._widths: tuple[int, ...] = ()
        self._label_width = 0
        self._width = 0
        self._plain = Style()
        self._styles_now: dict[str, Style] = {}
        self._alike: dict[tuple[tuple[str, ...], bool, bool], Strip] = {}
        self.cursor = (0, 0)
        """Row and column."""
        self.corner: tuple[int, int] | None = None
        """The other corner of the rectangle; None without one."""

    def show(self, titles: tuple[str, ...], rows: tuple[GridRow, ...]) -> None:
        """Draw another map; the cursor stays where it was, as far as that exists."""
        if rows == self._rows and titles == self._named[0]:
            return
        named = (titles, tuple(row.label for row in rows))
        self._rows = rows
        if named != self._named:
            self._named = named
            self._measure()
            self.move_to(*self.cursor)
        self.refresh()

    def _measure(self) -> None:
        """Set the widths for other titles or labels."""
        self._titles = tuple(cut(title, _LONGEST) for title in self._named[0])
        self._labels = tuple(cut(label, _LONGEST) for label in self._named[1])
        self._widths = tuple(cell_len(title) + 2 for title in self._titles)
        cells = [cell_len(label) for label, row in zip(self._labels, self._rows, strict=True) if not row.alone]
        self._label_width = 2 + max(cells, default=0)
        across = self._label_width + sum(self._widths)
        self.virtual_size = Size(across, len(self._rows) + 1)
        width = _SCROLLBAR + max([across, *(3 + cell_len(row.label) for row in self._rows if row.alone)])
        if self._width != width:  # setting it lays everything out again
            self._width = self.styles.width = width

    def mark(self, corner: tuple[int, int] | None) -> None:
        """Begin a rectangle at a cell, or end it."""
        self.corner = corner
        self.refresh()

    def move_to(self, row: int, column: int) -> None:
        """Set the cursor, within the map, and bring it into sight."""
        row = max(0, min(row, len(self._rows) - 1))
        column = max(0, min(column, len(self._titles) - 1))
        if (row, column) != self.cursor:
            before, self.cursor = self.cursor[0], (row, column)
            if self.corner is None:
                self._refresh_rows(before, row)
            else:
                self.refresh()
            self.post_message(self.Moved())
        self._see_cursor()

    def move(self, rows: int, columns: int) -> None:
        """Move the cursor; in a row that belongs to no column it stays in its column."""
        row, column = self.cursor
        is_alone = bool(self._rows) and bool(self._rows[row].alone)
        self.move_to(row + rows, column if is_alone else column + columns)

    @property
    def page(self) -> int:
        """How many rows are in sight."""
        return max(1, self.size.height - 1)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._see_cursor()

    def _refresh_rows(self, *rows: int) -> None:
        """Draw only these again, and the titles."""
        top, width = round(self.scroll_y) - 1, self.size.width
        self.refresh(*(Region(0, line, width, 1) for line in {0, *(row - top for row in rows)}))

    def _see_cursor(self) -> None:
        row, column = self.cursor
        top, left = round(self.scroll_target_y), round(self.scroll_target_x)
        top = max(min(top, row), row - self.page + 1)
        room = max(1, self.size.width - self._label_width)
        begin = sum(self._widths[:column])
        end = begin + (self._widths[column] if self._widths else 0)
        left = max(min(left, begin), end - room)
        self.scroll_to(left, top, animate=False, immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Set the cursor on the cell that was clicked."""
        at = event.get_content_offset(self)
        if at is None or at.y == 0:
            return
        x = at.x - self._label_width + round(self.scroll_x)
        ends = [sum(self._widths[: number + 1]) for number in range(len(self._widths))]
        column = next((number for number, end in enumerate(ends) if x < end), len(ends) - 1)
        self.move_to(at.y - 1 + round(self.scroll_y), column)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines; a style is looked up once for all of them, and so are rows that look alike."""
        self._plain = self.rich_style
        self._styles_now.clear()
        self._alike.clear()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw the titles, or a row."""
        width, row = self.size.width, round(self.scroll_y) + y - 1
        if y and row >= len(self._rows):
            return Strip.blank(width, self._plain)
        if y and self._rows[row].alone:
            return self._alone(row).crop_extend(0, width, self._plain)
        label, seen = self._row(row) if y else ("", self._in_sight(self._head()))
        label_strip = Strip([Segment(set_cell_size(label, self._label_width), self._style("grid--label"))])
        return Strip.join([label_strip, seen])

    def _in_sight(self, cells: list[Segment]) -> Strip:
        """The part of a row's cells that is scrolled into sight."""
        left, width = round(self.scroll_x), max(0, self.size.width - self._label_width)
        return Strip(cells).crop_extend(left, left + width, self._plain)

    def _head(self) -> list[Segment]:
        plain, under = self._style("grid--title"), self._style("grid--cursor")
        row, column = self.cursor
        is_over_column = bool(self._rows) and not self._rows[row].alone
        return [
            Segment(f" {title} ", under if is_over_column and number == column else plain)
            for number, title in enumerate(self._titles)
        ]

    def _row(self, number: int) -> tuple[str, Strip]:
        row = self._rows[number]
        look = (row.glyphs, number == self.cursor[0], self._is_in_rectangle(number))
        if look not in self._alike:
            cells: list[Segment] = []
            for column, (glyph, width) in enumerate(zip(row.glyphs, self._widths, strict=True)):
                cells += self._cell(glyph or " ", width, self._marks(number, column) if glyph else "  ")
            self._alike[look] = self._in_sight(cells).simplify()
        return f" {self._labels[number]}", self._alike[look]

    def _alone(self, number: int) -> Strip:
        row = self._rows[number]
        cell = self._cell(row.alone, 3, self._marks(number, None))
        return Strip([*cell, Segment(row.label, self._style("grid--label"))])

    def _marks(self, row: int, column: int | None) -> str:
        """What stands around a cell: brackets for the cursor, arrows in the rectangle.

        A row that belongs to no column has one cell, in every column.
        """
        if self.cursor[0] == row and column in (None, self.cursor[1]):
            return "[]"
        if self.corner is None or not self._is_in_rectangle(row):
            return "  "
        first, last = sorted((self.corner[1], self.cursor[1]))
        return "‹›" if column is None or first <= column <= last else "  "

    def _is_in_rectangle(self, row: int) -> bool:
        first, last = sorted((self.corner or self.cursor, self.cursor))
        return first[0] <= row <= last[0]

    def _cell(self, glyph: str, width: int, marks: str) -> list[Segment]:
        before, after = (width - 1) // 2, width - 1 - (width - 1) // 2
        style = self._style(_STYLES.get(glyph, "grid--frozen"))
        if marks == "  ":
            return [Segment(f"{' ' * before}{glyph}{' ' * after}", style)]
        around = self._style("grid--cursor")
        left, right = " " * (before - 1) + marks[0], marks[1] + " " * (after - 1)
        return [Segment(left, around), Segment(glyph, style), Segment(right, around)]

    def _style(self, name: str) -> Style:
        if name not in self._styles_now:
            self._styles_now[name] = self.get_component_rich_style(name)
        return self._styles_now[name]
