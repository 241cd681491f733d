"""The `workbench` command: it finds the sub-command, and turns every error into lines and an exit code."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from workbench.cli import compare, data, demo, doctor, status, template, train
from workbench.cli.output import refuse
from workbench.errors import Interrupted, Missing, WorkbenchError

app = typer.Typer(
    name="workbench",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _root(
    workspace: Annotated[  # read by workbench.cli.options.here
        Path | None,
        typer.Option("--workspace", "-C", help="The folder to work in; by default the current one."),
    ] = None,
) -> None:
    """Fine-tune language models in a terminal: data, template, LoRA, train, compare, label."""


app.add_typer(data.app, name="data")
app.add_typer(template.app, name="template")
app.add_typer(train.app, name="train")
app.command()(compare.compare)
app.command()(status.status)
app.command()(demo.demo)
app.command()(doctor.doctor)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 problems, 2 wrong use, 3 missing, 4 interrupted.

    `--debug`, anywhere in `arguments`, shows the traceback of an error instead of its message.
    """
    debug = "--debug" in arguments or bool(os.environ.get("WORKBENCH_DEBUG"))
    arguments = [argument for argument in arguments if argument != "--debug"]
    as_json = "--json" in arguments
    try:
        code = app(arguments, standalone_mode=False)
    except BrokenPipeError:
        _silence_stdout()
        return 0
    except TyperException as error:
        return _wrong_use(error)
    except (WorkbenchError, OSError, KeyboardInterrupt, Abort) as error:
        if debug:
            raise
        told = _told(error)
        refuse(told, as_json=as_json)
        return told.exit_code
    except Exception as error:  # a fault of this program: still no bare traceback
        if debug:
            raise
        told = WorkbenchError(f"unexpected {type(error).__name__}: {error}", "--debug shows where; please report it")
        refuse(told, as_json=as_json)
        return told.exit_code
    return code if isinstance(code, int) else 0


def _told(error: BaseException) -> WorkbenchError:
    """The error in a person's words."""
    if isinstance(error, WorkbenchError):
        return error
    if not isinstance(error, OSError):
        return Interrupted("interrupted")
    place = f"{error.filename}: " if error.filename else ""
    if isinstance(error, FileNotFoundError):
        return Missing(f"{place}no such file or folder", "check the path")
    if isinstance(error, PermissionError):
        return Missing(f"{place}permission denied", "choose a place that you may read and write")
    return WorkbenchError(f"{place}{(error.strerror or str(error)).lower()}", "free some space or choose another place")


def _wrong_use(error: TyperException) -> int:
    show = getattr(error, "show", None)
    if show:
        show()
    return error.exit_code


def _silence_stdout() -> None:
    """Keep Python from complaining, at exit, that the reader of a pipe went away."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """Entry point of the `workbench` command."""
    sys.exit(run(sys.argv[1:]))
