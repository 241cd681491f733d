"""Asks the same prompt of several models again and again, for a screen: engine and encoders stay open between prompts.

Everything here blocks; `ask` is for a thread and tells what happens through a callback. `cancel` may be called from
any other thread.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workbench.compare.columns import Column
from workbench.data.prompts import Prompt
from workbench.engine.client import EngineClient
from workbench.errors import WorkbenchError
from workbench.models.generate import Sampling
from workbench.models.place import place
from workbench.runs.queue import is_taken
from workbench.settings import Settings
from workbench.template.client import EncoderWorker, raise_error
from workbench.template.spec import EncoderSpec


@dataclass(frozen=True)
class Said:
    """What the session is doing, in words: loading, encoding."""

    words: str


@dataclass(frozen=True)
class Delta:
    """Text that was added to a column."""

    column: str
    text: str


@dataclass(frozen=True)
class Answered:
    """A column's whole answer."""

    column: str
    text: str
    tokens: int
    seconds: float
    finish: str
    """stop, length or cancelled."""


Event = Said | Delta | Answered


@dataclass
class Session:
    """One engine and the encoders of its columns."""

    settings: Settings
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _engine: EngineClient | None = None
    _columns: list[Column] = field(default_factory=list)
    _encoders: dict[tuple[str, str | None], EncoderWorker] = field(default_factory=dict)

    def ask(
        self,
        columns: list[Column],
        prompt: Prompt,
        sampling: Sampling,
        *,
        raw: bool,
        tell: Callable[[Event], None],
        is_wanted: Callable[[], bool],
    ) -> None:
        """Answer one prompt with all columns; returns when all have answered, or at once when nobody wants it.

        Raises what went wrong. An engine that died is forgotten: the next prompt starts another.
        """
        with self._lock:
            if not is_wanted():
                return
            ids = {column.name: [self._ids(column, prompt, raw=raw, tell=tell)] for column in columns}
            engine = self._ready(columns, tell)
            if not is_wanted():
                return
            try:
                for answer in engine.answer(ids, sampling, stream=True):
                    tell(_event(answer))
            except WorkbenchError:
                self._forget_engine()
                raise
            self._forget_encoders(columns)

    def cancel(self) -> None:
        """End the answers under way with what they have."""
        engine = self._engine
        if engine is not None:
            engine.cancel()

    @property
    def is_awake(self) -> bool:
        """Whether an engine holds models."""
        return self._engine is not None

    def sleep(self) -> None:
        """Give the device back: end the engine. The next prompt loads again."""
        with self._lock:
            self._forget_engine()

    def kill(self) -> None:
        """End all processes at once, also while `ask` waits for them: nobody wants an answer any more."""
        self._forget_engine()
        while self._encoders:
            self._encoders.popitem()[1].close()

    def _forget_encoders(self, columns: list[Column]) -> None:
        """End the encoders of other columns."""
        needed = {(str(column.tokenizer), column.template) for column in columns}
        for key in self._encoders.keys() - needed:
            self._encoders.pop(key).close()

    def _ids(self, column: Column, prompt: Prompt, *, raw: bool, tell: Callable[[Event], None]) -> list[int]:
        key = (str(column.tokenizer), column.template)
        if key not in self._encoders:
            tell(Said(f"reading the tokenizer of {column.name}"))
            self._encoders[key] = EncoderWorker(column.tokenizer, EncoderSpec(template=column.template), self.settings)
        (answer,) = self._encoders[key].prompts([{"prompt": prompt.prompt}], raw=raw)
        ids: list[int] = raise_error(answer)["input_ids"]
        return ids

    def _ready(self, columns: list[Column], tell: Callable[[Event], None]) -> EngineClient:
        """The engine, with these columns loaded."""
        if self._engine is None:
            self._columns = []
            device = place(self.settings.device, is_taken)
            tell(Said(f"starting the engine on {device.place}"))
            self._engine = EngineClient(device)
        if self._columns != columns:
            tell(Said(f"loading {' and '.join(column.name for column in columns)}"))
            try:
                self._engine.load(columns)
            except WorkbenchError:
                self._forget_engine()
                raise
            self._columns = columns
        return self._engine

    def _forget_engine(self) -> None:
        engine, self._engine, self._columns = self._engine, None, []
        if engine is not None:
            engine.close()


def _event(answer: dict[str, Any]) -> Event:
    if "delta" in answer:
        return Delta(answer["column"], answer["delta"])
    return Answered(**{name: answer[name] for name in ("column", "text", "tokens", "seconds", "finish")})
