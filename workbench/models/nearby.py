"""The models that a person need not download: the starter, folders of the workspace, and the Hub's cache."""

import os
from itertools import islice
from pathlib import Path

_DEEPEST = 3
_MOST_FOLDERS = 2_000
_PASSED_OVER = {"runs", "node_modules", "__pycache__"}


def models_nearby(folder: Path, limit: int = 200) -> list[str]:
    """Return names that `find_model` understands: starter, folders (absolute) with a config.json, cached Hub ids.

    Looks at a bounded number of folders, and into no hidden ones.
    """
    return list(islice(["starter", *_folders(folder), *_cached()], limit))


def _folders(top: Path) -> list[str]:
    found: list[str] = []
    level, looked_at = [top], 0
    for _ in range(_DEEPEST):
        below: list[Path] = []
        for folder in level:
            looked_at += 1
            if looked_at > _MOST_FOLDERS:
                return found
            below += _subfolders(folder)
        found += [str(path) for path in below if (path / "config.json").is_file()]
        level = [path for path in below if not (path / "config.json").is_file()]
    return found


def _subfolders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(entry.path) for entry in entries if _is_looked_into(entry))
    except OSError:
        return []


def _is_looked_into(entry: "os.DirEntry[str]") -> bool:
    if entry.name.startswith(".") or entry.name in _PASSED_OVER:
        return False
    return entry.is_dir()


def _cached() -> list[str]:
    """The Hub ids whose configuration lies in the cache of huggingface_hub."""
    from huggingface_hub.constants import HF_HUB_CACHE

    cache = Path(HF_HUB_CACHE)
    found = cache.glob("models--*/snapshots/*/config.json")
    folders = {path.parent.parent.parent.name for path in found}
    return sorted(name.removeprefix("models--").replace("--", "/", 1) for name in folders)
