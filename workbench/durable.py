"""Files that are on disk, not only on their way there."""

import os
from pathlib import Path


def sync(folder: Path) -> None:
    """Wait until `folder`, everything below it and its own entry in its parent are on disk."""
    for path in [*folder.rglob("*"), folder, folder.parent]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
