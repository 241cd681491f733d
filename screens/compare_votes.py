"""Blind votes on the answers of one comparison: stored before anything else is shown, taken back with one key."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.compare.blind import Tally, is_swapped, tally
from workbench.label.annotator import login_name
from workbench.label.records import Answer, Choice
from workbench.label.sides import Stance, choice_of
from workbench.label.store import open_store
from workbench.workspace import Workspace

if TYPE_CHECKING:
    from workbench.data.prompts import Prompt


@dataclass
class Votes:
    """The votes since blind mode began; its methods wait for the disk and belong into a thread."""

    workspace: Workspace
    set_name: str
    given: dict[int, tuple[Choice, bool, int]] = field(default_factory=dict)
    """By pair: the vote, whether the sides were swapped, and the prompt's number."""
    is_busy: bool = False
    """Whether a vote is on its way to the disk; set by who asks for it."""

    def is_swapped(self, prompt: "Prompt") -> bool:
        """Whether tuned stands left for this prompt."""
        return is_swapped(self.set_name, prompt.prompt)

    def give(self, prompt: "Prompt", base: str, tuned: str, stance: Stance, how: dict[str, Any]) -> None:
        """Store the pair and the vote on what stood left and right; on disk when it returns."""
        swapped = self.is_swapped(prompt)
        left: Answer = "second" if swapped else "first"
        stored = choice_of(stance, left)
        try:
            with open_store(self.workspace.folder / "labels.db") as store:
                pair = store.add_pair(self.set_name, prompt.prompt, base, tuned, source=json.dumps(how))
                store.vote(pair, login_name(), stored, shown_left=left)
        finally:
            self.is_busy = False
        self.given[pair] = (stored, swapped, how["number"])

    def undo(self) -> int | None:
        """Take the last vote back and return its prompt's number; None when there is none."""
        try:
            if not self.given:
                return None
            with open_store(self.workspace.folder / "labels.db") as store:
                store.undo(login_name(), self.set_name)
        finally:
            self.is_busy = False
        return self.given.popitem()[1][2]

    def tally(self) -> Tally:
        """Count them."""
        return tally((choice, swapped) for choice, swapped, _ in self.given.values())
