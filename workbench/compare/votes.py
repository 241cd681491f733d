"""Blind votes on base and tuned: on disk when given, taken back with one call, counted at the end."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.compare.blind import Tally, is_swapped, tally
from workbench.data.prompts import Prompt
from workbench.label.annotator import login_name
from workbench.label.records import Answer, Choice
from workbench.label.sides import Stance, choice_of
from workbench.label.store import open_store


@dataclass(frozen=True)
class _Given:
    prompt: Prompt
    pair: int
    choice: Choice
    swapped: bool


class Votes:
    """The votes since blind mode began. Pairs go into the set `set_name`; votes are stored by answer, not by side."""

    def __init__(self, labels: Path, set_name: str) -> None:
        self._labels = labels
        self.set_name = set_name
        self._given: list[_Given] = []

    def __len__(self) -> int:
        return len(self._given)

    def is_swapped(self, prompt: Prompt) -> bool:
        """Whether tuned stands left for this prompt."""
        return is_swapped(self.set_name, prompt.prompt)

    def give(self, prompt: Prompt, base: str, tuned: str, stance: Stance, how: dict[str, Any]) -> None:
        """Store the pair and what was said of what stood left and right; waits for the disk.

        `how` says who answered and with what sampling; it is kept with the pair.
        """
        swapped = self.is_swapped(prompt)
        left: Answer = "second" if swapped else "first"
        stored = choice_of(stance, left)
        with open_store(self._labels) as store:
            pair = store.add_pair(self.set_name, prompt.prompt, base, tuned, source=json.dumps(how))
            store.vote(pair, login_name(), stored, shown_left=left)
        self._given.append(_Given(prompt, pair, stored, swapped))

    def undo(self) -> Prompt | None:
        """Take the last vote back and return what it was on; None when there is none. Waits for the disk."""
        if not self._given:
            return None
        with open_store(self._labels) as store:
            store.undo(login_name(), self.set_name)
        return self._given.pop().prompt

    def tally(self) -> Tally:
        """Count them; of several votes on one pair the last."""
        last = {given.pair: (given.choice, given.swapped) for given in self._given}
        return tally(last.values())
