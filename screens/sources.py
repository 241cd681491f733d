"""What the Data pane's table shows: the rows of a data set, or the files that could be opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.data.browser import Browser
from workbench.data.nearby import data_files, seen_from
from workbench.data.on_hub import is_hub_name
from workbench.data.pages import Unreadable
from workbench.data.place import is_there, parted
from workbench.data.shown import cell, count_words

_PATIENCE = 0.008  # seconds that a paint waits for rows before it draws placeholders


class RowSource:
    """The rows that a browser shows."""

    def __init__(self, browser: Browser, names: Sequence[str], mark: Callable[[int], str]) -> None:
        """`mark` is asked for the sign before the row of a number."""
        self._browser = browser
        self._names = names
        self._mark = mark

    def __len__(self) -> int:
        return len(self._browser.pages)

    def prepare(self, first: int, stop: int) -> None:
        """Wait a moment for rows that are not here yet."""
        self._browser.pages.ask(first, stop, _PATIENCE)

    def number(self, place: int) -> int:
        """The row's own number, also among those that a search found."""
        return self._browser.pages.numbers[place]

    @property
    def largest(self) -> int:
        """The file's last row, as far as it is known."""
        return self._browser.count or len(self._browser.pages)

    def mark(self, place: int) -> str:
        """A cross before a row that cannot be read, and what a check found."""
        is_unreadable = isinstance(self._browser.pages.line(place), Unreadable)
        return "✗" if is_unreadable else self._mark(self.number(place))

    def cells(self, place: int, columns: Sequence[int]) -> Sequence[str] | str | None:
        """The row's values in short."""
        line, needle = self._browser.pages.line(place), self._browser.needle
        if isinstance(line, Unreadable):
            return line.reason
        return None if line is None else [cell(line.get(self._names[column]), needle) for column in columns]


@dataclass(frozen=True)
class File:
    """A data set that could be opened: how the draft names it, how a person reads it, and a word about it."""

    train: str
    name: str
    detail: str = ""


def files_to_open(folder: Path, recent: Sequence[str]) -> list[File]:
    """Return what was opened lately and is still there, then the files in and below `folder`. For a thread."""
    found = {name: File(name, seen_from(folder, Path(name)), _detail(Path(name), "opened lately")) for name in recent}
    known = {name: file for name, file in found.items() if is_hub_name(name) or is_there(parted(Path(name))[0])}
    for path in data_files(folder.absolute()):
        known.setdefault(str(path), File(str(path), seen_from(folder, path), _detail(path)))
    return list(known.values())


def _detail(path: Path, note: str = "") -> str:
    from workbench.hub.download import size_text

    try:
        size = size_text(path.stat().st_size) if path.is_file() else ""
    except OSError:
        size = ""
    return " · ".join(filter(None, [size, note]))


class FileSource:
    """Data sets to choose from."""

    def __init__(self, files: Sequence[File]) -> None:
        self.files = files

    def __len__(self) -> int:
        return len(self.files)

    def prepare(self, first: int, stop: int) -> None:
        """Everything is here."""

    def number(self, place: int) -> int:
        """Their order."""
        return place + 1

    @property
    def largest(self) -> int:
        """How many there are."""
        return len(self.files)

    def mark(self, place: int) -> str:  # noqa: ARG002 - as the table asks
        """None is marked."""
        return ""

    def cells(self, place: int, columns: Sequence[int]) -> Sequence[str]:
        """The name and the detail."""
        file = self.files[place]
        return [(file.name, file.detail)[column] for column in columns]


def rows_words(browser: Browser) -> str:
    """Return how many rows there are, and how many of them are selected."""
    if browser.is_selecting:
        return "filtering rows" if browser.query and browser.query.where else "sorting rows"
    if browser.count is None:
        return "counting rows" + (f" {browser.share_counted:.0%}" if browser.share_counted else "")
    rows = count_words(browser.count, "row")
    selected = browser.selection is not None and len(browser.selection.numbers) != browser.count
    return f"{len(browser.selection.numbers):,} of {rows}" if selected and browser.selection else rows


def selection_notes(browser: Browser) -> list[str]:
    """Return what a person should know of a selection."""
    if browser.selection is None:
        return []
    notes = [f"{name} has values of several types: they are compared as JSON" for name in browser.selection.as_json]
    if browser.selection.unreadable:
        notes.append(f"{count_words(len(browser.selection.unreadable), 'row')} cannot be read: left out here")
    return notes


def search_words(browser: Browser) -> str:
    """Return how many rows a search has found; a number that may still grow says so."""
    if browser.search is None:
        return ""
    found = len(browser.found)
    among = browser.count if browser.selection is None else len(browser.selection.numbers)
    if browser.is_searching:
        percent = f" · {browser.searched / among:.0%}" if among else ""
        return f"{found:,} so far{percent}"
    if not found:
        return "no row has it"
    if not browser.is_narrow and browser.row in browser.found:
        return f"{browser.found.index(browser.row) + 1:,} of {found:,} · / only these"
    return count_words(found, "row") if among is None else f"{found:,} of {count_words(among, 'row')}"
