"""A real pseudo-terminal with a program in it, and what its screen shows (pyte): for tests and benchmarks."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

import pyte

KEYS = {
    "enter": "\r", "escape": "\x1b", "backspace": "\x7f", "tab": "\t", "space": " ", "up": "\x1b[A", "down": "\x1b[B",
    "right": "\x1b[C", "left": "\x1b[D", "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "home": "\x1b[H", "end": "\x1b[F",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "ctrl+c": "\x03", "ctrl+o": "\x0f",
    "ctrl+p": "\x10", "ctrl+q": "\x11",
}  # fmt: skip
_QUIET_SECONDS = 0.25


class Terminal:
    """`command` in a terminal of `size` (columns, lines). Use as a context manager: it ends with it."""

    def __init__(
        self, command: list[str], folder: Path, size: tuple[int, int] = (120, 40), **environment: str | None
    ) -> None:
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        """Everything that the program has sent."""
        self._master, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        shown = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8", "USER": "ana", **environment}
        found = {**os.environ, **{key: value for key, value in shown.items() if value is not None}}
        for key in ("COLUMNS", "LINES", "PYTHONDONTWRITEBYTECODE", "NO_COLOR"):
            if key not in environment:
                found.pop(key, None)
        self.process = subprocess.Popen(
            command, cwd=folder, env=found, stdin=inside, stdout=inside, stderr=inside, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(inside)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        os.close(self._master)

    def kill(self) -> None:
        """kill -9."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def read(self, seconds: float) -> int:
        """Take in what the program sends during `seconds`; return how many bytes that were."""
        before, deadline = len(self.raw), time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and self._take(left):
            pass
        return len(self.raw) - before

    def _take(self, seconds: float) -> bool:
        """Take in one piece; False when the program has gone."""
        if not select.select([self._master], [], [], seconds)[0]:
            return True
        try:
            piece = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self.raw += piece
        self._stream.feed(piece)
        return bool(piece)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, each when the screen has come to rest; other names are typed as text."""
        for key in keys:
            self.write(KEYS.get(key, key))
            self.settle()

    def write(self, text: str) -> None:
        """Send bytes as they are."""
        os.write(self._master, text.encode())

    def settle(self, quiet: float = _QUIET_SECONDS, seconds: float = 5.0) -> None:
        """Wait until nothing came for a moment."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.read(quiet):
            pass

    def wait(self, text: str, seconds: float = 60.0) -> str:
        """Wait until `text` is on the screen; return the screen."""
        deadline = time.monotonic() + seconds
        while text not in self.text:
            if time.monotonic() > deadline or (self.process.poll() is not None and not self._left()):
                raise AssertionError(f"{text!r} never came; the screen shows:\n{self.text}")
            self.read(0.05)
        return self.text

    def _left(self) -> bool:
        """Whether the program, which has ended, has left something to read."""
        return self.read(0.1) > 0

    def ended(self, seconds: float = 20.0) -> int:
        """Wait for the program to end; return its exit code."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.05)
        self.read(0.1)
        return self.process.wait(timeout=0.1)

    @property
    def text(self) -> str:
        """The screen, line by line."""
        return "\n".join(line.rstrip() for line in self._screen.display)
