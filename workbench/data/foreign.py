"""Files that are not data, or not yet: each is called by its name, with what to do about it."""

from pathlib import Path
from shlex import quote

from workbench.data.table import BadFile
from workbench.errors import Missing

_ARCHIVES = {
    b"PK\x03\x04": ("zip", "unzip {file}"),
    b"7z\xbc\xaf\x27\x1c": ("7z", "7z x {file}"),
    b"\x04\x22\x4d\x18": ("lz4", "lz4 -d {file}"),
}
_OTHER = {
    b"%PDF-": "a PDF document",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89HDF": "an HDF5 file",
    b"GGUF": "a GGUF model",
    b"FEA1": "a Feather file of the first version",
    b"\x93NUMPY": "a NumPy array",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
}
_TAR = slice(257, 262), b"ustar"
_OPENS = "JSON, JSON Lines, CSV, Parquet, Arrow, SQLite, DuckDB and plain text can be opened, also packed with gzip"
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))


def refuse_foreign(path: Path, head: bytes) -> None:
    """Raise BadFile or Missing, by name, when `head`, the file's first bytes, is not data."""
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise BadFile(f"{path} is empty", "write rows into it, or name another file")
    if head.startswith(b"version https://git-lfs.github.com/spec/"):
        raise Missing(f"{path} is a Git LFS pointer: the data itself is not here", "git lfs pull")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise BadFile(
            f"{path} is an HTML page, not data: a web page was saved in its place",
            "download the file itself: on GitHub by its 'Raw' link, on the Hub with /resolve/ for /blob/",
        )
    _refuse_packed(path, head)
    _refuse_binary(path, head)


def _refuse_packed(path: Path, head: bytes) -> None:
    for magic, (name, command) in _ARCHIVES.items():
        if head.startswith(magic):
            raise BadFile(f"{path} is packed with {name}", f"unpack it first: {command.format(file=quote(str(path)))}")
    where, magic = _TAR
    if head[where] == magic:
        raise BadFile(f"{path} is a tar archive", f"unpack it first: tar xf {quote(str(path))}")


def _refuse_binary(path: Path, head: bytes) -> None:
    for magic, name in _OTHER.items():
        if head.startswith(magic):
            raise BadFile(f"{path} is {name}, not rows of data", _OPENS)
    controls = len(head) - len(head.translate(None, _CONTROL))
    most = len(head) / (2 if _is_text(head) else 20)  # text may hold odd characters: half of it is none
    if controls > most or (b"\x00" in head and not _is_text(head)):
        raise BadFile(f"{path} is binary, not rows of data", _OPENS)


def _is_text(head: bytes) -> bool:
    """Whether the file begins as UTF-8; its last character may be cut off."""
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4
    return True
