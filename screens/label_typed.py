"""What is typed in the Label pane, and kept when the app is left: who votes, notes, and files to import."""

import contextlib
from pathlib import Path
from typing import Any

from textual import on

from screens.label_items import CLASS, NOTE
from screens.label_runs import JUDGE, LabelRuns
from screens.widgets.typed_line import TypedLine
from workbench.label.annotator import login_name, says_who
from workbench.label.offer import name_for

_FILE = "preference file"
_WHO = "who votes"


class LabelTyped(LabelRuns):
    """The line that is typed in; the pane opens the set that it is about."""

    def __init__(self) -> None:
        super().__init__()
        self._place: dict[str, Any] = {}

    def vote_anew(self) -> None:
        """Open the set again, for another annotator."""
        raise NotImplementedError

    # who votes

    @property
    def _named(self) -> str:
        """Who votes, by the command line or the settings."""
        return self.workbench.annotator or self.workspace.settings.annotator

    @property
    def annotator(self) -> str:
        """Who votes: as the command line or the settings say, as was said here, or as the system knows the person."""
        said = self._place.get("annotator")
        return self._named or (said if isinstance(said, str) and said else login_name())

    def ask_who(self) -> None:
        """Ask who votes, where nobody said it yet and the system's name for the person does not tell."""
        if "annotator" not in self._place and not self._named and not says_who(login_name()):
            self.query_one(TypedLine).open(_WHO, f"your name, kept with each vote; empty: {self.annotator}")

    def _called(self, name: str) -> None:
        """Vote under this name from now on; without one, under the system's."""
        self._place = {**self._place, "annotator": name}
        if name:
            self.vote_anew()
        self.remember()

    # what is written beside a vote

    @property
    def note(self) -> str:
        """What is written beside the vote."""
        line = self.query_one(TypedLine)
        return line.text.strip() if line.purpose == NOTE else ""

    def note_kept(self, item_id: int) -> str:
        """Return what was being written when the app was left."""
        note, self._place = self._place.get("note"), {**self._place, "note": ""}
        return note if isinstance(note, str) and self._place.get("pair") == item_id else ""

    def order_kept(self, item_id: int) -> str:
        """Return the order in which a ranking was left when the app ended; "" for none."""
        order, self._place = self._place.get("order"), {**self._place, "order": ""}
        return order if isinstance(order, str) and self._place.get("pair") == item_id else ""

    def action_note(self) -> None:
        """Write something beside the vote."""
        if self._shown is not None and self._shown.item_id is not None:
            self.query_one(TypedLine).open(NOTE, "why; it is stored with the vote")

    # files

    def action_import_file(self) -> None:
        """Ask for a preference file."""
        self._note_aside = self.note
        self.query_one(TypedLine).open(
            _FILE, "its path; rows with chosen and rejected, a ranking, a yes or no, or a label"
        )

    def import_from(self, file: Path, map: dict[str, str]) -> None:
        """Make a set of what a file holds, named for it."""
        self.say(f"reading {file.name}")
        self.wait_for(self.labeller.import_file(file, name_for(file), map))

    # the line

    @on(TypedLine.Entered)
    def _entered(self, message: TypedLine.Entered) -> None:
        if message.purpose == NOTE:
            self.remember()
            return
        if message.purpose == CLASS:
            self.class_typed(message.text.strip())
            return
        if message.purpose == JUDGE:
            self.judge_typed(message.text.strip())
            return
        self.query_one(TypedLine).show(NOTE, self._note_aside)
        if message.purpose == _WHO:
            self._called(message.text.strip())
            return
        if message.text.strip():
            path = Path(message.text.strip())
            with contextlib.suppress(RuntimeError):  # an unknown ~user: then it is a name like any other
                path = path.expanduser()
            self.import_from(path if path.is_absolute() else self.workspace.folder / path, {})

    def leave_line(self) -> bool:
        """Leave the line with nothing entered; return whether somebody was typing."""
        line = self.query_one(TypedLine)
        if not line.is_typing:
            return False
        purpose = line.purpose
        line.leave()
        if purpose == _WHO:
            self._called("")
        elif purpose == CLASS:
            self.class_typed("")
        elif purpose == JUDGE:
            self.judge_typed("")
        elif purpose == _FILE and self._note_aside:
            line.show(NOTE, self._note_aside)
        self.remember()
        return True
