"""The engine's client: starts it, sends prompts, reads answers as they come. It may die without taking us along."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from typing import IO, Any

from workbench.children import child_environment
from workbench.compare.columns import Column
from workbench.errors import WorkbenchError
from workbench.models.devices import Device
from workbench.models.generate import Sampling
from workbench.template.client import raise_error


class EngineClient:
    """One engine process, on one device. Use as a context manager; it ends with it."""

    def __init__(self, device: Device, dtype: str = "auto") -> None:
        self._device, self._dtype = device.place, dtype
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the engine
        self._process = subprocess.Popen(
            [sys.executable, "-m", "workbench.engine"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
            env=child_environment(CUDA_VISIBLE_DEVICES=device.uuid), start_new_session=True,
        )  # fmt: skip

    def __enter__(self) -> "EngineClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the engine and what it holds."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            with contextlib.suppress(BrokenPipeError):
                if stream:
                    stream.close()

    def load(self, columns: list[Column]) -> None:
        """Load the columns' models. Raises what the engine found wrong with them."""
        self._send(
            {
                "do": "load",
                "columns": [c.as_json() for c in columns],
                "dtype": self._dtype,
                "device": self._device,
            }
        )
        for _ in self._answers():
            pass

    def answer(self, prompts: dict[str, list[list[int]]], sampling: Sampling) -> Iterator[dict[str, Any]]:
        """Yield {"row", "column", "text", "tokens", "finish"} in the order in which answers are ready.

        `prompts` holds, for each column, the token ids of every prompt.
        """
        self._send({"do": "answer", "prompts": prompts, "sampling": asdict(sampling)})
        return self._answers()

    def _send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died: _answers says so
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()

    def _answers(self) -> Iterator[dict[str, Any]]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer = raise_error(json.loads(line))
            if answer.get("done"):
                return
            yield answer
        raise WorkbenchError(f"the engine died: {self._last_words()}", "try again; with less memory in use elsewhere")

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self._process.wait()}"
