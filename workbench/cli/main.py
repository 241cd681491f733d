"""The `workbench` command: it finds the sub-command, and turns every error into lines and an exit code."""

import errno
import io
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from workbench.cli import compare, data, demo, doctor, status, template, train
from workbench.cli.app import open_target, show
from workbench.cli.options import here
from workbench.cli.output import refuse
from workbench.errors import Interrupted, Missing, WorkbenchError, WrongUse

_KILLED_BY_CTRL_C = 130  # what Typer returns for a KeyboardInterrupt

app = typer.Typer(
    name="workbench",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    workspace: Annotated[  # noqa: ARG001 - read by workbench.cli.options.here
        Path | None,
        typer.Option("--workspace", "-C", help="The folder to work in; by default the current one."),
    ] = None,
) -> None:
    """Fine-tune language models in a terminal: data, template, LoRA, train, compare, label.

    Without a command it opens the app, where you left it; `workbench FILE` and `workbench FOLDER` open that.
    """
    if context.invoked_subcommand is None:
        show(here(context))


app.add_typer(data.app, name="data")
app.add_typer(template.app, name="template")
app.add_typer(train.app, name="train")
app.command()(compare.compare)
app.command()(status.status)
app.command()(demo.demo)
app.command()(doctor.doctor)
app.command("open", hidden=True)(open_target)

_COMMANDS = {group.name for group in app.registered_groups} | {
    each.name or each.callback.__name__ for each in app.registered_commands if each.callback
}
_TAKES_A_VALUE = ("-C", "--workspace")


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 problems, 2 wrong use, 3 missing, 4 interrupted.

    `--debug`, anywhere in `arguments`, shows the traceback of an error instead of its message.
    """
    debug = "--debug" in arguments or bool(os.environ.get("WORKBENCH_DEBUG"))
    arguments = [argument for argument in arguments if argument != "--debug"]
    as_json = "--json" in arguments
    try:
        code = app(_with_command(arguments), standalone_mode=False)
    except (BrokenPipeError, SystemExit):  # Typer and rich end the program where the reader of a pipe went away
        _silence_stdout()
        return 0
    except Exception as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # its message is the help, already printed
            return 2
        if debug and not isinstance(error, TyperException):
            raise
        return _refuse(_told(error), as_json=as_json)
    except KeyboardInterrupt:
        return _refuse(Interrupted("interrupted"), as_json=as_json)
    if code == _KILLED_BY_CTRL_C:
        return _refuse(Interrupted("interrupted"), as_json=as_json)
    return code if isinstance(code, int) else 0


def _with_command(arguments: list[str]) -> list[str]:
    """`workbench FILE` means `workbench open FILE`; what is neither a command nor a path stays wrong."""
    at = 0
    while at < len(arguments) and arguments[at].startswith("-"):
        at += 2 if arguments[at] in _TAKES_A_VALUE else 1
    if at >= len(arguments) or arguments[at] in _COMMANDS:
        return arguments
    word = arguments[at]
    is_path = "/" in word or "." in word or Path(word).exists()
    return [*arguments[:at], "open", *arguments[at:]] if is_path else arguments


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
    if isinstance(error, TyperException):
        context = getattr(error, "ctx", None)
        return WrongUse(error.format_message(), f"{context.command_path} --help" if context else "workbench --help")
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
