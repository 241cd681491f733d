"""One line to type something in, with a word before it that says what."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from screens.widgets.field import Field


class TypedLine(Horizontal):
    """Hidden while there is nothing in it. Enter keeps what is typed, Escape leaves the field as well."""

    DEFAULT_CSS = """
    TypedLine {
        height: 1;
        display: none;
        & > Static { width: auto; padding: 0 1; color: $primary; text-style: bold; background: $panel; }
        & > Input { width: 1fr; padding: 0; }
    }
    TypedLine.-open { display: block; }
    """

    class Entered(Message):
        """What was typed is to be used."""

        def __init__(self, purpose: str, text: str) -> None:
            self.purpose = purpose
            self.text = text
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self.purpose = ""

    def compose(self) -> ComposeResult:
        """Draw the word and the field."""
        yield Static("", markup=False)
        field = Field(select_on_focus=False)
        field.cursor_blink = False
        yield field

    @property
    def text(self) -> str:
        """What is in the field."""
        return self.query_one(Input).value

    @property
    def is_typing(self) -> bool:
        """Whether the field has the keys."""
        return self.query_one(Input).has_focus

    def open(self, purpose: str, placeholder: str, suggester: Suggester | None = None) -> None:
        """Give the field the keys; what was typed for the same purpose is still in it."""
        if purpose != self.purpose:
            self.show(purpose, "")
        self.query_one(Input).placeholder = placeholder
        self.query_one(Input).suggester = suggester
        self.add_class("-open")
        self.query_one(Field).take_keys()

    def show(self, purpose: str, text: str) -> None:
        """Show a text without giving the field the keys; nothing when it is empty."""
        self.purpose = purpose
        self.query_one(Static).update(purpose)
        self.query_one(Input).value = text
        self.leave()

    def leave(self) -> None:
        """Give the keys back."""
        if self.is_typing:
            self.screen.set_focus(None)
        self.set_class(bool(self.text), "-open")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.leave()
        self.post_message(self.Entered(self.purpose, self.text))
