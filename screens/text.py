"""Text from outside on its way to the screen: made printable, cut by cells, and never read as markup."""

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from workbench.printable import printable


def shown(text: str, style: str = "") -> Content:
    """Return `text` on one line, every control character visible."""
    return Content.styled(printable(text), style)


def lines(text: str, style: str = "") -> Content:
    """Return `text` with its own line breaks; tabs become four spaces."""
    return Content.styled(printable(text, newlines=True).replace("\t", "    "), style)


def cut(text: str, width: int) -> str:
    """Return `text`, printable, on one line of at most `width` cells; what is missing is marked with `…`."""
    text = printable(text[: 4 * width + 4])
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 1 else "…"[:width]
