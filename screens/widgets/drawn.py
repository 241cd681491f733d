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
        self.auto_links = False  # there are none, and looking for them costs as much as drawing a line
        self._drawn = [Content("")]
        self._is_whole = False
        """Whether each line takes one on the screen."""
        self._width = 0

    def show(self, *content: Content) -> None:
        """Draw `content`, each below the one before, if it is another one."""
        lines = [line for each in content for line in each.split("\n", allow_blank=True)]
        changed = [at for at, (one, other) in enumerate(zip_longest(self._drawn, lines)) if not _is_same(one, other)]
        if not changed:
            return
        is_as_high = len(lines) == len(self._drawn)
        was_whole, self._drawn = self._is_whole, lines
        self._is_whole = self._fits()
        self.clear_cached_dimensions()
        height = self.styles.height
        if was_whole and self._is_whole and (is_as_high or not (height is None or height.is_auto)):
            self.refresh(*(Region(0, at, self.content_size.width, 1) for at in changed))
        else:
            self.refresh(layout=True)

    def render(self) -> Content:
        """Return what is shown."""
        return Content("\n").join(self._drawn)

    def render_line(self, y: int) -> Strip:
        """Draw one line: the others need not be laid out for it, but to mark what the mouse selects."""
        if not self._is_whole or self.text_selection is not None:
            return super().render_line(y)
        if y >= len(self._drawn):
            return Strip.blank(self.size.width, self.visual_style.rich_style)
        return Visual.to_strips(self, self._drawn[y], self.size.width, 1, self.visual_style)[0].apply_offsets(0, y)

    def _fits(self) -> bool:
        """Whether no line is wrapped."""
        return all(line.cell_length <= self.content_size.width for line in self._drawn)

    def on_resize(self, event: events.Resize) -> None:
        """Tell when the width is another one."""
        if event.size.width != self._width:
            self._width, self._is_whole = event.size.width, self._fits()
            self.post_message(self.Widened())


def _is_same(one: Content | None, other: Content | None) -> bool:
    return one is not None and other is not None and one.is_same(other)
