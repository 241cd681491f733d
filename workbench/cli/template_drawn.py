"""A row as `workbench template show` draws it: a line a turn, white space visible, and what is trained marked."""

from collections.abc import Collection
from typing import Any

from workbench.cli.output import console, line
from workbench.data.shown import count_words
from workbench.template.compared import Compared
from workbench.template.layout import Layout, lay_out, marks_below
from workbench.template.seen import Seen
from workbench.template.spec import EncoderSpec, template_name

_MARGIN = 11  # the longest usual role, assistant, and two spaces
_LEAST_WIDTH = 20


def draw(seen: Seen, lead: str, differing: Collection[int] = ()) -> None:
    """Print a row's counts, its tokens with what is trained underlined, and what is wrong; `differing` are places."""
    stop = "yes" if seen.has_stop else "no"
    line(f"{lead} · {len(seen.tokens)} tokens, {seen.trained} trained · stop token trained: {stop}")
    layout = lay_out(seen.tokens, max(_LEAST_WIDTH, console().width - _MARGIN), differing)
    for row in range(layout.tops[-1]):
        _draw_row(seen, layout, row, differing)
    for mark, what, fix in seen.judged():
        line(f"{mark} {what}: {fix}" if fix else f"{mark} {what}")


def draw_both(seen: tuple[Seen, Seen], specs: tuple[EncoderSpec, EncoderSpec], row: int, found: Compared) -> None:
    """Print a row under two templates or policies, one below the other, with the differences marked in both."""
    places = (found.places, found.turned().places)
    for each, spec, differing in zip(seen, specs, places, strict=True):
        draw(each, f"row {row} · template: {template_name(spec)} · train: {spec.train_on}", differing)
        line()
    count = count_words(len(found.differences), "difference")
    line(f"{count}, marked ═ where trained and ╌ where not" if found.differences else "no difference")


def _draw_row(seen: Seen, layout: Layout, row: int, differing: Collection[int]) -> None:
    from rich.text import Text

    number, is_below = layout.row(row)
    drawn = layout.lines[number]
    margin: Any = (f"{layout.beside(row):<{_MARGIN}}", "bold" if drawn.role and not is_below else "dim")
    if is_below:
        text = Text.assemble(margin, marks_below(drawn, seen.tokens, differing))
        text.rstrip()
    else:
        trained = [(piece.text, seen.tokens[piece.token].is_trained) for piece in drawn.pieces]
        text = Text.assemble(margin, *((text, "underline" if on else "dim") for text, on in trained))
    console().print(text, soft_wrap=True)
