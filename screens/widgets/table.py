"""A table of any number of rows: it asks its source for no more than what is on the screen."""

from collections.abc import Sequence
from typing import ClassVar, Literal, Protocol

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.text import cut
from screens.widgets.columns import GAP, Column, rightmost_first, visible, widths

EMPTY = "∅"
_NOT_HERE = "…"
_LONGEST_MEASURED = 80  # cells
_NUMBER_WIDTH = 7  # cells at least: the numbers of later rows tend to be longer
_GROWS_BY = 4  # before the scrollbar of a table that grows below what is seen is drawn again

Motion = Literal["up", "down", "pageup", "pagedown", "home", "end"]


class Source(Protocol):
    """The rows of a table. A place counts from 0; texts may come from outside."""

    def __len__(self) -> int:
        """How many rows there are by now."""
        ...

    def prepare(self, first: int, stop: int) -> None:
        """Have these places ready, as far as that takes no time; who is late refreshes the table."""
        ...

    def number(self, place: int) -> int:
        """Return the number that stands before the row."""
        ...

    @property
    def largest(self) -> int:
        """The largest number that may stand before a row."""
        ...

    def mark(self, place: int) -> str:
        """Return one character that stands before the number; "" for none."""
        ...

    def cells(self, place: int, columns: Sequence[int]) -> Sequence[str] | str | None:
        """Return the texts of these columns, one text for the whole row, or None when the row is not here yet."""
        ...


class Table(ScrollView, can_focus=False):
    """Rows under a fixed head. The pane that holds it has the keys, and says how to `move`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--head", "table--part", "table--number", "table--cursor", "table--quiet", "table--trouble",
        "table--match", "table--column", "table--cell",
    }  # fmt: skip
    DEFAULT_CSS = """
    Table {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .table--head { color: $foreground-muted; }
        & > .table--part { color: $text; text-style: bold; }
        & > .table--number { color: $foreground-muted; }
        & > .table--cursor { background: $primary 28%; color: $text; }
        & > .table--quiet { color: $foreground-muted; }
        & > .table--trouble { color: $text-error; }
        & > .table--match { text-style: bold underline; }
        & > .table--column { color: $primary; text-style: bold underline; }
        & > .table--cell { background: $primary 55%; color: $text; text-style: underline; }
    }
    """

    ALLOW_SELECT = False

    class Pointed(Message):
        """The cursor was put on a row with the mouse."""

    class Chosen(Message):
        """A row was clicked that had the cursor already."""

    def __init__(self) -> None:
        super().__init__()
        self._source: Source | None = None
        self._columns: Sequence[Column] = ()
        self._needs: list[int] = []
        self._widths: list[int] = []
        self._needle = ""
        self.cursor = 0
        self.first_column = 0
        self.column: int | None = None
        """The column that the cursor is in, where it is in one."""

    # what is shown

    def show(
        self, source: Source, columns: Sequence[Column], sample: Sequence[Sequence[str]] = (), column: int | None = None
    ) -> None:
        """Show other rows under other columns, which are made as wide as the cells of `sample` ask for.

        With `column` the cursor is in that one, and moves sideways.
        """
        self._source = source
        self._columns = columns
        self.column = None if column is None or not columns else max(0, min(column, len(columns) - 1))
        shown = [[column.name for column in columns], *sample]
        needs = [max(map(_width, cells)) for cells in zip(*shown, strict=True)]
        self._needs = [
            max(need, _NUMBER_WIDTH) if column.is_number else need for need, column in zip(needs, columns, strict=True)
        ]
        self.first_column = 0
        self.cursor = 0
        self.scroll_to(y=0, animate=False, force=True)
        self.renew()
        self.move_sideways(0)

    def head(self, columns: Sequence[Column]) -> None:
        """Draw other words over the same columns."""
        self._columns = columns
        self._redraw(self.scroll_offset.y - 1)

    def renew(self, needle: str = "") -> None:
        """Draw again: the source has more rows, or others. `needle`, case-folded, is marked where it is seen."""
        self._needle = needle
        self.virtual_size = Size(0, self.row_count + 1)
        self._deal_out()
        self.cursor = self._clamped(self.cursor)
        self.refresh()

    def grow(self) -> None:
        """Take in that rows were added at the end; nothing is drawn where none of them would be seen."""
        before = self.virtual_size.height
        is_full = before > self.scroll_offset.y + self.page + 1
        if not is_full or self.row_count > before * _GROWS_BY:
            self.renew(self._needle)

    def prepare(self) -> None:
        """Have the source make ready what is seen."""
        if self._source is not None:
            top = self.scroll_offset.y
            self._source.prepare(top, min(top + self.page, self.row_count))

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self._source) if self._source is not None else 0

    @property
    def page(self) -> int:
        """How many rows are seen at once."""
        return max(self.scrollable_content_region.height - 1, 1)

    # the cursor

    def move(self, motion: Motion) -> None:
        """Move the cursor by a row, a page, or to an end; no message tells of it."""
        last = self.row_count - 1
        steps = {"up": -1, "down": 1, "pageup": -self.page, "pagedown": self.page, "home": -last, "end": last}
        self.move_to(self.cursor + steps[motion])

    def move_to(self, place: int, *, centre: bool = False) -> None:
        """Put the cursor on a place; `centre` it in the window if that has to scroll."""
        before, self.cursor = self.cursor, self._clamped(place)
        if self.cursor + 1 >= self.virtual_size.height:
            self.virtual_size = Size(0, self.row_count + 1)
        top = self.scroll_offset.y
        if self.size.height and not top <= self.cursor < top + self.page:
            if centre:
                top = self.cursor - self.page // 2
            else:
                top = self.cursor if self.cursor < top else self.cursor - self.page + 1
            self.scroll_to(y=top, animate=False, force=True)
        if before != self.cursor:
            self._redraw(before)
            self._redraw(self.cursor)

    def move_sideways(self, step: int) -> None:
        """Move the cursor by columns, and what is seen with it; without a cursor there, scroll."""
        if self.column is None:
            self.scroll_to_column(self.first_column + step)
            return
        before, self.column = self.column, max(0, min(self.column + step, len(self._columns) - 1))
        first = min(self.first_column, self.column)
        while first < self.column and not self._is_whole(first, self.column):
            first += 1
        if first != self.first_column:
            self.first_column = first
            self.refresh()
        elif before != self.column:
            self._redraw(self.scroll_offset.y - 1)
            self._redraw(self.cursor)

    def _is_whole(self, first: int, column: int) -> bool:
        """Whether a column is seen whole when `first` is the leftmost."""
        seen = dict(visible(self._widths, first, self._room))
        return seen.get(column, -1) >= self._widths[column]

    def scroll_to_column(self, column: int) -> None:
        """Put a column at the left edge, as far as there is more to see then."""
        column = max(0, min(column, rightmost_first(self._widths, self._room)))
        if column != self.first_column:
            self.first_column = column
            self.refresh()

    def _clamped(self, place: int) -> int:
        return max(0, min(place, self.row_count - 1))

    def _redraw(self, place: int) -> None:
        line = place - self.scroll_offset.y + 1
        if line >= 0:
            self.refresh(Region(0, line, self.scrollable_content_region.width, 1))

    # events

    def on_resize(self) -> None:
        """Deal the new width out; the cursor stays in sight."""
        self._deal_out()
        self.move_to(self.cursor)
        self.move_sideways(0)
        self.refresh()

    def on_show(self) -> None:
        """Have the cursor in sight, wherever it went meanwhile."""
        self.move_to(self.cursor)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is."""
        self._click_column(event.x)
        place = self.scroll_offset.y + event.y - 1
        if event.y == 0 or place >= self.row_count:
            return
        self.post_message(self.Chosen() if place == self.cursor else self.Pointed())
        self.move_to(place)

    def _click_column(self, x: int) -> None:
        """Put the cursor into the column at a cell of the widget."""
        left = self._digits + 3 + GAP
        for column, width in visible(self._widths, self.first_column, self._room):
            if self.column is not None and left <= x < left + width:
                self.move_sideways(column - self.column)
                return
            left += width + GAP

    # drawing

    @property
    def _digits(self) -> int:
        return len(str(self._source.largest)) if self._source and self.row_count else 1

    @property
    def _room(self) -> int:
        """The cells that are left for the columns."""
        return self.scrollable_content_region.width - self._digits - 3 - GAP

    def _deal_out(self) -> None:
        self._widths = widths(self._needs, self._room)
        self.first_column = max(0, min(self.first_column, rightmost_first(self._widths, self._room)))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Have what is seen ready, then draw it."""
        self.prepare()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw the head or a row."""
        width = self.scrollable_content_region.width
        place = self.scroll_offset.y + y - 1
        if self._source is None or (y > 0 and place >= self.row_count):
            return Strip.blank(width, self.visual_style.rich_style)
        segments = self._head() if y == 0 else self._row(self._source, place)
        fill = self._style(is_cursor=y > 0 and place == self.cursor)
        return Strip(segments).adjust_cell_length(width, fill).simplify()

    def _style(self, *names: str, is_cursor: bool = False) -> Style:
        style = (
            self.get_component_rich_style(*(f"table--{name}" for name in names))
            if names
            else self.visual_style.rich_style
        )
        if not is_cursor:
            return style
        cursor = self.get_component_rich_style("table--cursor")
        return style + Style(bgcolor=cursor.bgcolor) if "trouble" in names or "match" in names else cursor

    def _head(self) -> list[Segment]:
        quiet = self._style("head")
        left = f"‹{self.first_column}" if self.first_column else "#"
        segments = [Segment(f"   {left:>{self._digits}}{' ' * GAP}"[: self._digits + 3 + GAP], quiet)]
        seen = visible(self._widths, self.first_column, self._room)
        for column, width in seen:
            head = self._columns[column]
            style = self._style("head", "part") if head.is_part else quiet
            style = self._style("column") if column == self.column else style
            segments += [Segment(_fitted(head.name, width, head.is_number), style), Segment(" " * GAP, quiet)]
        return self._with_more(segments, len(self._columns) - self.first_column - len(seen))

    def _with_more(self, segments: list[Segment], unseen: int) -> list[Segment]:
        """Say how many columns there are to the right of the last that is seen."""
        if unseen <= 0:
            return segments
        more = f" {unseen}›"
        width = self.scrollable_content_region.width - len(more)
        return [*Strip(segments).adjust_cell_length(width, self._style("head")), Segment(more, self._style("head"))]

    def _row(self, source: Source, place: int) -> list[Segment]:
        is_cursor = place == self.cursor
        usual, quiet = self._style(is_cursor=is_cursor), self._style("quiet", is_cursor=is_cursor)
        trouble = self._style("trouble", is_cursor=is_cursor)
        number = self._style("number", is_cursor=is_cursor)
        pointer, mark = "▸" if is_cursor else " ", source.mark(place)
        before = [Segment(pointer, number), Segment(mark, trouble)] if mark else [Segment(f"{pointer} ", number)]
        segments = [*before, Segment(f" {source.number(place):>{self._digits}}{' ' * GAP}", number)]
        seen = visible(self._widths, self.first_column, self._room)
        cells = source.cells(place, [column for column, _ in seen])
        if isinstance(cells, str):
            return [*segments, Segment(cut(cells, self._room), trouble)]
        if cells is None:
            cells = [_NOT_HERE] * len(seen)
        for (column, width), text in zip(seen, cells, strict=True):
            fitted = _fitted(text, width, self._columns[column].is_number)
            if is_cursor and column == self.column:
                segments.append(Segment(fitted, self._style("cell")))
            elif text in (EMPTY, _NOT_HERE):
                segments.append(Segment(fitted, quiet))
            else:
                segments += _marked(fitted, self._needle, usual, self._style("match", is_cursor=is_cursor))
            segments.append(Segment(" " * GAP, usual))
        return segments


def _width(text: str) -> int:
    return min(cell_len(cut(text, _LONGEST_MEASURED)), _LONGEST_MEASURED)


def _fitted(text: str, width: int, is_number: bool) -> str:
    """`text` in exactly so many cells."""
    short = cut(text, width)
    return " " * (width - cell_len(short)) + short if is_number else set_cell_size(short, width)


def _marked(text: str, needle: str, usual: Style, match: Style) -> list[Segment]:
    """`text` with every occurrence of the needle in another style; left alone where folding changes its length."""
    folded = text.casefold()
    if not needle or needle not in folded or len(folded) != len(text):
        return [Segment(text, usual)]
    segments = []
    at = 0
    while (found := folded.find(needle, at)) >= 0:
        stop = found + len(needle)
        segments += [Segment(text[at:found], usual), Segment(text[found:stop], match)]
        at = stop
    return [*segments, Segment(text[at:], usual)]
