"""A few lines, each drawn again only when it differs."""

from itertools import zip_longest

from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget


class Drawn(Widget):
    """Content without markup; showing the same again sends nothing to the terminal."""

    DEFAULT_CSS = "Drawn { height: auto; padding: 0 1; }"

    class Widened(Message):
        """There is another width to draw for."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._drawn = Content("")
        self._lines: list[Content] = []
        """Each by itself; none where they depend on how they are wrapped."""
        self._width = 0

    def show(self, content: Content) -> None:
        """Draw `content`, if it is another one."""
        if content.is_same(self._drawn):
            return
        before, now = self._lines, self._lines_of(content)
        self._drawn, self._lines = content, now
        self.clear_cached_dimensions()
        height = self.styles.height
        is_as_high = len(before) == len(now) if height is None or height.is_auto else True
        if before and now and is_as_high:
            changed = [at for at, (one, other) in enumerate(zip_longest(before, now)) if not _is_same(one, other)]
            self.refresh(*(Region(0, at, self.content_size.width, 1) for at in changed))
        else:
            self.refresh(layout=True)

    def render(self) -> Content:
        """Return what is shown."""
        return self._drawn

    def render_line(self, y: int) -> Strip:
        """Draw one line: the others need not be laid out for it."""
        if not self._lines:
            return super().render_line(y)
        if y >= len(self._lines):
            return Strip.blank(self.size.width, self.visual_style.rich_style)
        return Visual.to_strips(self, self._lines[y], self.size.width, 1, self.visual_style)[0]

    def _lines_of(self, content: Content) -> list[Content]:
        lines = content.split("\n", allow_blank=True)
        return lines if all(line.cell_length <= self.content_size.width for line in lines) else []

    def on_resize(self, event: events.Resize) -> None:
        """Tell when the width is another one."""
        if event.size.width != self._width:
            self._width, self._lines = event.size.width, self._lines_of(self._drawn)
            self.post_message(self.Widened())


def _is_same(one: Content | None, other: Content | None) -> bool:
    return one is not None and other is not None and one.is_same(other)
