"""The Label pane."""

from textual.app import ComposeResult
from textual.widgets import Static

from screens.pane import Pane


class LabelPane(Pane):
    """The Label pane."""

    PANE = "label"

    def body(self) -> ComposeResult:
        """Yield what stands in it."""
        yield Static("Label", markup=False)
