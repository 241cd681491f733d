"""One text to be judged: an answer below its prompt, or a row that stands alone; scrolled by its lines."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import MouseScrollDown, MouseScrollUp, Resize

from screens.widgets.passage import Passage, Prompt
from screens.widgets.table import Motion
from workbench.label.reading import Said

_WHEEL = 3  # lines


class ItemView(Container):
    """A prompt, if there is one, and a text. The pane that holds it has the keys, and says how to `move`."""

    DEFAULT_CSS = """
    ItemView {
        height: 1fr;
        & > #item-prompt { width: 100%; height: 1; margin-bottom: 1; }
        & > #item-text { width: 100%; height: 1fr; }
        &.-alone > #item-prompt { display: none; }
        &.-closer > #item-prompt { height: 1fr; }
        &.-closer > #item-text { display: none; }
    }
    """

    def compose(self) -> ComposeResult:
        """Draw both texts."""
        yield Prompt("item-prompt")
        yield Passage("item-text")

    @property
    def is_closer(self) -> bool:
        """Whether the prompt has all the room."""
        return self.has_class("-closer")

    def show(self, title: str, text: Sequence[Said], prompt: Sequence[Said] = (), *, is_dialogue: bool = False) -> None:
        """Show another text, from its beginning; a prompt of several turns from its end."""
        self.remove_class("-closer")
        self.set_class(not prompt, "-alone")
        self._prompt.opens_at_end = is_dialogue
        self._prompt.show(prompt)
        self._text.entitle(title)
        self._text.show(text)
        self._deal_out()

    def look_closer(self, is_closer: bool) -> None:
        """Give the prompt all the room, or the answer its own again."""
        self.set_class(is_closer and not self.has_class("-alone"), "-closer")
        self._deal_out()

    def move(self, motion: Motion) -> None:
        """Scroll what is read."""
        seen = self._prompt if self.is_closer else self._text
        page = max(1, seen.size.height - 2)
        to = {
            "up": seen.top - 1, "down": seen.top + 1, "pageup": seen.top - page, "pagedown": seen.top + page,
            "home": 0, "end": seen.furthest,
        }[motion]  # fmt: skip
        seen.scroll(to)

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

    def on_resize(self, _event: Resize) -> None:
        """Share the new room out."""
        self._deal_out()

    @property
    def _prompt(self) -> Prompt:
        return self.query_one("#item-prompt", Prompt)

    @property
    def _text(self) -> Passage:
        return self.query_one("#item-text", Passage)

    def _deal_out(self) -> None:
        """The prompt gets what it needs up to a third."""
        height, width = self.size.height, self.size.width
        if height and width:
            wanted = min(self._prompt.needs(width), max(2, height // 3))
            self._prompt.styles.height = "1fr" if self.is_closer else wanted
