"""The queue: one lock a device. A run that finds it taken waits for it; no daemon keeps order."""

import contextlib
import fcntl
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from workbench.errors import Missing


def take(device: str, name: str, waiting: Callable[[str], None]) -> IO[str]:
    """Return the lock on `device`, held until the file is closed or the process ends.

    While another run holds it, `waiting` is called with that run's name every half second; what it raises
    ends the waiting.
    """
    lock = _open(device)
    while not _try(lock):
        lock.seek(0)
        waiting(lock.read().strip() or "another run")
    lock.seek(0)
    lock.truncate()
    lock.write(name)
    lock.flush()
    return lock


def is_taken(device: str) -> bool:
    """Whether a run holds the device now."""
    with _open(device) as lock:
        return not _try(lock)


def _try(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(device: str) -> IO[str]:
    """The device's lock file; a link in its place is refused, for another person may have put it there."""
    path = _folder() / f"{platform.node()}-{device}.lock"
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+", encoding="utf-8")


def _folder() -> Path:
    """A folder that only this person writes to: in the home, or, where that takes no files, a temporary one."""
    asked = os.environ.get("WORKBENCH_LOCKS")
    home = Path(asked) if asked else Path("~/.cache/workbench/locks").expanduser()
    for folder in (home, Path(tempfile.gettempdir()) / f"workbench-{os.getuid()}"):
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_uid == os.getuid() and os.access(folder, os.W_OK):
                return folder
    raise Missing(f"{home}: no place for the lock that lets runs queue", "set WORKBENCH_LOCKS to a folder of yours")
