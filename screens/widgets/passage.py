"""A text below its title, scrolled by its lines; only the lines that are others than before are drawn again."""

from collections.abc import Iterator, Sequence

from rich.segment import Segment
from textual.content import Content
from textual.events import Resize
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from screens.text import lines, shown
from workbench.data.differences import Span
from workbench.label.reading import Said

_LABEL_WIDTH = 8
_MARK = "underline $text-warning"
_WIDEST_PROMPT = 120  # cells: longer lines are hard to read


class Passage(Widget, can_focus=False):
    """A text of which `top` lines are scrolled away."""

    ALLOW_SELECT = False

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._title = ""
        self._keys = ""
        self._said: Sequence[Said] = ()
        self._marked: Sequence[Sequence[Span]] = ()
        self._wrapped: list[Content] = []
        self._wrapped_for = 0
        self._drawn: list[Content] = []
        self.top = 0

    def show(self, parts: Sequence[Said]) -> None:
        """Show another text, from its beginning."""
        self._said, self._marked, self._wrapped_for, self.top = parts, (), 0, 0
        self._wrap(self.size.width)
        self._draw()

    def mark(self, spans: Sequence[Sequence[Span]]) -> None:
        """Mark stretches of each part (see `seen_text`); none takes the marks away."""
        self._marked, self._wrapped_for = spans, 0
        self._wrap(self.size.width)
        self._draw()

    def entitle(self, title: str, keys: str = "") -> None:
        """Show another title, with the keys that prefer this text."""
        self._title, self._keys = title, keys
        self._draw()

    def needs(self, width: int) -> int:
        """Return how many lines the text takes in a widget of this width, without a title of its own line."""
        self._wrap(width)
        return len(self._wrapped)

    def scroll(self, top: int) -> None:
        """Scroll so far, or as far as there is text."""
        self.top = max(0, min(top, self.furthest))
        self._draw()

    @property
    def furthest(self) -> int:
        """The most lines that may be scrolled away."""
        return max(0, len(self._wrapped) - self._rows)

    def on_resize(self, _event: Resize) -> None:
        """Fit in; the same lines stay at the top as far as they can."""
        self._wrap(self.size.width)
        self._settle()
        self._draw()

    def _settle(self) -> None:
        """Scroll no further than there is text."""
        self.top = min(self.top, self.furthest)

    # what stands where

    @property
    def _rows(self) -> int:
        """The lines of text that are seen at once."""
        return self.size.height - 1

    def _text_width(self, width: int) -> int:
        return width - 2

    def _row(self, y: int) -> Content:
        """A line of the widget: the title, or a line of the text."""
        return self._rule() if y == 0 else Content(" ") + self._line(self.top + y - 1)

    def _line(self, at: int) -> Content:
        return self._wrapped[at] if at < len(self._wrapped) else Content("")

    def _rule(self) -> Content:
        """The title, a line, and how much there is to see further down."""
        left = len(self._wrapped) - self.top - self._rows
        more = f" ↓ {left:,} more" if left > 0 else " end" if self.top else ""
        keys = f"{self._keys} " if self._keys else ""
        title = Content.assemble(" ", (self._title, "bold"), " ", (keys, "$foreground-muted"))
        rule = "─" * max(0, self.size.width - title.cell_length - len(more) - 1)
        return Content.assemble(title, (rule, "$border"), (more, "$foreground-muted"))

    # drawing

    def _draw(self) -> None:
        """Have the lines drawn that are others than before, and of those as much as one of the two takes up."""
        before, self._drawn = self._drawn, [self._row(y) for y in range(self.size.height)]
        if len(before) != len(self._drawn):
            self.refresh()
            return
        regions = [
            Region(0, y, max(old.cell_length, new.cell_length), 1)
            for y, (old, new) in enumerate(zip(before, self._drawn, strict=True))
            if not new.is_same(old)
        ]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """Draw a line."""
        style = self.visual_style
        content = self._row(y)
        strip = Strip([Segment(text, look) for text, look, _ in content.render_segments(style)])
        return strip.adjust_cell_length(self.size.width, style.rich_style)

    def _wrap(self, width: int) -> None:
        if width == self._wrapped_for or width <= 0:
            return
        self._wrapped_for = width
        room = max(self._text_width(width), 1)
        marked = self._marked or [()] * len(self._said)
        self._wrapped = [
            line for part, spans in zip(self._said, marked, strict=True) for line in wrapped(part, room, spans)
        ]
        if self._said and self._said[0].speaker:
            del self._wrapped[0]  # the blank line that parts speakers


class Prompt(Passage):
    """A text with its label before it, and below the label how much of the text is out of sight."""

    opens_at_end = False
    """Whether the last lines are seen first."""

    def scroll(self, top: int) -> None:
        """Scroll so far, or as far as there is text."""
        self.opens_at_end = False
        super().scroll(top)

    def _settle(self) -> None:
        self.top = self.furthest if self.opens_at_end else min(self.top, self.furthest)

    @property
    def _rows(self) -> int:
        return self.size.height

    def _text_width(self, width: int) -> int:
        return min(width - _LABEL_WIDTH - 2, _WIDEST_PROMPT)

    def show(self, parts: Sequence[Said]) -> None:
        """Show another prompt."""
        super().show(parts)
        self._settle()
        self._draw()

    def _row(self, y: int) -> Content:
        below = len(self._wrapped) - self.top - self._rows
        hidden = " ".join([*([f"↑{self.top}"] if self.top else []), *([f"↓{below}"] if below > 0 else [])])
        labels = [Content.styled("PROMPT", "bold"), Content.styled(hidden, "$foreground-muted")]
        label = labels[y] if y < len(labels) else Content("")
        gap = " " * max(1, _LABEL_WIDTH - label.cell_length)
        return Content.assemble(" ", label, gap, self._line(self.top + y))


def seen_text(part: Said) -> str:
    """Return what is seen of a part: the text that marks count their characters in."""
    return lines(part.text.strip("\n")).plain


def wrapped(part: Said, width: int, marked: Sequence[Span] = ()) -> Iterator[Content]:
    """What somebody says, on lines of at most `width` cells; the speaker stands above it, after a blank line."""
    if part.speaker:
        yield Content("")
        yield from shown(part.speaker, "italic $foreground-muted").wrap(width)
    if not part.text.strip():
        yield Content.styled("∅", "$foreground-muted")
        return
    start = 0
    for line in seen_text(part).split("\n"):
        end = start + len(line)
        here = [
            (max(first, start) - start, min(last, end) - start) for first, last in marked if first < end > start < last
        ]
        if here:
            content = Content(line)
            for first, last in here:
                content = content.stylize(_MARK, first, last)
            yield from content.wrap(width)
        else:
            yield from _wrapped_ascii(line, width) if line.isascii() else Content(line).wrap(width)
        start = end + 1


def _wrapped_ascii(line: str, width: int) -> Iterator[Content]:
    """What Content.wrap does, for text whose every character takes one cell: five times as fast."""
    while len(line) > width:
        at = line.rfind(" ", 0, width + 1)
        at = at if at > 0 and line[:at].strip() else width
        yield Content(line[:at])
        line = line[at:].removeprefix(" ")
    yield Content(line)
