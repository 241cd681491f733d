"""The rows of a data set: the search above the table, the row under the cursor beside it or in its place.

The pane that holds it has the keys; it also shows files to choose from, in the same table.
"""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from screens.sources import File, FileSource, RowSource, search_words
from screens.widgets.columns import Column
from screens.widgets.row_view import RowView
from screens.widgets.search_bar import SearchBar
from screens.widgets.table import Motion, Table
from workbench.data.browser import Browser, Event, SearchTold
from workbench.data.opened import Opened
from workbench.data.pages import Unreadable
from workbench.data.shown import cell, fields

_MEASURED = 50  # rows that decide how wide the columns are
_ROOM_FOR_A_ROW = 100  # cells: below that the row has no place beside the table
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

    def compose(self) -> ComposeResult:
        """Yield the parts."""
        with Vertical(id="rows"):
            yield SearchBar()
            yield Table()
        yield RowView()

    @property
    def search_text(self) -> str:
        """What is in the search field."""
        return self.query_one(SearchBar).text

    @property
    def first_column(self) -> int:
        """The column at the left edge, counted from 0."""
        return self.query_one(Table).first_column

    # what is shown

    def show(self, opened: Opened, browser: Browser, search: str = "", column: int = 0) -> None:
        """Show the rows of a data set."""
        self._opened, self._browser = opened, browser
        self.remove_class("-files")
        names, parts = opened.rows.column_names, set(opened.schema.mapping.values())
        columns = [
            Column(each.name, each.type in ("integer", "number"), each.name in parts) for each in opened.rows.columns
        ]
        sample = [[cell(row.get(name)) for name in names] for row in opened.head[:_MEASURED]]
        table = self.query_one(Table)
        table.show(RowSource(browser, names), columns, sample)
        table.scroll_to_column(column)
        self._search(search)
        self.stand()

    def offer(self, files: Sequence[File]) -> None:
        """Show files to choose from."""
        self._opened = self._browser = None
        self._files = files
        self._read(False)
        self.add_class("-files")
        self.query_one(SearchBar).show("")
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
        title = f"ROW {self._browser.pages.numbers[table.cursor]:,}"
        line = self._browser.pages.line(table.cursor)
        if line is None:
            view.show(title)
        elif isinstance(line, Unreadable):
            view.show(title, trouble="\n".join(filter(None, [line.reason, line.fix])))
        else:
            view.show(title, fields(line, self._opened.schema), needle=self._browser.needle)

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

    def close(self) -> None:
        """Close the row that is open, else end the search."""
        if self.has_class("-reading"):
            self._read(False)
        elif self._browser is not None:
            self._search("")
            self.stand()

    def _read(self, is_open: bool) -> None:
        """Have the row in place of the table, or beside it again."""
        self.set_class(is_open, "-reading")
        self.query_one(RowView).hint("   [ ] other rows · Esc back" if is_open else "")
