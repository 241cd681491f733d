"""A few lines that are drawn again only when they differ."""

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static


class Drawn(Static):
    """Content without markup; showing the same again sends nothing to the terminal."""

    DEFAULT_CSS = "Drawn { height: auto; padding: 0 1; }"

    class Widened(Message):
        """There is another width to draw for."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__("", id=id, classes=classes, markup=False)
        self._drawn = Content("")
        self._width = 0

    def show(self, content: Content) -> None:
        """Draw `content`, if it is another one."""
        if not content.is_same(self._drawn):
            is_as_high = self._lines(content) == self._lines(self._drawn) is not None
            self._drawn = content
            self.update(content, layout=not is_as_high)

    def _lines(self, content: Content) -> int | None:
        """How many lines it takes; None where that depends on how they are wrapped."""
        lines = content.split("\n", allow_blank=True)
        return len(lines) if all(line.cell_length <= self.content_size.width for line in lines) else None

    def on_resize(self, event: events.Resize) -> None:
        """Tell when the width is another one."""
        if event.size.width != self._width:
            self._width = event.size.width
            self.post_message(self.Widened())
