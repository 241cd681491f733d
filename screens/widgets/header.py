"""The top line: the panes, and what is selected."""

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from screens.actions import PANES, TITLES, PaneName
from screens.text import cut

_ROOM_FOR_NAMES = 100
"""Below this width only the active pane keeps its name; the others are digits."""
_GAP = 3


class Header(Widget):
    """One line. `chips` are shown to the right; the last is kept longest when the window is narrow."""

    DEFAULT_CSS = """
    Header { height: 1; background: $panel; color: $text-muted; }
    """

    def __init__(self, pane: PaneName) -> None:
        super().__init__()
        self._pane = pane
        self._chips: tuple[str, ...] = ()

    def show(self, chips: tuple[str, ...]) -> None:
        """Draw other chips, if they are others."""
        if chips != self._chips:
            self._chips = chips
            self.refresh()

    def render(self) -> Content:
        """Draw the panes to the left and the selection to the right."""
        is_wide = self.size.width >= _ROOM_FOR_NAMES
        names = Content.assemble(*(self._title(number, name, is_wide) for number, name in enumerate(PANES, 1)))
        room = self.size.width - names.cell_length - _GAP - 1
        chips = self._fitting(room)
        gap = " " * max(1, self.size.width - names.cell_length - cell_len(chips) - 1)
        return Content.assemble(names, gap, (chips, "$text"))

    def _title(self, number: int, name: PaneName, is_wide: bool) -> Content:
        if name == self._pane:
            return Content.styled(f" {number} {TITLES[name]} ", "bold $block-cursor-foreground on $primary")
        return Content(f" {number} {TITLES[name]} " if is_wide else f" {number} ")

    def _fitting(self, room: int) -> str:
        chips = list(self._chips)
        while len(chips) > 1 and cell_len(" › ".join(chips)) > room:
            chips.pop(0)
        return cut(" › ".join(chips), room) if room > 0 else ""
