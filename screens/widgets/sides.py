"""The lens, or two: a row under a second template or policy, or both sides of a pair, with the differences marked.

The cursor is in one of them, and that of the other follows to the same token.
"""

from bisect import bisect_right
from dataclasses import replace

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize
from textual.message import Message
from textual.timer import Timer

from screens.widgets.lens import Lens, Motion
from screens.widgets.lens_words import refusal, side_head
from screens.widgets.side import Side
from workbench.template.compared import Compared, compare
from workbench.template.spec import EncoderSpec
from workbench.template.viewer import Ask, Failed, Shown

_LEAST_WIDTH = 100
"""Cells: in less, one lens stands above the other."""
_PATIENCE_SECONDS = 0.1


class Sides(Container):
    """Holds the first lens and, once it is asked for, the second."""

    DEFAULT_CSS = """
    Sides {
        layout: horizontal;
        height: 1fr;
        &.-stacked { layout: vertical; }
        & #second { display: none; }
        &.-two #second { display: block; border-left: solid $border-blurred; }
        &.-two.-stacked #second { border-left: none; }
        &.-two .side-head { display: block; }
    }
    """

    class Found(Message):
        """Both rows are shown, and it is known where they differ."""

        def __init__(self, first: Shown, second: Shown, found: Compared) -> None:
            self.first = first
            self.second = second
            self.found = found
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self.spec: EncoderSpec | None = None
        """What the second is under; None while there is none."""
        self.asked: Ask | None = None
        """What is asked for the second."""
        self.compared: Compared | None = None
        """Where both differ, once that is known."""
        self._shown: Shown | None = None
        self._second: Shown | Failed | None = None
        self._at: tuple[int, int] | None = None
        self._patience: Timer | None = None

    def compose(self) -> ComposeResult:
        """Stand with the second out of sight."""
        yield Side(id="first")
        yield Side(id="second")

    # what stands here

    @property
    def lens(self) -> Lens:
        """The lens that the keys move."""
        return self._second_side.lens if self._second_side.lens.is_active else self.first

    @property
    def first(self) -> Lens:
        """The lens of what is in hand."""
        return self.query_one("#first", Side).lens

    @property
    def _second_side(self) -> Side:
        return self.query_one("#second", Side)

    @property
    def shown(self) -> Shown | None:
        """What the lens with the cursor shows."""
        if self.lens is self.first:
            return self._shown
        return self._second if isinstance(self._second, Shown) else None

    @property
    def is_refused(self) -> bool:
        """Whether there is nothing to show in the second."""
        return isinstance(self._second, Failed)

    @property
    def is_pair(self) -> bool:
        """Whether both sides of a preference pair stand here, the chosen one first."""
        return self.spec is None and self._shown is not None and self._shown.seen.rejected is not None

    @property
    def are_two(self) -> bool:
        """Whether there are two lenses."""
        return self.spec is not None or self.is_pair

    @property
    def difference(self) -> int | None:
        """The number of the difference that one went to, counted from 1, while the cursor stands there."""
        return None if self._at is None or self._at[1] != self.lens.cursor else self._at[0] + 1

    def put(self, spec: EncoderSpec | None) -> None:
        """Have a second lens for this template and policy; None for one lens."""
        self.spec = spec
        self.asked = self._second = None
        self._second_side.lens.show(())
        self._forget()
        self._activate(self.first)
        self.show(self._shown, self.first.cursor)

    def ask(self, first: Ask | None) -> Ask | None:
        """Return what is to be asked for the second when this is asked for the first."""
        before = self.asked
        self.asked = replace(first, spec=self.spec) if first is not None and self.spec is not None else None
        if self.asked == before:
            self.asked = before
        elif self.asked is not None and self._patience is None:
            self._patience = self.set_timer(_PATIENCE_SECONDS, self._wait)
        return self.asked

    def show(self, shown: Shown | None, cursor: int = 0) -> None:
        """Show the first; None while there is nothing to show."""
        self._shown = shown
        self.set_class(self.are_two, "-two")
        self.first.show(() if shown is None else shown.seen.tokens, cursor)
        if self.is_pair and shown is not None and shown.seen.rejected is not None:
            self.asked = shown.ask
            self.take(replace(shown, seen=shown.seen.rejected))
        else:
            self._draw_heads()
            self._compare()

    def take(self, answer: Shown | Failed) -> None:
        """Show the second, or why it cannot be shown."""
        self._stop_waiting()
        self._second = answer
        side = self._second_side
        if isinstance(answer, Shown):
            side.lens.show(answer.seen.tokens)
            side.refuse(None)
        else:
            side.lens.show(())
            side.refuse(refusal(answer.error, "b closes it", max(20, side.size.width - 6)))
        self._draw_heads()
        self._compare()

    def grey(self) -> None:
        """Show that what stands in the first is not what is asked for."""
        self.first.grey()
        self._forget()

    def _wait(self) -> None:
        self._patience = None
        if self._second is None or self._second.ask is not self.asked:
            self._second_side.lens.grey()
            self._draw_heads()

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.stop()
            self._patience = None

    def _draw_heads(self) -> None:
        """Draw what each is under, and what it counts."""
        if not self.are_two:
            return
        if self._shown is not None:
            self._draw_head(self.query_one("#first", Side), self._shown.ask, self._shown)
        if self.asked is not None:
            self._draw_head(self._second_side, self.asked, self._second)

    def _draw_head(self, side: Side, ask: Ask, answer: Shown | Failed | None) -> None:
        seen = answer.seen if isinstance(answer, Shown) and answer.ask is ask else None
        words = "nothing to show" if isinstance(answer, Failed) and answer.ask is ask else "encoding…"
        under = ("chosen" if side.id == "first" else "rejected") if self.is_pair else ask.spec.train_on
        side.head(side_head(ask.spec, under, seen, max(20, side.size.width - 3), words))

    # where they differ

    def _compare(self) -> None:
        self._forget()
        first, second = self._shown, self._second
        if first is not None and isinstance(second, Shown) and replace(first.ask, spec=second.ask.spec) == second.ask:
            self._find(first, second)

    @work(thread=True, exclusive=True, group="compare", exit_on_error=False)
    def _find(self, first: Shown, second: Shown) -> None:
        self.post_message(self.Found(first, second, compare(first.seen.tokens, second.seen.tokens)))

    @on(Found)
    def _found(self, message: Found) -> None:
        if message.first is not self._shown or message.second is not self._second:
            message.stop()
            return
        self.compared = message.found
        self.first.mark(message.found.places)
        self._second_side.lens.mark(message.found.turned().places)
        self._follow()

    def _forget(self) -> None:
        self.compared = self._at = None
        self.first.mark(frozenset())
        self._second_side.lens.mark(frozenset())

    # the cursor

    def move(self, motion: Motion) -> None:
        """Move the cursor, and the other with it."""
        self.lens.move(motion)
        self._follow()

    def go(self, step: int) -> bool:
        """Go to the next difference, or the one before, round and round; return False where there is none."""
        if self.compared is None or not self.compared.differences:
            return False
        is_first = self.lens is self.first
        found = self.compared if is_first else self.compared.turned()
        starts = [each.first[0] for each in found.differences]
        if self._at is not None and self._at[1] == self.lens.cursor:
            number = self._at[0] + step
        else:
            number = bisect_right(starts, self.lens.cursor) - (step < 0)
            number -= step < 0 and number >= 0 and starts[number] == self.lens.cursor
        number %= len(starts)
        self.lens.go(starts[number])
        self._at = (number, self.lens.cursor)
        self._other.follow(found.differences[number].second[0], self.lens.row)
        return True

    def change(self) -> None:
        """Put the cursor into the other lens, on the same token."""
        if self.are_two:
            self._activate(self._other)

    @property
    def _other(self) -> Lens:
        return self._second_side.lens if self.lens is self.first else self.first

    def _activate(self, lens: Lens) -> None:
        for each in (self.first, self._second_side.lens):
            each.is_active = each is lens
            each.refresh()
        self._at = None

    def _follow(self) -> None:
        if self.compared is not None:
            found = self.compared if self.lens is self.first else self.compared.turned()
            self._other.follow(found.partner(self.lens.cursor), self.lens.row)

    @on(Lens.Pointed)
    def _pointed(self, message: Lens.Pointed) -> None:
        if message.lens is not self.lens:
            self._activate(message.lens)
        self._follow()

    def on_resize(self, event: Resize) -> None:
        """Stand one above the other where there is no room side by side."""
        self.set_class(event.size.width < _LEAST_WIDTH, "-stacked")
        self.call_after_refresh(self._draw_heads)
