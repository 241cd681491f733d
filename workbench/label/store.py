"""The votes of a workspace, in labels.db: a vote is on disk when `vote` returns, and nothing is ever deleted.

Apps and commands may use one file at once, each with a store of its own; a store is for one thread at a time.
What it holds is told in schema.py; what it is asked in items.py, votes.py and demonstrations.py.
"""

from pathlib import Path

from workbench.errors import Missing, WrongUse
from workbench.label.database import Database
from workbench.label.demonstrations import Demonstrations
from workbench.label.facts import Facts, read_facts


def open_store(path: Path, *, to_read: bool = False) -> "Store":
    """Open the labels at `path` (a workspace's `labels.db`), or begin them.

    One that is opened only `to_read` leaves the place of the one writer, which a network disk has, to others.
    Raises WrongUse when the file is another program's or of a newer version, Missing when it cannot be opened, and
    WorkbenchError when it is damaged.
    """
    return Store(path, to_read=to_read)


def existing_store(path: Path, set_name: str, *, to_read: bool = True) -> "Store":
    """Open the labels at `path` as `open_store` does, but make none.

    Raises Missing when nothing was ever labelled there, so there is no set of that name.
    """
    if not path.exists():
        raise Missing(f"there is no set of pairs named {set_name}", f"workbench label import FILE --into {set_name}")
    return Store(path, to_read=to_read)


class Store(Demonstrations):
    """Sets of items and their votes. Every method may raise WorkbenchError: a full disk, a folder to be read only."""

    def __init__(self, path: Path, *, to_read: bool = False) -> None:
        super().__init__(Database(path, to_read=to_read))

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._database.path

    @property
    def safety(self) -> str:
        """What a person should know of how the file is kept safe; "" where nothing is out of the ordinary."""
        return self._database.safety

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def facts(self, set_name: str, criterion: str = "", *, of_any_kind: bool = False) -> Facts:
        """Return who said what of which pair, or of which item in a set `of_any_kind`.

        Raises Missing where there is no set, WrongUse where it has no pairs.
        """
        found = read_facts(self._database, set_name, criterion)
        if not found.items and all(each.name != set_name for each in self.sets()):
            raise Missing(f"there is no set of pairs named {set_name}", "workbench label list")
        if found.kind != "pairs" and not of_any_kind:
            raise WrongUse(f"{set_name} holds no pairs, its kind is {found.kind}", "choose a set of pairs")
        return found
