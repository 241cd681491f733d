"""The `workbench` command: it opens the app or runs a command, and turns every error into lines and an exit code."""

import errno
import io
import os
import sys

from workbench.cli.output import refuse
from workbench.errors import Interrupted, Missing, WorkbenchError, WrongUse

_KILLED_BY_CTRL_C = 130  # what Typer returns for a KeyboardInterrupt


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 problems, 2 wrong use, 3 missing, 4 interrupted.

    `--debug`, anywhere in `arguments`, shows the traceback of an error instead of its message.
    """
    debug = "--debug" in arguments or bool(os.environ.get("WORKBENCH_DEBUG"))
    arguments = [argument for argument in arguments if argument != "--debug"]
    as_json = "--json" in arguments
    try:
        code = _run(arguments)
    except (BrokenPipeError, SystemExit):  # Typer and rich end the program where the reader of a pipe went away
        _silence_stdout()
        return 0
    except Exception as error:
        if debug:
            raise
        return _refuse(_told(error), as_json=as_json)
    except KeyboardInterrupt:
        return _refuse(Interrupted("interrupted"), as_json=as_json)
    if code == _KILLED_BY_CTRL_C:
        return _refuse(Interrupted("interrupted"), as_json=as_json)
    return code if isinstance(code, int) else 0


def _run(arguments: list[str]) -> int | None:
    """Open the app, without Typer, which would cost a fifth of its start; or run a command."""
    from workbench.cli.app import opening, show

    asked = opening(arguments)
    if asked is not None:
        show(*asked)
        return 0
    from typer.exceptions import TyperException

    from workbench.cli.commands import app

    try:
        code: int | None = app(arguments, standalone_mode=False)
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # its message is the help, already printed
            return 2
        context = getattr(error, "ctx", None)
        fix = f"{context.command_path} --help" if context else "workbench --help"
        raise WrongUse(error.format_message(), fix) from error
    return code


def _refuse(error: WorkbenchError, *, as_json: bool) -> int:
    try:
        refuse(error, as_json=as_json)
    except OSError:  # nobody can be told
        _silence_stdout()
    return error.exit_code


def _told(error: Exception) -> WorkbenchError:
    """The error in a person's words."""
    if isinstance(error, WorkbenchError):
        return error
    if not isinstance(error, OSError):
        return WorkbenchError(f"unexpected {type(error).__name__}: {error}", "--debug shows where; please report it")
    place = f"{error.filename}: " if error.filename else ""
    if isinstance(error, FileNotFoundError):
        return Missing(f"{place}no such file or folder", "check the path")
    if isinstance(error, PermissionError):
        return Missing(f"{place}permission denied", "choose a place that you may read and write")
    if isinstance(error, (IsADirectoryError, NotADirectoryError, FileExistsError)):
        return WrongUse(f"{place}{(error.strerror or str(error)).lower()}", "check the path")
    fix = "free some space or choose another place" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    return WorkbenchError(f"{place}{(error.strerror or str(error)).lower()}", fix)


def _silence_stdout() -> None:
    """Keep Python from complaining, at exit, that the reader of a pipe went away."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """Entry point of the `workbench` command."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a character gets its number
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))
