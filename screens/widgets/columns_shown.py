"""Which columns of a data set are shown, and in what order; the file's own order is the first."""

from collections.abc import Sequence


class ColumnsShown:
    """Places of columns, counted from 0. One of them at least is always shown."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.places: list[int] = list(range(count))

    @property
    def hidden(self) -> int:
        """How many columns are not shown."""
        return self._count - len(self.places)

    def hide(self, at: int) -> None:
        """Hide what is shown at `at`."""
        if len(self.places) > 1:
            del self.places[at]

    def show_all(self) -> None:
        """Show every column, in the file's order."""
        self.places = list(range(self._count))

    def move(self, at: int, step: int) -> int:
        """Put what is shown at `at` further left or right; return where it is then."""
        to = max(0, min(at + step, len(self.places) - 1))
        self.places.insert(to, self.places.pop(at))
        return to

    def kept(self, names: Sequence[str]) -> list[str] | None:
        """Return the names of the columns that are shown, in order; None for all of them as they are."""
        return None if self.places == list(range(self._count)) else [names[place] for place in self.places]

    def restore(self, kept: object, names: Sequence[str]) -> None:
        """Show what `kept` returned once, as far as there are such columns."""
        known = {name: place for place, name in enumerate(names)}
        if isinstance(kept, list):
            places = [known[name] for name in kept if isinstance(name, str) and name in known]
            self.places = list(dict.fromkeys(places)) or self.places
