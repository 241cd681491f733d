"""The shapes of a model, as fast as they can be had: kept from an earlier look, else from a child process.

What is kept lies under the user's cache folder by the hash of config.json and of what read it; it may be deleted.
"""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from workbench.children import NOTHING_FROM_HERE, child_environment
from workbench.errors import Interrupted, WorkbenchError
from workbench.lora.modules import Shapes, shapes_from_json
from workbench.lora.tasks import TASKS

_FORMAT = "3"
"""Changes when workbench.lora.shapes reads something else than before."""
_SECONDS = 120.0
_LOOK_SECONDS = 0.1
_READERS = ("torch", "transformers", "peft")


@dataclass(frozen=True)
class Look:
    """A model that is looked at: the folder of its config.json, and the task whose head it has (see lora.tasks)."""

    folder: Path
    task: str = "sft"
    labels: int = 0
    """How many classes the head tells apart; 0 for the usual number."""


def shapes_of(
    folder: Path, is_wanted: Callable[[], bool] = lambda: True, *, task: str = "sft", labels: int = 0
) -> Shapes:
    """Return the shapes of the model whose config.json is in `folder`; the first look takes some seconds.

    `is_wanted` is asked now and then, and ends the look. `task` and `labels` decide the head. Raises WorkbenchError
    when the configuration describes no model with such a head, Interrupted when the answer is not wanted any more.
    """
    look = Look(folder, task, labels)
    kept = _kept_at(look)
    try:
        return shapes_from_json(json.loads(kept.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):  # not there yet, or damaged: it is read again
        pass
    answer = _asked(look, is_wanted)
    try:
        found = json.loads(answer)
        shapes = shapes_from_json(found)
    except (ValueError, KeyError, TypeError) as error:
        raise _refused(look, found.get("error", str(error)) if isinstance(found, dict) else str(error)) from error
    _keep(kept, answer)
    return shapes


def _asked(look: Look, is_wanted: Callable[[], bool]) -> bytes:
    with subprocess.Popen(
        [sys.executable, *NOTHING_FROM_HERE, "-m", "workbench.lora.shapes",
         str(look.folder), look.task, str(look.labels)],
        start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=child_environment(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", CUDA_VISIBLE_DEVICES=""),
    ) as child:  # fmt: skip
        try:
            out, err = _output(child, look, is_wanted)
        finally:
            child.kill()
    if child.returncode or not out:
        last = (err.decode(errors="replace").strip().splitlines() or [f"exit code {child.returncode}"])[-1]
        raise _refused(look, last)
    return out


def _output(child: "subprocess.Popen[bytes]", look: Look, is_wanted: Callable[[], bool]) -> tuple[bytes, bytes]:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if not is_wanted():
            raise Interrupted(f"{look.folder}: its shapes are not wanted any more")
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.communicate(timeout=_LOOK_SECONDS)
    raise _refused(look, f"building it took over {_SECONDS:.0f} s")


def _refused(look: Look, reason: str) -> WorkbenchError:
    words = TASKS[look.task].words
    other = "name a model for text generation" if look.task == "sft" else "name another model or --task"
    return WorkbenchError(
        f"{look.folder}: config.json describes no {words} that can be built: {reason}",
        f"{other}, or update transformers",
    )


def _kept_at(look: Look) -> Path:
    """Where the shapes are kept: the name changes with everything that they depend on."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    digest = hashlib.sha256((look.folder / "config.json").read_bytes())
    digest.update("\n".join([_FORMAT, look.task, str(look.labels), *map(_version, _READERS)]).encode())
    return Path(home) / "workbench" / "shapes" / f"{digest.hexdigest()}.json"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _keep(path: Path, content: bytes) -> None:
    """Replace the file in one step; where nothing can be written, the next look takes as long as this one."""
    fresh = path.with_suffix(f".{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
