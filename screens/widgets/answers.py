"""Answers side by side as they are written, scrolled together; only the lines that are others than before are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.events import MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from screens.text import lines

_WHEEL = 3  # lines


@dataclass(frozen=True)
class Shown:
    """One column: who answers, the text as it came, and how it ended."""

    name: Content
    text: str = ""
    facts: str = ""


class Answer(Widget, can_focus=False):
    """A title, and below it a text of which `top` lines are scrolled away, with its facts at its end."""

    DEFAULT_CSS = "Answer { width: 1fr; height: 100%; } Answer.-second { border-left: solid $border; }"
    ALLOW_SELECT = False

    def __init__(self, classes: str = "") -> None:
        super().__init__(classes=classes)
        self._shown = Shown(Content(""))
        self._whole: list[Content] = []  # the lines of all paragraphs but the last, which may still grow
        self._whole_text = ""
        self._last: list[Content] = []
        self._drawn: list[Content] = []
        self.top = 0

    def show(self, shown: Shown) -> None:
        """Show an answer, or as much of it as there is."""
        if shown.text != self._shown.text or not self._last:
            self._wrap(shown.text)
        self._shown = shown
        self._draw()

    def scroll(self, top: int) -> None:
        """Scroll so far, or as far as there is text."""
        self.top = max(0, min(top, self.furthest))
        self._draw()

    @property
    def furthest(self) -> int:
        """The most lines that may be scrolled away."""
        return max(0, len(self._lines) - self._rows)

    @property
    def _rows(self) -> int:
        return self.size.height - 1

    def on_resize(self, _event: Resize) -> None:
        """Wrap for the new width."""
        self._whole_text = ""
        self._wrap(self._shown.text)
        self.scroll(self.top)

    # the text

    def _wrap(self, text: str) -> None:
        """Wrap a text; of one that only grew, its last paragraph."""
        width = self.size.width - 2
        if width <= 0:
            return
        if not (self._whole_text and text.startswith(self._whole_text)):
            self._whole, self._whole_text = [], ""
        *ended, last = text[len(self._whole_text) :].split("\n")
        for paragraph in ended:
            self._whole += lines(paragraph).wrap(width)
        self._whole_text = text[: len(text) - len(last)]
        self._last = lines(last).wrap(width)

    @property
    def _lines(self) -> list[Content]:
        facts = [Content(""), Content.styled(self._shown.facts, "$foreground-muted")] if self._shown.facts else []
        text = [*self._whole, *self._last] if self._shown.text else []
        return [*text, *(facts if text else facts[1:])]

    # drawing

    def _rows_shown(self) -> list[Content]:
        all_lines = self._lines
        below = len(all_lines) - self.top - self._rows
        seen = all_lines[self.top : self.top + self._rows]
        blank = [Content("")] * (self._rows - len(seen))
        return [self._title(below), *(Content(" ") + line for line in seen), *blank]

    def _title(self, below: int) -> Content:
        """The name, a line, and how much there is to see further down."""
        width = self.size.width
        more = f" ↓ {below:,} more " if below > 0 else " end " if self.top else ""
        name = Content.assemble(" ", self._shown.name.truncate(max(width - len(more) - 4, 1), ellipsis=True), " ")
        rule = "─" * max(0, width - name.cell_length - len(more) - (0 if more else 1))
        return Content.assemble(name, (rule, "$border"), (more, "$foreground-muted"))

    def _draw(self) -> None:
        """Have the lines drawn that are others than before, and of those as much as one of the two takes up."""
        before, self._drawn = self._drawn, self._rows_shown()
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
        content = self._drawn[y] if y < len(self._drawn) else Content("")
        strip = Strip([Segment(text, look) for text, look, _ in content.render_segments(style)])
        return strip.adjust_cell_length(self.size.width, style.rich_style)


class Answers(Horizontal):
    """One or two columns."""

    DEFAULT_CSS = "Answers { height: 1fr; }"

    def compose(self) -> ComposeResult:
        """Draw two columns; one is hidden while there is nothing for it."""
        yield Answer()
        yield Answer(classes="-second")

    @property
    def _answers(self) -> tuple[Answer, ...]:
        return tuple(self.query_children(Answer))

    def show(self, columns: Sequence[Shown]) -> None:
        """Show the columns from the left."""
        for answer, shown in zip(self._answers, [*columns, None, None], strict=False):
            answer.display = shown is not None
            if shown is not None:
                answer.show(shown)

    def scroll(self, by: int) -> None:
        """Scroll both by lines, to the end of the longer one."""
        shown = [answer for answer in self._answers if answer.display]
        furthest = max((answer.furthest for answer in shown), default=0)
        top = max(0, min(max((answer.top for answer in shown), default=0) + by, furthest))
        for answer in shown:
            answer.scroll(top)

    def page(self, direction: int) -> None:
        """Scroll both by what is seen at once."""
        self.scroll(direction * max(1, self.size.height - 2))

    def to_top(self) -> None:
        """Show both from their beginning."""
        for answer in self._answers:
            answer.scroll(0)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll with the wheel."""
        event.stop()
        self.scroll(_WHEEL)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll with the wheel."""
        event.stop()
        self.scroll(-_WHEEL)
