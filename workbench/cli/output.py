"""How commands speak: one JSON document on stdout with --json, else text for people; narration on stderr."""

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

from workbench.errors import WorkbenchError
from workbench.printable import printable
from workbench.strict_json import dumps

_MORE_LINES = 2
"""An error is at most three lines; `--debug` has the rest."""


def document(content: Any) -> None:
    """Print `content` as the command's one JSON document. Text is escaped to ASCII, so it is safe anywhere."""
    print(dumps(content))


def say(text: str) -> None:
    """Tell the person something on stderr."""
    print(printable(text, newlines=True), file=sys.stderr, flush=True)


def line(text: str = "") -> None:
    """Print a line of the answer on stdout."""
    print(printable(text, newlines=True))


def cut(text: str, margin: int = 0) -> str:
    """Return `text` on one line that fits the terminal's width less `margin`."""
    from shutil import get_terminal_size

    from rich.cells import cell_len, set_cell_size

    shown, room = printable(text), max(20, get_terminal_size((80, 24)).columns - margin)
    return shown if cell_len(shown) <= room else set_cell_size(shown, room - 1).rstrip() + "…"


def console() -> "Console":
    """Return a console on stdout; one whose reader went away says so, as `print` does."""
    from rich.console import Console

    class Honest(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return Honest(highlight=False)


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = (), equal: bool = False
) -> None:
    """Print a table on stdout; the columns named in `numbers` are set to the right; `equal` shares the whole width."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, expand=equal)
    for column in columns:
        drawn.add_column(
            Text(printable(column)), justify="right" if column in numbers else "left", ratio=1 if equal else None
        )
    for row in rows:
        drawn.add_row(*(Text(printable(str(cell))) for cell in row))
    console().print(drawn)


def refuse(error: WorkbenchError, *, as_json: bool) -> None:
    """Print an error: what happened and what to do, on stderr; with --json also as the document."""
    what, _, more = error.what.partition("\n")
    print(f"error: {printable(what)}", file=sys.stderr)
    for rest in [*more.splitlines(), *error.fix.splitlines()][:_MORE_LINES]:
        print(f"  {printable(rest)}", file=sys.stderr)
    if as_json:
        document({"error": error.what, "fix": error.fix, "exit_code": error.exit_code})
