"""The data files in and below a folder, by their names alone: quick on any disk, and bounded on a huge one."""

import os
from collections.abc import Iterator
from pathlib import Path

DATABASES = {".db", ".sqlite", ".sqlite3", ".duckdb"}
_SUFFIXES = {".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".feather", ".txt", *DATABASES}
_PACKED = {".gz", ".bz2", ".xz", ".zst"}
_NOT_DATA = {
    *("package.json", "package-lock.json", "tsconfig.json", "composer.json", "pyrightconfig.json", "cspell.json"),
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json", "vocab.json"),
    *("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "labels.db"),
    *("requirements.txt", "constraints.txt", "license.txt", "readme.txt", "cmakelists.txt", "robots.txt"),
}
_PASSED_OVER = {"runs", "node_modules", "venv", "env", "site-packages", "__pycache__", "build", "dist"}
_DEEPEST = 4
_MOST_FOLDERS = 2_000
_MOST_ENTRIES = 20_000
"""Of one folder: the million pictures beside a file are not worth a wait."""


def data_files(folder: Path, limit: int = 200) -> list[Path]:
    """Return at most `limit` files that can hold rows: the nearest first, those of one folder by name, prose last.

    Hidden folders, runs, environments, caches and the files of a model are passed over; a folder that is reached
    twice, by a link, is read once. A folder that cannot be read counts as empty.
    """
    found: list[Path] = []
    level, seen = [folder], {_identity(folder)}
    folders_left = _MOST_FOLDERS
    for _ in range(_DEEPEST + 1):
        below: list[Path] = []
        for each in level[:folders_left]:
            files, folders = _entries(each)
            found += files
            below += [inner for inner in folders if _is_new(inner, seen)]
            if len(found) >= limit:
                return found[:limit]
        folders_left -= len(level)
        if folders_left <= 0:
            break
        level = below
    return found


def seen_from(folder: Path, path: Path) -> str:
    """Return the path as a person in `folder` writes it."""
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def kind_of(name: str) -> str:
    """Return the ending of a file's name that says what is in it, also where it is packed: .jsonl for a.jsonl.gz."""
    path = Path(name.lower())
    return Path(path.stem).suffix if path.suffix in _PACKED else path.suffix


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """The data files and the folders that a folder holds, by name."""
    files: list[Path] = []
    folders: list[Path] = []
    is_model = False
    for entry in _scanned(folder):
        name = entry.name.lower()
        is_model = is_model or name in ("config.json", "adapter_config.json")
        if name.startswith(".") or name in _NOT_DATA or name in _PASSED_OVER:
            continue
        if _is_folder(entry):
            folders.append(Path(entry.path))
        elif kind_of(name) in _SUFFIXES and _is_file(entry):
            files.append(Path(entry.path))
    if is_model:
        files = [file for file in files if kind_of(file.name) not in (".json", ".txt")]
    return sorted(files, key=_prose_last), sorted(folders)


def _prose_last(file: Path) -> tuple[bool, Path]:
    return kind_of(file.name) == ".txt", file


def _scanned(folder: Path) -> Iterator["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(_MOST_ENTRIES), entries, strict=False):
                yield entry
    except OSError:
        return


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _identity(folder: Path) -> tuple[int, int]:
    """What a folder is, by whatever path it is reached."""
    try:
        found = folder.stat()
    except OSError:
        return (0, 0)
    return found.st_dev, found.st_ino


def _is_new(folder: Path, seen: set[tuple[int, int]]) -> bool:
    """Whether a folder is reached for the first time; it is remembered."""
    identity = _identity(folder)
    if identity in seen:
        return False
    seen.add(identity)
    return True
