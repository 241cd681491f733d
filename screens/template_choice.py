"""What t and b ask in the Template pane: under which template, or other policy, a row is to be seen."""

import contextlib
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from screens.text import cut
from screens.widgets.field import Field
from workbench.template.spec import EncoderSpec, template_name

_WIDTH = 60
_HELP = "Enter takes it · Esc stays"
_NONE = "no such template; the path of a Jinja file works too"
_LONGEST_NAME = 42


class TemplateChoice(ModalScreen[EncoderSpec | None]):
    """A list that typing narrows; the result is what was chosen, or None."""

    BINDINGS: ClassVar = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down,ctrl+n,tab", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p,shift+tab", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
    ]

    def __init__(self, title: str, now: EncoderSpec, offered: list[EncoderSpec]) -> None:
        super().__init__()
        self._title = title
        self._now = now
        self._offered = offered
        self._shown = offered

    def compose(self) -> ComposeResult:
        """Draw a line for each that is offered."""
        with Vertical(classes="box -list") as box:
            box.styles.width = _WIDTH
            yield Static(self._title, classes="box-title", markup=False)
            yield Field(placeholder="type to narrow the list", select_on_focus=False)
            options = OptionList(markup=False)
            options.can_focus = False
            yield options
            yield Static(_HELP, classes="box-help", markup=False)

    @on(Input.Changed)
    def _list(self) -> None:
        text = self.query_one(Input).value.strip().lower()
        self._shown = [each for each in self._offered if text in " ".join(self._words(each)).lower()] or self._typed()
        self.query_one(".box-help", Static).update(_HELP if self._shown else _NONE)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(self._line(each)) for each in self._shown])
        at = self._shown.index(self._now) if self._now in self._shown else 0
        options.highlighted = at if self._shown else None

    def _typed(self) -> list[EncoderSpec]:
        """The file whose path is typed, if there is one."""
        with contextlib.suppress(OSError, RuntimeError, ValueError):  # no such name can be, an unknown ~user
            path = Path(self.query_one(Input).value.strip()).expanduser()
            if path.is_file():
                return [self._now.model_copy(update={"template": str(path.resolve())})]
        return []

    def on_mount(self) -> None:
        """Show all."""
        self._list()

    def _words(self, each: EncoderSpec) -> tuple[str, str]:
        is_policy = each.template == self._now.template and each.train_on != self._now.train_on
        return ("train", each.train_on) if is_policy else ("template", template_name(each))

    def _line(self, each: EncoderSpec) -> Content:
        kind, name = self._words(each)
        now = "   now" if each == self._now else ""
        return Content.assemble((f"{kind:<10}", "$foreground-muted"), cut(name, _LONGEST_NAME), (now, "$text-muted"))

    @on(Input.Submitted)
    def _take(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.dismiss(self._shown[at])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[event.option_index])

    def action_move(self, step: int) -> None:
        """Move the cursor in the list while the field keeps the keys."""
        options = self.query_one(OptionList)
        if self._shown:
            options.highlighted = max(0, min(len(self._shown) - 1, (options.highlighted or 0) + step))
