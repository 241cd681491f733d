"""The log of a run: its end, followed while it grows."""

from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Log, Static

from screens.text import cut
from workbench.printable import printable

_TAIL = 1 << 18
_LOOK_SECONDS = 1.0
_MOST_LINES = 5_000


class LogView(ModalScreen[None]):
    """Shows the last 256 KB of a file, and what is added."""

    DEFAULT_CSS = """
    LogView .box { width: 100%; max-width: 100%; height: 100%; max-height: 100%; padding: 0 1; }
    LogView Log { height: 1fr; background: transparent; }
    LogView #last { height: 1; }
    """
    BINDINGS: ClassVar = [Binding("escape,o,q,backspace", "dismiss", show=False)]

    def __init__(self, name: str, path: Path) -> None:
        super().__init__()
        self._title = name
        self._path = path
        self._offset: int | None = None
        self._rest = b""

    def compose(self) -> ComposeResult:
        """Draw the frame; the text follows."""
        with Vertical(classes="box"):
            yield Static(cut(f"log of {self._title}", 200), classes="box-title", markup=False)
            yield Log(max_lines=_MOST_LINES)
            yield Static("", id="last", markup=False)
            yield Static("↑ ↓ scroll · Esc closes", classes="box-help", markup=False)

    def on_mount(self) -> None:
        """Read now, and again."""
        self.query_one(Log).focus()
        self._read()
        self.set_interval(_LOOK_SECONDS, self._read)

    @work(thread=True, exclusive=True, group="log", exit_on_error=False)
    def _read(self) -> None:
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, 2)
                start = max(0, size - _TAIL) if self._offset is None or size < self._offset else self._offset
                file.seek(start)
                fresh = file.read(_TAIL)
        except FileNotFoundError:
            fresh, start = b"", 0
        if fresh or self._offset is None:
            self.app.call_from_thread(self._add, fresh, start)

    def _add(self, fresh: bytes, start: int) -> None:
        self._offset = start + len(fresh)
        *whole, self._rest = (self._rest + fresh).split(b"\n")
        self.query_one(Log).write_lines([_last_state(line) for line in whole])
        last = _last_state(self._rest) if self._rest or start + len(fresh) else "the run has written nothing yet"
        self.query_one("#last", Static).update(cut(last, 400))


def _last_state(line: bytes) -> str:
    """A line as a terminal would leave it: of a progress bar only its last state."""
    text = line.decode(errors="replace").rstrip("\r")
    return printable(text.rpartition("\r")[2]).replace("⇥", "    ")
