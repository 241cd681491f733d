"""One row, whole: each field under its name, its text wrapped, and what was left out in words."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len
from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.text import lines, shown
from screens.widgets.table import Motion
from workbench.data.shown import Field, Piece, pair_of

_INDENT = 2
_ROOM_FOR_TWO = 90  # cells: below that the answers of a pair stand one below the other
_BETWEEN = " │ "
_DIFFERENT = "$primary underline"
_MARGIN = 1
"""Drawn with the text rather than by a style: every change of colour costs bytes on every line."""


class RowView(ScrollView, can_focus=False):
    """The row under the cursor. It scrolls with `move`; the pane that holds it has the keys."""

    DEFAULT_CSS = """
    RowView {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
    }
    """
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._title = ""
        self._hint = ""
        self._fields: Sequence[Field] = ()
        self._trouble = ""
        self._needle = ""
        self._problems: Sequence[str] = ()
        self._strips: list[Strip] = []

    def show(
        self,
        title: str,
        fields: Sequence[Field] = (),
        *,
        trouble: str = "",
        needle: str = "",
        problems: Sequence[str] = (),
    ) -> None:
        """Show another row; `trouble` is why it cannot be read, `problems` what else is wrong with it.

        `needle`, case-folded, is marked where it is seen.
        """
        asked = (title, fields, trouble, needle, problems)
        if asked != (self._title, self._fields, self._trouble, self._needle, self._problems):
            is_other = title != self._title
            self._title, self._fields, self._trouble, self._needle, self._problems = asked
            self._lay_out()
            if is_other:
                self.scroll_to(y=0, animate=False, force=True)

    def hint(self, text: str) -> None:
        """Say, beside the title, which keys matter here."""
        self._hint = text
        self._lay_out()

    def move(self, motion: Motion) -> None:
        """Scroll by a line, a page, or to an end."""
        page = max(self.scrollable_content_region.height - 1, 1)
        top, end = self.scroll_offset.y, self.virtual_size.height
        to = {"up": top - 1, "down": top + 1, "pageup": top - page, "pagedown": top + page, "home": 0, "end": end}
        self.scroll_to(y=to[motion], animate=False, force=True)

    def on_resize(self) -> None:
        """Wrap the text anew."""
        self._lay_out()

    def notify_style_update(self) -> None:
        """Draw in the colours of another theme."""
        super().notify_style_update()
        self._lay_out()

    def _lay_out(self) -> None:
        region, before = self.scrollable_content_region, len(self._strips)
        width = region.width - 2 * _MARGIN
        self._strips = [strip for content, indent in self._parts() for strip in self._wrapped(content, indent, width)]
        self.virtual_size = Size(0, max(len(self._strips), region.height))
        self.refresh(Region(0, 0, region.width, max(before, len(self._strips))))

    def _wrapped(self, content: Content, indent: int, width: int) -> Iterator[Strip]:
        style = self.visual_style
        margin = Segment(" " * (_MARGIN + indent), style.rich_style)
        for line in content.wrap(max(width - indent, 1)):
            yield Strip([margin, *line.render_segments(style)])

    def _parts(self) -> Iterator[tuple[Content, int]]:
        """Each paragraph with how far it is indented."""
        yield Content.assemble((self._title, "bold"), (self._hint, "$foreground-muted")), 0
        if self._trouble:
            yield lines(f"✗ {self._trouble}", "$text-error"), 0
        for problem in self._problems:
            style = "$text-error" if problem.startswith("✗") else "$text-warning"
            yield shown(problem, style if not problem.startswith("·") else "$foreground-muted"), 0
        was_short = False
        pair = pair_of(self._fields) if self._room >= _ROOM_FOR_TWO else None
        for at, field in enumerate(self._fields):
            if pair is not None and at in pair:
                yield from self._beside(*(self._fields[place] for place in pair)) if at == pair[0] else ()
                continue
            is_short = self._is_short(field)
            if not (is_short and was_short):
                yield Content(""), 0
            yield from self._on_one_line(field) if is_short else self._below_its_name(field)
            was_short = is_short

    @property
    def _room(self) -> int:
        return self.scrollable_content_region.width - 2 * _MARGIN

    def _beside(self, *answers: Field) -> Iterator[tuple[Content, int]]:
        """The two answers of a pair in two columns."""
        half = (self._room - len(_BETWEEN)) // 2
        columns = [
            [
                Content(" " * indent) + line
                for part, indent in self._below_its_name(field)
                for line in part.wrap(max(half - indent, 1))
            ]
            for field in answers
        ]
        yield Content(""), 0
        for left, right in zip_longest(*columns, fillvalue=Content("")):
            gap = Content(" " * max(half - left.cell_length, 0))
            yield left + gap + Content.styled(_BETWEEN, "$foreground-muted") + right, 0

    def _is_short(self, field: Field) -> bool:
        """Whether a column that the schema has no use for fits on one line with its name."""
        text = field.pieces[0].text
        is_plain = len(field.pieces) == 1 and not (field.is_part or field.pieces[0].speaker or "\n" in text)
        return (
            is_plain
            and cell_len(field.name) + len(text) + _INDENT <= self.scrollable_content_region.width - 2 * _MARGIN
        )

    def _on_one_line(self, field: Field) -> Iterator[tuple[Content, int]]:
        name = shown(field.name + " " * _INDENT, "$foreground-muted")
        yield name + _marked(shown(field.pieces[0].text, _style(field)), self._needle), 0

    def _below_its_name(self, field: Field) -> Iterator[tuple[Content, int]]:
        source = shown(f" ← {field.source}" if field.source else "", "$foreground-muted")
        yield shown(field.name, "bold $primary" if field.is_part else "$foreground-muted") + source, 0
        for piece in field.pieces:
            yield from self._piece(piece, field)
        if field.rest:
            yield Content.styled(f"… {field.rest}", "$text-warning"), _INDENT

    def _piece(self, piece: Piece, field: Field) -> Iterator[tuple[Content, int]]:
        indent = _INDENT
        if piece.speaker:
            yield shown(piece.speaker, "italic $foreground-muted"), _INDENT
            indent += _INDENT
        text = lines(piece.text.rstrip("\n"), _style(field))
        if len(text.plain) == len(piece.text.rstrip("\n")):
            for start, stop in piece.marks:
                text = text.stylize(_DIFFERENT, start, stop)
        yield _marked(text, self._needle), indent

    def render_line(self, y: int) -> Strip:
        """Draw a line."""
        width = self.scrollable_content_region.width
        at = self.scroll_offset.y + y
        if at >= len(self._strips):
            return Strip.blank(width, self.visual_style.rich_style)
        return self._strips[at].adjust_cell_length(width, self.visual_style.rich_style).simplify()


def _style(field: Field) -> str:
    return "$foreground-muted" if field.is_empty else ""


def _marked(text: Content, needle: str) -> Content:
    """`text` with every occurrence of the needle marked; left alone where folding changes its length."""
    folded = text.plain.casefold()
    if not needle or len(folded) != len(text.plain):
        return text
    at = folded.find(needle)
    while at >= 0:
        text = text.stylize("bold underline", at, at + len(needle))
        at = folded.find(needle, at + len(needle))
    return text
