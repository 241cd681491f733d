"""The engine's client: starts it, sends prompts, reads answers as they come. It may die without taking us along."""

import contextlib
import io
import itertools
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from workbench.children import Child
from workbench.compare.columns import Column
from workbench.errors import WorkbenchError
from workbench.models.devices import Device
from workbench.models.generate import Sampling
from workbench.template.client import raise_error


class EngineClient:
    """One engine process, on one device. Use as a context manager; it ends with it."""

    def __init__(self, device: Device, dtype: str = "auto") -> None:
        self._device, self._dtype = device.place, dtype
        self._child = Child("workbench.engine", CUDA_VISIBLE_DEVICES=device.uuid)
        self._lines = io.BufferedReader(self._child.stdout)
        self._numbers = itertools.count(1)

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
        for _ in self._ask("load", **asked):
            pass

    def answer(
        self, prompts: dict[str, list[list[int]]], sampling: Sampling, *, stream: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Yield {"row", "column", "text", "tokens", "finish", "seconds"} in the order in which answers are ready.

        `prompts` holds, for each column, the token ids of every prompt. With `stream`, {"row", "column", "delta"}
        come before, whose deltas put together are the text.
        """
        return self._ask("answer", prompts=prompts, sampling=asdict(sampling), stream=stream)

    def cancel(self) -> None:
        """End the answers under way with what they have; for another thread than the one that reads them."""
        self._child.send({"do": "cancel"})

    def _ask(self, do: str, **content: Any) -> Iterator[dict[str, Any]]:
        """Send a request and yield its answers; those to an earlier one that nobody read are passed over."""
        number = next(self._numbers)
        self._child.send({"id": number, "do": do, **content})
        for line in self._lines_left():
            answer = json.loads(line)
            if answer["id"] != number:
                continue
            if raise_error(answer).get("done"):
                return
            yield answer
        raise WorkbenchError(
            f"the engine died: {self._child.last_words()}", "try again; with less memory in use elsewhere"
        )

    def _lines_left(self) -> Iterator[bytes]:
        """The whole lines that come; of an engine that is killed the last may be torn, or the pipe closed by us."""
        with contextlib.suppress(ValueError):
            for line in self._lines:
                if line.endswith(b"\n"):
                    yield line
