"""The queue: one lock a device. A run that finds it taken waits for it; no daemon keeps order."""

import fcntl
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO


def take(device: str, name: str, waiting: Callable[[str], None]) -> IO[str]:
    """Return the lock on `device`, held until the file is closed or the process ends.

    While another run holds it, `waiting` is called with that run's name every half second; what it raises
    ends the waiting.
    """
    lock = _file(device).open("a+", encoding="utf-8")
    while not _try(lock):
        lock.seek(0)
        waiting(lock.read().strip() or "another run")
    lock.truncate(0)
    lock.write(name)
    lock.flush()
    return lock


def is_taken(device: str) -> bool:
    """Whether a run holds the device now."""
    with _file(device).open("a+", encoding="utf-8") as lock:
        return not _try(lock)


def _try(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _file(device: str) -> Path:
    folder = Path(os.environ.get("WORKBENCH_LOCKS") or Path(tempfile.gettempdir()) / f"workbench-{os.getuid()}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{device.replace(':', '-')}.lock"
