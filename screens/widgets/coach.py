"""The coach line of the demo: one sentence about what to do next in each pane. F3 hides it."""

from textual.content import Content
from textual.widget import Widget

from screens.actions import PaneName
from screens.text import cut

_STEPS: dict[PaneName, str] = {
    "train": "① LoRA teaches the starter model to answer. 2 shows which tokens it learns · 5 asks base and tuned",
    "data": "② these rows teach it: questions about one half of a made-up world. >> shows which tokens are trained",
    "template": "③ underlined tokens are trained, the others are only read; ← → says why. 4 goes back to the run",
    "lora": "③ only the adapter learns: + and - change its rank and what it costs. 4 goes back to the run",
    "compare": "④ Enter: the base asks more questions, the tuned model answers. v, five votes, then >> Label",
    "label": "⑤ your votes are preference pairs, for a reward model. Your own data: workbench my.csv",
}
_DISMISS = "F3 hides this"


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
        gap = width - len(step) - len(_DISMISS)
        if gap > 1:
            return Content.assemble(step, " " * gap, (_DISMISS, "$foreground-muted"))
        return Content(cut(step, width))
