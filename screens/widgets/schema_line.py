"""The lines above the rows: how many there are, what kind of data this is, and what one should know about it."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from screens.text import cut, shown
from workbench.data.schema import Schema
from workbench.data.shown import mapping_words

Line = tuple[str, str]
"""A text, which may come from outside, and its style."""


class SchemaLine(Widget):
    """One line, and a few more where there is something to know, each cut to the width; what went wrong is wrapped."""

    DEFAULT_CSS = """
    SchemaLine { height: auto; min-height: 1; padding: 0 1; margin-bottom: 1; }
    """
    _MOST_NOTES = 3

    def __init__(self) -> None:
        super().__init__()
        self._lead = ""
        self._rest = ""
        self._lines: Sequence[Line] = ()

    def data(self, rows: str, count: int | None, columns: Sequence[str], schema: Schema, notes: Sequence[str]) -> None:
        """Describe rows: how many are shown, in words, and how many there are."""
        self._draw(rows, f" · {_kind(count, columns, schema)}", [(f"⚠ {note}", "$text-warning") for note in notes])

    def tell(self, text: str, more: str = "") -> None:
        """Say one thing, and below it what to do."""
        self._draw(text, "", [(more, "$foreground-muted")] if more else [])

    def trouble(self, what: str, fix: str) -> None:
        """Say what went wrong and what to do."""
        self._draw("", "", [(f"✗ {what}", "$text-error"), *([(fix, "")] if fix else [])])

    def _draw(self, lead: str, rest: str, lines: Sequence[Line]) -> None:
        asked = (lead, rest, lines[: self._MOST_NOTES])
        if asked != (self._lead, self._rest, self._lines):
            has_other_height = len(asked[2]) != len(self._lines) or not (lead and self._lead)
            self._lead, self._rest, self._lines = asked
            self.refresh(layout=has_other_height)

    def render(self) -> Content:
        """Draw the lines."""
        width = self.content_size.width
        lead = cut(self._lead, width)
        first = [Content.assemble((lead, "bold"), cut(self._rest, width - cell_len(lead)))] if lead else []
        others = (shown(cut(text, width) if lead else text, style) for text, style in self._lines)
        return Content("\n").join([*first, *others])


def _kind(count: int | None, columns: Sequence[str], schema: Schema) -> str:
    if not columns:
        return "no columns"
    if count == 0:
        return f"only a header: {', '.join(columns)}"
    if schema.name == "unknown":
        return f"schema unknown: {schema.reason}"
    return f"{schema.name}: {mapping_words(schema.mapping)} · {schema.reason}"
