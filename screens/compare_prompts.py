"""The prompts that Compare goes through: those of a file, read in a lane of its own, or one that was typed."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screens.asker import later
from screens.pane import Pane
from workbench.data.lane import Lane
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.data.prompts import Prompt, Prompts
    from workbench.runs.draft import Draft


@dataclass(frozen=True)
class Source:
    """A file with prompts, and which of its columns is what."""

    file: str
    mapping: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.file.rpartition("/")[2]


def source_of(draft: "Draft") -> Source | None:
    """Return the validation rows of a draft, else the rows that it trains on."""
    data = draft.file
    if data is None:
        return None
    return Source(data.validation or data.train, tuple(data.map.items()))


class PromptList:
    """The prompts of a file. What is read comes back in the pane's own thread, unless it is no longer asked for."""

    def __init__(self, pane: Pane) -> None:
        self._pane = pane
        self._lane: Lane | None = None
        self._prompts: Prompts | None = None
        self.source: Source | None = None
        self.count = 0
        self.is_opening = False
        """Whether the first prompt that was asked for is still being read."""

    def open(self, source: Source | None, then: Callable[[], None]) -> None:
        """Open another file; `then` is called when its prompts are counted."""
        self.close()
        self.source = source
        if source is not None:
            self.is_opening = True
            lane = self._lane = Lane()
            lane.submit(self._open, lane, source, then)

    def close(self) -> None:
        """Let go of the file."""
        if self._lane is not None:
            self._lane.close()
        self._lane = self._prompts = self.source = None
        self.count, self.is_opening = 0, False

    def read(self, number: int, then: "Callable[[Prompt], None]") -> None:
        """Read prompt `number`, counted from 1, and call `then` with it; nothing when there is none of that number."""
        if self._lane is not None and self._prompts is not None and 1 <= number <= self.count:
            self._lane.submit(self._read, self._lane, self._prompts, number, then)

    def _open(self, lane: Lane, source: Source, then: Callable[[], None]) -> None:
        from workbench.data.prompts import open_prompts
        from workbench.data.rows import locate, open_rows

        with self._told(lane):
            rows = open_rows(locate(source.file, lambda text: self._tell(lane, self._pane.say, text)))
            found = open_prompts(rows, dict(source.mapping))
            self._tell(lane, self._opened, found, len(found), then)

    def _opened(self, prompts: "Prompts", count: int, then: Callable[[], None]) -> None:
        self._prompts, self.count = prompts, count
        self.is_opening = bool(count)
        then()

    def _read(self, lane: Lane, prompts: "Prompts", number: int, then: "Callable[[Prompt], None]") -> None:
        with self._told(lane):
            self._tell(lane, self._is_read, prompts[number - 1], then)

    def _is_read(self, prompt: "Prompt", then: "Callable[[Prompt], None]") -> None:
        self.is_opening = False
        then(prompt)

    @contextlib.contextmanager
    def _told(self, lane: Lane) -> Iterator[None]:
        """Tell what goes wrong in the lane, of whatever kind: nobody waits there for an exception."""
        try:
            yield
        except WorkbenchError as error:
            self._tell(lane, self._failed, error)
        except OSError as error:
            self._tell(lane, self._failed, WorkbenchError(str(error)))
        except Exception as error:
            self._tell(lane, self._failed, WorkbenchError(f"unexpected {type(error).__name__}: {error}"))

    def _failed(self, error: WorkbenchError) -> None:
        self.is_opening = False
        self._pane.fail(error)

    def _tell(self, lane: Lane, call: Callable[..., Any], *arguments: Any) -> None:
        """Have the pane call something, unless it has another file by then."""

        def tell() -> None:
            if lane is self._lane:
                call(*arguments)

        later(self._pane, tell)
