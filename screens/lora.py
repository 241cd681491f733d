"""The LoRA pane."""

from textual.app import ComposeResult
from textual.widgets import Static

from screens.pane import Pane


class LoRAPane(Pane):
    """The LoRA pane."""

    PANE = "lora"

    def body(self) -> ComposeResult:
        """Yield what stands in it."""
        yield Static("LoRA", markup=False)
