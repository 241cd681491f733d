"""A blind comparison, from the key that begins it to its tally: each vote is on disk before anything else is shown."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from screens.asker import Asker, later
from screens.compare_words import tallied
from screens.pane import Pane

if TYPE_CHECKING:
    from workbench.data.prompts import Prompt
    from workbench.label.sides import Stance


class Blind:
    """Votes on what one run and its base have answered. `voted` and `undone` are called when that is on disk."""

    def __init__(
        self, pane: Pane, run: str, voted: Callable[[], None], undone: "Callable[[Prompt | None], None]"
    ) -> None:
        from workbench.compare.votes import Votes

        self._pane = pane
        self._voted, self._undone = voted, undone
        self._votes = Votes(pane.workspace.folder / "labels.db", run)
        self.is_busy = False
        """Whether a vote is on its way to the disk, or back."""
        self.is_over = False
        """Whether every prompt has its vote."""

    def __len__(self) -> int:
        return len(self._votes)

    def is_swapped(self, prompt: "Prompt") -> bool:
        """Whether tuned stands left for this prompt."""
        return self._votes.is_swapped(prompt)

    def can_vote(self, asker: Asker) -> bool:
        """Whether there is something to vote on: two whole answers of which one cannot know who gave them."""
        return asker.is_whole and not (asker.was_named or self.is_busy or self.is_over)

    def give(self, asker: Asker, stance: "Stance", how: dict[str, Any]) -> None:
        """Store what was said of what stands left and right; `how` says how the answers were drawn."""
        assert asker.shown.prompt is not None
        names = [each.name for each in asker.columns]
        base, tuned = (asker.shown.texts[name] for name in names)
        vote = partial(self._votes.give, asker.shown.prompt, base, tuned, stance, {"columns": names, **how})
        self._wait_for(vote, lambda _: self._voted())

    def undo(self) -> None:
        """Take the last vote back."""
        if not self.is_busy:
            self._wait_for(self._votes.undo, self._undone)

    def tally(self) -> str:
        """Return how the votes fell; empty when there are none."""
        return tallied(self._votes.tally(), self._votes.set_name) if len(self) else ""

    def _wait_for(self, store: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Have something done on the disk; a worker of the app is waited for when the app ends, a vote is not lost."""
        self.is_busy = True

        def work() -> None:
            try:
                found = store()
            finally:
                self.is_busy = False
            later(self._pane, then, found)

        self._pane.run_worker(work, thread=True, group="vote", exit_on_error=False)
