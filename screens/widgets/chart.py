"""A widget of given lines that sends only what changed: a live plot over a slow link costs a few cells a second."""

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from screens.plots import Line


class Chart(Widget):
    """Shows lines of pieces with roles; `show` repaints the stretch of each line that is another than before."""

    COMPONENT_CLASSES = {  # noqa: RUF012 - as Textual declares it
        "chart--axis", "chart--train", "chart--valid", "chart--text", "chart--muted", "chart--cursor", "chart--title",
        "chart--warn", "chart--error", "chart--good",
    }  # fmt: skip
    DEFAULT_CSS = """
    Chart { height: 1fr; width: 1fr; }
    Chart > .chart--axis { color: $foreground-muted; }
    Chart > .chart--muted { color: $foreground-muted; }
    Chart > .chart--train { color: $accent; }
    Chart > .chart--valid { color: $secondary; }
    Chart > .chart--cursor { color: $primary; }
    Chart > .chart--title { color: $text; }
    Chart > .chart--warn { color: $text-warning; }
    Chart > .chart--error { color: $text-error; }
    Chart > .chart--good { color: $text-success; }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []

    def show(self, lines: list[Line]) -> None:
        """Show other lines."""
        before, self._lines = self._lines, lines
        regions = []
        for y in range(max(len(before), len(lines))):
            old = before[y] if y < len(before) else []
            new = lines[y] if y < len(lines) else []
            if old != new:
                regions.append(_changed(old, new, y, self.size.width))
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width = self.size.width
        base = self.rich_style
        if y >= len(self._lines):
            return Strip.blank(width, base)
        pieces = [Segment(text, self.get_component_rich_style(f"chart--{role}")) for text, role in self._lines[y]]
        return Strip(pieces).adjust_cell_length(width, base)


def _changed(old: Line, new: Line, y: int, width: int) -> Region:
    """The stretch of a line in which the two differ; cells are taken one by one only where all are one cell wide."""
    before = [(character, role) for text, role in old for character in text]
    after = [(character, role) for text, role in new for character in text]
    if len(before) != len(after) or any(ord(character) > 0x2FFF for character, _ in [*before, *after]):
        return Region(0, y, width, 1)
    differing = [x for x, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    return Region(differing[0], y, differing[-1] - differing[0] + 1, 1)
