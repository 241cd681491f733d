"""What F1 shows: the pane's purpose and every key, made from the registry of actions."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.actions import PURPOSES, TITLES, Action, PaneName, actions_of

_KEY_WIDTH = 12


class Help(ModalScreen[None]):
    """All keys of a pane, and of the frame."""

    BINDINGS: ClassVar = [
        Binding("escape,f1,q,enter,backspace", "dismiss", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
    ]

    def __init__(self, pane: PaneName) -> None:
        super().__init__()
        self._pane = pane

    def compose(self) -> ComposeResult:
        """Draw the keys in two groups."""
        own = [each for each in actions_of(self._pane) if each.pane != "all"]
        frame = [each for each in actions_of(self._pane) if each.pane == "all"]
        with Vertical(classes="box"):
            yield Static(f"{TITLES[self._pane]}: {PURPOSES[self._pane]}", classes="box-title", markup=False)
            with VerticalScroll() as scroll:
                scroll.styles.height = "auto"
                scroll.styles.max_height = "100%"
                if own:
                    yield Static(_group("In this pane", own))
                yield Static(_group("Everywhere", frame))
            yield Static("↑ ↓ scroll · Esc closes", classes="box-help", markup=False)

    def action_scroll(self, step: int) -> None:
        """Scroll by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)


def _group(title: str, actions: list[Action]) -> Content:
    rows = [Content.styled(f"\n{title}", "$text-muted")]
    for each in actions:
        key = Content.styled(f"{each.shown_keys:<{_KEY_WIDTH}}", "bold $primary")
        rows.append(Content.assemble("\n", key, each.help))
    return Content("").join(rows)
