"""What c opens in the Template pane: what the template does to chats in general, and what to do about it."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.text import shown
from screens.widgets.lens_words import MARKS
from workbench.template.probes import Probed

_STYLES = {"error": "$text-error", "warning": "$text-warning", "note": ""}


class Findings(ModalScreen[None]):
    """All findings, the worst first."""

    DEFAULT_CSS = "Findings VerticalScroll { height: auto; max-height: 16; margin: 1 0; }"
    BINDINGS: ClassVar = [
        Binding("escape,c,q,enter,backspace", "dismiss", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
    ]

    def __init__(self, name: str, found: Sequence[Probed]) -> None:
        super().__init__()
        self._name = name
        self._found = found

    def compose(self) -> ComposeResult:
        """Draw each finding with what to do about it."""
        with Vertical(classes="box"):
            yield Static(shown(f"What the template does to chats in general: {self._name}"), classes="box-title")
            with VerticalScroll():
                yield Static(Content("\n\n").join([_words(each) for each in self._found]))
            yield Static("↑ ↓ scroll · Esc leaves", classes="box-help", markup=False)

    def action_scroll(self, step: int) -> None:
        """Scroll by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)


def _words(finding: Probed) -> Content:
    what = shown(f"{MARKS[finding.severity]} {finding.message}", _STYLES[finding.severity])
    return Content("\n").join([what, shown(f"  → {finding.fix}", "$foreground-muted")])
