"""What a template and a policy do to a whole set: how long its rows are, what is trained, and what goes wrong where.

The rows are encoded by a process of their own, so that counting never keeps the lens waiting.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any

from workbench.data.examples import Example, Examples, encodable
from workbench.data.lane import Lane
from workbench.data.rows import locate, open_rows
from workbench.data.spec import DataSpec
from workbench.data.table import BadRow
from workbench.errors import WorkbenchError
from workbench.settings import Settings
from workbench.template.client import EncoderWorker
from workbench.template.encoder import IGNORED
from workbench.template.spec import EncoderSpec

MOST_ROWS = 2_000
_BATCH = 64
_MOST_NAMED = 1_000  # rows with a problem that are remembered
_MOST_DEAD = 3  # rows that kill the worker before the survey gives up


@dataclass(frozen=True)
class Survey:
    """Counts of rows; `rows` of `total` were looked at, from the first on."""

    max_length: int
    total: int = 0
    rows: int = 0
    lengths: tuple[tuple[int, int], ...] = ()
    """How many rows (second) have so many tokens (first) before they are cut, the shortest first."""
    trained: tuple[tuple[int, int], ...] = ()
    """How many rows (second) have so many trained tokens (first), the fewest first."""
    untrained: int = 0
    """No token is trained, whatever `max_length`."""
    cut: int = 0
    """Longer than `max_length`."""
    answers_lost: int = 0
    """Of those: the whole answer lies behind `max_length`."""
    without_stop: int = 0
    """The stop token of an answer is not trained."""
    refused: int = 0
    """Not of the right form, or refused by the template."""
    named: tuple[int, ...] = ()
    """The first rows that something is wrong with, counted from 1."""
    is_done: bool = False

    @property
    def is_sample(self) -> bool:
        """Whether there are rows that were not looked at."""
        return self.rows < self.total

    @property
    def longest(self) -> int:
        """The most tokens of a row; 0 without rows."""
        return self.lengths[-1][0] if self.lengths else 0

    @property
    def median_length(self) -> int:
        """The tokens of the middle row; 0 without rows."""
        return _median(self.lengths)

    @property
    def median_trained(self) -> int:
        """The trained tokens of the middle row; 0 without rows."""
        return _median(self.trained)

    def next_problem(self, row: int) -> int | None:
        """Return the next row that something is wrong with, from the top again after the last; None for none."""
        if not self.named:
            return None
        return self.named[bisect_right(self.named, row) % len(self.named)]

    def as_json(self) -> dict[str, Any]:
        """Return what `survey_of` reads."""
        return asdict(self)


def survey_of(found: dict[str, Any]) -> Survey:
    """Return the survey that `as_json` described, maybe by way of a file."""
    pairs = {name: tuple((size, rows) for size, rows in found[name]) for name in ("lengths", "trained")}
    return Survey(**{**found, **pairs, "named": tuple(found["named"])})


def survey(
    data: DataSpec, folder: Path, spec: EncoderSpec, settings: Settings, *, most: int = MOST_ROWS
) -> Generator[Survey]:
    """Count the first `most` rows of the training file with the tokenizer in `folder`; yield what is known so far.

    The last survey is done. Raises WorkbenchError when the file, the tokenizer or the template cannot be used.
    """
    found = encodable(open_rows(locate(data.train, _silent)), data.map)
    counted = _Counted(Survey(spec.max_length, total=len(found)))
    numbers = iter(range(1, min(most, len(found)) + 1))
    with EncoderWorker(folder, spec, settings) as worker:
        while batch := list(islice(numbers, _BATCH)):
            readable = dict(_readable(found, batch, counted))
            for number, answer in zip(readable, worker.encode(readable.values()), strict=True):
                counted.add(number, answer)
                if counted.dead == _MOST_DEAD:
                    raise WorkbenchError(answer["error"], answer["fix"])
            counted.rows += len(batch)
            yield counted.survey(is_done=False)
    yield counted.survey(is_done=True)


class Surveying:
    """A survey under way in a thread of its own, until it is stopped; `tell` is called there."""

    def __init__(
        self,
        data: DataSpec,
        folder: Path,
        spec: EncoderSpec,
        settings: Settings,
        tell: Callable[["Survey | WorkbenchError"], None],
    ) -> None:
        self._stopped = Event()
        self._tell = tell
        lane = Lane()
        self._end = lane.submit(self._run, survey(data, folder, spec, settings))
        self._end.add_done_callback(lambda _: lane.close())

    def stop(self) -> None:
        """End it soon, and tell no more."""
        self._stopped.set()

    def wait(self, seconds: float) -> None:
        """Wait until it has ended. Raises TimeoutError when it takes longer."""
        self._end.result(seconds)

    def _run(self, surveys: Generator[Survey]) -> None:
        try:
            with closing(surveys):
                for found in surveys:
                    if self._stopped.is_set():
                        return
                    self._tell(found)
        except WorkbenchError as error:
            self._fail(error)
        except Exception as error:
            self._fail(WorkbenchError(f"unexpected {type(error).__name__}: {error}", "please report it"))

    def _fail(self, error: WorkbenchError) -> None:
        if not self._stopped.is_set():
            with suppress(RuntimeError):
                self._tell(error)


class _Counted:
    """What is counted so far."""

    def __init__(self, empty: Survey) -> None:
        self._empty = empty
        self._lengths: Counter[int] = Counter()
        self._trained: Counter[int] = Counter()
        self._codes: Counter[str] = Counter()
        self._named: list[int] = []
        self.rows = 0
        self.dead = 0

    def add(self, number: int, answer: dict[str, Any]) -> None:
        """Count what the encoder says about a row."""
        if "error" in answer:
            self.dead += bool(answer.get("dead"))
            self.refuse(number)
            return
        length, trained = _sizes(answer)
        self._lengths[length + answer["cut"]] += 1
        self._trained[trained] += 1
        self._codes.update(answer["problems"] + answer["warnings"])
        if answer["problems"]:
            self._name(number)

    def refuse(self, number: int) -> None:
        """Count a row that cannot be encoded."""
        self._codes["refused"] += 1
        self._name(number)

    def survey(self, *, is_done: bool) -> Survey:
        """Return the counts."""
        return replace(
            self._empty,
            rows=self.rows,
            lengths=tuple(sorted(self._lengths.items())),
            trained=tuple(sorted(self._trained.items())),
            untrained=self._codes["nothing-trained"],
            cut=self._codes["truncated"],
            answers_lost=self._codes["answer-cut"],
            without_stop=self._codes["stop-not-trained"],
            refused=self._codes["refused"],
            named=tuple(sorted(self._named)),
            is_done=is_done,
        )

    def _name(self, number: int) -> None:
        if len(self._named) < _MOST_NAMED:
            self._named.append(number)


def _readable(found: Examples, numbers: list[int], counted: _Counted) -> Iterator[tuple[int, Example]]:
    """The rows of these numbers that are of the right form; the others are counted."""
    for number in numbers:
        try:
            yield number, found[number - 1]
        except BadRow:
            counted.refuse(number)


def _sizes(answer: dict[str, Any]) -> tuple[int, int]:
    """How many tokens a row has and how many are trained: of a pair those of its longer side, and of both answers."""
    if "prompt_ids" in answer:
        answers = [len(answer[name]) for name in ("chosen_ids", "rejected_ids")]
        return len(answer["prompt_ids"]) + max(answers), sum(answers)
    return len(answer["input_ids"]), sum(label != IGNORED for label in answer["labels"])


def _median(sizes: tuple[tuple[int, int], ...]) -> int:
    middle = (sum(rows for _, rows in sizes) + 1) // 2
    for size, rows in sizes:
        middle -= rows
        if middle <= 0:
            return size
    return 0


def _silent(_: str) -> None:
    """The file is here already: the lens has told of any download."""
