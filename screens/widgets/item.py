"""One text to be judged: an answer below its prompt, or a row that stands alone; scrolled by its lines."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.events import Resize

from screens.widgets.passage import Passage, Prompt
from screens.widgets.read import Read, scroll_together
from screens.widgets.table import Motion
from workbench.label.reading import Said


class ItemView(Read):
    """A prompt, if there is one, and a text."""

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
        scroll_together([self._prompt if self.is_closer else self._text], motion)

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
