"""Open a data file by what it holds, whatever it is called."""

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

from workbench.data.foreign import refuse_foreign
from workbench.data.on_hub import fetch_data, is_hub_name
from workbench.data.table import SAMPLE, BadFile, BadRow, Column, Row, Rows
from workbench.errors import Missing, WrongUse

__all__ = ["SAMPLE", "BadFile", "BadRow", "Column", "Row", "Rows", "locate", "open_rows"]

_HEAD = 1 << 16


def locate(file: str, tell: Callable[[str], None] = print) -> Path:
    """Return where the data that a person named is on this machine; a data set of the Hub is downloaded."""
    path = Path(file).expanduser()
    if path.exists() or not is_hub_name(file):
        return path
    if path.parent.is_dir():  # a file that is not there, rather than an organisation of the Hub
        return path
    return fetch_data(file, tell)


def open_rows(path: Path) -> Rows:
    """Return the rows of the file at `path`.

    Raises Missing or WrongUse when there is no such file, and BadFile when it holds something else than rows.
    """
    from workbench.data.formats.delimited import open_delimited
    from workbench.data.formats.json_text import is_named_json, looks_like_json, open_json
    from workbench.data.formats.plain import PlainRows, decoded

    head = _head(path)
    refuse_foreign(path, head)
    if head.startswith(b"PAR1"):
        from workbench.data.formats.parquet import ParquetRows

        return ParquetRows(path)
    if looks_like_json(path, head):
        return open_json(path)
    text, notes = decoded(path)
    table = open_delimited(path, text, notes)
    if table is None and is_named_json(path):
        return open_json(path)
    return table if table is not None else PlainRows(path, text, notes)


def _head(path: Path) -> bytes:
    """The first bytes of a file; an error when there is none to read."""
    if path.is_dir():
        raise WrongUse(f"{path} is a folder", _name_one(path))
    if not path.exists():
        raise Missing(f"{path}: no such file", _nearest(path))
    if not path.is_file():
        raise WrongUse(f"{path} is not a regular file", "save the data to a file and name that")
    with path.open("rb") as file:
        return file.read(_HEAD)


def _name_one(folder: Path) -> str:
    for suffix in ("*.jsonl", "*.json", "*.parquet", "*.csv", "*.tsv", "*.txt"):
        for file in sorted(folder.glob(suffix)):
            return f"name a file in it, such as {file}"
    return "name a data file"


def _nearest(path: Path) -> str:
    names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    close = get_close_matches(path.name, names, n=1)
    return f"did you mean {path.parent / close[0]}?" if close else "check the path"
