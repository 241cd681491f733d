"""Several answers in the order that a person gives them, as far as there is room; one can be read whole.

An answer keeps its letter and its height wherever it is moved.
"""

from collections.abc import Mapping, Sequence

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.events import Resize
from textual.strip import Strip
from textual.widget import Widget

from screens.widgets.passage import Passage, Prompt, wrapped
from screens.widgets.read import scroll_together
from screens.widgets.table import Motion
from workbench.label.arranging import joined, lowered, raised, top_down
from workbench.label.ranking import Order
from workbench.label.reading import Said

_HEAD = 9
"""Cells before a text: the cursor, the rank and the letter."""
_TAIL = 2
"""Cells behind it, to say that there is more."""


class Ranking(Widget, can_focus=False):
    """The answers one below the other; the pane's keys move the cursor and the answers."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Ranking { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.order: Order = ()
        self.chosen = 0
        self._names: Mapping[int, str] = {}
        self._texts: Sequence[Sequence[Said]] = ()
        self._blocks: list[list[Content]] = []
        self._drawn: list[Content] = []

    def show(self, texts: Sequence[Sequence[Said]], order: Order, names: Mapping[int, str]) -> None:
        """Show other answers, with the cursor on the first."""
        self._texts, self._names = texts, names
        self._wrap()
        self.put(order, top_down(order)[0] if order else 0)

    def put(self, order: Order, chosen: int) -> None:
        """Show the answers in another order, with the cursor on one of them."""
        self.order, self.chosen = order, chosen
        self._draw()

    def on_resize(self, _event: Resize) -> None:
        """Fit in."""
        self._wrap()
        self._draw()

    def render_line(self, y: int) -> Strip:
        """Draw a line."""
        style = self.visual_style
        content = self._drawn[y] if y < len(self._drawn) else Content("")
        strip = Strip([Segment(text, look) for text, look, _ in content.render_segments(style)])
        return strip.adjust_cell_length(self.size.width, style.rich_style)

    def _wrap(self) -> None:
        room = max(1, self.size.width - _HEAD - _TAIL)
        self._blocks = [
            [line for part in parts for line in wrapped(part, room)] or [Content("")] for parts in self._texts
        ]
        for at, parts in enumerate(self._texts):
            if parts and parts[0].speaker:
                del self._blocks[at][0]  # the blank line that parts speakers

    def _draw(self) -> None:
        """The lines of all answers; of more than fit, those around the cursor."""
        heights = shared_out([len(block) for block in self._blocks], self.size.height)
        found: list[Content] = []
        first = last = 0
        for level, group in enumerate(self.order):
            for within, place in enumerate(group):
                lines = self._answer(place, heights[place], "=" if within else str(level + 1))
                if place == self.chosen:
                    first, last = len(found), len(found) + len(lines)
                found += lines
        top = max(0, min(first, last - self.size.height if last > self.size.height else 0))
        self._drawn = found[top : top + max(1, self.size.height)]
        self.refresh()

    def _answer(self, place: int, height: int, rank: str) -> list[Content]:
        block = self._blocks[place]
        lines = block[:height]
        is_chosen = place == self.chosen
        more = " …" if len(block) > height else ""
        found = []
        for at, line in enumerate(lines):
            mark = "▸" if is_chosen and at == 0 else "│" if is_chosen else " "
            label = (f"{rank:>2} {self._names[place]:<2} " if at == 0 else " " * 6, "bold")
            tail = (more if at + 1 == len(lines) else "", "$foreground-muted")
            found.append(Content.assemble((f" {mark} ", "bold $primary"), label, line, tail))
        return found


class RankedView(Container):
    """A prompt and its answers in order; or one of the answers in full, with the prompt below it."""

    DEFAULT_CSS = """
    RankedView {
        height: 1fr;
        & > #ranked-prompt { width: 100%; height: 1; margin-bottom: 1; }
        & > #ranked-answer { width: 100%; height: 1fr; display: none; }
        &.-closer > #ranked-prompt, &.-closer > Ranking { display: none; }
        &.-closer > #ranked-answer { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._asked: Sequence[Said] = ()
        self._texts: Sequence[Sequence[Said]] = ()
        self._names: Mapping[int, str] = {}

    def compose(self) -> ComposeResult:
        """Draw the prompt, the list, and the answer that is read."""
        yield Prompt("ranked-prompt")
        yield Ranking()
        yield Passage("ranked-answer")

    @property
    def order(self) -> Order:
        """The answers as they stand."""
        return self._list.order

    @property
    def is_closer(self) -> bool:
        """Whether one answer has all the room."""
        return self.has_class("-closer")

    def show(
        self, prompt: Sequence[Said], answers: Sequence[Sequence[Said]], order: Order, names: Mapping[int, str],
        *, is_dialogue: bool,
    ) -> None:  # fmt: skip
        """Show other answers in this order, called by these letters; a prompt of several turns from its end."""
        self._asked, self._texts, self._names = prompt, answers, names
        self.look_closer(False)
        shown = self.query_one("#ranked-prompt", Prompt)
        shown.opens_at_end = is_dialogue
        shown.show(prompt)
        self._deal_out()
        self._list.show(answers, order, names)

    def look_closer(self, is_closer: bool) -> None:
        """Read the answer under the cursor in full, or go back to all of them."""
        self.set_class(is_closer, "-closer")
        if is_closer:
            below = [Said("prompt" if not said.speaker else said.speaker, said.text) for said in self._asked]
            passage = self.query_one("#ranked-answer", Passage)
            passage.entitle(self._names[self._list.chosen], "← goes back")
            passage.show([*self._texts[self._list.chosen], *below])

    def move(self, motion: Motion) -> None:
        """Scroll the answer that is read, or go to another one."""
        if self.is_closer:
            scroll_together([self.query_one("#ranked-answer", Passage)], motion)
        elif self.order:
            places = top_down(self.order)
            at = places.index(self._list.chosen)
            to = {"up": at - 1, "down": at + 1, "pageup": 0, "home": 0}
            self._list.put(self.order, places[max(0, min(to.get(motion, len(places)), len(places) - 1))])

    def place(self, step: int) -> None:
        """Move the answer under the cursor a level up (-1) or down (1); the cursor goes along."""
        arranged = raised if step < 0 else lowered
        if not self.is_closer:
            self._list.put(arranged(self.order, self._list.chosen), self._list.chosen)

    def tie(self) -> None:
        """Make the answer under the cursor as good as the one above it; again: not."""
        if not self.is_closer:
            self._list.put(joined(self.order, self._list.chosen), self._list.chosen)

    def on_resize(self, _event: Resize) -> None:
        """Share the new room out."""
        self._deal_out()

    @property
    def _list(self) -> Ranking:
        return self.query_one(Ranking)

    def _deal_out(self) -> None:
        """The prompt gets what it needs up to a third."""
        prompt = self.query_one("#ranked-prompt", Prompt)
        if self.size.height and self.size.width:
            prompt.styles.height = min(prompt.needs(self.size.width), max(2, self.size.height // 3))


def shared_out(needed: Sequence[int], room: int) -> list[int]:
    """Return how many of `room` lines each of several texts gets, by what it needs: all, or as much as others; one at
    the least."""
    given = [0] * len(needed)
    left = room
    waiting = sorted(range(len(needed)), key=lambda at: needed[at])
    for count, at in enumerate(waiting):
        given[at] = max(1, min(needed[at], left // (len(waiting) - count)))
        left -= given[at]
    return given
