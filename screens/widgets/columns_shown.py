"""Which columns of a data set are shown, and in what order; the file's own order is the first."""

from collections.abc import Sequence

from screens.widgets.columns import Column
from workbench.data.browser import Browser
from workbench.data.opened import Opened
from workbench.data.query import Order

_MOST = 300
"""Nobody looks at more; the row beside the table and SQL know the others."""


class ColumnsShown:
    """Places of columns, counted from 0. One of them at least is always shown."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.places: list[int] = list(range(min(count, _MOST)))

    @property
    def hidden(self) -> int:
        """How many columns are not shown."""
        return self._count - len(self.places)

    def hide(self, at: int) -> None:
        """Hide what is shown at `at`."""
        if len(self.places) > 1:
            del self.places[at]

    def show_all(self) -> None:
        """Show every column, in the file's order; of very many the first."""
        self.places = list(range(min(self._count, _MOST)))

    def move(self, at: int, step: int) -> int:
        """Put what is shown at `at` further left or right; return where it is then."""
        to = max(0, min(at + step, len(self.places) - 1))
        self.places.insert(to, self.places.pop(at))
        return to

    def kept(self, names: Sequence[str]) -> list[str] | None:
        """Return the names of the columns that are shown, in order; None for all of them as they are."""
        return None if self.places == list(range(min(self._count, _MOST))) else [names[place] for place in self.places]

    def restore(self, kept: object, names: Sequence[str]) -> None:
        """Show what `kept` returned once, as far as there are such columns."""
        known = {name: place for place, name in enumerate(names)}
        if isinstance(kept, list):
            places = [known[name] for name in kept if isinstance(name, str) and name in known]
            self.places = list(dict.fromkeys(places)) or self.places


def heads(opened: Opened, browser: Browser, columns: ColumnsShown) -> list[Column]:
    """Return what stands over the columns that are shown; an arrow where the rows are sorted by one."""
    parts = set(opened.schema.mapping.values())
    order = browser.query.order if browser.query else None
    found = []
    for place in columns.places:
        each = opened.rows.columns[place]
        arrow = (" ↓" if order.is_descending else " ↑") if order and order.column == each.name else ""
        found.append(Column(each.name + arrow, each.type in ("integer", "number"), each.name in parts))
    return found


def order_of(kept: object, names: Sequence[str]) -> Order | None:
    """Return the order that was kept as [column, whether it descends]; None where there is no such column."""
    if isinstance(kept, list) and len(kept) == 2 and kept[0] in names:
        return Order(kept[0], bool(kept[1]))
    return None
