"""The line in which a text is searched for: the field to the left, how many were found to the right."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from screens.widgets.field import Field

_WAIT_SECONDS = 0.12  # after a key, for the next one


class Count(Widget):
    """How many were found; of one width, so that another number moves nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ""

    def show(self, words: str) -> None:
        """Say it, if it is something else."""
        if words != self._words:
            self._words = words
            self.refresh()

    def render(self) -> Content:
        """Draw the words."""
        return Content(self._words)


class SearchBar(Horizontal):
    """Hidden while nothing is searched for."""

    DEFAULT_CSS = """
    SearchBar {
        height: 1;
        display: none;
        & > .search--slash { width: 3; padding-left: 1; color: $primary; text-style: bold; background: $panel; }
        & > Input { width: 1fr; padding: 0; }
        & > Count { width: 30; padding: 0 1; text-align: right; color: $foreground-muted; background: $panel; }
    }
    SearchBar.-open { display: block; }
    """

    class Asked(Message):
        """Another text is to be searched for; "" for none."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Draw the field."""
        yield Static("/", classes="search--slash", markup=False)
        field = Field(placeholder="a text in any column", select_on_focus=False)
        field.cursor_blink = False
        yield field
        yield Count()

    @property
    def text(self) -> str:
        """What is in the field."""
        return self.query_one(Input).value

    @property
    def is_typing(self) -> bool:
        """Whether the field has the keys."""
        return self.query_one(Input).has_focus

    def open(self) -> None:
        """Show the field and give it the keys."""
        self.add_class("-open")
        self.query_one(Field).take_keys()

    def show(self, text: str) -> None:
        """Show what is searched for, without giving the field the keys; hide it when that is nothing."""
        self._stop_waiting()
        field = self.query_one(Input)
        with field.prevent(Input.Changed):
            field.value = text
        self.set_class(bool(text), "-open")
        self.leave()

    def leave(self) -> None:
        """Give the keys back."""
        if self.is_typing:
            self.screen.set_focus(None)
        if not self.text:
            self.remove_class("-open")

    def count(self, words: str) -> None:
        """Say how many were found."""
        self.query_one(Count).show(words)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._stop_waiting()
        self._timer = self.set_timer(_WAIT_SECONDS, self._ask)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._stop_waiting()
        self._ask()
        self.leave()

    def _ask(self) -> None:
        self.post_message(self.Asked(self.text))

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
