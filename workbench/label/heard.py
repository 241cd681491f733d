"""What the screen hears of an annotator's steps: what is to be seen next, and what came of what it asked for."""

from dataclasses import dataclass

from workbench.errors import WorkbenchError
from workbench.label.collecting import Collected
from workbench.label.importing import Imported
from workbench.label.item_session import ItemShown
from workbench.label.offer import Offer
from workbench.label.records import Demonstration, Order
from workbench.label.schema import SetKind
from workbench.label.session import Shown
from workbench.label.stats import Stats


@dataclass(frozen=True)
class Importing:
    """A file is being read; `done` when that has ended."""

    set_name: str
    so_far: Imported
    kind: SetKind = "pairs"
    is_done: bool = False


@dataclass(frozen=True)
class NothingToUndo:
    """The annotator has no vote in this set."""


@dataclass(frozen=True)
class Judged:
    """What was said by the criteria of the rubric is on disk."""

    criteria: tuple[str, ...]


@dataclass(frozen=True)
class Reordered:
    """In which order a set is gone through is on disk."""

    set_name: str
    order: Order


Seen = Shown | ItemShown
"""A pair, another item, or the end of the set."""
Heard = (
    Seen | Offer | Importing | NothingToUndo | Judged | Reordered | Demonstration | Stats | Collected | WorkbenchError
)
