"""Ctrl+O, the only picker: one fuzzy list of data files, models, runs and sets of pairs; or a typed Hub id or path."""

import contextlib
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from screens.choices import Choice, choices, typed
from screens.text import cut
from screens.widgets.field import Field
from workbench.errors import WorkbenchError
from workbench.workspace import Workspace

_MOST_SHOWN = 200
_KIND_WIDTH = 7
_HELP = "a name, a path or org/name · Enter takes it · Esc stays"


class Picker(ModalScreen[Choice | None]):
    """The result is what was chosen."""

    BINDINGS: ClassVar = [
        Binding("escape,ctrl+o", "dismiss(None)", show=False),
        Binding("down,ctrl+n", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
    ]

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._all: list[Choice] = []
        self._shown: list[Choice] = []

    def compose(self) -> ComposeResult:
        """Draw the field and, as soon as it is known, the list."""
        with Vertical(classes="box -list"):
            yield Field(placeholder="data, model, run or pairs", select_on_focus=False)
            options = OptionList(markup=False)
            options.can_focus = False
            yield options
            yield Static(_HELP, classes="box-help", markup=False)

    def on_mount(self) -> None:
        """Look around."""
        self._look()

    @work(thread=True, exit_on_error=False)
    def _look(self) -> None:
        found: list[Choice] = []
        with contextlib.suppress(OSError, WorkbenchError):  # what cannot be read is not offered
            found.extend(choices(self._workspace))
        self.app.call_from_thread(self._found, found)

    def _found(self, found: list[Choice]) -> None:
        self._all = found
        self._list()

    @on(Input.Changed)
    def _list(self) -> None:
        text = self.query_one(Input).value.strip()
        self._shown = (typed(text) + _matching(self._all, text) if text else self._all)[:_MOST_SHOWN]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(self._line(choice)) for choice in self._shown])
        options.highlighted = 0 if self._shown else None

    def _line(self, choice: Choice) -> Content:
        width = max(20, self.query_one(OptionList).size.width - _KIND_WIDTH - 2)
        name = cut(choice.name, width - len(choice.detail) - 3)
        detail = f"   {cut(choice.detail, width)}" if choice.detail else ""
        return Content.assemble((f"{choice.kind:<{_KIND_WIDTH}}", "$foreground-muted"), name, (detail, "$text-muted"))

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


def _matching(all_choices: list[Choice], text: str) -> list[Choice]:
    """The choices that match, the best first."""
    from textual.fuzzy import Matcher

    matcher = Matcher(text)
    scored = [(matcher.match(f"{choice.kind} {choice.name}"), choice) for choice in all_choices]
    return [choice for score, choice in sorted(scored, key=lambda pair: -pair[0]) if score > 0]
