"""Packed files (gzip, bzip2, xz, zstd) and UTF-16 text, unpacked once into a cache, so that any row can be reached.

An unpacked file is kept for a week after its last use, under the path, size and time of the packed one.
"""

import bz2
import gzip
import hashlib
import lzma
import os
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import IO, Any

from workbench.data.table import BadFile
from workbench.errors import Missing

_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
SUFFIXES = {".gz", ".bz2", ".xz", ".zst", ".zstd"}
_CHUNK = 1 << 20
_LEFT_FREE = 1 << 30  # bytes that unpacking leaves on the disk
_CHECK_EVERY = 64  # chunks
_KEPT = 7 * 24 * 3600  # seconds


def packing(head: bytes) -> str:
    """Return how a file that begins with `head` is packed; "" when it is not."""
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), "")


def is_encoding(name: str) -> bool:
    """Whether that packing is an encoding of text."""
    return name.startswith("UTF")


def unpacked(path: Path, how: str) -> Path:
    """Return the file with the content of `path`, which is packed as `how` says; unpacked unless it was before.

    Raises BadFile when it is cut off or damaged, and Missing when the disk has no room for what is in it.
    """
    target = _target(path)
    if target.is_file():
        os.utime(target)
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    _forget_old(target.parent.parent)
    fresh = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with fresh.open("wb") as out:
            _unpack(path, how, out)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    return target


def _unpack(path: Path, how: str, out: IO[bytes]) -> None:
    chunks = _chunks(path, how)
    for number in count():
        if number % _CHECK_EVERY == 0:
            _check_room(path, out)
        try:
            chunk = next(chunks, b"")
        except (EOFError, OSError, zlib.error, lzma.LZMAError, ValueError) as error:
            raise _broken(path, how, error, out.tell()) from error
        if not chunk:
            return
        out.write(chunk)


def _broken(path: Path, how: str, error: Exception, got: int) -> BadFile:
    if isinstance(error, UnicodeDecodeError):
        return BadFile(f"{path} is broken {how} text: {error.reason}", "write it again, as UTF-8")
    if isinstance(error, EOFError) or "Truncated" in str(error):
        what = f"{path}: the {how} is cut off after {path.stat().st_size:,} bytes, which hold {got:,} unpacked"
        return BadFile(what, "fetch it again")
    return BadFile(f"{path}: the {how} is damaged: {error}", "fetch it again")


def _chunks(path: Path, how: str) -> Iterator[bytes]:
    """The content, a piece at a time."""
    if is_encoding(how):
        with path.open(encoding=how, newline="") as text:
            while piece := text.read(_CHUNK):
                yield piece.encode("utf-8", "surrogatepass")
        return
    with _OPENERS[how](path) as file:
        while chunk := file.read1(_CHUNK):
            yield chunk


def _open_zstd(path: Path) -> Any:
    import pyarrow

    return pyarrow.input_stream(str(path), compression="zstd")


_OPENERS: dict[str, Callable[[Path], Any]] = {
    "gzip": gzip.open,
    "bzip2": bz2.open,
    "xz": lzma.open,
    "zstd": _open_zstd,
}


def _check_room(path: Path, out: IO[bytes]) -> None:
    free = shutil.disk_usage(Path(out.name).parent).free
    if free < _LEFT_FREE:
        what = f"{path} unpacks to more than {out.tell():,} bytes, and the disk of {Path(out.name).parents[2]} is full"
        raise Missing(what, "free some space, or set XDG_CACHE_HOME to a folder on a larger disk")


def _target(path: Path) -> Path:
    """Where the content of `path`, as it is now, belongs."""
    found = path.stat()
    key = f"{path.resolve()}\0{found.st_size}\0{found.st_mtime_ns}"
    name = path.stem if path.suffix.lower() in SUFFIXES else path.name
    return _cache() / hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:20] / name


def _cache() -> Path:
    """The folder for unpacked files; one of this person's own for the time being where the home cannot be written."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "workbench" / "unpacked"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    own = Path(tempfile.gettempdir()) / f"workbench-unpacked-{os.getuid()}"
    own.mkdir(mode=0o700, exist_ok=True)
    return own if own.lstat().st_uid == os.getuid() else Path(tempfile.mkdtemp(prefix="workbench-unpacked-"))


def _forget_old(cache: Path) -> None:
    """Remove what nobody has opened for a week."""
    for folder in cache.iterdir():
        files = list(folder.iterdir()) if folder.is_dir() else []
        if all(time.time() - file.stat().st_mtime > _KEPT for file in files) and files:
            shutil.rmtree(folder, ignore_errors=True)
