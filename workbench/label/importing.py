"""From a preference file into the store: in slices, so that others can write meanwhile, and safe to do again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from workbench.data.shown import count_words
from workbench.data.table import BadRow
from workbench.label.choices import SKIP
from workbench.label.pairs import LeftOut
from workbench.label.records import NewItem, NewPair
from workbench.label.schema import NOUNS, SetKind
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
    ties: int = 0
    """Rows that say themselves that neither answer is better; they are pairs with that vote."""
    reasons: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """The numbers of all rows that were left out, by what is wrong with them."""

    @property
    def known(self) -> int:
        """Pairs that the set had already, or that the file holds twice."""
        return self.rows - self.added - self.left_out

    def words(self, set_name: str, kind: SetKind = "pairs") -> str:
        """Return what happened in one line."""
        parts = [f"{count_words(self.added, NOUNS[kind])} added to {set_name}"]
        if self.known:
            parts.append(f"{self.known:,} were there")
        if self.ties:
            parts.append(count_words(self.ties, "tie"))
        if self.left_out:
            parts.append(f"{count_words(self.left_out, 'row')} left out")
        return " · ".join(parts)


def import_pairs(
    store: Store,
    set_name: str,
    rows: Iterable[NewPair | NewItem | LeftOut],
    tell: Callable[[Imported], None] = lambda _: None,
    kind: SetKind = "pairs",
) -> Imported:
    """Add the pairs, or what else `rows` hold, to a set; `tell` is called after each thousand rows.

    Raises BadRow at a row that cannot be read, and WrongUse for a vote that cannot be given: what was added until then
    stays, and doing it again adds none of it twice.
    """
    done = Imported()
    left = iter(rows)
    while piece := list(islice(left, _SLICE)):
        items = [each.item if isinstance(each, NewPair) else each for each in piece if not isinstance(each, LeftOut)]
        errors = [each.error for each in piece if isinstance(each, LeftOut)]
        added = _add(store, set_name, kind, items) if items else 0
        done = Imported(
            done.rows + len(piece),
            done.added + added,
            done.left_out + len(errors),
            (*done.problems, *errors)[:_NAMED],
            done.ties + sum(isinstance(each, NewPair) and each.is_tied for each in piece),
            _with_reasons(done.reasons, errors),
        )
        tell(done)
    return done


def _add(store: Store, set_name: str, kind: SetKind, items: Sequence[NewItem]) -> int:
    if kind == "classes":
        said = [vote.choice for item in items for vote in item.votes if vote.choice != SKIP]
        store.make_set(set_name, kind, said + [item.guess.label for item in items if item.guess])
    return store.add_items(set_name, kind, items)


def _with_reasons(reasons: Mapping[str, tuple[int, ...]], errors: Sequence[BadRow]) -> dict[str, tuple[int, ...]]:
    found = {reason: list(rows) for reason, rows in reasons.items()}
    for error in errors:
        found.setdefault(error.detail, []).append(error.row)
    return {reason: tuple(rows) for reason, rows in found.items()}
