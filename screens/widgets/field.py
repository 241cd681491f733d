"""A line to type in."""

from typing import Any

from textual.widgets import Input


class Field(Input):
    """Takes only characters that can be seen: a paste may hold anything, and Input draws its value as it is."""

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(value, **options)
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        """Return `value` without its control characters."""
        return "".join(filter(str.isprintable, value))
