"""One writer on a network file system, where the locks of SQLite and of the system cannot be trusted between hosts.

Whoever may write has a file of its own, labels.db.writer, beside the store. It is made by a hard link where there are
any, which a file server does for one of several at once, and says which process of which host writes, for whom and
since when. Each write renews it. A process that is gone loses it, and one that has not written for a TERM loses it to
whoever asks.
"""

import contextlib
import errno
import json
import os
import secrets
import time
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from workbench.errors import WorkbenchError
from workbench.label.annotator import login_name
from workbench.runs.process import Identity, boot_id, myself

TERM = 600.0
"""Seconds, by the clock of the file server. Longer than any write takes."""
_A_MOMENT = 0.2  # seconds
_TRIES = 10
_WITHOUT_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)
_SYSTEMS = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "lustre", "gpfs", "beegfs", "fuse.sshfs", "glusterfs")


@dataclass(frozen=True)
class Writer:
    """Who may write."""

    process: Identity
    person: str
    since: float
    """Seconds since 1970, by its own clock."""

    def words(self) -> str:
        """Return who that is, and since when."""
        since = datetime.fromtimestamp(self.since).strftime("%d %b %H:%M")
        return f"{self.person} on {self.process.host} (process {self.process.pid}, since {since})"


class Lease:
    """The place of the one writer of a store, for this process: it is kept while any store of the process holds it."""

    _held: ClassVar[Counter[Path]] = Counter()

    def __init__(self, store: Path) -> None:
        self.path = store.absolute().with_name(f"{store.name}.writer")
        self._is_counted = False

    def hold(self) -> Writer | None:
        """Take the place, or keep it for another term; return the writer that has it where that is another.

        Raises WorkbenchError when the place cannot be had for another reason.
        """
        for _ in range(_TRIES):  # each time somebody may be quicker
            there = _read(self.path)
            if there is not None and there.process != myself() and not self._has_lapsed(there):
                return there
            if there is not None and there.process == myself():
                with contextlib.suppress(OSError):
                    os.utime(self.path)
                there = _read(self.path)  # it may have gone to another just before
            elif there is not None:
                self._remove(there)
                there = None
            if (there is not None and there.process == myself()) or (there is None and self._take()):
                self._count(1)
                return None
            time.sleep(_A_MOMENT / _TRIES)
        raise WorkbenchError(f"{self.path}: too many want to write at once", "try again in a moment")

    def other(self) -> Writer | None:
        """Return the writer that has the place, unless that is this process, or it has lapsed."""
        there = _read(self.path)
        if there is None or there.process == myself() or self._has_lapsed(there):
            return None
        return there

    def give_up(self) -> None:
        """Leave the place to others, if no other store of this process needs it."""
        if not self._is_counted:
            return
        self._count(-1)
        there = _read(self.path)
        if not self._held[self.path] and there is not None and there.process == myself():
            with contextlib.suppress(OSError):
                self.path.unlink()

    def _count(self, change: int) -> None:
        if self._is_counted != (change > 0):
            self._is_counted = change > 0
            self._held[self.path] += change

    def _take(self) -> bool:
        """Whether the place was free. What is then written there counts, not the reply, which may be lost."""
        fresh = self._beside()
        writer = Writer(myself(), login_name(), datetime.now().timestamp())
        try:
            fresh.write_text(json.dumps(asdict(writer)), encoding="utf-8")
            with contextlib.suppress(FileExistsError):
                _link(fresh, self.path)
            return _read(self.path) == writer
        except OSError as error:
            what = f"{self.path}: {(error.strerror or str(error)).lower()}, so nobody can be the one writer here"
            raise WorkbenchError(what, "see that the folder may be written to, or keep it on a local disk") from error
        finally:
            fresh.unlink(missing_ok=True)

    def _remove(self, lapsed: Writer) -> None:
        """Take a lapsed file away: one process at a time, or the second would take away what the first put there."""
        claim = self.path.with_name(f"{self.path.name}.claim")
        try:
            claim.touch(exist_ok=False)
        except FileExistsError:
            if self._age(claim) > TERM:  # whoever claimed it is gone
                claim.unlink(missing_ok=True)
            return
        try:
            if _read(self.path) == lapsed and self._has_lapsed(lapsed):
                self.path.unlink(missing_ok=True)
        finally:
            claim.unlink(missing_ok=True)

    def _has_lapsed(self, writer: Writer) -> bool:
        here = writer.process.is_here and writer.process.boot == boot_id()
        return (here and not writer.process.is_alive) or self._age(self.path) > TERM

    def _age(self, path: Path) -> float:
        """Seconds since a file was made or renewed, measured on the server that keeps the times."""
        clock = self._beside()
        try:
            clock.touch()
            return clock.stat().st_mtime - path.stat().st_mtime
        except OSError:
            return 0.0
        finally:
            clock.unlink(missing_ok=True)

    def _beside(self) -> Path:
        return self.path.with_name(f".{self.path.name}.{os.getpid()}.{secrets.token_hex(4)}")


def _link(fresh: Path, path: Path) -> None:
    """Have the file at `path`, unless one is there: then FileExistsError. Some file systems have no links."""
    try:
        os.link(fresh, path)
    except OSError as error:
        if error.errno not in _WITHOUT_LINKS:
            raise
        with path.open("xb", buffering=0) as file:
            file.write(fresh.read_bytes())


def _read(path: Path) -> Writer | None:
    try:
        text = path.read_text(encoding="utf-8")
        if not text:  # made without a link, this moment
            time.sleep(_A_MOMENT)
            text = path.read_text(encoding="utf-8")
        told: dict[str, Any] = json.loads(text)
        return Writer(Identity(**told["process"]), str(told["person"]), float(told["since"]))
    except OSError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        raise WorkbenchError(f"{path} does not say who writes", "remove it if nobody labels here") from error


def is_on_network(path: Path, mounts: str | None = None) -> bool:
    """Whether `path` lies on a file system that other hosts see too; `mounts` is /proc/mounts by default."""
    if mounts is None:
        try:
            mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
    place = path.absolute()
    best, kind = "", ""
    for line in mounts.splitlines():
        _, point, name, *_ = [*line.split(" "), "", "", ""]
        point = point.replace("\\040", " ")
        if len(point) >= len(best) and place.is_relative_to(point or "/nowhere"):
            best, kind = point, name
    return kind.startswith(_SYSTEMS)
