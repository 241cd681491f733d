"""What was said class by class as tables that the command and the screen share."""

from dataclasses import dataclass

from workbench.label.by_class import ByClass, Confusion

_WIDEST = 6
"""So many classes fit beside each other; of more the commonest confusions are listed."""
_MOST = 12
_LONGEST = 16
"""Letters of a class's name."""
_ROOM = 60
"""Letters of all names beside each other, so that the table fits into a window of 80 cells."""


@dataclass(frozen=True)
class Table:
    """Rows of cells below their heads; all but the first column are numbers unless `is_text`."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_text: bool = False


def class_tables(found: ByClass) -> list[Table]:
    """Return the classes that came up, and who calls which by another name; of many the most frequent ones."""
    counts = sorted((each for each in found.counts if each.votes or each.accepted.of), key=lambda each: -each.votes)
    guesses = ("guessed", "accepted", "corrected") if found.guesses else ()
    rows = []
    for each in counts[:_MOST]:
        accepted, guessed = each.accepted.count, each.accepted.of
        beside = (f"{guessed:,}", f"{accepted:,}", f"{guessed - accepted:,}") if guesses else ()
        rows.append((_short(each.name), f"{each.votes:,}", *beside))
    more = len(counts) - _MOST
    rest = [(f"… {more:,} more", *[""] * (1 + len(guesses)))] if more > 0 else []
    tables = [Table(("called", "votes", *guesses), (*rows, *rest))] if counts else []
    return [*tables, *([_confused(found.confusion)] if found.confusion else [])]


def _confused(found: Confusion) -> Table:
    one, other = found.names
    names = list(dict.fromkeys(name for cell in found.cells for name in cell))
    if len(names) > _WIDEST:
        differing = sorted((-count, *cell) for cell, count in found.cells.items() if cell[0] != cell[1])
        most = tuple((_short(said), _short(also), f"{-count:,}") for count, said, also in differing[:_MOST])
        return Table((_short(one), _short(other), "times"), most, is_text=True)
    longest = min(_LONGEST, _ROOM // (len(names) + 1))
    rows: tuple[tuple[str, ...], ...] = tuple(
        (_short(name), *(f"{found.cells.get((name, also), 0):,}" for also in names)) for name in names
    )
    people = f"{_short(one, longest)} ↓ {_short(other, longest)} →"
    return Table((people, *(_short(name, longest) for name in names)), rows)


def _short(name: str, longest: int = _LONGEST) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
