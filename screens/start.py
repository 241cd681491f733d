"""Showing the app, and what is said after it has left the screen."""

import traceback
from typing import Any

from screens.app import WorkbenchApp
from workbench.errors import WorkbenchError
from workbench.workspace import Workspace


def open_app(workspace: Workspace, **options: Any) -> str:
    """Show the app until the person leaves; return what is to be said afterwards.

    Raises WorkbenchError when the app itself failed; the traceback is in .workbench/crash.txt.
    """
    app = WorkbenchApp(workspace, **options)
    app.run()
    fault = app._exception
    if fault is None:
        return app.parting_words
    file = _keep_crash(workspace, fault)
    what = f"the app failed: {type(fault).__name__}: {fault}"
    raise WorkbenchError(what, f"runs go on, the selection is kept; please report {file}") from fault


def _keep_crash(workspace: Workspace, fault: Exception) -> str:
    """Write the traceback to a file; return its name, or how to see it instead."""
    file = workspace.folder / ".workbench" / "crash.txt"
    try:
        file.parent.mkdir(exist_ok=True)
        file.write_text("".join(traceback.format_exception(fault)), encoding="utf-8")
    except OSError:
        return "what --debug shows"
    return str(file)
