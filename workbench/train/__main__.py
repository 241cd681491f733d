"""`python -m workbench.train FOLDER`: the process of one run, from its first word to its last.

It speaks before it imports anything heavy, so that whoever started it sees it within a fraction of a second.
"""

import contextlib
import errno
import fcntl
import importlib
import os
import sys
import time
import traceback
from dataclasses import replace
from pathlib import Path

from workbench.children import begin_imports
from workbench.errors import WorkbenchError
from workbench.runs.folder import RunFolder
from workbench.runs.queue import is_taken, take
from workbench.runs.state import overwrite_state
from workbench.runs.task import AskingTask
from workbench.train.run import Run, Stopped, open_run


def main() -> int:
    """Run the folder named on the command line; return 0 when it finished or stopped as asked, else 1."""
    begin_imports()
    folder = RunFolder(Path(sys.argv[1]))
    with folder.spec_file.open("r+b") as only_one:  # write access, without which NFS locks nothing
        try:
            fcntl.flock(only_one, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{folder.name} runs already", file=sys.stderr)
            return 1
        return _work(open_run(folder))


def _work(run: Run) -> int:
    try:
        _begin(run)
    except Stopped:
        run.say("stopped")
    except WorkbenchError as error:
        return _failed(run, error.what, error.fix)
    except OSError as error:
        return _failed(run, *_told(error, run))
    except Exception as error:  # whatever a library raises is this run's last word, not a silent death
        return _failed(run, *_explained(error, is_loading=run.state.status == "starting"))
    return 0


def _begin(run: Run) -> None:
    """Do what the run is for: with the device to itself, unless a model elsewhere does the work."""
    if isinstance(run.spec.task, AskingTask) and run.spec.task.endpoint is not None:
        _do(run, "cpu")
    else:
        _take_device(run)
    run.say("finished")


def _do(run: Run, device: str) -> None:
    recipe = importlib.import_module(f"workbench.train.{run.spec.task.kind}")
    recipe.train(run, device)


def _take_device(run: Run) -> None:
    from workbench.models.place import place, see_only

    device = place(run.spec.backend.device or run.workspace.settings.device, is_taken)
    with take(device.key, run.folder.name, lambda holder: _wait(run, holder)):
        if run.state.status == "queued":
            run.say("starting")
        see_only(device)
        _do(run, device.place)


def _wait(run: Run, holder: str) -> None:
    if not run.folder.spec_file.exists():
        raise SystemExit(f"{run.folder.path} is gone, and what was asked for with it")
    run.check_stop()
    if run.state.status != "queued":
        run.say("queued", behind=holder)
    time.sleep(0.5)


def _failed(run: Run, what: str, fix: str) -> int:
    with contextlib.suppress(OSError):
        traceback.print_exc()
    run.forget_unfinished()
    try:
        run.say("failed", error=what, fix=fix)
    except OSError:  # the disk is full to the last byte: the state file's own block still takes its last word
        overwrite_state(replace(run.state, status="failed", error=what, fix=fix), run.folder.state_file)
    return 1


def _told(error: OSError, run: Run) -> tuple[str, str]:
    again = f"then: workbench train resume {run.folder.name}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"the disk is full: {error.filename or run.folder.path}", f"free some space, {again}"
    return f"{error.filename or ''}: {error.strerror or error}", f"mend that, {again}"


def _explained(error: Exception, *, is_loading: bool) -> tuple[str, str]:
    name = type(error).__name__
    if name == "OutOfMemoryError" and is_loading:
        return "out of memory on the device while the model was loaded", "quantise: nf4, or a smaller model"
    if name == "OutOfMemoryError":
        return "out of memory on the device", "lower micro_batch or max_length, or quantise: nf4"
    if "No space left on device" in str(error) or "I/O error" in str(error):
        return f"the disk is full: {error}", "free some space, then resume the run"
    first = (str(error).strip().splitlines() or ["no message"])[0]
    return f"{name}: {first}", "the whole traceback is in the run's log: workbench train logs"


if __name__ == "__main__":
    code = main()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os._exit(code)  # threads of libraries must not keep a run alive that has said its last word
