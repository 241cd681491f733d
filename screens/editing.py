"""A file opened in the person's own editor, while the app lets go of the terminal."""

import os
import shlex
import subprocess
from pathlib import Path

from textual.app import App, SuspendNotSupported

from workbench.errors import Missing, WorkbenchError


def edit(app: App[None], file: Path) -> None:
    """Open `file` in $VISUAL or $EDITOR and come back when that ends. Raises Missing when it cannot be started."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        with app.suspend():  # it takes the terminal back only when nothing is raised inside
            code = _run(command, file)
    except SuspendNotSupported as error:
        raise Missing("this terminal cannot be lent to an editor", f"edit {file} elsewhere, then Ctrl+R") from error
    if code is None:
        raise Missing(f"the editor cannot be started: {command}", "set EDITOR to one that is installed")
    if code:
        raise WorkbenchError(f"{command} ended with {code}", f"{file} is as it left it")


def _run(command: str, file: Path) -> int | None:
    """How the editor ended; None when it cannot be started."""
    try:
        return subprocess.run([*shlex.split(command), str(file)], check=False).returncode
    except (OSError, ValueError):
        return None


def copy_of(template: str, folder: Path, name: str) -> Path:
    """Write a template to a new file in `folder`, named after its model, and return it. Raises Missing."""
    plain = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in name).strip("-.") or "own"
    names = (f"{plain}{number}.jinja" for number in ("", *(f"-{number}" for number in range(2, 1000))))
    try:
        folder.mkdir(exist_ok=True)
        file = next(folder / each for each in names if not (folder / each).exists())
        file.write_text(template, encoding="utf-8")
    except OSError as error:
        raise Missing(f"{folder} cannot be written: {(error.strerror or '').lower()}", "make room there") from error
    return file
