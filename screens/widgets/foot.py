"""The two bottom lines: what happened last, and the keys that matter now."""

from textual.content import Content
from textual.widget import Widget

from screens.actions import Action
from screens.text import cut

_MOST_KEYS = 6
_GAP = 2
_STYLES = {"say": "$text-muted", "warn": "$text-warning", "error": "$text-error"}
_MARKS = {"say": "", "warn": "⚠ ", "error": "✗ "}


class Note(Widget):
    """The notification line: a line of its own, so that it never covers what one reads."""

    DEFAULT_CSS = "Note { height: 1; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.said = ("", "say")

    def show(self, text: str, kind: str = "say") -> None:
        """Say `text` (from anywhere), until something else is said."""
        if (text, kind) != self.said:
            self.said = (text, kind)
            self.refresh()

    def render(self) -> Content:
        """Draw the line, cut to the width."""
        text, kind = self.said
        mark = _MARKS[kind] if text else ""
        return Content.styled(cut(mark + text, self.content_size.width), _STYLES[kind])


class Foot(Widget):
    """At most six keys with what they do."""

    DEFAULT_CSS = "Foot { height: 1; padding: 0 1; background: $panel; color: $text-muted; }"

    def __init__(self, actions: list[Action]) -> None:
        super().__init__()
        self._actions = actions

    def show(self, actions: list[Action]) -> None:
        """Offer other keys: a pane has other ones in another state."""
        if actions != self._actions:
            self._actions = actions
            self.refresh()

    def render(self) -> Content:
        """Draw as many keys as fit; the last, help, always."""
        chosen = [action for action in self._actions if action.footer]
        *own, last = chosen[: _MOST_KEYS - 1] + chosen[-1:] if len(chosen) > _MOST_KEYS else chosen
        room = self.content_size.width - _key(last).cell_length
        parts: list[Content] = []
        for action in own:
            key = _key(action)
            room -= key.cell_length + _GAP
            if room < 0:
                break
            parts.append(key)
        return Content(" " * _GAP).join([*parts, _key(last)])


def _key(action: Action) -> Content:
    return Content.assemble((action.shown_keys, "bold $primary"), " ", action.label)
