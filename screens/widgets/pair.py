"""A prompt and two answers, beside each other in a wide window, else above each other; scrolled as one, or apart."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize
from textual.widget import Widget

from screens.widgets.passage import Passage, Prompt, seen_text
from screens.widgets.read import Read, scroll_together
from screens.widgets.table import Motion
from workbench.data.differences import differences
from workbench.label.reading import Said

_WIDE = 100  # cells from which the answers stand beside each other
_ROOMY = 16  # lines from which there is a blank one below the prompt
_LEAST_ANSWER = 3  # lines, with its title


class PairView(Read):
    """A prompt and two answers."""

    DEFAULT_CSS = """
    PairView {
        height: 1fr;
        layout: vertical;
        & > #prompt { width: 100%; height: 1; }
        & > #answers { height: 1fr; width: 100%; layout: vertical; }
        & #left, & #right { width: 100%; height: 1fr; }
        &.-beside > #answers { layout: horizontal; }
        &.-beside #left, &.-beside #right { width: 1fr; }
        &.-beside #right { border-left: solid $border; }
        &.-roomy > #answers { margin-top: 1; }
        &.-closer > #answers { display: none; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Sequence[Said], Sequence[Said]] = ((), ())
        self._marks = False
        self._scrolled = 0

    def compose(self) -> ComposeResult:
        """Draw the three texts."""
        yield Prompt("prompt")
        with Container(id="answers"):
            yield Passage("left")
            yield Passage("right")

    @property
    def is_stacked(self) -> bool:
        """Whether the left answer stands above the right one."""
        return not self.has_class("-beside")

    @property
    def is_closer(self) -> bool:
        """Whether the prompt has all the room."""
        return self.has_class("-closer")

    def show(self, prompt: Sequence[Said], left: Sequence[Said], right: Sequence[Said], *, is_dialogue: bool) -> None:
        """Show another pair, from its beginning; a prompt of several turns from its end."""
        self.remove_class("-closer")
        self._prompt.opens_at_end = is_dialogue
        self._prompt.show(prompt)
        self._shown = (left, right)
        for answer, parts in zip(self._answers, (left, right), strict=True):
            answer.show(parts)
        if self._marks:
            self.mark_differences(True)
        self._name_sides()
        self._deal_out()

    def look_closer(self, is_closer: bool) -> None:
        """Give the prompt all the room, or the answers theirs again."""
        self.set_class(is_closer, "-closer")
        self._deal_out()

    def mark_differences(self, is_wanted: bool) -> None:
        """Mark the words that the other answer does not have, in this pair and those that follow; or none."""
        self._marks = is_wanted
        left, right = self._shown
        found = [differences(seen_text(one), seen_text(other)) for one, other in zip(left, right, strict=False)]
        for answer, parts, side in zip(self._answers, self._shown, (0, 1), strict=True):
            spans = [each[side] for each in found] + [[]] * (len(parts) - len(found))
            answer.mark(spans if is_wanted else ())

    def scroll_next(self) -> str:
        """Scroll both answers, the first of them, the second, and so on; return which in words."""
        self._scrolled = (self._scrolled + 1) % 3
        names = ("the upper", "the lower") if self.is_stacked else ("the left", "the right")
        return ("both answers", f"{names[0]} answer", f"{names[1]} answer")[self._scrolled]

    def move(self, motion: Motion) -> None:
        """Scroll the answers that are scrolled now, or the prompt while it has all the room."""
        chosen = (self._answers, self._answers[:1], self._answers[1:])[self._scrolled]
        seen: Sequence[Passage] = (self._prompt,) if self.is_closer else chosen
        scroll_together(seen, motion)

    def on_resize(self, _event: Resize) -> None:
        """Share the new room out."""
        self.set_class(self.size.width >= _WIDE, "-beside")
        self.set_class(self.size.height >= _ROOMY, "-roomy")
        self._name_sides()
        self._deal_out()

    @property
    def _prompt(self) -> Prompt:
        return self.query_one("#prompt", Prompt)

    @property
    def _answers(self) -> tuple[Passage, Passage]:
        return self.query_one("#left", Passage), self.query_one("#right", Passage)

    def _name_sides(self) -> None:
        names = (("ABOVE", "a s"), ("BELOW", "f g")) if self.is_stacked else (("LEFT", ""), ("RIGHT", ""))
        for answer, name in zip(self._answers, names, strict=True):
            answer.entitle(*name)

    def _deal_out(self) -> None:
        """The prompt gets what it needs up to a third; stacked answers share the rest by what they need."""
        height, width = self.size.height, self.size.width
        if not height or not width:
            return
        share = height if self.is_closer else min(self._prompt.needs(width), max(2, height // 3))
        _set_height(self._prompt, share)
        left, right = self._answers
        room = height - share - self.has_class("-roomy")
        if not self.is_stacked:
            _set_height(left, room)
            return
        wanted, other = left.needs(width) + 1, right.needs(width) + 1
        _set_height(left, max(_LEAST_ANSWER, min(wanted, max(room // 2, room - other))))


def _set_height(widget: Widget, height: int) -> None:
    """A height that is set again would lay the whole screen out anew."""
    if widget.styles.height is None or widget.styles.height.value != height:
        widget.styles.height = height
