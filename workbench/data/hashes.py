"""What data is, told by its bytes."""

import hashlib
from pathlib import Path

from workbench.data.rows import files_of


def data_hash(path: Path) -> str | None:
    """SHA-256 of a data file; of the hashes of its files for a set of several. None when there is no such data."""
    if path.is_file():
        return file_hash(path)
    hashes = [file_hash(file) or "" for file in files_of(path)]
    return hashlib.sha256("\n".join([path.name, *hashes]).encode()).hexdigest() if hashes else None


def file_hash(path: Path) -> str | None:
    """SHA-256 of a file's bytes, or None when there is no such file."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
