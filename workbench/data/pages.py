"""Some rows of an opened file, by their place in a list of numbers; read page by page in the file's own lane.

All methods are for one thread, and none waits longer than it is told to: what is not here yet is None.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from itertools import islice

from workbench.data.lane import Lane
from workbench.data.table import BadRow, Row, Rows
from workbench.errors import WorkbenchError

PAGE = 64
_KEPT = 8  # pages


@dataclass(frozen=True)
class Unreadable:
    """A row that cannot be read: why, what to do, and what the file says there."""

    reason: str
    fix: str = ""
    raw: str = ""


Line = Row | Unreadable


class Pages:
    """`numbers` says which rows, counted from 1; it may grow. `arrived` is called, in the lane, for a late page."""

    def __init__(
        self, rows: Rows, lane: Lane, numbers: Sequence[int], arrived: Callable[[], None], head: Sequence[Row] = ()
    ) -> None:
        """`head` holds the first rows of `numbers`, where they have been read already."""
        self.numbers = numbers
        self._rows = rows
        self._lane = lane
        self._arrived = arrived
        self._pages: OrderedDict[int, Future[list[Line]]] = OrderedDict()
        for at in range(0, len(head), PAGE):
            self._pages[at // PAGE] = _done(list(islice(head, at, at + PAGE)))

    def __len__(self) -> int:
        return len(self.numbers)

    def line(self, place: int) -> Line | None:
        """Return the row at a place, counted from 0; None when it has not arrived."""
        page = self._pages.get(place // PAGE)
        if page is None or not page.done() or page.cancelled():
            return None
        error = page.exception()
        if error is not None:
            return Unreadable(str(error) or type(error).__name__)
        lines = page.result()
        at = place % PAGE
        return lines[at] if at < len(lines) else None

    def ask(self, first: int, stop: int, seconds: float = 0.0) -> None:
        """Have the places from `first` up to `stop` read, and wait for them so long at most."""
        wanted = range(first // PAGE, -(-min(stop, len(self)) // PAGE))
        self._cancel_others(wanted)
        missing = [page for page in wanted if not self._is_whole(page)]
        for page in missing:
            if page not in self._pages or self._pages[page].done():
                numbers = tuple(self.numbers[page * PAGE : (page + 1) * PAGE])
                self._pages[page] = self._lane.submit(_read, self._rows, numbers)
        self._forget_oldest(wanted)
        futures = [self._pages[page] for page in missing]
        if seconds and futures:
            wait(futures, seconds)
        for future in futures:
            if not future.done():
                future.add_done_callback(lambda _: self._arrived())

    def _is_whole(self, page: int) -> bool:
        """Whether all of a page is here: while `numbers` grows, its last page is not."""
        future = self._pages.get(page)
        if future is None or not future.done() or future.cancelled():
            return False
        if future.exception() is not None:
            return True
        return len(future.result()) >= min(PAGE, len(self) - page * PAGE)

    def _cancel_others(self, wanted: range) -> None:
        """Have nothing read that nobody waits for any more."""
        for page in [page for page in self._pages if page not in wanted]:
            if not self._pages[page].done() and self._pages[page].cancel():
                del self._pages[page]

    def _forget_oldest(self, wanted: range) -> None:
        """Keep only the pages of late."""
        for page in wanted:
            self._pages.move_to_end(page)
        while len(self._pages) > max(_KEPT, len(wanted)):
            self._pages.popitem(last=False)


def _read(rows: Rows, numbers: Sequence[int]) -> list[Line]:
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        try:
            return [*rows.slice(numbers[0] - 1, numbers[-1])]
        except (WorkbenchError, OSError):
            pass
    return [_line(rows, number) for number in numbers]


def _line(rows: Rows, number: int) -> Line:
    try:
        return rows[number - 1]
    except BadRow as error:
        return Unreadable(error.detail, error.fix, error.raw)
    except WorkbenchError as error:
        return Unreadable(error.what, error.fix)
    except OSError as error:
        return Unreadable((error.strerror or str(error)).lower(), "check the file")


def _done(lines: list[Line]) -> "Future[list[Line]]":
    future: Future[list[Line]] = Future()
    future.set_result(lines)
    return future
