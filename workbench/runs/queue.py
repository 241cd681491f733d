"""The queue: one lock a device. A run that finds it taken waits for it; no daemon keeps order."""

import fcntl
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import IO


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
    """The device's lock file, in a folder that only this person can write to; a link in its place is refused."""
    folder = Path(os.environ.get("WORKBENCH_LOCKS") or Path.home() / ".cache" / "workbench" / "locks")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{platform.node()}-{device}.lock"
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+", encoding="utf-8")
