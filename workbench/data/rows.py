"""Open data by what it holds, whatever it is called: a file, a folder, a pattern of files, a set of the Hub."""

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

from workbench.data.chain import ChainedRows, Part
from workbench.data.foreign import refuse_foreign
from workbench.data.on_hub import fetch_data, is_hub_name
from workbench.data.place import is_pattern, is_there, parted
from workbench.data.table import SAMPLE, BadFile, BadRow, Column, Row, Rows
from workbench.data.unpacked import is_encoding, packing, unpacked
from workbench.errors import Missing, WorkbenchError, WrongUse

__all__ = ["SAMPLE", "BadFile", "BadRow", "Column", "Row", "Rows", "files_of", "locate", "open_rows"]

_HEAD = 1 << 16


def locate(file: str, tell: Callable[[str], None] = print) -> Path:
    """Return where the data that a person named is on this machine; a data set of the Hub is downloaded."""
    path = Path(file).expanduser()
    whole, _ = parted(path)
    if is_there(whole) or not is_hub_name(file):
        return path
    if path.parent.is_dir():  # a file that is not there, rather than an organisation of the Hub
        return path
    return fetch_data(file, tell)


def open_rows(path: Path, *, trust_pickle: bool = False) -> Rows:
    """Return the rows of the data at `path`: FILE, FOLDER or PATTERN, with :PART for a split or a table.

    `trust_pickle` lets a Python pickle run the code that is in it. Raises Missing or WrongUse when there is no such
    data, and BadFile when it is something else than rows.
    """
    whole, part = parted(path)
    if whole.is_dir() or is_pattern(whole):
        from workbench.data.folder import open_folder

        return open_folder(whole, part, lambda file: _open_file(file, "", trust_pickle))
    return _open_file(whole, part, trust_pickle)


def files_of(path: Path) -> list[Path]:
    """Return the files that hold the rows at `path`, in the order of the rows; [] when there are none."""
    try:
        return open_rows(path).files
    except WorkbenchError:
        return []


def _open_file(path: Path, part: str, trust_pickle: bool) -> Rows:
    head = _head(path)
    how = packing(head)
    if not how:
        return _open_plain(path, part, head, trust_pickle)
    content = unpacked(path, how)

    def open_content() -> Rows:
        inner = _head(content)
        if packing(inner):
            raise BadFile(f"{content} is packed twice, with {how} and {packing(inner)}", "unpack it first")
        return _open_plain(content, part, inner, trust_pickle)

    notes = [f"{how} text, read as that"] if is_encoding(how) else []
    try:
        return ChainedRows(Path(f"{path}:{part}") if part else path, [Part(path, open_content)], notes)
    except (BadFile, Missing) as error:
        raise type(error)(error.what.replace(str(content), str(path)), error.fix) from error


def _open_plain(path: Path, part: str, head: bytes, trust_pickle: bool) -> Rows:
    """The rows of a file that is not packed."""
    from workbench.data.formats import arrow, duckdb_file, pickled, sqlite

    if head.startswith(sqlite.MAGIC):
        return sqlite.open_sqlite(path, part, head)
    where, magic = duckdb_file.MAGIC
    if head[where] == magic:
        return duckdb_file.open_duckdb(path, part)
    if part:
        raise WrongUse(f"{path} has no parts, so no {part!r}", "name the file alone")
    if head.startswith(b"PAR1"):
        from workbench.data.formats.parquet import ParquetRows

        return ParquetRows(path)
    if head.startswith((arrow.FILE, arrow.STREAM)):
        return arrow.open_arrow(path, head)
    if pickled.is_pickle(head):
        return pickled.open_pickle(path, trust=trust_pickle)
    refuse_foreign(path, head)
    return _open_text(path, head)


def _open_text(path: Path, head: bytes) -> Rows:
    from workbench.data.formats.delimited import open_delimited
    from workbench.data.formats.json_text import is_named_json, looks_like_json, open_json
    from workbench.data.formats.plain import PlainRows, decoded

    if looks_like_json(path, head):
        return open_json(path)
    text, notes = decoded(path)
    table = open_delimited(path, text, notes)
    if table is None and is_named_json(path):
        return open_json(path)
    return table if table is not None else PlainRows(path, text, notes)


def _head(path: Path) -> bytes:
    """The first bytes of a file; an error when there is none to read."""
    if not path.exists():
        raise Missing(f"{path}: no such file", _nearest(path))
    if not path.is_file():
        raise WrongUse(f"{path} is not a regular file", "save the data to a file and name that")
    with path.open("rb") as file:
        return file.read(_HEAD)


def _nearest(path: Path) -> str:
    names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    if path.is_symlink():
        return f"it is a link to {path.readlink()}: mend the link"
    close = get_close_matches(path.name, names, n=1)
    return f"did you mean {path.parent / close[0]}?" if close else "check the path"
