"""The engine's client: starts it, sends prompts, reads answers as they come. It may die without taking us along."""

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from workbench.children import Child
from workbench.compare.columns import Column
from workbench.errors import WorkbenchError
from workbench.models.devices import Device
from workbench.models.generate import Sampling
from workbench.template.client import raise_error

Seen = Callable[[int], None]
_KILLED = "exit code -9"


class EngineDied(WorkbenchError):
    """The engine is gone, and with it the models that it held."""


class EngineClient:
    """One engine process, on one device. Use as a context manager; it ends with it."""

    def __init__(self, device: Device, dtype: str = "auto") -> None:
        self._device, self._dtype = device.place, dtype
        # what the engine printed last is told when it dies, and a progress bar is no reason
        quiet = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "TRANSFORMERS_VERBOSITY": "error", "PYTHONWARNINGS": "ignore"}
        self._child = Child("workbench.engine", CUDA_VISIBLE_DEVICES=device.uuid, **quiet)
        self._lines = io.BufferedReader(self._child.stdout)
        self._number = 0

    def __enter__(self) -> "EngineClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the engine and what it holds."""
        self._child.close()

    def load(self, columns: list[Column]) -> None:
        """Load the columns' models. Raises what the engine found wrong with them."""
        asked = {"columns": [column.as_json() for column in columns], "dtype": self._dtype, "device": self._device}
        for _ in self._answers(self._send("load", **asked)):
            pass

    def answer(
        self, prompts: dict[str, list[list[int]]], sampling: Sampling, *, stream: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Ask, and yield {"row", "column", "text", "tokens", "finish", "seconds"} in the order in which they are ready.

        `prompts` holds, for each column, the token ids of every prompt. With `stream`, {"row", "column", "delta"}
        come before, whose deltas put together are the text. Raises EngineDied.
        """
        return self._answers(self._send("answer", prompts=prompts, sampling=asdict(sampling), stream=stream))

    def score(
        self, column: Column, rows: list[list[int]], label: str | None = None, seen: Seen = lambda _done: None
    ) -> list[float]:
        """Return a score for each row of token ids by a reward model; `seen` hears how many rows are done."""
        asked = {"column": column.as_json(), "dtype": self._dtype, "device": self._device}
        for answer in self._answers(self._send("score", **asked, rows=rows, label=label)):
            if "scores" in answer:
                found: list[float] = answer["scores"]
            else:
                seen(answer["scored"])
        return found

    def cancel(self) -> None:
        """End all that was asked so far with what there is of it; for another thread than the one that reads."""
        self._child.send({"id": self._number, "do": "cancel"})

    def end(self) -> None:
        """End the process whatever it does; for another thread than the one that reads, which hears EngineDied."""
        self._child.send({"do": "end"})

    def _send(self, do: str, **content: Any) -> int:
        """Send a request and return its number."""
        self._number += 1
        self._child.send({"id": self._number, "do": do, **content})
        return self._number

    def _answers(self, number: int) -> Iterator[dict[str, Any]]:
        """Yield the answers to a request; those to an earlier one that nobody read are passed over."""
        for line in self._lines_left():
            answer = json.loads(line)
            if answer["id"] != number:
                continue
            if raise_error(answer).get("done"):
                return
            yield answer
        raise EngineDied(f"the engine died: {self._why()}", "try again; with less memory in use elsewhere")

    def _lines_left(self) -> Iterator[bytes]:
        """The whole lines that come; of an engine that is killed the last may be torn, or the pipe closed by us."""
        with contextlib.suppress(ValueError):
            for line in self._lines:
                if line.endswith(b"\n"):
                    yield line

    def _why(self) -> str:
        words = self._child.last_words()
        return "it was killed, which happens when memory runs out" if words == _KILLED else words
