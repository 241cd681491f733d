"""What a container or a batch system lets this process use, below what the machine has. Linux control groups."""

from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
_NO_LIMIT = 1 << 60


def core_limit(root: Path = ROOT, own: str | None = None) -> float | None:
    """Return how many cores' worth of time this process may use, or None without a limit."""
    limits = []
    for folder in _folders(root, own):
        quota, _, period = _read(folder / "cpu.max").partition(" ")
        limits += [int(quota) / int(period)] if quota.isdigit() and period.isdigit() else []
    old_quota, old_period = (_number(root / "cpu" / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
    if old_quota and old_period:
        limits.append(old_quota / old_period)
    return min(limits, default=None)


def memory_limit(root: Path = ROOT, own: str | None = None) -> tuple[int, int] | None:
    """Return (bytes allowed, bytes still free) of the tightest limit, or None. Cached files count as free."""
    limits = [_memory(folder, "memory.max", "memory.current", "inactive_file") for folder in _folders(root, own)]
    limits.append(_memory(root / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"))
    return min((limit for limit in limits if limit), key=lambda limit: limit[1], default=None)


def _memory(folder: Path, limit_name: str, used_name: str, cached_name: str) -> tuple[int, int] | None:
    limit, used = _number(folder / limit_name), _number(folder / used_name)
    if limit is None or used is None or limit >= _NO_LIMIT:
        return None
    counts = dict(line.split() for line in _read(folder / "memory.stat").splitlines())
    return limit, max(0, limit - used + int(counts.get(cached_name, 0)))


def _folders(root: Path, own: str | None) -> list[Path]:
    """The control group of this process and all above it; a limit on any of them counts."""
    if own is None:
        groups = _read(Path("/proc/self/cgroup")).splitlines()
        own = next((line.removeprefix("0::") for line in groups if line.startswith("0::")), "/")
    folder = root / own.strip("/")
    return [each for each in (folder, *folder.parents) if each == root or root in each.parents]


def _number(file: Path) -> int | None:
    text = _read(file)
    return int(text) if text.isdigit() else None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
