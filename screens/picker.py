"""Ctrl+O, the only picker: one fuzzy list of data files, models, runs and sets of pairs; or a typed Hub id or path."""

import contextlib
from typing import ClassVar

from textual import work
from textual.binding import Binding
from textual.content import Content

from screens.choices import Choice, choices, typed
from screens.narrowed import Narrowed
from screens.text import cut
from workbench.errors import WorkbenchError
from workbench.workspace import Workspace

_MOST_SHOWN = 200
_KIND_WIDTH = 7


class Picker(Narrowed[Choice]):
    """The result is what was chosen."""

    HINT = "data, model, run or pairs"
    HELP = "a name, a path or org/name · Enter takes it · Esc stays"
    BINDINGS: ClassVar = [Binding("ctrl+o", "dismiss(None)", show=False)]

    def __init__(self, workspace: Workspace, first: str = "") -> None:
        """`first` is the kind that stands above the others, and is taken where several match as well."""
        super().__init__()
        self._first = first
        self._workspace = workspace
        self._all: list[Choice] = []

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
        self._all = sorted(found, key=lambda each: each.kind != self._first)
        self.list_again()

    def matching(self, text: str) -> list[Choice]:
        """Return what is typed where that is a choice itself, then what is like it."""
        return (typed(text) + _matching(self._all, text) if text else self._all)[:_MOST_SHOWN]

    def line(self, each: Choice, width: int) -> Content:
        """Draw its kind, its name and what else is known."""
        room = max(20, width - _KIND_WIDTH - 2)
        name = cut(each.name, room - len(each.detail) - 3)
        detail = f"   {cut(each.detail, room)}" if each.detail else ""
        return Content.assemble(
            (f"{each.kind:<{_KIND_WIDTH}}", "$foreground-muted"), name, (detail, "$foreground-muted")
        )


def _matching(all_choices: list[Choice], text: str) -> list[Choice]:
    """The choices that match, the best first."""
    from textual.fuzzy import Matcher

    matcher = Matcher(text)
    scored = [(matcher.match(f"{choice.kind} {choice.name}"), choice) for choice in all_choices]
    return [choice for score, choice in sorted(scored, key=lambda pair: -pair[0]) if score > 0]
