"""The Compare pane."""

from textual.app import ComposeResult
from textual.widgets import Static

from screens.pane import Pane


class ComparePane(Pane):
    """The Compare pane."""

    PANE = "compare"

    def body(self) -> ComposeResult:
        """Yield what stands in it."""
        yield Static("Compare", markup=False)
