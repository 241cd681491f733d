"""The rows of a data set: the search above the table, the row under the cursor beside it or in its place.

The pane that holds it has the keys; it also shows files to choose from, in the same table.
"""

from collections.abc import Sequence, Set
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from screens.problems import Problems, described
from screens.sources import File, FileSource, RowSource, search_words
from screens.widgets.columns import Column
from screens.widgets.columns_shown import ColumnsShown, heads, order_of
from screens.widgets.completion import ColumnNames
from screens.widgets.row_view import RowView
from screens.widgets.search_bar import SearchBar
from screens.widgets.table import Motion, Table
from screens.widgets.typed_line import TypedLine
from workbench.data.browser import Browser, Event, SearchTold, SelectionTold
from workbench.data.opened import Opened
from workbench.data.pages import Unreadable
from workbench.data.query import Order
from workbench.data.shown import Field, Piece, cell, fields

_MEASURED = 50  # rows that decide how wide the columns are
_ROOM_FOR_A_ROW = 100  # cells: below that the row has no place beside the table
_WHERE = "where"
_SAVE_AS = "save as"
_WHERE_HINT = "a condition in SQL, such as length(answer) > 100, or the number of a row"
_FILE_COLUMNS = (Column("file", is_part=True), Column("size", is_number=True))


class Browse(Horizontal):
    """Shows a browser's rows, or files."""

    DEFAULT_CSS = """
    Browse {
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

    class Named(Message):
        """The rows that are shown are to be written to a file."""

        def __init__(self, file: str) -> None:
            self.file = file
            super().__init__()

    class Chosen(Message):
        """A file was chosen."""

        def __init__(self, file: File) -> None:
            self.file = file
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._browser: Browser | None = None
        self._opened: Opened | None = None
        self._files: Sequence[File] = ()
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

    def show(self, opened: Opened, browser: Browser, looks: dict[str, Any]) -> None:
        """Show the rows of a data set, as `looks` returned once: nothing in it can be relied on."""
        self._opened, self._browser, self.problems = opened, browser, Problems()
        self.remove_class("-files")
        self._columns = ColumnsShown(len(opened.rows.column_names))
        self._columns.restore(looks.get("columns"), opened.rows.column_names)
        column, where, search = (looks.get(key) for key in ("column", "where", "search"))
        self._draw_table(column if isinstance(column, str) else None)
        order = order_of(looks.get("order"), opened.rows.column_names)
        if (isinstance(where, str) and where) or order:
            browser.select(where if isinstance(where, str) else "", order)
        self.query_one(TypedLine).show(_WHERE, where if isinstance(where, str) else "")
        self._search(search if isinstance(search, str) else "")
        self.stand()

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

    def offer(self, files: Sequence[File]) -> None:
        """Show files to choose from."""
        self._opened = self._browser = None
        self.problems = Problems()
        self._files = files
        self._read(False)
        self.add_class("-files")
        self.query_one(SearchBar).show("")
        self.query_one(TypedLine).show(_WHERE, "")
        self.query_one(Table).show(FileSource(files), _FILE_COLUMNS, [[file.name, file.detail] for file in files])

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

    def go_to(self, row: int) -> None:
        """Stand on a row, even if the search has not found it."""
        if self._browser is not None:
            self._browser.anchor = row
            if self._browser.row != row:
                self._search("")
            if self._browser.row != row:
                self._select("", None)
            self.stand()

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

    # searching

    def _search(self, text: str) -> None:
        self.query_one(SearchBar).show(text)
        self._find(text)

    @on(SearchBar.Asked)
    def _asked_for(self, message: SearchBar.Asked) -> None:
        self._find(message.text)
        self.stand()

    def _find(self, text: str) -> None:
        if self._browser is not None:
            self._browser.search_for(text)
            self._count()
            self.post_message(self.Moved())

    def _count(self) -> None:
        if self._browser is not None:
            self.query_one(SearchBar).count(search_words(self._browser))

    # keys

    def move(self, motion: Motion) -> None:
        """Move the cursor, or scroll a row that is open."""
        if self.has_class("-reading"):
            self.query_one(RowView).move(motion)
        else:
            self.move_row(motion)

    def move_row(self, motion: Motion) -> None:
        """Go to another row, also while one is open."""
        self.query_one(Table).move(motion)
        self._stands()

    def move_sideways(self, step: int) -> None:
        """Scroll by a column."""
        self.query_one(Table).move_sideways(step)
        self.post_message(self.Moved())

    @on(Table.Pointed)
    def _stands(self) -> None:
        """See the row that the cursor was put on."""
        if self._browser is not None:
            self._browser.stand_on(self.query_one(Table).cursor)
            self._show_row()
            self.post_message(self.Moved())

    @on(Table.Chosen)
    def look(self) -> None:
        """Open the file, or the row, under the cursor; close a row that is open."""
        if self._browser is not None:
            self._read(not self.has_class("-reading"))
        elif self._files:
            self.post_message(self.Chosen(self._files[self.query_one(Table).cursor]))

    def search(self) -> None:
        """Type what to search for."""
        if self._browser is not None:
            self._read(False)
            self.query_one(SearchBar).open()

    def seek(self, step: int) -> None:
        """Go to the next row that has what is searched for, among all others."""
        if self._browser is not None and self._browser.search:
            self._browser.seek(step)
            self._count()
            self.stand()
            self.post_message(self.Moved())

    def type_condition(self) -> None:
        """Type a condition in SQL, or the number of a row."""
        if self._opened is not None:
            self._read(False)
            names = ColumnNames(self._opened.rows.column_names)
            self.query_one(TypedLine).open(_WHERE, _WHERE_HINT, names)

    @on(TypedLine.Entered)
    def _typed(self, message: TypedLine.Entered) -> None:
        """Go to a row, or show the rows that meet a condition."""
        line, text, browser = self.query_one(TypedLine), message.text.strip(), self._browser
        if browser is None:
            return
        if message.purpose == _SAVE_AS:
            line.show(_WHERE, browser.query.where if browser.query else "")
            if text:
                self.post_message(self.Named(text))
            return
        order = browser.query.order if browser.query else None
        if not text.isdecimal():
            self._select(text, order)
            return
        line.show(_WHERE, browser.query.where if browser.query else "")
        row = max(1, int(text))  # while rows are counted any may be there: it is gone to when it comes
        self.go_to(row if browser.count is None else min(row, browser.count))
        self.post_message(self.Moved())

    def sort(self) -> None:
        """Put the rows in the order of the column under the cursor: up, down, and as they stand in the file."""
        column = self.column
        if self._browser is None or column is None:
            return
        query = self._browser.query
        order = query.order if query else None
        if order is None or order.column != column:
            order = Order(column)
        else:
            order = None if order.is_descending else Order(column, is_descending=True)
        self._select(query.where if query else "", order)

    def _select(self, where: str, order: Order | None) -> None:
        assert self._browser is not None and self._opened is not None
        self._browser.select(where, order)
        self.query_one(TypedLine).show(_WHERE, where)
        self.query_one(Table).head(heads(self._opened, self._browser, self._columns))
        self.stand()
        self._count()
        self.post_message(self.Moved())

    def hide_column(self) -> None:
        """Hide the column under the cursor."""
        at = self.query_one(Table).column
        if self._opened is not None and at is not None:
            self._columns.hide(at)
            names = self._opened.rows.column_names
            self._redraw_columns(names[self._columns.places[min(at, len(self._columns.places) - 1)]])

    def show_columns(self) -> None:
        """Show every column, in the file's order."""
        column = self.column
        self._columns.show_all()
        self._redraw_columns(column)

    def move_column(self, step: int) -> None:
        """Put the column under the cursor further left or right."""
        column, at = self.column, self.query_one(Table).column
        if column is not None and at is not None:
            self._columns.move(at, step)
            self._redraw_columns(column)

    def _redraw_columns(self, column: str | None) -> None:
        if self._opened is not None:
            self._draw_table(column)
            self.stand()
            self.post_message(self.Moved())

    # problems, and rows for a file

    def found(self, problems: Problems) -> None:
        """Take in what a check has found by now."""
        problems.only = self.problems.only
        self.problems = problems
        if self._browser is not None and not self.has_class("-files"):
            self.query_one(Table).refresh()
            self._show_row()

    def next_problem(self) -> int:
        """Go to the next row with a problem; return its number, 0 when there is none."""
        row = self.problems.next(self._browser.anchor, self._some_rows()) if self._browser is not None else 0
        if row:
            self.go_to(row)
            self.post_message(self.Moved())
        return row

    def problem_place(self, row: int) -> tuple[int, int]:
        """Return which of the rows that are visited this is, counted from 1, and how many there are."""
        return self.problems.place(row, self._some_rows())

    @property
    def shows_all(self) -> bool:
        """Whether no condition or search leaves rows out."""
        return self._some_rows() is None

    def _some_rows(self) -> Set[int] | None:
        """The numbers of the rows that are shown; None where all of them are."""
        if self._browser is None or len(self._browser.pages) == self._browser.count:
            return None
        return set(self._browser.pages.numbers)

    def visit(self, code: str) -> None:
        """Have `next_problem` go to the rows with this problem, from the first on: those that are shown, if any."""
        assert self._browser is not None
        self.problems.only = code
        self._browser.anchor = 0
        if not self.problems.next(0, self._some_rows()):
            self._search("")
            self._select("", None)
            self._browser.anchor = 0

    def type_file(self) -> None:
        """Type the name of a file for the rows that are shown."""
        if self._opened is not None:
            self._read(False)
            self.query_one(TypedLine).open(_SAVE_AS, "a new .jsonl, .json, .csv, .tsv or .parquet")

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of the rows that are shown."""
        return self._browser.pages.numbers if self._browser is not None else ()

    def close(self) -> None:
        """Close the row that is open, else end the search, else the selection and the visits to one problem alone."""
        if self.has_class("-reading"):
            self._read(False)
        elif self._browser is not None and (self._browser.search or self.search_text):
            self._search("")
            self.stand()
        elif self._browser is not None:
            self.problems.only = ""
            self._select("", None)

    def _read(self, is_open: bool) -> None:
        """Have the row in place of the table, or beside it again."""
        self.set_class(is_open, "-reading")
        self.query_one(RowView).hint("   [ ] other rows · Esc back" if is_open else "")
