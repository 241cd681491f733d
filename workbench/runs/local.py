"""The local backend: a run is a detached process of its own session, with its output in a file and no pipes."""

import contextlib
import os
import signal
import subprocess
import sys
import time

from workbench.children import NOTHING_FROM_HERE, child_environment
from workbench.errors import WorkbenchError, WrongUse
from workbench.runs.folder import RunFolder
from workbench.runs.state import ENDED

_FIRST_WORD_SECONDS = 30.0


def launch(run: RunFolder) -> None:
    """Start the run's process and wait for its first word (well under a second).

    Raises WorkbenchError with the end of its log when it dies before saying anything.
    """
    before = run.state
    with run.log_file.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *NOTHING_FROM_HERE, "-m", "workbench.train", str(run.path)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=child_environment(),
            close_fds=True,
        )  # fmt: skip
    deadline = time.monotonic() + _FIRST_WORD_SECONDS
    while run.state == before and time.monotonic() < deadline:
        if process.poll() is not None and run.state == before:
            if run.status not in ENDED:
                raise WrongUse(f"{run.name} runs already", f"workbench train show {run.name}")
            raise WorkbenchError(
                f"the run {run.name} ended at once: {last_words(run)}", f"workbench train logs {run.name}"
            )
        time.sleep(0.02)


def stop(run: RunFolder) -> None:
    """Ask the run to save a checkpoint and end. Raises WrongUse when there is nothing to stop."""
    state = run.state
    if state is None or run.status in ENDED:
        raise WrongUse(f"{run.name} does not run: it is {run.status}", "workbench train list")
    if not state.process.is_here:
        raise WrongUse(f"{run.name} runs on {state.process.host}", "stop it there")
    with contextlib.suppress(ProcessLookupError):  # it ended this very moment
        os.kill(state.process.pid, signal.SIGTERM)


def last_words(run: RunFolder) -> str:
    """The last line of the run's log that says something."""
    try:
        lines = run.log_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except FileNotFoundError:
        lines = []
    return lines[-1] if lines else "its log is empty"
