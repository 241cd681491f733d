"""Asks the same prompt of several models again and again, for a screen: engine and encoders stay open between prompts.

`ask`, `sleep` and `close` wait; `ask` tells what happens through a callback. All may be called from any thread.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.compare.columns import Column
from workbench.data.prompts import Prompt
from workbench.engine.client import EngineClient, EngineDied
from workbench.errors import WorkbenchError
from workbench.models.devices import Device
from workbench.models.generate import Sampling
from workbench.models.place import place
from workbench.runs.queue import is_taken
from workbench.settings import Settings
from workbench.template.client import EncoderWorker, raise_error
from workbench.template.spec import EncoderSpec

_LOOK_SECONDS = 1.0
"""A run that takes the device loads its libraries for longer than this, before it needs the memory."""


@dataclass(frozen=True)
class Said:
    """What the session is doing before it answers, in words: loading, encoding; none once that is done."""

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
Tell = Callable[[Event], None]
IsWanted = Callable[[], bool]


class Session:
    """One engine and the encoders of its columns. `asleep` is called when a run took the device that it had."""

    def __init__(self, settings: Settings, asleep: Callable[[str], None] = lambda _words: None) -> None:
        self._settings = settings
        self._asleep = asleep
        self._lock = threading.Lock()
        self._engine: EngineClient | None = None
        self._ended: EngineClient | None = None
        """The engine that was told to end: that it dies is no failure."""
        self._is_closed = False
        self._columns: list[Column] = []
        self._encoders: dict[tuple[str, str | None], EncoderWorker] = {}

    def ask(
        self,
        columns: list[Column],
        prompt: Prompt,
        sampling: Sampling,
        *,
        raw: bool,
        tell: Tell,
        is_wanted: IsWanted,
    ) -> None:
        """Answer one prompt with all columns; returns when all have answered, or soon after nobody wants it.

        Raises what went wrong. An engine that died is forgotten: the next prompt starts another, and so does this
        one when it died while nobody asked.
        """
        with self._lock:
            if self._is_closed or not is_wanted():
                return
            ids = self._ids(columns, prompt, raw=raw, tell=tell)
            try:
                self._answer(columns, ids, sampling, tell, is_wanted)
            except WorkbenchError as error:
                was_ended = isinstance(error, EngineDied) and self._engine is self._ended
                self._forget_engine()
                if not was_ended:
                    raise

    def _answer(
        self,
        columns: list[Column],
        ids: dict[str, list[list[int]]],
        sampling: Sampling,
        tell: Tell,
        is_wanted: IsWanted,
    ) -> None:
        was_held, has_heard = self._engine is not None, False
        try:
            engine = self._ready(columns, tell)
            if not is_wanted():
                return
            answers = engine.answer(ids, sampling, stream=True)
            if not is_wanted():  # the cancel of a moment ago may have come before the question
                engine.cancel()
            for answer in answers:
                has_heard = True
                tell(_event(answer))
        except EngineDied:
            if not was_held or has_heard or self._engine is self._ended:
                raise
            self._forget_engine()
            self._answer(columns, ids, sampling, tell, is_wanted)

    def cancel(self) -> None:
        """End the answers under way with what they have."""
        engine = self._engine
        if engine is not None:
            engine.cancel()

    def hurry(self) -> EngineClient | None:
        """Have the engine end, whatever it does, without waiting for that; return it."""
        engine = self._engine
        if engine is not None:
            self._ended = engine
            engine.end()
        return engine

    @property
    def is_awake(self) -> bool:
        """Whether there is an engine, which holds models or loads them."""
        return self._engine is not None

    def sleep(self) -> None:
        """Give the device back, whatever is under way. The next prompt loads again."""
        engine = self.hurry()
        with self._lock:
            if engine is not None and self._engine is engine:
                self._forget_engine()

    def close(self) -> None:
        """End all processes, whatever is under way; nothing is asked any more."""
        self._is_closed = True
        self.hurry()
        with self._lock:
            self._forget_engine()
            self._forget_encoders(set())

    def _ids(self, columns: list[Column], prompt: Prompt, *, raw: bool, tell: Tell) -> dict[str, list[list[int]]]:
        """The prompt's token ids for every column, through the one encoder."""
        keys = {column.name: (str(column.tokenizer), column.template) for column in columns}
        self._forget_encoders(set(keys.values()))
        return {column.name: [self._encoded(column, keys[column.name], prompt, raw, tell)] for column in columns}

    def _encoded(self, column: Column, key: tuple[str, str | None], prompt: Prompt, raw: bool, tell: Tell) -> list[int]:
        if key not in self._encoders:
            tell(Said(f"reading the tokenizer of {Path(column.name).name}"))
            self._encoders[key] = EncoderWorker(column.tokenizer, EncoderSpec(template=column.template), self._settings)
        (answer,) = self._encoders[key].prompts([prompt.asked], raw=raw)
        ids: list[int] = raise_error(answer)["input_ids"]
        return ids

    def _ready(self, columns: list[Column], tell: Tell) -> EngineClient:
        """The engine, with these columns loaded."""
        if self._engine is None:
            device = place(self._settings.device, is_taken)
            tell(Said(f"starting the engine on {device.place}"))
            self._engine = EngineClient(device)
            threading.Thread(target=self._guard, args=(self._engine, device), daemon=True).start()
            if self._is_closed:  # a moment ago: whoever closed has not seen this engine
                self.hurry()
        if self._columns != columns:
            self._columns = []
            tell(Said(f"loading {' and '.join(Path(column.name).name for column in columns)}"))
            self._engine.load(columns)
            self._columns = columns
            tell(Said(""))
        return self._engine

    def _guard(self, engine: EngineClient, device: Device) -> None:
        """Watch the device as long as the engine has it. A run that was there before the engine may stay."""
        was_taken = _is_taken(device)
        while self._engine is engine:
            time.sleep(_LOOK_SECONDS)
            taken = _is_taken(device)
            if taken and not was_taken and self._engine is engine:
                self.sleep()
                self._asleep(f"engine asleep: a run has taken {device.place}; Enter wakes it")
            was_taken = taken

    def _forget_engine(self) -> None:
        engine, self._engine, self._columns = self._engine, None, []
        if engine is not None:
            engine.close()

    def _forget_encoders(self, needed: set[tuple[str, str | None]]) -> None:
        for key in set(self._encoders) - needed:
            self._encoders.pop(key).close()


def _is_taken(device: Device) -> bool:
    with contextlib.suppress(OSError, WorkbenchError):
        return is_taken(device.key)
    return False


def _event(answer: dict[str, Any]) -> Event:
    if "delta" in answer:
        return Delta(answer["column"], answer["delta"])
    return Answered(**{name: answer[name] for name in ("column", "text", "tokens", "seconds", "finish")})
