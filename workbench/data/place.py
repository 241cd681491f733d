"""What a person names: a file, a folder or a pattern of files, and after a colon a part of it.

FOLDER:validation is a split, FILE.db:answers a table. A path that exists as it is written has no part.
"""

import re
from pathlib import Path

_MAGIC = re.compile(r"[*?\[]")


def parted(path: Path) -> tuple[Path, str]:
    """Return the file, folder or pattern, and the part of it; "" when none is named."""
    if path.exists():
        return path, ""
    text = str(path)
    at = text.rfind(":")
    while at > 0:
        whole, part = Path(text[:at]), text[at + 1 :]
        if part and is_there(whole):
            return whole, part
        at = text.rfind(":", 0, at)
    return path, ""


def is_pattern(path: Path) -> bool:
    """Whether this is a pattern of files, such as data/*.jsonl, and no file's own name."""
    return bool(_MAGIC.search(str(path))) and not path.exists()


def is_there(path: Path) -> bool:
    """Whether there is such a file or folder, or a file that fits the pattern."""
    return path.exists() or (is_pattern(path) and bool(matching(path)[1]))


def matching(pattern: Path) -> tuple[Path, list[Path]]:
    """Return the folder that a pattern starts from, and the files that fit it, by name."""
    root = next(folder for folder in pattern.parents if not _MAGIC.search(str(folder)))
    files = root.glob(str(pattern.relative_to(root)))
    return root, sorted(file for file in files if file.is_file())
