"""What m opens in the Data pane: which column plays which part, chosen by hand."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.text import cut, shown
from screens.widgets.drawn import Drawn
from workbench.data.found import value_at
from workbench.data.kinds import KINDS
from workbench.data.mapping import MappingDraft, kind_words
from workbench.data.shown import cell

_WIDTH = 14
_HELP = "↑↓ part · ←→ column · Enter takes it · r as recognised · Esc leaves"


class MappingView(ModalScreen[dict[str, str] | None]):
    """The result is TARGET: SOURCE for the draft; empty where nothing has to be said."""

    DEFAULT_CSS = """
    MappingView .box { width: 96%; max-width: 100; height: auto; max-height: 90%; }
    MappingView Drawn { padding: 0; margin: 1 0; }
    """
    BINDINGS: ClassVar = [
        Binding("escape,q,m,backspace", "dismiss(None)", show=False),
        Binding("enter", "take", show=False),
        Binding("r", "reset", show=False),
        Binding("up,k", "move(-1)", show=False, priority=True),
        Binding("down,j", "move(1)", show=False, priority=True),
        Binding("left,h", "turn(-1)", show=False, priority=True),
        Binding("right,l,space", "turn(1)", show=False, priority=True),
    ]

    def __init__(self, draft: MappingDraft) -> None:
        super().__init__()
        self._draft = draft
        self._at = 0

    def compose(self) -> ComposeResult:
        """Draw the parts."""
        with VerticalScroll(classes="box", can_focus=False):
            yield Static("Which column plays which part", classes="box-title", markup=False)
            yield Drawn(id="parts")
            yield Static(_HELP, classes="box-help", markup=False)

    def on_mount(self) -> None:
        """Show what was recognised."""
        self._draw()

    def on_drawn_widened(self) -> None:
        """Draw for another width."""
        self._draw()

    def action_move(self, step: int) -> None:
        """Go to another part; the first line is the kind of data."""
        self._at = (self._at + step) % (1 + len(self._draft.targets))
        self._draw()

    def action_turn(self, step: int) -> None:
        """Choose another column, or another kind of data."""
        if self._at:
            self._draft.turn(self._draft.targets[self._at - 1], step)
        else:
            self._draft.turn_kind(step)
        self._draw()

    def action_reset(self) -> None:
        """Leave it to what is recognised."""
        self.dismiss({})

    def action_take(self) -> None:
        """Take the mapping, if it makes a kind of data."""
        mapping, _, wrong = self._draft.result()
        if not wrong:
            self.dismiss(mapping)

    def _draw(self) -> None:
        lines = [self._line(0, "data is", kind_words(KINDS[self._draft.kind]), "")]
        for at, target in enumerate(self._draft.targets, 1):
            source = self._draft.source(target)
            value = value_at(self._draft.sample[0], source) if source and self._draft.sample else None
            said = source or ("needed" if self._draft.is_needed(target) else "none")
            lines.append(self._line(at, target, said, cell(value) if source else ""))
        _, schema, wrong = self._draft.result()
        verdict = shown(f"✗ {wrong}", "$text-error") if wrong else shown(f"✓ {schema.reason if schema else ''}")
        self.query_one("#parts", Drawn).show(Content("\n").join([*lines, Content(""), verdict]))

    def _line(self, at: int, name: str, said: str, example: str) -> Content:
        is_here = at == self._at
        width = max(20, self.query_one("#parts").size.width - _WIDTH - 4)
        chosen = f"‹ {cut(said, 30)} ›" if is_here else f"  {cut(said, 30)}  "
        quiet = said in ("none", "needed")
        room = max(0, width - len(chosen) - 2)
        return Content.assemble(
            ("▸ " if is_here else "  ", "$primary"),
            (f"{name:<{_WIDTH}}", "bold" if at == 0 or self._draft.is_needed(name) else "$foreground-muted"),
            (chosen, "bold $primary" if is_here else "$foreground-muted" if quiet else ""),
            ("  " + cut(example, room) if example else "", "$foreground-muted"),
        )
