"""What is being looked at in an opened data set: all of its rows, those of a selection, or those that a search found.

The row that a person stands on is kept by its number: other rows come and go around it.
All methods are for one thread; what happens elsewhere is told as an event, and heard when it is given back.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from workbench.data.find import nearest
from workbench.data.lane import Lane
from workbench.data.opened import Opened, stamp_of
from workbench.data.pages import Pages
from workbench.data.query import Order, Query, Selection
from workbench.data.search import Found, Search
from workbench.errors import Interrupted, WorkbenchError

_TELL_EVERY = 0.25  # seconds, while rows are counted


@dataclass(frozen=True)
class Counted:
    """All rows are counted; or as much of the file as `share` says has been read for it."""

    count: int | None
    share: float = 1.0


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


@dataclass(frozen=True)
class SelectionTold:
    """A selection is made, or cannot be."""

    query: Query
    selection: Selection | None = None
    error: WorkbenchError | None = None


Event = Counted | Arrived | Changed | SearchTold | SelectionTold


class Browser:
    """An opened data set. `tell` is called in its lanes; `pages` are the rows to be shown."""

    def __init__(self, opened: Opened, lane: Lane, tell: Callable[[Event], None], row: int = 1) -> None:
        """`row`, counted from 1, is where one stands."""
        self.rows = opened.rows
        self.count = opened.count
        self.share_counted = 0.0
        self.anchor = row
        self.search: Search | None = None
        self.is_searching = False
        self.searched = 0
        self.is_narrow = True
        """Whether a search shows only the rows that it found."""
        self.selection: Selection | None = None
        self.query: Query | None = None
        """What is selected, or is being selected."""
        self.found = array("Q")
        self._lane = lane
        self._side = Lane()
        self._tell = tell
        self._is_fresh = self._is_closed = self._rests = False
        self._stamp = opened.stamp
        numbers = range(1, 1 + (opened.count or len(opened.head)))
        self._all = self._base = self._narrowed = self.pages = Pages(
            self.rows, lane, numbers, self._arrived, opened.head
        )
        if opened.count is None:
            self._ask(self._counted)

    @property
    def needle(self) -> str:
        """What is searched for, case-folded; "" when nothing is."""
        return self.search.text.casefold() if self.search else ""

    @property
    def is_selecting(self) -> bool:
        """Whether a selection is still to come."""
        return self.query is not None and self.selection is None

    @property
    def place(self) -> int:
        """The place, counted from 0, of the row that one stands on, or of the nearest that is shown.

        The first one, as long as a search has not come that far.
        """
        is_behind = self.is_searching and self.is_narrow and self.searched <= self._place_in(self._base.numbers)
        return 0 if is_behind else self._place_in(self.pages.numbers)

    @property
    def row(self) -> int:
        """The number, counted from 1, of the row at `place`; 0 when there is none."""
        return self.pages.numbers[self.place] if len(self.pages) else 0

    def stand_on(self, place: int) -> None:
        """Stand on another row, because a person wants to."""
        if place < len(self.pages):
            self.anchor = self.pages.numbers[place]

    def select(self, where: str, order: Order | None = None) -> None:
        """Show only rows that meet a condition, or the rows in another order; with neither all of them again."""
        if self.query is not None:
            self.query.interrupt()
        self.selection, self.query = None, Query(self.rows, where, order) if where or order else None
        if self.query is None:
            self._show(self._all)
        else:
            query = self.query
            self._side.submit(lambda: self._tell(_selected(query)))

    def search_for(self, text: str) -> None:
        """Show only rows that contain `text`, once the first are found; with "" show all again."""
        self.is_narrow = True
        if text == (self.search.text if self.search else ""):
            self.pages = self._narrowed if self.search and not self._is_fresh else self._base
            return
        self._stop()
        if not text:
            self.search, self.pages, self._is_fresh = None, self._base, False
            return
        self._is_fresh = self.is_searching = True
        self.searched = 0
        self.search = Search(
            self.rows,
            text,
            None if self._base is self._all else self._base.numbers,
            self._lane,
            lambda search, found: self._tell(SearchTold(search, found)),
        )

    def seek(self, step: int) -> None:
        """Stand on the next row that the search found (`step` 1), or the one before (-1), among all others."""
        if not self.search or not len(self.found):
            return
        here = self.row
        self.is_narrow = False
        self.pages = self._base
        if self._is_sorted:
            at = bisect_right(self.found, here) if step > 0 else bisect_left(self.found, here) - 1
        else:
            at = self.found.index(here) + step if here in self.found else 0
        self.anchor = self.found[at % len(self.found)]

    def hear(self, event: Event) -> None:
        """Take in what was told."""
        if isinstance(event, Counted):
            self.share_counted = event.share
            if event.count is not None:
                self.count = event.count
                self._all.numbers = range(1, 1 + event.count)
        elif isinstance(event, SearchTold) and event.search is self.search:
            self._take(event.found)
        elif isinstance(event, SelectionTold) and event.query is self.query:
            self._take_selection(event)

    def look_for_changes(self) -> None:
        """Have it told, once, when the file on disk is another one by now."""
        self._ask(self._changed)

    def rest(self) -> None:
        """Count no further: nobody looks."""
        self._rests = True

    def go_on(self) -> None:
        """Count from the beginning what was not counted to the end."""
        if self._rests:
            self._rests = False
            if self.count is None:
                self._ask(self._counted)

    def close(self) -> None:
        """Stop what goes on."""
        self._is_closed = True
        self._stop()
        if self.query is not None:
            self.query.interrupt()
        self._side.close()
        self._lane.close()

    @property
    def _is_sorted(self) -> bool:
        """Whether what is shown stands in the file's own order."""
        return self.query is None or self.query.order is None

    def _place_in(self, numbers: Sequence[int]) -> int:
        if self._is_sorted or numbers is self._all.numbers:
            return nearest(numbers, self.anchor)
        return numbers.index(self.anchor) if self.anchor in numbers else 0

    def _take_selection(self, event: SelectionTold) -> None:
        if event.selection is None:
            order = event.query.order if event.query.where else None
            self.query = None
            self._show(self._all)
            if order is not None:  # a wrong condition is no reason to lose the order
                self.select("", order)
        else:
            self.selection = event.selection
            self._show(Pages(self.rows, self._lane, event.selection.numbers, self._arrived))

    def _show(self, base: Pages) -> None:
        """Have other rows to look at and to search in."""
        self._base = self.pages = base
        text = self.search.text if self.search else ""
        self._stop()
        self.search = None
        self.search_for(text)

    def _take(self, found: Found) -> None:
        if self._is_fresh:
            self._is_fresh = False
            self.found = array("Q")
            self._narrowed = Pages(self.rows, self._lane, self.found, self._arrived)
            if self.is_narrow:
                self.pages = self._narrowed
        self.found.extend(found.numbers)
        self.searched = found.upto
        self.is_searching = not found.is_done

    def _stop(self) -> None:
        self.is_searching = False
        self.found = array("Q")
        if self.search:
            self.search.stop()

    def _changed(self) -> Changed | None:
        now = stamp_of(self.rows)
        if now == self._stamp:
            return None
        self._stamp = now
        return Changed()

    def _counted(self) -> Counted | None:
        told = monotonic()

        def goes_on(share: float) -> None:
            nonlocal told
            if self._is_closed or self._rests:
                raise Interrupted("counting was stopped")
            if monotonic() - told > _TELL_EVERY:
                told = monotonic()
                self._tell(Counted(None, share))

        try:
            return Counted(self.rows.count(goes_on))
        except Interrupted:
            return None

    def _arrived(self) -> None:
        self._tell(Arrived())

    def _ask(self, question: Callable[[], Event | None]) -> None:
        """Have an event found out in the lane."""

        def answer() -> None:
            event = question()
            if event is not None:
                self._tell(event)

        self._lane.submit(answer)


def _selected(query: Query) -> SelectionTold:
    try:
        return SelectionTold(query, query.run())
    except WorkbenchError as error:
        return SelectionTold(query, error=error)
    except Exception as error:
        return SelectionTold(query, error=WorkbenchError(f"unexpected {type(error).__name__}: {error}"))
