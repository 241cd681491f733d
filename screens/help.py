"""What F1 shows: the pane's purpose and every key, made from the registry of actions."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Grid, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.actions import PURPOSES, TITLES, Action, PaneName, actions_of


class Help(ModalScreen[None]):
    """All keys of a pane, and of the frame."""

    DEFAULT_CSS = """
    Help .box { height: 90%; }
    Help VerticalScroll { height: 1fr; margin: 1 0; }
    Help .group { color: $text-muted; }
    Help Grid { grid-size: 2; grid-columns: 12 1fr; grid-rows: auto; height: auto; margin-bottom: 1; }
    Help .key { color: $primary; text-style: bold; }
    """
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
            with VerticalScroll():
                if own:
                    yield Static("In this pane", classes="group", markup=False)
                    yield from _keys(own)
                yield Static("Everywhere", classes="group", markup=False)
                yield from _keys(frame)
            yield Static("↑ ↓ scroll · Esc closes", classes="box-help", markup=False)

    def action_scroll(self, step: int) -> None:
        """Scroll by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)


def _keys(actions: list[Action]) -> ComposeResult:
    with Grid():
        for each in actions:
            yield Static(each.shown_keys, classes="key", markup=False)
            yield Static(each.help, markup=False)
