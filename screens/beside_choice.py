"""What b asks in the Template pane: under which other policy or template the same row is to stand beside the first."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.text import cut
from workbench.template.spec import EncoderSpec, template_name

_WIDTH = 56
_LONGEST_NAME = 38


class BesideChoice(ModalScreen[EncoderSpec | None]):
    """A small list; the result is what was chosen, or None."""

    BINDINGS: ClassVar = [
        Binding("escape,backspace,b,q", "dismiss(None)", show=False),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    def __init__(self, now: EncoderSpec, others: list[EncoderSpec]) -> None:
        super().__init__()
        self._now = now
        self._others = others

    def compose(self) -> ComposeResult:
        """Draw what differs from now, a line each."""
        with Vertical(classes="box") as box:
            box.styles.width = _WIDTH
            yield Static("Beside it, the same row under", classes="box-title", markup=False)
            yield OptionList(*(Option(self._line(each)) for each in self._others), markup=False)
            yield Static("Enter shows it · Esc stays", classes="box-help", markup=False)

    def _line(self, other: EncoderSpec) -> Content:
        is_policy = other.template == self._now.template
        name = other.train_on if is_policy else cut(template_name(other), _LONGEST_NAME)
        return Content(f"{'train' if is_policy else 'template':<10}{name}")

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._others[event.option_index])

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()
