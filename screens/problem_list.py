"""What E opens in the Data pane: every problem of the data set, to go to its rows."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.problems import COLUMNS, Problems, ProblemSource, described, list_words
from screens.text import shown
from screens.widgets.table import Motion, Table

_MOTIONS: tuple[tuple[str, Motion], ...] = (
    ("up,k", "up"), ("down,j", "down"), ("pageup", "pageup"), ("pagedown", "pagedown"), ("home,g", "home"),
    ("end,G", "end"),
)  # fmt: skip


class ProblemList(ModalScreen[str | None]):
    """The result is the code of a problem."""

    DEFAULT_CSS = """
    ProblemList .box { width: 96%; max-width: 150; height: auto; max-height: 80%; }
    ProblemList Table { height: auto; min-height: 4; max-height: 100%; margin: 1 0; }
    ProblemList #whole { height: 3; margin-bottom: 1; }
    """
    BINDINGS: ClassVar = [
        Binding("escape,backspace,E,q", "dismiss(None)", show=False),
        Binding("enter", "choose", show=False),
        *(Binding(keys, f"move('{motion}')", show=False) for keys, motion in _MOTIONS),
    ]

    def __init__(self, problems: Problems) -> None:
        super().__init__()
        self._problems = problems

    def compose(self) -> ComposeResult:
        """Draw the list."""
        with Vertical(classes="box"):
            yield Static(list_words(self._problems), classes="box-title", markup=False)
            yield Table()
            yield Static(id="whole", markup=False)
            yield Static("Enter goes to its first row, e to the next · Esc leaves", classes="box-help", markup=False)

    def on_mount(self) -> None:
        """Show the problems."""
        source = ProblemSource(self._problems.all)
        table = self.query_one(Table)
        sample = [source.cells(place, range(len(COLUMNS))) for place in range(len(source))]
        table.styles.height = len(source) + 1
        table.show(source, COLUMNS, sample)
        self._describe()

    def action_move(self, motion: Motion) -> None:
        """Move the cursor."""
        self.query_one(Table).move(motion)
        self._describe()

    @on(Table.Pointed)
    def _describe(self) -> None:
        """Say all of the problem under the cursor: the list has room for its beginning."""
        if self._problems.all:
            self.query_one("#whole", Static).update(shown(described(self._problems.all[self.query_one(Table).cursor])))

    def on_table_chosen(self) -> None:
        """Take what is clicked twice."""
        self.action_choose()

    def action_choose(self) -> None:
        """Take the problem under the cursor."""
        self.dismiss(self._problems.all[self.query_one(Table).cursor].code if self._problems.all else None)
