"""What `>` asks: where to send what is under the cursor. The natural target is chosen already, so `>>` takes it."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.actions import TITLES
from screens.pane import Target
from screens.text import shown


class Send(ModalScreen[Target | None]):
    """A small menu; the result is the target, or None."""

    BINDINGS: ClassVar = [
        Binding("greater_than_sign", "take", show=False),
        Binding("escape,backspace,q", "dismiss(None)", show=False),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    def __init__(self, targets: list[Target]) -> None:
        super().__init__()
        self._targets = targets

    def compose(self) -> ComposeResult:
        """Draw the targets."""
        with Vertical(classes="box") as box:
            box.styles.width = 56
            yield Static("Send on to", classes="box-title", markup=False)
            yield OptionList(
                *(Option(shown(f"{TITLES[target.pane]:<10}{target.label}")) for target in self._targets), markup=False
            )
            yield Static("> or Enter sends · Esc stays", classes="box-help", markup=False)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._targets[event.option_index])

    def action_take(self) -> None:
        """Take the target under the cursor."""
        self.dismiss(self._targets[self.query_one(OptionList).highlighted or 0])

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()
