"""What is done with the rows of a data set: looked through, searched, sorted, visited where a problem is, chosen.

The pane that holds it has the keys; it also shows files to choose from, in the same table.
"""

from collections.abc import Sequence
from typing import Any

from textual import on
from textual.message import Message

from screens.problems import Problems
from screens.sources import File, FileSource
from screens.widgets.browsed import Browsed
from screens.widgets.columns import Column
from screens.widgets.columns_shown import ColumnsShown, heads, order_of
from screens.widgets.completion import ColumnNames
from screens.widgets.row_view import RowView
from screens.widgets.search_bar import SearchBar
from screens.widgets.table import Motion, Table
from screens.widgets.typed_line import TypedLine
from workbench.data.browser import Browser
from workbench.data.opened import Opened
from workbench.data.query import Order

_WHERE = "where"
_SAVE_AS = "save as"
_WHERE_HINT = "a condition in SQL, such as length(answer) > 100, or the number of a row"
_FILE_COLUMNS = (Column("file", is_part=True), Column("size", is_number=True))


class Browse(Browsed):
    """Shows a browser's rows, or files."""

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
        self._files: Sequence[File] = ()

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

    def go_to(self, row: int) -> None:
        """Stand on a row, even if the search has not found it."""
        if self._browser is not None:
            self._browser.anchor = row
            if self._browser.row != row:
                self._search("")
            if self._browser.row != row:
                self._select("", None)
            self.stand()

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
