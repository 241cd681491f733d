"""The calculator: what an adapter of rank r costs on one matrix of d × k, for numbers that a person types."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from screens.widgets.drawn import Drawn
from workbench.lora.words import share, worked

_FIELDS = {"d": ("d, out", "100"), "k": ("k, in", "100"), "r": ("r, rank", "2")}
_MOST_DIGITS = 9
_LEAD = "No model is chosen. What would an adapter cost on one matrix?"
_HINT = "Ctrl+O chooses a model · Enter takes starter · Tab types other numbers"
_ASK = "Type three whole numbers above 0."
_HINT_IN_FIELD = "Enter next field · Esc leaves the fields"


class Calculator(Vertical):
    """Three fields and their answer, live."""

    DEFAULT_CSS = """
    Calculator { padding: 1 3; }
    Calculator Horizontal { height: 1; margin: 1 0; }
    Calculator .name { width: auto; color: $text-muted; padding: 0 1 0 0; }
    Calculator Input { width: 13; margin-right: 3; }
    Calculator Drawn { padding: 0; margin-bottom: 1; }
    """

    class Changed(Message):
        """Another number was typed."""

    def compose(self) -> ComposeResult:
        """Draw the fields and the answer."""
        yield Static(_LEAD, markup=False)
        with Horizontal():
            for key, (name, value) in _FIELDS.items():
                yield Static(name, classes="name", markup=False)
                field = Input(value, id=f"calculator-{key}", restrict=r"\d*", max_length=_MOST_DIGITS)
                field.cursor_blink = False
                yield field
        yield Drawn(id="answer")
        yield Drawn(id="hint")

    def on_mount(self) -> None:
        """Answer for the numbers that are there."""
        self._answer()
        self._hint("")

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the fields."""
        return {key: self._field(key).value for key in _FIELDS}

    def type(self, typed: dict[str, Any]) -> None:
        """Put something into the fields, where it is a number."""
        for key in _FIELDS:
            value = typed.get(key)
            if isinstance(value, str) and value.isdecimal() and len(value) <= _MOST_DIGITS:
                self._field(key).value = value

    def leave(self) -> bool:
        """Leave the field that has the keys; whether one had them."""
        focused = self.screen.focused
        if not isinstance(focused, Input):
            return False
        self.screen.set_focus(None)
        return True

    @on(Input.Changed)
    def _changed(self) -> None:
        self._answer()
        self.post_message(self.Changed())

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        fields = [self._field(key) for key in _FIELDS]
        following = fields[fields.index(event.input) + 1 :]
        self.screen.set_focus(following[0] if following else None)

    def on_descendant_focus(self) -> None:
        """Say what the keys do in a field."""
        self._hint(_HINT_IN_FIELD)

    def on_descendant_blur(self) -> None:
        """Say what the keys do outside."""
        self._hint("")

    def _hint(self, text: str) -> None:
        self.query_one("#hint", Drawn).show(Content.styled(text or _HINT, "$foreground-muted"))

    def _field(self, key: str) -> Input:
        return self.query_one(f"#calculator-{key}", Input)

    def _answer(self) -> None:
        numbers = [int(text or "0") for text in self.typed.values()]
        if not all(numbers):
            self.query_one("#answer", Drawn).show(Content.styled(_ASK, "$foreground-muted"))
            return
        d, k, r = numbers
        lines = [
            Content.assemble(text, "   ", (fate, "$accent" if fate == "trained" else "$foreground-muted"))
            for text, fate in worked(d, k, r)
        ]
        doubt = "an adapter larger than the matrix: r is over d·k / (d + k)" if r * (d + k) > d * k else ""
        self.query_one("#answer", Drawn).show(
            Content("\n").join(
                [*lines, Content(""), Content.styled(share(d, k, r), "bold"), Content.styled(doubt, "$text-warning")]
            )
        )
