"""Looks at the runs of the workspace once a second, in a thread: for the header, and to tell when one ends."""

from typing import TYPE_CHECKING, Any

from screens.terminal import ring

if TYPE_CHECKING:
    from screens.app import WorkbenchApp

_LOOK_SECONDS = 1.0


class RunsWatch:
    """The last that was seen of every run."""

    def __init__(self, app: "WorkbenchApp") -> None:
        self._app = app
        self._seen: dict[str, dict[str, Any]] = {}
        self._is_looking = False
        self._watch: Any = None

    def begin(self) -> None:
        """Look now, and from now on."""
        self._app.set_interval(_LOOK_SECONDS, self.look)
        self._app.call_after_refresh(self.look)

    def look(self) -> None:
        """Look at the runs, unless a look is under way."""
        if not self._is_looking:
            self._is_looking = True
            self._app.run_worker(self._look, thread=True, group="runs", exit_on_error=False)

    def _look(self) -> None:
        from workbench.runs.folder import all_runs
        from workbench.runs.view import brief

        try:
            found = {run.name: brief(run) for run in all_runs(self._app.workspace)}
        finally:
            self._is_looking = False
        self._app.call_from_thread(self._looked, found)

    def _looked(self, found: dict[str, dict[str, Any]]) -> None:
        from workbench.runs.state import ENDED

        if self._app.is_leaving:
            return
        ended = [
            now for name, now in found.items()
            if now["status"] in ENDED and name in self._seen and self._seen[name]["status"] not in ENDED
        ]  # fmt: skip
        self._seen = found
        for now in ended:
            self._app.active_pane.say(f"{now['run']} {now['status']}")
            if self._app.workspace.settings.bell:
                ring(self._app, f"{now['run']} {now['status']}")
        self._app.active_pane.meet_hand()

    def chip(self, run: str | None) -> str:
        """Return a run with its progress, in a few characters; empty for none."""
        if run is None:
            return ""
        now = self._seen.get(run)
        if now is None:
            return run
        from workbench.runs.view import GLYPHS

        percent = f" {100 * now['step'] // now['steps']}%" if now["steps"] and now["status"] == "running" else ""
        return f"{GLYPHS[now['status']]} {run}{percent}"

    def words(self) -> str:
        """Return how many runs go on, in words; empty when none does."""
        from workbench.runs.state import ENDED

        alive = sum(now["status"] not in ENDED for now in self._seen.values())
        return f"{alive} run{'s go' if alive > 1 else ' goes'} on" if alive else ""
