"""Looks at the runs of the workspace once a second, in a thread: for the panes, and to tell when one ends."""

from typing import TYPE_CHECKING

from screens.actions import PANES
from screens.terminal import ring

if TYPE_CHECKING:
    from screens.app import WorkbenchApp
    from workbench.runs.watch import Seen, Watch

_LOOK_SECONDS = 1.0
_FIRST_SECONDS = 0.08


class RunsWatch:
    """The last that was seen of every run."""

    def __init__(self, app: "WorkbenchApp") -> None:
        self._app = app
        self.seen: tuple[Seen, ...] = ()
        """All runs, the oldest first."""
        self.has_looked = False
        self._is_looking = False
        self._watch: Watch | None = None

    def begin(self) -> None:
        """Look as soon as the first pane is drawn, and from now on."""
        self._app.set_interval(_LOOK_SECONDS, self.look)
        self._app.set_timer(_FIRST_SECONDS, self.look)

    def look(self) -> None:
        """Look at the runs, unless a look is under way."""
        if not self._is_looking:
            self._is_looking = True
            self._app.run_worker(self._look, thread=True, group="runs", exit_on_error=False)

    def _look(self) -> None:
        from workbench.runs.watch import Watch

        try:
            self._watch = self._watch or Watch(self._app.workspace)
            found = self._watch.look()
        finally:
            self._is_looking = False
        if found != self.seen or not self.has_looked:
            self._app.call_from_thread(self._looked, found)

    def _looked(self, found: "tuple[Seen, ...]") -> None:
        if self._app.is_leaving:
            return
        before = {run.name: run for run in self.seen}
        self.seen, self.has_looked = found, True
        panes = [self._app.pane_of(name) for name in PANES]
        for pane in panes:
            if pane is not None and pane.has_begun:
                pane.runs_changed()
        if self._app.active_pane.has_begun:
            self._app.active_pane.show_frame()
        for run in found:
            if run.has_ended and run.name in before and not before[run.name].has_ended:
                self._tell_end(run)

    def _tell_end(self, run: "Seen") -> None:
        words = _end(run)
        self._app.active_pane.say(words)
        if self._app.workspace.settings.bell:
            ring(self._app, words)

    def of(self, name: str | None) -> "Seen | None":
        """Return what was last seen of a run."""
        return next((run for run in self.seen if run.name == name), None)

    def chip(self, name: str | None) -> str:
        """Return a run with its progress, in a few characters; empty for none."""
        run = self.of(name)
        if run is None:
            return name or ""
        from workbench.runs.view import GLYPHS

        percent = f" {run.percent}%" if run.percent is not None and run.status == "running" else ""
        return f"{GLYPHS[run.status]} {run.name}{percent}"

    def words(self) -> str:
        """Return how many runs go on, in words; empty when none does."""
        alive = sum(not run.has_ended for run in self.seen)
        return f"{alive} run{'s go' if alive > 1 else ' goes'} on" if alive else ""


def _end(run: "Seen") -> str:
    """How a run ended; of one that only asks also what came of it."""
    from workbench.runs.task import unit_of

    if run.set and run.status == "finished":
        came = {"sample": f"its pairs are in {run.set}", "judge": "its trial is in Label, behind Tab"}
        return f"{run.name} finished · {came[run.task]}"
    words = f"{run.name} {run.status} at {unit_of(run.task)} {run.step}"
    if run.set and run.status == "failed":
        return f"{words}: {run.error} · {run.fix}"
    return words
