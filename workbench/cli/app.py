"""`workbench [FOLDER|FILE]`: the app. What would keep it from drawing is said before it starts."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.workspace import Workspace

COMMANDS = ("data", "template", "lora", "train", "compare", "label", "status", "demo", "doctor")
"""The commands by name, for a start without Typer."""
LEAST_COLUMNS, LEAST_LINES = 60, 16


def opening(arguments: list[str]) -> tuple["Workspace", dict[str, Any]] | None:
    """Return where and how `workbench [-C FOLDER] [--annotator NAME] [FOLDER|FILE]` opens the app.

    None for any other command line.
    Raises Missing when a path is named that is not there.
    """
    from workbench.workspace import open_workspace

    words, said = _without_options(arguments)
    folder = Path(said["workspace"]) if "workspace" in said else None
    who = {"annotator": said["annotator"]} if "annotator" in said else {}
    if len(words) > 1 or (words and not _is_path(words[0])):
        return None
    if not words:
        return open_workspace(folder), who
    path = Path(words[0]).expanduser()
    if path.is_dir():
        return open_workspace(path), who
    return open_workspace(folder), {
        "pane": "data",
        "row": 1,
        "draft": {"data": {"train": _data(words[0], path)}},
        **who,
    }


_OPTIONS = {"-C": "workspace", "--workspace": "workspace", "--annotator": "annotator"}


def _without_options(arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """The arguments without -C FOLDER and --annotator NAME, and these two where they are said."""
    from workbench.errors import WrongUse

    words, said, rest = [], {}, iter(arguments)
    for word in rest:
        name, is_joined, value = word.partition("=")
        if name in _OPTIONS and (is_joined or name == word):
            said[_OPTIONS[name]] = value if is_joined else next(rest, "")
        else:
            words.append(word)
    if said.get("workspace") == "":
        raise WrongUse("-C needs a folder", "workbench -C FOLDER")
    if said.get("annotator") == "":
        raise WrongUse("--annotator needs a name", "workbench --annotator NAME")
    return words, said


def _is_path(word: str) -> bool:
    """Whether a word names a place rather than a command; a command's name is always the command."""
    if word in COMMANDS or word.startswith("-"):
        return False
    return "/" in word or "." in word or Path(word).exists()


def _data(word: str, path: Path) -> str:
    from workbench.data.on_hub import is_hub_name
    from workbench.data.place import is_there, parted
    from workbench.errors import Missing

    if is_there(parted(path)[0]):
        return str(path.absolute())
    if is_hub_name(word):
        return word
    raise Missing(f"{word}: no such file or folder", "workbench --help lists the commands")


def show(workspace: "Workspace", options: dict[str, Any]) -> None:
    """Show the app until the person leaves, and end the process. Raises WrongUse where it cannot be drawn."""
    from workbench.cli.output import say

    check_terminal()
    from screens.start import open_app

    words = open_app(workspace, **options)
    if words:
        say(words)
    sys.stdout.flush()
    os._exit(0)  # a thread that waits for a disk or for the Hub would keep the interpreter from ending


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
        least = f"{LEAST_COLUMNS}×{LEAST_LINES}"
        raise WrongUse(f"the app needs a window of {least}, not {columns}×{lines}", "make it larger")
