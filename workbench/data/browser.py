"""What is being looked at in an opened data set: all of its rows, or those that a search has found so far.

The row that a person stands on is kept by its number: other rows come and go around it.
All methods are for one thread; what happens in the file's lane is told as an event, and heard when it is given back.
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass

from workbench.data.find import nearest
from workbench.data.lane import Lane
from workbench.data.opened import Opened, stamp_of
from workbench.data.pages import Pages
from workbench.data.search import Found, Search


@dataclass(frozen=True)
class Counted:
    """All rows are counted."""

    count: int


@dataclass(frozen=True)
class Arrived:
    """Rows that were late are here."""


@dataclass(frozen=True)
class Changed:
    """The file is no longer what was opened."""


@dataclass(frozen=True)
class SearchTold:
    """A search goes on, or has ended."""

    search: Search
    found: Found


Event = Counted | Arrived | Changed | SearchTold


class Browser:
    """An opened data set. `tell` is called in its lane; `pages` are the rows to be shown."""

    def __init__(self, opened: Opened, lane: Lane, tell: Callable[[Event], None], row: int = 1) -> None:
        """`row`, counted from 1, is where one stands."""
        self.rows = opened.rows
        self.count = opened.count
        self.anchor = row
        self.search: Search | None = None
        self.is_searching = False
        self.searched = 0
        self._lane = lane
        self._tell = tell
        self.found = array("Q")
        self._is_fresh = False
        self._stamp = opened.stamp
        self._all = Pages(self.rows, lane, range(1, 1 + (opened.count or len(opened.head))), self._arrived, opened.head)
        self.pages = self._all
        if opened.count is None:
            self._ask(lambda: Counted(len(self.rows)))

    @property
    def needle(self) -> str:
        """What is searched for, case-folded; "" when nothing is."""
        return self.search.text.casefold() if self.search else ""

    @property
    def place(self) -> int:
        """The place, counted from 0, of the row that one stands on, or of the nearest that is shown.

        The first one, as long as a search has not come that far.
        """
        return 0 if self.is_searching and self.searched < self.anchor else nearest(self.pages.numbers, self.anchor)

    @property
    def row(self) -> int:
        """The number, counted from 1, of the row at `place`; 0 when there is none."""
        return self.pages.numbers[self.place] if len(self.pages) else 0

    def stand_on(self, place: int) -> None:
        """Stand on another row, because a person wants to."""
        if place < len(self.pages):
            self.anchor = self.pages.numbers[place]

    def search_for(self, text: str) -> None:
        """Show only rows that contain `text`, once the first are found; with "" show all again."""
        if text == (self.search.text if self.search else ""):
            return
        self._stop()
        if not text:
            self.search, self.pages = None, self._all
            return
        self._is_fresh = self.is_searching = True
        self.searched = 0
        self.search = Search(self.rows, text, self._lane, lambda search, found: self._tell(SearchTold(search, found)))

    def hear(self, event: Event) -> None:
        """Take in what was told."""
        if isinstance(event, Counted):
            self.count = event.count
            self._all.numbers = range(1, 1 + event.count)
        elif isinstance(event, SearchTold) and event.search is self.search:
            self._take(event.found)

    def look_for_changes(self) -> None:
        """Have it told when the file on disk is another one by now."""
        self._ask(lambda: Changed() if stamp_of(self.rows) != self._stamp else None)

    def close(self) -> None:
        """Stop what goes on."""
        self._stop()
        self._lane.close()

    def _take(self, found: Found) -> None:
        if self._is_fresh:
            self._is_fresh = False
            self.found = array("Q")
            self.pages = Pages(self.rows, self._lane, self.found, self._arrived)
        self.found.extend(found.numbers)
        self.searched = found.upto
        self.is_searching = not found.is_done

    def _stop(self) -> None:
        self.is_searching = False
        if self.search:
            self.search.stop()

    def _arrived(self) -> None:
        self._tell(Arrived())

    def _ask(self, question: Callable[[], Event | None]) -> None:
        """Have an event found out in the lane."""

        def answer() -> None:
            event = question()
            if event is not None:
                self._tell(event)

        self._lane.submit(answer)
