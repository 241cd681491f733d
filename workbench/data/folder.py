"""A folder or a pattern of files as one set of rows, or as the splits that it holds.

The splits are those of a README, of a folder that `datasets` saved, or of the files' names.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.data.chain import ChainedRows, Part
from workbench.data.nearby import DATABASES, data_files, kind_of
from workbench.data.place import is_pattern, matching, parted
from workbench.data.splits import Splits, chosen, splits_of
from workbench.data.table import BadFile, Rows
from workbench.errors import Missing, WrongUse
from workbench.hub.selection import few

_HELD_OUT = ("valid", "dev", "test", "eval")
_MOST_FILES = 20_000
_LARGEST_README = 1 << 20

Open = Callable[[Path], Rows]


def open_folder(place: Path, part: str, open_file: Open) -> Rows:
    """Return the rows of the split `part` of a folder or pattern; of train, or of all files, when it is "".

    Raises WrongUse when there is no such split, and BadFile when there are no rows.
    """
    root, names, splits, notes = _listed(place)
    if not names and is_pattern(place):
        raise Missing(f"{place}: no file fits this pattern", "check the path")
    if not names:
        raise WrongUse(f"{place} is a folder without data files", "name a data file")
    _, files, told = chosen(place, names, splits, part)
    notes += told
    parts = []
    for name in files:
        file = root / name
        if file.stat().st_size:
            parts.append(Part(file, lambda file=file: open_file(file)))  # type: ignore[misc]
        else:
            notes.append(f"{name} is empty")
    if not parts:
        raise BadFile(f"{place}: {few(files)} is empty", "write rows into it, or name another file")
    return ChainedRows(Path(f"{place}:{part}") if part else place, parts, notes)


def held_out(path: Path) -> list[Path]:
    """Return the splits of validation and test that belong to a split of training; [] for what is no such split."""
    place, part = parted(path)
    if not (place.is_dir() or is_pattern(place)):
        return []
    _, names, splits, _ = _listed(place)
    split, _, _ = chosen(place, names, splits, part)
    prefix, _, own = split.rpartition("/")
    if not own.startswith("train"):
        return []
    beside = [(other, *other.rpartition("/")[::2]) for other in splits]
    return [Path(f"{place}:{other}") for other, under, last in beside if under == prefix and last.startswith(_HELD_OUT)]


def _listed(place: Path) -> tuple[Path, list[str], Splits, list[str]]:
    """The folder, the names of its data files in order, its splits, and what is to be said."""
    if is_pattern(place):
        root, files = matching(place)
        names = [file.relative_to(root).as_posix() for file in files]
        return root, names, splits_of(names), []
    saved = _saved(place)
    if saved is not None:
        return place, [name for files in saved.values() for name in files], {k: v for k, v in saved.items() if k}, []
    files = sorted(data_files(place, _MOST_FILES))
    kept = [file for file in files if kind_of(file.name) not in (".txt", *DATABASES)] or files
    aside = [file.relative_to(place).as_posix() for file in files if file not in set(kept)]
    names = [file.relative_to(place).as_posix() for file in kept]
    return place, names, splits_of(names, _readme(place)), [f"left aside: {few(aside)}"] if aside else []


def _readme(folder: Path) -> str:
    path = folder / "README.md"
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_LARGEST_README)


def _saved(folder: Path) -> Splits | None:
    """The Arrow files of a folder that `datasets` saved, by split; "" stands for a set without splits."""
    splits = _json(folder / "dataset_dict.json").get("splits")
    if isinstance(splits, list):
        found = {str(split): _saved_files(folder, f"{split}/") for split in splits if _is_plain(split)}
        return {split: files for split, files in found.items() if files} or None
    files = _saved_files(folder, "")
    return {"": files} if files else None


def _saved_files(folder: Path, under: str) -> list[str]:
    told = _json(folder / under / "state.json").get("_data_files")
    entries = [entry for entry in told if isinstance(entry, dict)] if isinstance(told, list) else []
    return [f"{under}{entry['filename']}" for entry in entries if _is_plain(entry.get("filename"))]


def _is_plain(name: Any) -> bool:
    """Whether a name that a file tells stays inside its folder."""
    return isinstance(name, str) and Path(name).name == name != ".."


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
