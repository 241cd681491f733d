"""Rows that were encoded once need not be again: the answers about a whole file are kept in the workspace.

A file of answers is named by all that they come from (see cache_key.py), so that none is ever out of date. It is
written beside its place and moved there whole; the oldest are removed when all of them grow past 2 GiB.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from workbench.data.examples import Examples
from workbench.template.cache_file import AnswersWriter, read_answers
from workbench.template.cache_key import cache_key
from workbench.template.client import EncoderWorker
from workbench.workspace import Workspace

FEWEST_ROWS = 1_000
"""Fewer are encoded sooner than a cache is worth."""
MOST_BYTES = 2 << 30
_FORSAKEN_SECONDS = 86_400  # after which an unfinished file is a dead process's
Answer = dict[str, Any]


class EncodedCache:
    """The kept answers of a workspace; `tell` hears why some could not be kept."""

    def __init__(self, workspace: Workspace, tell: Callable[[str], None]) -> None:
        self.folder = workspace.folder / ".workbench" / "encoded"
        self._tell = tell

    def answers(
        self, worker: EncoderWorker, rows: Examples, encode: Callable[[], Iterator[Answer]]
    ) -> Iterator[Answer]:
        """Yield the worker's answer to each row: what was kept, else what `encode` yields, which is kept for later."""
        stamps = _stamps(rows)
        enough = len(rows) >= FEWEST_ROWS
        key = cache_key(worker.folder, worker.spec, worker.template, rows) if enough else None
        if key is None:
            yield from encode()
            return
        place = self.folder / f"{key}.parquet"
        kept = read_answers(place, len(rows))
        if kept is not None:
            with suppress(OSError):
                os.utime(place)
            yield from kept
        else:
            yield from self._kept(encode(), place, lambda count: count == len(rows) and _stamps(rows) == stamps)

    def _kept(self, answers: Iterator[Answer], place: Path, is_whole: Callable[[int], bool]) -> Iterator[Answer]:
        """Pass on the answers, and keep them in `place` when they are those about the whole file."""
        recording, count = _Recording(place, self._tell), 0
        try:
            for answer in answers:
                recording.add(answer)
                count += 1
                yield answer
            if is_whole(count):
                recording.keep()
                self._remove_oldest()
        finally:
            recording.drop()

    def _remove_oldest(self) -> None:
        total = 0
        for _, size, path in sorted(_files(self.folder, "*.parquet"), reverse=True):
            total += size
            if total > MOST_BYTES:
                path.unlink(missing_ok=True)
        for written, _, path in _files(self.folder, "*.new"):
            if written < time.time() - _FORSAKEN_SECONDS:
                path.unlink(missing_ok=True)


class _Recording:
    """A file of answers in the making. What goes wrong with it is told once, and hinders nobody."""

    def __init__(self, place: Path, tell: Callable[[str], None]) -> None:
        self._place = place
        self._new = place.with_suffix(f".{os.getpid()}.new")
        self._tell = tell
        self._writer: AnswersWriter | None = None
        with self._told():
            place.parent.mkdir(parents=True, exist_ok=True)
            self._writer = AnswersWriter(self._new)

    def add(self, answer: Answer) -> None:
        """Take one more answer; one that tells of a death may be another one the next time, so none is kept."""
        if "dead" in answer:
            self.drop()
        elif self._writer is not None:
            with self._told():
                self._writer.add(answer)

    def keep(self) -> None:
        """Move the whole file to its place."""
        if self._writer is not None:
            with self._told():
                self._writer.close()
                self._new.replace(self._place)
                self._writer = None

    def drop(self) -> None:
        """Remove what was not kept."""
        if self._writer is not None:
            with suppress(OSError, ValueError):
                self._writer.close()
            self._writer = None
            self._new.unlink(missing_ok=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.drop()
            self._tell(f"the encoded rows could not be kept for the next time: {error.strerror or error}")


def _files(folder: Path, pattern: str) -> list[tuple[float, int, Path]]:
    """When each file was last written or read, and its size; another process may be removing them."""
    found = []
    for path in folder.glob(pattern):
        with suppress(OSError):
            stat = path.stat()
            found.append((stat.st_mtime, stat.st_size, path))
    return found


def _stamps(rows: Examples) -> list[tuple[int, int]]:
    """What changes when somebody writes into the file meanwhile."""
    return [(stat.st_mtime_ns, stat.st_size) for stat in (path.stat() for path in rows.rows.files)]
