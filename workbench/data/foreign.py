"""Files that are not data, or not yet: each is called by its name, with what to do about it."""

from pathlib import Path
from shlex import quote

from workbench.data.table import BadFile
from workbench.errors import Missing

_PACKED = {
    b"\x1f\x8b": ("gzip", "gunzip -k {file}"),
    b"PK\x03\x04": ("zip", "unzip {file}"),
    b"\x28\xb5\x2f\xfd": ("zstd", "zstd -d {file}"),
    b"BZh": ("bzip2", "bunzip2 -k {file}"),
    b"\xfd7zXZ\x00": ("xz", "unxz -k {file}"),
    b"7z\xbc\xaf\x27\x1c": ("7z", "7z x {file}"),
}
_OTHER = {
    b"%PDF-": "a PDF document",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"SQLite format 3\x00": "an SQLite database",
    b"ARROW1": "an Arrow file",
    b"\x89HDF": "an HDF5 file",
    b"GGUF": "a GGUF model",
    b"\x80\x04\x95": "a Python pickle",
}
_OPENS = "JSON, JSON Lines, CSV, Parquet and plain text can be opened"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
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
    for magic, (name, command) in _PACKED.items():
        if head.startswith(magic):
            raise BadFile(f"{path} is packed with {name}", f"unpack it first: {command.format(file=quote(str(path)))}")


def _refuse_binary(path: Path, head: bytes) -> None:
    for magic, name in _OTHER.items():
        if head.startswith(magic):
            raise BadFile(f"{path} is {name}, not rows of data", _OPENS)
    if head.startswith(_UTF16):
        raise BadFile(f"{path} is UTF-16 text", f"make it UTF-8: iconv -f utf-16 -t utf-8 {quote(str(path))} > NEW")
    if head.startswith(b"PAR1"):
        return
    controls = len(head) - len(head.translate(None, _CONTROL))
    if b"\x00" in head or controls > len(head) / 20:
        raise BadFile(f"{path} is binary, not rows of data", _OPENS)
