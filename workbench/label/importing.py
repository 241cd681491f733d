"""From a preference file into the store: in slices, so that others can write meanwhile, and safe to do again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from workbench.data.shown import count_words
from workbench.data.table import BadRow
from workbench.label.pairs import LeftOut, PreferenceRows
from workbench.label.records import NewPair
from workbench.label.store import Store

_SLICE = 1000
_NAMED = 5
"""Rows that are left out are counted; this many are kept with their reason."""


@dataclass(frozen=True)
class Imported:
    """What became of the rows so far."""

    rows: int = 0
    added: int = 0
    """Pairs that the set did not have before."""
    left_out: int = 0
    problems: tuple[BadRow, ...] = ()
    """Why the first of those rows were left out."""

    @property
    def known(self) -> int:
        """Pairs that the set had already, or that the file holds twice."""
        return self.rows - self.added - self.left_out

    def words(self, set_name: str) -> str:
        """Return what happened in one line."""
        parts = [f"{count_words(self.added, 'pair')} added to {set_name}"]
        if self.known:
            parts.append(f"{self.known:,} were there")
        if self.left_out:
            parts.append(f"{count_words(self.left_out, 'row')} left out")
        return " · ".join(parts)


def import_pairs(
    store: Store, set_name: str, rows: PreferenceRows, tell: Callable[[Imported], None] = lambda _: None
) -> Imported:
    """Add pairs to a set; `tell` is called after each thousand rows.

    Raises BadRow at a row that cannot be read: what was added until then stays, and doing it again adds none of it
    twice.
    """
    done = Imported()
    left = iter(rows)
    while piece := _piece(left):
        pairs = [each for each in piece if isinstance(each, NewPair)]
        errors = [each.error for each in piece if isinstance(each, LeftOut)]
        added = store.add_pairs(set_name, pairs) if pairs else 0
        done = Imported(
            done.rows + len(piece),
            done.added + added,
            done.left_out + len(errors),
            (*done.problems, *errors)[:_NAMED],
        )
        tell(done)
    return done


def _piece(left: Iterator[NewPair | LeftOut]) -> list[NewPair | LeftOut]:
    return list(islice(left, _SLICE))
