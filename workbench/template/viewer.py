"""What the app looks through: single rows as the one encoder sees them, answered in threads of its own.

Reading a file, finding a tokenizer and rendering a template may each take long, or never end. None of that keeps
the caller waiting, and nothing keeps a newer question waiting that asks for something else.
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from workbench.data.examples import Example, Examples, encodable
from workbench.data.lane import Lane
from workbench.data.opened import Stamp, stamp_of
from workbench.data.rows import locate, open_rows
from workbench.data.spec import DataSpec
from workbench.errors import Missing, WorkbenchError
from workbench.settings import Settings
from workbench.template.client import EncoderWorker
from workbench.template.known import path_of
from workbench.template.seen import Seen, seen_of
from workbench.template.spec import EncoderSpec

_MOST_WORKERS = 3
"""Processes that are kept: one for each policy, so that going through them again takes no time."""

_USUAL = EncoderSpec()

Tell = Callable[[str], None]
FindTokenizer = Callable[[str, Tell], Path]


@dataclass(frozen=True)
class Ask:
    """A question: how is this row of the data encoded?"""

    data: DataSpec
    model: str
    spec: EncoderSpec
    row: int
    """Counted from 1."""
    generation_prompt: bool = False
    """Whether the text ends where an answer would begin."""

    @property
    def command(self) -> str:
        """The command that asks the same."""
        words = ["workbench", "template", "show", self.data.train, "--model", self.model, "--row", str(self.row)]
        if self.spec.template:
            words += ["--template", self.spec.template]
        if self.spec.new_tokens:
            named = self.spec.new_tokens
            words += ["--new-tokens", named if isinstance(named, str) else ",".join(named)]
        if self.spec.stop_token:
            words += ["--stop-token", self.spec.stop_token]
        if self.spec.train_on != _USUAL.train_on:
            words += ["--train-on", self.spec.train_on]
        if self.spec.max_length != _USUAL.max_length:
            words += ["--max-length", str(self.spec.max_length)]
        if self.generation_prompt:
            words.append("--generation-prompt")
        for target, source in self.data.map.items():
            words += ["--map", f"{target}={source}"]
        return shlex.join(words)


@dataclass(frozen=True)
class Noted:
    """Something is to be said meanwhile: a download, for one."""

    text: str


@dataclass(frozen=True)
class Shown:
    """The answer."""

    ask: Ask
    seen: Seen
    rows: int
    """How many rows the file has."""
    folder: Path
    """Where the tokenizer is."""
    stamp: object
    """Changes when the data or the template is written to."""
    template: str | None = None
    """The source of the chat template; None where there is none."""


@dataclass(frozen=True)
class Failed:
    """There is no answer."""

    ask: Ask
    error: WorkbenchError
    rows: int | None
    """None while that is not known."""


class Viewer:
    """Answers the newest question; `tell` is called in other threads. Close it in the end."""

    def __init__(
        self, find_tokenizer: FindTokenizer, settings: Settings, tell: Callable[[Noted | Shown | Failed], None]
    ) -> None:
        self._find = find_tokenizer
        self._settings = settings
        self._tell = tell
        self._newest: Ask | None = None
        self._reader: _Reader | None = None
        self._workers: list[_Worker] = []
        self._lock = Lock()

    def look(self, ask: Ask) -> None:
        """Have `tell` called with the answer, unless another question is asked before that."""
        self._newest = ask
        if self._reader is None or not self._reader.is_for(ask):
            before, self._reader = self._reader, _Reader(self._find, ask, self._reader)
            if before is not None:
                before.lane.close()
        self._reader.lane.submit(self._read, self._reader, ask)

    def forget(self) -> None:
        """Read everything anew for the next question."""
        with self._lock:
            workers, self._workers = self._workers, []
        for worker in workers:
            worker.close()
        if self._reader is not None:
            self._reader.lane.close()
        self._newest = self._reader = None

    close = forget

    def _read(self, reader: "_Reader", ask: Ask) -> None:
        """In the reader's lane."""
        if ask is not self._newest:
            return
        try:
            example = reader.example(ask, lambda text: self._tell(Noted(text)))
            worker = self._worker(reader.folder, ask.spec)
        except Exception as error:
            self._tell(Failed(ask, _as_ours(error, ask), reader.count))
        else:
            worker.lane.submit(self._encode, worker, ask, example, reader)

    def _encode(self, worker: "_Worker", ask: Ask, example: Example, reader: "_Reader") -> None:
        """In the worker's lane."""
        if ask is not self._newest:
            return
        told: Shown | Failed
        try:
            seen = worker.look(example, ask.generation_prompt)
            stamp = (reader.stamp, worker.stamp)
            told = Shown(ask, seen, reader.count or 0, reader.folder, stamp, worker.template)
        except Exception as error:
            told = Failed(ask, _as_ours(error, ask), reader.count)
        if ask is self._newest:
            self._tell(told)

    def _worker(self, folder: Path, spec: EncoderSpec) -> "_Worker":
        """The worker for a tokenizer and a template as it is on the disk now, maybe a new one."""
        stamp = _template_stamp(spec)
        with self._lock:
            found = next((each for each in self._workers if each.is_for(folder, spec, stamp)), None)
            found = found or _Worker(folder, spec, stamp, self._settings)
            self._workers = [each for each in self._workers if each is not found] + [found]
            given_up, self._workers = self._workers[:-_MOST_WORKERS], self._workers[-_MOST_WORKERS:]
        for each in given_up:
            each.close()
        return found


class _Reader:
    """One data set and one model, looked up in one lane."""

    def __init__(self, find: FindTokenizer, ask: Ask, before: "_Reader | None") -> None:
        self.lane = Lane()
        self._find = find
        self._data = ask.data
        self._model = ask.model
        self._examples: Examples | None = None
        self.stamp: Stamp | None = None
        self._folder: Path | None = None
        if before is not None and _same_rows(before._data, ask.data):
            self._examples, self.stamp = before._examples, before.stamp
        if before is not None and before._model == ask.model:
            self._folder = before._folder

    def is_for(self, ask: Ask) -> bool:
        return _same_rows(self._data, ask.data) and self._model == ask.model

    @property
    def count(self) -> int | None:
        """How many rows there are, once that is known."""
        return None if self._examples is None else len(self._examples)

    @property
    def folder(self) -> Path:
        assert self._folder is not None
        return self._folder

    def example(self, ask: Ask, tell: Tell) -> Example:
        """Return the row, with the tokenizer at hand as well. Raises what went wrong."""
        if self._examples is None or stamp_of(self._examples.rows) != self.stamp:
            self._examples = None
            found = encodable(open_rows(locate(ask.data.train, tell)), ask.data.map)
            self._examples, self.stamp = found, stamp_of(found.rows)
        if self._folder is None:
            self._folder = self._find(ask.model, tell)
        return self._examples[ask.row - 1]


class _Worker:
    """One encoder worker in one lane; the process starts with the first question."""

    def __init__(self, folder: Path, spec: EncoderSpec, stamp: int, settings: Settings) -> None:
        self.lane = Lane()
        self.stamp = stamp
        self._folder = folder
        self._spec = spec
        self._settings = settings
        self._process: EncoderWorker | None = None

    def is_for(self, folder: Path, spec: EncoderSpec, stamp: int) -> bool:
        return (self._folder, self._spec, self.stamp) == (folder, spec, stamp)

    def look(self, example: Example, generation_prompt: bool) -> Seen:
        if self._process is None:
            self._process = EncoderWorker(self._folder, self._spec, self._settings)
        return seen_of(self._process.look(example, generation_prompt=generation_prompt))

    @property
    def template(self) -> str | None:
        """The source of the template, once a row was looked at."""
        return self._process.template if self._process is not None else None

    def close(self) -> None:
        """End the process when what it is doing is done."""
        self.lane.submit(self._end)

    def _end(self) -> None:
        if self._process is not None:
            self._process.close()
        self.lane.close()


def _template_stamp(spec: EncoderSpec) -> int:
    """What changes when the template's file is written to; 0 for the model's own. Raises Missing without one."""
    if spec.template is None:
        return 0
    return path_of(spec.template).stat().st_mtime_ns


def _same_rows(one: DataSpec, other: DataSpec) -> bool:
    return (one.train, one.map) == (other.train, other.map)


def _as_ours(error: Exception, ask: Ask) -> WorkbenchError:
    if isinstance(error, WorkbenchError):
        return error
    if isinstance(error, OSError):
        return Missing(f"{ask.data.train}: {(error.strerror or str(error)).lower()}", "choose a file that you may read")
    return WorkbenchError(f"unexpected {type(error).__name__}: {error}", "please report it")
