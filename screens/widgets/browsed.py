"""The rows of a data set as drawn: the search above the table, the row under the cursor beside it or in its place."""

from collections.abc import Sequence, Set
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from screens.problems import Problems, described
from screens.sources import RowSource, search_words
from screens.widgets.columns_shown import ColumnsShown, heads
from screens.widgets.row_view import RowView
from screens.widgets.search_bar import SearchBar
from screens.widgets.table import Table
from screens.widgets.typed_line import TypedLine
from workbench.data.browser import Browser, Event, SearchTold, SelectionTold
from workbench.data.opened import Opened
from workbench.data.pages import Unreadable
from workbench.data.shown import Field, Piece, cell, fields

_MEASURED = 50  # rows that decide how wide the columns are
_ROOM_FOR_A_ROW = 100  # cells: below that the row has no place beside the table


class Browsed(Horizontal):
    """Draws a browser's rows; what the keys do with them is in `Browse`."""

    DEFAULT_CSS = """
    Browsed {
        height: 1fr;
        & #rows { width: 1fr; }
        & RowView { width: 42%; display: none; }
        &.-wide #rows { border-right: solid $border-blurred; }
        &.-wide RowView { display: block; }
        &.-files #rows { border-right: none; }
        &.-files RowView { display: none; }
        &.-reading #rows { display: none; }
        &.-reading RowView { display: block; width: 100%; }
    }
    """

    class Moved(Message):
        """One stands on another row, sees other columns, or searches for something else."""

    def __init__(self) -> None:
        super().__init__()
        self._browser: Browser | None = None
        self._opened: Opened | None = None
        self._columns = ColumnsShown(0)
        self.problems = Problems()

    def compose(self) -> ComposeResult:
        """Yield the parts."""
        with Vertical(id="rows"):
            yield TypedLine()
            yield SearchBar()
            yield Table()
        yield RowView()

    @property
    def search_text(self) -> str:
        """What is in the search field."""
        return self.query_one(SearchBar).text

    @property
    def column(self) -> str | None:
        """The name of the column that the cursor is in; None when there is none."""
        at = self.query_one(Table).column
        if self._opened is None or at is None:
            return None
        return self._opened.rows.column_names[self._columns.places[at]]

    @property
    def cell(self) -> Any:
        """The value that the cursor is on; None when it is not here."""
        line = self._browser.pages.line(self.query_one(Table).cursor) if self._browser is not None else None
        column = self.column
        return line.get(column) if isinstance(line, dict) and column is not None else None

    def looks(self) -> dict[str, Any]:
        """Return how the rows are looked at, as JSON."""
        if self._opened is None or self._browser is None:
            return {}
        query = self._browser.query
        order = query.order if query else None
        return {
            "search": self.search_text,
            "where": query.where if query else "",
            "order": [order.column, order.is_descending] if order else None,
            "column": self.column,
            "columns": self._columns.kept(self._opened.rows.column_names),
        }

    # what is shown

    def _draw_table(self, column: str | None) -> None:
        """Show the columns that are to be shown, with the cursor in one of them."""
        assert self._opened is not None and self._browser is not None
        names = [self._opened.rows.column_names[place] for place in self._columns.places]
        sample = [[cell(row.get(name)) for name in names] for row in self._opened.head[:_MEASURED]]
        at = names.index(column) if column in names else 0
        self.query_one(Table).show(
            RowSource(self._browser, names, lambda row: self.problems.mark(row)),
            heads(self._opened, self._browser, self._columns),
            sample,
            at,
        )

    def hear(self, event: Event) -> None:
        """Take in what the browser was told; draw again what that changes."""
        if self._browser is None:
            return
        before = self._browser.pages
        self._browser.hear(event)
        table = self.query_one(Table)
        is_more_of_the_same = isinstance(event, SearchTold) and self._browser.is_searching
        if is_more_of_the_same and self._browser.pages is before and self._browser.place == table.cursor:
            table.grow()
        else:
            self.stand()
        if isinstance(event, SelectionTold) and self._opened is not None:
            table.head(heads(self._opened, self._browser, self._columns))
        self._count()

    def stand(self) -> None:
        """Draw the rows as they are now, with the cursor on the row that one stands on."""
        if self._browser is not None:
            table = self.query_one(Table)
            table.renew(self._browser.needle)
            table.move_to(self._browser.place, centre=True)
            self._show_row()

    def on_resize(self) -> None:
        """Have the row beside the table where there is room for it."""
        self.set_class(self.size.width >= _ROOM_FOR_A_ROW, "-wide")

    def _show_row(self) -> None:
        assert self._browser is not None and self._opened is not None
        table, view = self.query_one(Table), self.query_one(RowView)
        if not len(self._browser.pages):
            view.show("")
            return
        table.prepare()
        number = self._browser.pages.numbers[table.cursor]
        title = f"ROW {number:,}"
        line = self._browser.pages.line(table.cursor)
        if line is None:
            view.show(title)
        elif isinstance(line, Unreadable):
            raw = [Field("what the file says", "", (Piece("", line.raw),))] if line.raw else []
            view.show(title, raw, trouble="\n".join(filter(None, [line.reason, line.fix])))
        else:
            problems = tuple(described(each) for each in self.problems.of(number))
            shown = fields(line, self._opened.schema)
            view.show(title, shown, needle=self._browser.needle, problems=problems)

    def _count(self) -> None:
        if self._browser is not None:
            self.query_one(SearchBar).count(search_words(self._browser))

    @property
    def shows_all(self) -> bool:
        """Whether no condition or search leaves rows out."""
        return self._some_rows() is None

    def _some_rows(self) -> Set[int] | None:
        """The numbers of the rows that are shown; None where all of them are."""
        if self._browser is None or len(self._browser.pages) == self._browser.count:
            return None
        return set(self._browser.pages.numbers)

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of the rows that are shown."""
        return self._browser.pages.numbers if self._browser is not None else ()

    def _read(self, is_open: bool) -> None:
        """Have the row in place of the table, or beside it again."""
        self.set_class(is_open, "-reading")
        self.query_one(RowView).hint("   [ ] other rows · Esc back" if is_open else "")
