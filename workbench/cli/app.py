"""`workbench [FOLDER|FILE]`: the app. What would keep it from drawing is said before it starts."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.options import here

LEAST_COLUMNS, LEAST_LINES = 60, 16


def open_target(
    context: typer.Context, target: Annotated[str, typer.Argument(metavar="FOLDER|FILE", help="What to open.")]
) -> None:
    """Open the app in a folder, or on a data file."""
    from workbench.data.on_hub import is_hub_name
    from workbench.errors import Missing
    from workbench.workspace import open_workspace

    path = Path(target).expanduser()
    if path.is_dir():
        show(open_workspace(path))
    elif path.exists() or is_hub_name(target):
        train = str(path.absolute()) if path.exists() else target
        show(here(context), pane="data", row=1, draft={"data": {"train": train}})
    else:
        raise Missing(f"{target}: no such file or folder", "workbench --help lists the commands")


def show(workspace: Any, **options: Any) -> None:
    """Show the app until the person leaves. Raises WrongUse where it cannot be drawn."""
    from workbench.cli.output import say

    check_terminal()
    from screens.app import open_app

    words = open_app(workspace, **options)
    if words:
        say(words)


def check_terminal() -> None:
    """Raise WrongUse when there is no terminal, or one that cannot draw the app."""
    from shutil import get_terminal_size

    from workbench.errors import WrongUse

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise WrongUse("the app needs a terminal, and this is none", "workbench --help lists the commands")
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise WrongUse("the app needs a terminal that can move its cursor: TERM is dumb or not set",
                       "set TERM, for example to xterm-256color")  # fmt: skip
    columns, lines = get_terminal_size()
    if columns < LEAST_COLUMNS or lines < LEAST_LINES:
        raise WrongUse(f"the app needs a window of {LEAST_COLUMNS}×{LEAST_LINES}; this one is {columns}×{lines}",
                       "make it larger, or its letters smaller")  # fmt: skip
