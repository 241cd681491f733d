"""What F1 shows: the pane's purpose and every key, made from the registry of actions."""

from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.actions import PURPOSES, TITLES, Action, PaneName

_KEY_WIDTH = 12
_WIDEST = 96
_FRAME = 8
"""The cells of the box that its border, padding and scrollbar take."""


class Help(ModalScreen[None]):
    """All keys of a pane, and of the frame."""

    DEFAULT_CSS = """
    Help .box { height: 90%; }
    Help VerticalScroll { height: 1fr; margin: 1 0; }
    """
    BINDINGS: ClassVar = [
        Binding("escape,f1,q,enter,backspace", "dismiss", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
    ]

    def __init__(self, pane: PaneName, actions: list[Action]) -> None:
        super().__init__()
        self._pane = pane
        self._actions = actions

    def compose(self) -> ComposeResult:
        """Draw the keys in two groups."""
        own = [each for each in self._actions if each.pane != "all"]
        frame = [each for each in self._actions if each.pane == "all"]
        width = min(_WIDEST, self.app.size.width * 9 // 10) - _FRAME
        with Vertical(classes="box"):
            yield Static(f"{TITLES[self._pane]}: {PURPOSES[self._pane]}", classes="box-title", markup=False)
            with VerticalScroll():
                parts = [
                    _keys("In this pane", own, width),
                    *_notes(self._pane, width),
                    _keys("Everywhere", frame, width),
                ]
                yield Static(Content("\n\n").join(parts))
            yield Static("↑ ↓ scroll · Esc closes", classes="box-help", markup=False)

    def action_scroll(self, step: int) -> None:
        """Scroll by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)


def _notes(pane: PaneName, width: int) -> list[Content]:
    """What is often asked about the numbers of a pane."""
    if pane != "lora":
        return []
    from workbench.lora.published import HEAD_COUNTED_TWICE, gpt3

    said = [HEAD_COUNTED_TWICE, *(f"GPT-3, {each.what}: {each.formula} = {each.trainable:,}" for each in gpt3())]
    said.append(f"The last five: {gpt3()[0].source}.")
    lines = [line for each in said for line in wrap(each, width)]
    return [
        Content("\n").join([Content.styled("Numbers that others print", "$foreground-muted"), *map(Content, lines)])
    ]


def _keys(title: str, actions: list[Action], width: int) -> Content:
    """A key and a sentence a line. One text rather than a widget a key: it opens at once on a busy machine too."""
    lines = [Content.styled(title, "$foreground-muted")]
    for each in actions:
        first, *rest = wrap(each.help, max(20, width - _KEY_WIDTH))
        lines.append(Content.assemble((f"{each.shown_keys:<{_KEY_WIDTH}}", "bold $primary"), first))
        lines += [Content(" " * _KEY_WIDTH + more) for more in rest]
    return Content("\n").join(lines)
