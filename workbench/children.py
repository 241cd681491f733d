"""Child processes: their environment, their start, and those that answer requests as JSON lines over pipes."""

import contextlib
import gc
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
from typing import IO, Any, cast

NOTHING_FROM_HERE = ("-P",)
"""For Python: a json.py in the folder that a person stands in is data, not code."""

_ALWAYS = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "PYTHONUNBUFFERED": "1",
}
_UNLESS_SET = {
    # Threads that wait for each other by spinning starve the other processes of a busy machine, and each other.
    # Three engines at once on two cores: 64 answers take 6 to 10 s with libgomp's own 300,000 turns, 2 s with
    # 1,000. Alone, training the starter loses a fifth against the former, and gains a third on not spinning at all.
    "GOMP_SPINCOUNT": "1000",
}


def child_environment(**more: str) -> dict[str, str]:
    """Return the environment for a child process: this one's, what is always set, and `more`."""
    return {**_UNLESS_SET, **os.environ, **_ALWAYS, **more}


def begin_imports() -> None:
    """In a child, before large libraries are imported: looking for garbage meanwhile takes a sixth of that time."""
    gc.disable()


def end_imports() -> None:
    """Look for garbage from now on, though not through what was imported."""
    gc.enable()
    gc.freeze()


class Child:
    """A running `python -m MODULE` with pipes to its standard input and output, in a session of its own."""

    def __init__(self, module: str, *arguments: str, **environment: str) -> None:
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the child
        self._process = subprocess.Popen(
            [sys.executable, *NOTHING_FROM_HERE, "-m", module, *arguments], bufsize=0, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, env=child_environment(**environment),
        )  # fmt: skip
        self._sending = threading.Lock()
        self._stdin = cast(io.RawIOBase, self._process.stdin)
        self.stdout = cast(io.RawIOBase, self._process.stdout)

    def send(self, request: dict[str, Any]) -> None:
        """Write one request; any thread may. That the child is dead is noticed, and told, when its answer is read."""
        left = memoryview(json.dumps(request).encode() + b"\n")
        with self._sending, contextlib.suppress(BrokenPipeError, ValueError):  # ValueError: closed meanwhile
            while left:
                left = left[self._stdin.write(left) or 0 :]

    def last_words(self) -> str:
        """The last line that it printed, or how it ended."""
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self._process.wait()}"

    def kill(self) -> None:
        """Have it end at once; whoever reads its answers finds them ended, and closes."""
        self._process.kill()

    def close(self) -> None:
        """End it, at once."""
        self._process.kill()
        self._process.wait()
        for stream in (self._stdin, self.stdout, self._log):
            with contextlib.suppress(BrokenPipeError):
                stream.close()
