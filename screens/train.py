"""The Train pane."""

from textual.app import ComposeResult
from textual.widgets import Static

from screens.pane import Pane


class TrainPane(Pane):
    """The Train pane."""

    PANE = "train"

    def body(self) -> ComposeResult:
        """Yield what stands in it."""
        yield Static("Train", markup=False)
