"""Downloading what a plan names: said before, resumed after an interruption, verified at the end.

huggingface_hub 2 deletes an unfinished file when its process ends, so a large file is fetched here into
`blobs/<sha256>.incomplete` first. The library then finds the finished content and links it.
"""

import hashlib
import os
import time
from collections.abc import Callable
from glob import escape
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import Any

from workbench.errors import Missing, WorkbenchError
from workbench.hub.library import free_bytes, hub_library
from workbench.hub.look import Download
from workbench.hub.refusals import Repository, Unreachable, explained
from workbench.hub.selection import HubFile, few

Tell = Callable[[str], None]

LARGE = 16_000_000
"""From this many bytes on a download is announced, and a file is resumable."""
_TELL_SECONDS = 5.0
_HTTP_LIMIT = 50_000_000_000  # what the Hub serves without Xet


def fetch(download: Download, tell: Tell) -> Path:
    """Download what is missing and return the folder that holds the files.

    Says size, place and free space before a large download, and how far it is while it runs.
    Raises Missing when it does not fit, when the Hub refuses or when it is interrupted: then running it
    again goes on where it stopped.
    """
    missing = download.missing
    if missing:
        todo = download.bytes_total - download.bytes_cached
        _announce(download, todo, tell)
        progress = _Progress(todo, tell)
        try:
            for file in missing:
                if _is_large(file):
                    _fetch_large(download, file, progress)
            _fetch_rest(download)
        except Exception as error:
            raise _stopped(error, download) from error
    _remember(download)
    return download.folder


def size_text(count: int) -> str:
    """Return a number of bytes for a person: 731 KB, 25 MB, 3.1 GB."""
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            value = count / size
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return f"{-(-count // 1000)} KB"


def _announce(download: Download, todo: int, tell: Tell) -> None:
    """Say what a large download takes; raise Missing when it cannot be had or does not fit."""
    free = free_bytes(download.place)
    place = str(download.place).replace(str(Path.home()), "~", 1)
    if todo > free:
        raise Missing(
            f"{download.repo_id} needs {size_text(todo)}, and {place} has {size_text(free)} free",
            "free some space, or set HF_HOME to a folder on a larger disk",
        )
    too_large = [file.name for file in download.missing if file.bytes > _HTTP_LIMIT]
    if too_large:
        raise Missing(
            f"{download.repo_id}: {few(too_large)} is larger than the {size_text(_HTTP_LIMIT)} of plain HTTP",
            f"fetch it once with: hf download {download.repo_id}",
        )
    if todo >= LARGE:
        more = f", the rest of {size_text(download.bytes_total)}" if download.bytes_cached >= LARGE else ""
        tell(f"{download.repo_id}: {size_text(todo)}{more} to {place}, {size_text(free)} free")


def _is_large(file: HubFile) -> bool:
    return bool(file.sha256) and file.bytes >= LARGE


def _fetch_large(download: Download, file: HubFile, progress: "_Progress") -> None:
    """Put the content of one file into the cache, going on from what an earlier attempt left."""
    library = hub_library()
    partial = download.partial(file)
    blob = partial.with_suffix("")
    lock = download.place / ".locks" / download.repository.name / f"{file.sha256}.lock"
    for folder in (blob.parent, lock.parent):
        folder.mkdir(parents=True, exist_ok=True)
    url = library.hf_hub_url(download.repo_id, file.name, repo_type=download.kind, revision=download.revision)
    with library.utils.WeakFileLock(lock):
        if blob.exists():
            return
        if partial.is_file() and partial.stat().st_size > file.bytes:
            partial.unlink()
        with _CountedFile(partial, progress.add) as out:
            headers = library.utils.build_hf_headers()
            library.file_download.http_get(url, out, resume_size=out.tell(), headers=headers, expected_size=file.bytes)
        if _sha256(partial) != file.sha256:
            partial.unlink()
            raise Missing(f"{download.repo_id}: {file.name} arrived damaged and was removed", "run it again")
        partial.replace(blob)


def _fetch_rest(download: Download) -> None:
    """Let the library fetch the small files and link all of them into the snapshot's folder."""
    hub_library().snapshot_download(
        download.repo_id,
        repo_type=download.kind,
        revision=download.revision,
        allow_patterns=[escape(file.name) for file in download.files],
        max_workers=4,
    )


def _stopped(error: Exception, download: Download) -> WorkbenchError:
    """Why the download stopped; an interruption says how to go on."""
    told = explained(error, Repository(download.repo_id, download.kind, download.asked))
    if not isinstance(told, Unreachable):
        return told
    return Missing(
        f"the download of {download.repo_id} was interrupted: {told.what}",
        "run it again: it goes on where it stopped",
    )


def _remember(download: Download) -> None:
    """Note which commit the branch or tag is, so that the cache can answer without a connection."""
    if download.asked == download.revision or ".." in download.asked:
        return
    reference = download.repository / "refs" / download.asked
    try:
        reference.parent.mkdir(parents=True, exist_ok=True)
        fresh = reference.with_name(f"{reference.name}.{os.getpid()}.tmp")
        fresh.write_text(download.revision)
        fresh.replace(reference)
    except OSError:
        pass  # a cache that is read-only still answers


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


class _CountedFile(BufferedWriter):
    """A file to append to, which reports each write."""

    def __init__(self, path: Path, wrote: Callable[[int], None]) -> None:
        super().__init__(FileIO(path, "ab"))
        self._wrote = wrote

    def write(self, content: Any) -> int:
        count = super().write(content)
        self._wrote(count)
        return count


class _Progress:
    """Tells every few seconds how far a download is."""

    def __init__(self, total: int, tell: Tell) -> None:
        self._total, self._tell = total, tell
        self._done = 0
        self._began = self._told = time.monotonic()

    def add(self, count: int) -> None:
        """Count bytes that arrived."""
        self._done += count
        now = time.monotonic()
        if now - self._told < _TELL_SECONDS:
            return
        self._told = now
        rate = size_text(int(self._done / (now - self._began)))
        self._tell(f"{size_text(self._done)} of {size_text(self._total)}, {rate}/s")
