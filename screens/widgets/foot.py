"""The two bottom lines: what happened last, and the keys that matter now."""

from textual.content import Content
from textual.widget import Widget

from screens.actions import Action
from screens.text import cut

_MOST_KEYS = 6
_GAP = 2
_MOST_LINES = 3
_STYLES = {"say": "$foreground-muted", "warn": "$text-warning", "error": "$text-error"}
_MARKS = {"say": "", "warn": "⚠ ", "error": "✗ "}


class Note(Widget):
    """The notification line: a line of its own, so that it never covers what one reads.

    What went wrong is told whole, on up to three lines, for what to do about it stands at its end.
    """

    DEFAULT_CSS = "Note { height: 1; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.said = ("", "say")

    def show(self, text: str, kind: str = "say") -> None:
        """Say `text` (from anywhere), until something else is said."""
        if (text, kind) != self.said:
            self.said = (text, kind)
            self._fit()
            self.refresh()

    def on_resize(self) -> None:
        """Tell it on as many lines as it takes now."""
        self._fit()

    def render(self) -> Content:
        """Draw what is said, cut to the room."""
        return Content("\n").join(self._lines())

    def _fit(self) -> None:
        height = len(self._lines())
        if self.styles.height is None or self.styles.height.value != height:  # else all would be laid out anew
            self.styles.height = height

    def _lines(self) -> list[Content]:
        text, kind = self.said
        text, width, style = f"{_MARKS[kind]}{text}" * bool(text), self.content_size.width, _STYLES[kind]
        if kind != "error" or not width:
            return [Content.styled(cut(text, width), style)]
        return Content.styled(cut(text, _MOST_LINES * width), style).wrap(width)[:_MOST_LINES]


class Foot(Widget):
    """At most six keys with what they do: the pane's own, where `>` leads, and the help."""

    DEFAULT_CSS = "Foot { height: 1; padding: 0 1; background: $panel; color: $text-muted; }"

    def __init__(self, actions: list[Action]) -> None:
        super().__init__()
        self._actions = [action for action in actions if action.footer]
        self._next = ""

    def show(self, actions: list[Action]) -> None:
        """Offer other keys: a pane has other ones in another state. The last is the help."""
        chosen = [action for action in actions if action.footer]
        if chosen != self._actions:
            self._actions = chosen
            self.refresh()

    def lead_to(self, next_pane: str) -> None:
        """Say where `>` leads now; empty for nowhere."""
        if next_pane != self._next:
            self._next = next_pane
            self.refresh()

    def render(self) -> Content:
        """Draw as many keys as fit; the last two always."""
        *own, help_ = self._actions
        last = [_key(">", self._next)] if self._next else []
        last.append(_key(help_.shown_keys, help_.label))
        room = self.content_size.width - sum(key.cell_length + _GAP for key in last)
        parts: list[Content] = []
        for action in own[: _MOST_KEYS - len(last)]:
            key = _key(action.shown_keys, action.label)
            room -= key.cell_length + _GAP
            if room < 0:
                break
            parts.append(key)
        return Content(" " * _GAP).join([*parts, *last])


def _key(keycap: str, label: str) -> Content:
    return Content.assemble((keycap, "bold $primary"), " ", label)
