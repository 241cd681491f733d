"""How far a pass over the rows is, on stderr, so that nobody waits in silence."""

from time import monotonic

from workbench.cli.output import say

_TELL_EVERY = 5.0  # seconds


class RowsTold:
    """Says every few seconds how many rows are done."""

    def __init__(self, done: str) -> None:
        self._done = done
        self._said = monotonic()

    def tell(self, rows: int) -> None:
        """So many rows are done."""
        if monotonic() - self._said > _TELL_EVERY:
            self._said = monotonic()
            say(f"{rows:,} rows {self._done}")
