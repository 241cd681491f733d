"""The Data pane."""

from textual.app import ComposeResult
from textual.widgets import Static

from screens.pane import Pane


class DataPane(Pane):
    """The Data pane."""

    PANE = "data"

    def body(self) -> ComposeResult:
        """Yield what stands in it."""
        yield Static("Data", markup=False)
