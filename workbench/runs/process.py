"""Who a process is, so that a run can be told from a stranger that got its pid later."""

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Identity:
    """A process: its pid, when it started (clock ticks since boot on Linux), on which boot of which host."""

    pid: int
    started: float
    boot: str
    host: str

    @property
    def is_here(self) -> bool:
        """Whether it belongs to this host; nothing is known of processes elsewhere."""
        return self.host == platform.node()

    @property
    def is_alive(self) -> bool:
        """Whether this very process still runs here; a zombie does not."""
        return self.is_here and self.boot == boot_id() and _started(self.pid) == self.started


def myself() -> Identity:
    """The identity of this process."""
    pid = os.getpid()
    return Identity(pid, _started(pid) or 0.0, boot_id(), platform.node())


def boot_id() -> str:
    """What tells one boot of this machine from the next."""
    if sys.platform == "linux":
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    import psutil

    return str(int(psutil.boot_time()))


def _started(pid: int) -> float | None:
    """When the process with this pid started, or None when there is none or it is a zombie."""
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        fields = stat[stat.rindex(")") + 2 :].split()  # the name, in brackets, may hold anything
        return None if fields[0] in "ZX" else float(fields[19])
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None
