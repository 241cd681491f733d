"""A check that goes on behind what a person does: told of a few times a second, and ended when it is not wanted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic, sleep

from workbench.data.check.run import Checked, check
from workbench.data.lane import Lane
from workbench.data.table import Rows

_TELL_EVERY = 0.5  # seconds
_FEW = 20_000  # rows in which near copies are looked for: it takes a second
_BREATH = 0.001  # between two batches: whoever waits for the interpreter gets it now, not after 5 ms


@dataclass(frozen=True)
class CheckTold:
    """What is known so far; or why the check ended early."""

    checking: "Checking"
    checked: Checked | None = None
    error: Exception | None = None


class Checking:
    """Checks an opened file; `tell` is called in a lane of its own."""

    def __init__(self, rows: Rows, map: Mapping[str, str], tell: Callable[[CheckTold], None]) -> None:
        self._tell = tell
        self._is_stopped = False
        self._lane = Lane()
        self._lane.submit(self._check, rows, map)

    def stop(self) -> None:
        """Check no further, and tell nothing more."""
        self._is_stopped = True
        self._lane.close()

    def _check(self, rows: Rows, map: Mapping[str, str]) -> None:
        told = monotonic()
        try:
            for checked in check(rows, map, near=len(rows) <= _FEW):
                if self._is_stopped:
                    return
                if checked.is_done or monotonic() - told > _TELL_EVERY:
                    told = monotonic()
                    self._tell(CheckTold(self, checked))
                sleep(_BREATH)
        except Exception as error:
            if not self._is_stopped:
                self._tell(CheckTold(self, error=error))
