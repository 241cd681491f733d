"""A list that typing narrows: the cursor moves in the list while the field above it keeps the keys."""

from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from screens.widgets.field import Field

Choosable = TypeVar("Choosable")


class Narrowed(ModalScreen[Choosable | None], Generic[Choosable]):
    """The result is what was chosen, or None."""

    TITLE_ABOVE = ""
    WIDTH: ClassVar[int | None] = None
    HEIGHT: ClassVar[int | None] = None
    HINT = ""
    HELP = "Enter takes it · Esc stays"
    BINDINGS: ClassVar = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down,ctrl+n", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Choosable] = []

    def matching(self, text: str) -> list[Choosable]:
        """Return what is offered when this is typed, the best first."""
        raise NotImplementedError

    def line(self, each: Choosable, width: int) -> Content:
        """Draw one of them."""
        raise NotImplementedError

    def start(self) -> int:
        """Return where the cursor stands in a new list that is not empty."""
        return 0

    def compose(self) -> ComposeResult:
        """Draw the field and the list."""
        with Vertical(classes="box -list") as box:
            box.styles.width, box.styles.max_width, box.styles.height = self.WIDTH, "96%", self.HEIGHT
            if self.TITLE_ABOVE:
                yield Static(self.TITLE_ABOVE, classes="box-title", markup=False)
            yield Field(placeholder=self.HINT, select_on_focus=False)
            options = OptionList(markup=False)
            options.can_focus = False
            yield options
            yield Static(self.HELP, classes="box-help", markup=False)

    def on_resize(self) -> None:
        """Show all, as wide as there is room."""
        self.call_after_refresh(self.list_again)

    @on(Input.Changed)
    def list_again(self) -> None:
        """Draw what matches now."""
        self._shown = self.matching(self.query_one(Input).value.strip())
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(self.line(each, options.size.width)) for each in self._shown])
        options.highlighted = self.start() if self._shown else None

    @on(Input.Submitted)
    def _take(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.dismiss(self._shown[at])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[event.option_index])

    def action_move(self, step: int) -> None:
        """Move the cursor in the list."""
        options = self.query_one(OptionList)
        if self._shown:
            options.highlighted = max(0, min(len(self._shown) - 1, (options.highlighted or 0) + step))
