"""Texts that are read in a pane: scrolled by the pane's keys, or by the wheel."""

from collections.abc import Sequence

from textual.containers import Container
from textual.events import MouseScrollDown, MouseScrollUp

from screens.widgets.passage import Passage
from screens.widgets.table import Motion

_WHEEL = 3  # lines


class Read(Container):
    """Holds passages; the pane that holds it has the keys, and says how to `move`."""

    def move(self, motion: Motion) -> None:
        """Scroll what is read."""
        raise NotImplementedError

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll with the wheel."""
        event.stop()
        for _ in range(_WHEEL):
            self.move("down")

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll with the wheel."""
        event.stop()
        for _ in range(_WHEEL):
            self.move("up")


def scroll_together(passages: Sequence[Passage], motion: Motion) -> None:
    """Scroll passages to one line, as far as the longest of them has text."""
    top = max(each.top for each in passages)
    furthest = max(each.furthest for each in passages)
    page = max(1, max(each.size.height for each in passages) - 2)
    to = {
        "up": top - 1, "down": top + 1, "pageup": top - page, "pagedown": top + page, "home": 0, "end": furthest,
    }[motion]  # fmt: skip
    for each in passages:
        each.scroll(max(0, min(to, furthest)))
