"""What there is to label when no set is chosen: the sets here, the data in hand if it holds pairs, a run's answers."""

from dataclasses import dataclass
from pathlib import Path

from workbench.data.rows import open_rows
from workbench.data.spec import DataSpec
from workbench.errors import WorkbenchError
from workbench.label.drawing import Drawing, last_drawing
from workbench.label.pairs import PreferenceRows
from workbench.label.records import PairSet
from workbench.label.store import open_store
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Offer:
    """What one can begin with."""

    asked_for: str | None
    """The set that was chosen and is not there."""
    file: Path | None
    """The data in hand, when it is a preference file."""
    sets: tuple[PairSet, ...]
    drawing: Drawing | None = None
    """The pairs that the last finished run can make."""

    @property
    def set_name(self) -> str:
        """The set that the pairs of the file go to."""
        return "" if self.file is None else name_for(self.file)


def name_for(file: Path) -> str:
    """Return the name of the set that a file's pairs go to, where nobody chose one."""
    return file.stem or file.name


def look_around(labels: Path, data: DataSpec | None, asked_for: str | None = None) -> Offer:
    """Return what there is; reads the disk, makes nothing. A store that cannot be opened raises WorkbenchError."""
    sets: list[PairSet] = []
    if labels.exists():
        with open_store(labels, to_read=True) as store:
            sets = [each for each in store.sets() if each.pairs]
    return Offer(asked_for, _preference_file(data), tuple(sets), last_drawing(Workspace(labels.parent)))


def _preference_file(data: DataSpec | None) -> Path | None:
    """The draft's data, if it lies here and holds pairs; anything that is wrong with it is for the Data pane to say."""
    if data is None:
        return None
    path = Path(data.train).expanduser()
    try:
        if path.is_file():
            PreferenceRows(open_rows(path), data.map)
            return path
    except (WorkbenchError, OSError):
        pass
    return None
