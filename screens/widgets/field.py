"""A line to type in."""

from typing import Any, ClassVar

from textual.binding import Binding
from textual.widgets import Input

_LONGEST = 4_000
"""Characters: every key costs as much time as there is text before it."""


class Field(Input):
    """Takes only characters that can be seen: a paste may hold anything, and Input draws its value as it is."""

    BINDINGS: ClassVar = [Binding("tab", "complete", show=False)]

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(value, **{"max_length": _LONGEST, **options})
        self.cursor_blink = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Tab alone where nothing is ever offered."""
        return self.suggester is not None if action == "complete" else super().check_action(action, parameters)

    def action_complete(self) -> None:
        """Take what is offered."""
        if self.cursor_at_end:
            self.action_cursor_right()

    def take_keys(self) -> None:
        """Have the keys from the very next one on; `focus` would wait, and what is typed meanwhile be commands."""
        self.screen.set_focus(self, scroll_visible=False)

    def take_late(self, character: str) -> None:
        """Take a letter that was typed before the field had the keys, and came by another way."""
        if self.selection.is_empty:
            self.insert_text_at_cursor(character)
        else:
            self.replace(character, *self.selection)

    def restricted(self) -> None:
        """Take no more than fits, and keep quiet about it: a paste of a file would ring for every letter."""

    def validate_value(self, value: str) -> str:
        """Return `value` without its control characters."""
        return "".join(filter(str.isprintable, value))
