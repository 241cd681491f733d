"""The Template pane."""

from textual.app import ComposeResult
from textual.widgets import Static

from screens.pane import Pane


class TemplatePane(Pane):
    """The Template pane."""

    PANE = "template"

    def body(self) -> ComposeResult:
        """Yield what stands in it."""
        yield Static("Template", markup=False)
