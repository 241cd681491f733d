"""A search that goes on beside reading: in short turns of the file's own lane, told of a few times a second."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from workbench.data.find import Looked, find
from workbench.data.lane import Lane
from workbench.data.table import Rows

_TURN = 0.004  # seconds that a page may have to wait for
_TELL_EVERY = 0.2
_BREATH = 0.00005  # between two steps: a thread that waits for the interpreter gets it now, not after 5 ms


@dataclass(frozen=True)
class Found(Looked):
    """What was found since the last time."""

    is_done: bool = False
    error: Exception | None = None


class Search:
    """Looks for a text until it is stopped; `tell` is called in the lane."""

    def __init__(
        self, rows: Rows, text: str, numbers: Sequence[int] | None, lane: Lane, tell: Callable[["Search", Found], None]
    ) -> None:
        self.text = text
        self._lane = lane
        self._tell = tell
        self._looking = find(rows, text, numbers)
        self._is_stopped = False
        self._untold = array("Q")
        self._upto = 0
        self._told_at = 0.0
        lane.submit(self._turn)

    def stop(self) -> None:
        """Look no further, and tell nothing more."""
        self._is_stopped = True

    def _turn(self) -> None:
        until = monotonic() + _TURN
        try:
            for looked in self._looking:
                self._upto = looked.upto
                self._untold.extend(looked.numbers)
                if self._is_stopped or monotonic() > until:
                    break
                sleep(_BREATH)
            else:
                self._say(is_done=True)
                return
        except Exception as error:
            self._say(is_done=True, error=error)
            return
        if monotonic() - self._told_at > _TELL_EVERY:
            self._say()
        if not self._is_stopped:
            self._lane.submit(self._turn)

    def _say(self, **how: Any) -> None:
        if not self._is_stopped:
            self._told_at = monotonic()
            numbers, self._untold = self._untold, array("Q")
            self._tell(self, Found(self._upto, numbers, **how))
