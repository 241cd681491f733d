"""The coach line of the demo: one sentence about what to do next in each pane. F3 hides it."""

from textual.content import Content
from textual.widget import Widget

from screens.actions import PaneName
from screens.text import cut

_STEPS: dict[PaneName, str] = {
    "train": "① it learns to answer · 2 shows which tokens · 5 asks base and tuned",
    "data": "② these rows teach it · >> shows which tokens are trained",
    "template": "② marked tokens are trained, the others only read · 4 back to the run",
    "lora": "② only the adapter learns · + - change its rank · 4 back to the run",
    "compare": "③ Enter: the base asks on, the tuned answers · v, five votes, >> Label",
    "label": "④ your votes are preference pairs · your own data: workbench my.csv",
}
_DISMISS = "F3 hides this"
_SHORT = "F3"


class Coach(Widget):
    """One line below the header, shown in the demo only."""

    DEFAULT_CSS = """
    Coach { height: 1; padding: 0 1; display: none; background: $surface; color: $text-accent; }
    """

    def __init__(self, pane: PaneName) -> None:
        super().__init__()
        self._pane = pane

    def show(self, is_shown: bool) -> None:
        """Show or hide the line."""
        self.display = is_shown

    def render(self) -> Content:
        """Draw the step of this pane, and how to be rid of it where there is room."""
        step, width = _STEPS[self._pane], self.content_size.width
        room = width - len(step)
        dismiss = _DISMISS if room > len(_DISMISS) else _SHORT
        if room <= len(dismiss):
            return Content(cut(step, width))
        return Content.assemble(step, " " * (room - len(dismiss)), (dismiss, "$foreground-muted"))
