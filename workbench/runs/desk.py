"""What a person has in hand, kept in .workbench/ so that the next start of the app goes on where this one stood.

Each app has a desk of its own: the first to open a workspace takes `draft.yaml`, a second one works on a copy.
"""

import contextlib
import fcntl
import itertools
import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from workbench.errors import WorkbenchError
from workbench.runs.draft import Draft, read_draft, write_draft
from workbench.strict_json import read_object
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Hand:
    """The selection: the draft and what it points to."""

    draft: Draft = field(default_factory=Draft)
    row: int = 1
    """Of the draft's data, counted from 1."""
    run: str | None = None
    pairs: str | None = None
    """The name of a set of preference pairs."""

    def with_changes(self, draft: dict[str, Any] | None = None, **changes: Any) -> "Hand":
        """Return the hand with other values; those of the draft are checked (WrongUse)."""
        if draft is not None:
            changes["draft"] = self.draft.changed(**draft)
        return replace(self, **changes)


class Desk:
    """One app's own files in .workbench/; the lock on them is held until the process ends."""

    def __init__(self, workspace: Workspace) -> None:
        self.folder = workspace.folder / ".workbench"
        self._lock: IO[str] | None = None
        self._number = 1

    def restore(self) -> tuple[Hand, dict[str, Any], str]:
        """Return the hand, the places of the panes, and what could not be read (empty when all could)."""
        self._take_number()
        first, own = self._files(1), self._files(self._number)
        draft_file, place_file = (mine if mine.exists() else theirs for mine, theirs in zip(own, first, strict=True))
        problem = ""
        try:
            draft = read_draft(draft_file)
        except (WorkbenchError, OSError) as error:
            kept = draft_file.with_suffix(".unreadable.yaml")
            with contextlib.suppress(OSError):
                draft_file.replace(kept)
            problem, draft = f"the draft could not be read, and is kept as {kept.name}: {error}", Draft()
        place = read_object(place_file)
        hand = Hand(draft, _whole(place.pop("row", 1)), _text(place.pop("run", None)), _text(place.pop("pairs", None)))
        return hand, place, problem

    def save(self, hand: Hand, place: dict[str, Any]) -> None:
        """Write both files. Raises OSError where that cannot be done."""
        self.folder.mkdir(exist_ok=True)
        self._take_number()
        draft_file, place_file = self._files(self._number)
        write_draft(hand.draft, draft_file)
        fresh = place_file.with_suffix(".new")
        content = {**place, "row": hand.row, "run": hand.run, "pairs": hand.pairs}
        fresh.write_text(json.dumps(content), encoding="utf-8")
        fresh.replace(place_file)

    @property
    def draft_file(self) -> Path:
        """Where this app's draft is written."""
        return self._files(self._number)[0]

    def _files(self, number: int) -> tuple[Path, Path]:
        mark = "" if number == 1 else f".{number}"
        return self.folder / f"draft{mark}.yaml", self.folder / f"place{mark}.json"

    def _take_number(self) -> None:
        """Take the first number that no other app holds; where nothing can be written there is nothing to share."""
        if self._lock is not None or not self.folder.is_dir():
            return
        for number in itertools.count(1):
            try:
                lock = (self.folder / f"app{number}.lock").open("a")
            except OSError:
                return
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                continue
            except OSError:  # a file system without locks
                pass
            os.set_inheritable(lock.fileno(), False)
            self._lock, self._number = lock, number
            return


def _whole(found: Any) -> int:
    return found if isinstance(found, int) and found > 0 else 1


def _text(found: Any) -> str | None:
    return found if isinstance(found, str) else None
