"""The Train pane: start runs, watch them, stop them, resume them. It reads nothing but the runs' folders."""

import threading
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.widgets import Static
from textual.worker import get_current_worker

from screens.actions import PaneName
from screens.pane import Pane, Target
from screens.plots import Line, draw
from screens.train_lines import answered, below, head, invitation, listed
from screens.widgets.chart import Chart

if TYPE_CHECKING:
    from workbench.runs.curves import Curves
    from workbench.runs.desk import Hand
    from workbench.runs.draft import Draft
    from workbench.runs.folder import RunFolder
    from workbench.runs.watch import Seen


class TrainPane(Pane):
    """The runs to the left, the chosen one's curves to the right."""

    PANE = "train"
    DEFAULT_CSS = """
    TrainPane #runs { width: 30; height: 100%; border-right: solid $border; padding: 0 1 0 0; }
    TrainPane.-narrow #runs { width: 22; padding: 0; }
    TrainPane #run { width: 1fr; height: 100%; padding: 0 1; }
    TrainPane #head { height: 1; }
    TrainPane #below { height: auto; }
    TrainPane #empty { display: none; padding: 1 2; color: $foreground; }
    TrainPane.-empty #empty { display: block; }
    TrainPane.-empty #runs, TrainPane.-empty #run { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._chosen: str | None = None
        self._cursor: int | None = None
        self._curves: tuple[str, Curves] | None = None
        self._drawn: Any = None
        self._reading = threading.Lock()

    def body(self) -> ComposeResult:
        """Yield the list, the run, and what stands there when there is none."""
        yield Static("", id="empty", markup=False)
        with Horizontal():
            yield Chart(id="runs")
            with Vertical(id="run"):
                yield Chart(id="head")
                yield Chart(id="plots")
                yield Chart(id="below")

    # following

    def hand_changed(self, before: "Hand | None", now: "Hand") -> None:
        """Choose the run that was selected elsewhere."""
        if now.run and (before is None or before.run != now.run):
            self._choose(now.run)
        self._show_empty()

    def runs_changed(self) -> None:
        """Draw what the runs say now."""
        runs = self.workbench.runs.seen
        self.set_class(not runs and self.workbench.runs.has_looked, "-empty")
        self._show_empty()
        if runs and self._seen is None and (self._chosen is None or self._chosen != self.hand.run):
            self._choose(runs[-1].name)
        self._draw()

    def on_resize(self, _event: Resize) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self._draw)

    def received(self, source: PaneName) -> None:
        """What other panes send on is a draft: offer to start it."""
        if source != "compare":
            self.action_new()

    @property
    def _seen(self) -> "Seen | None":
        return self.workbench.runs.of(self._chosen)

    def _show_empty(self) -> None:
        if self.has_class("-empty"):
            self.query_one("#empty", Static).update("\n\n".join(invitation(self.hand.draft)))

    def _choose(self, name: str) -> None:
        if name != self._chosen:
            self._chosen, self._cursor = name, None
            self.show_frame()
            self.remember()
            self._draw()

    # drawing

    def _draw(self) -> None:
        """Draw the list at once, the curves in a thread, and each only when it would be another picture."""
        if not self.has_begun:
            return
        runs = self.query_one("#runs", Chart)
        runs.show(listed(self.workbench.runs.seen, self._chosen, runs.size.width, runs.size.height))
        seen, size = self._seen, self.query_one("#run").size
        if seen is None or not size.width:
            return
        asked = (seen, self._cursor, size)
        if asked != self._drawn:
            self._drawn = asked
            self._draw_run(seen, self._cursor, size.width - 2, size.height)

    @work(thread=True, exclusive=True, group="curves", exit_on_error=False)
    def _draw_run(self, seen: "Seen", cursor: int | None, width: int, height: int) -> None:
        worker = get_current_worker()
        with self._reading:
            if worker.is_cancelled:
                return
            run, curves = self._read(seen.name)
            last = below(run, seen, curves, cursor, width)
            room = height - len(last) - 1
            plots = answered(run, width, room) if seen.set else draw(curves, seen.steps, cursor, width, room)
            top = head(run, seen, curves, width)
        self.app.call_from_thread(self._show_run, seen.name, top, plots, last)

    def _read(self, name: str) -> "tuple[RunFolder, Curves]":
        from workbench.runs.curves import Curves
        from workbench.runs.folder import find_run

        run = find_run(self.workspace, name)
        if self._curves is None or self._curves[0] != name:
            self._curves = (name, Curves(run.journal_file))
        self._curves[1].read()
        return run, self._curves[1]

    def _show_run(self, name: str, top: Line, plots: list[Line], last: list[Line]) -> None:
        if name != self._chosen:
            return
        self.query_one("#head", Chart).show([top])
        self.query_one("#plots", Chart).show(plots)
        widget = self.query_one("#below", Chart)
        widget.styles.height = len(last)
        widget.show(last)

    # keys

    def action_run(self, step: int) -> None:
        """Choose the next run, or the one before."""
        runs = [run.name for run in self.workbench.runs.seen[::-1]]
        if runs:
            at = runs.index(self._chosen) if self._chosen in runs else 0
            self._choose(runs[max(0, min(len(runs) - 1, at + step))])

    def action_cursor(self, by: int) -> None:
        """Move along the curve; the values at the cursor stand below it."""
        seen = self._seen
        if seen is None or self._curves is None or self._curves[0] != seen.name:
            return
        at = self._cursor if self._cursor is not None else seen.step
        self._cursor = self._curves[1].next_step(at, by)
        self.remember()
        self._draw()

    def action_leave_curve(self) -> None:
        """Put the cursor away."""
        self._cursor = None
        self._draw()

    def action_new(self) -> None:
        """Open the start screen on the draft."""
        from screens.train_start import TrainStart

        self.app.push_screen(TrainStart(self.workspace, self.hand.draft), self._started)

    def _started(self, run: str | None) -> None:
        if run is not None:
            self.workbench.take(run=run)
            self._choose(run)
            self.say(f"{run} is a process of its own: leaving, or losing the connection, does not touch it")

    def action_stop(self) -> None:
        """Make the run save a checkpoint and end."""
        self._ask("stop")

    def action_resume(self) -> None:
        """Go on from the last checkpoint."""
        self._ask("resume")

    def _ask(self, what: str) -> None:
        if self._chosen is None:
            self.say("no run is chosen; n starts one")
        else:
            self._act(what, self._chosen)

    @work(thread=True, group="act", exit_on_error=False)
    def _act(self, what: str, name: str) -> None:
        from workbench.runs import local
        from workbench.runs.folder import find_run
        from workbench.runs.start import resume

        run = find_run(self.workspace, name)
        tell = self.app.call_from_thread
        if what == "stop":
            local.stop(run)
            tell(self.say, f"{name} {'' if run.set_name else 'saves a checkpoint and '}ends; r resumes it")
        else:
            tell(self.say, f"{name} goes on from {'what is answered' if run.set_name else 'its last checkpoint'} …")
            resume(run, lambda text: tell(self.say, text))
        tell(self.workbench.runs.look)

    def action_clone(self) -> None:
        """Make the draft what the run was asked for."""
        if self._chosen is not None:
            self._clone(self._chosen)

    @work(thread=True, exclusive=True, group="clone", exit_on_error=False)
    def _clone(self, name: str) -> None:
        from workbench.runs.draft import draft_of
        from workbench.runs.folder import find_run

        draft = draft_of(find_run(self.workspace, name).spec)
        self.app.call_from_thread(self._cloned, draft)

    def _cloned(self, draft: "Draft") -> None:
        if self.workbench.take(draft=draft.model_dump()):
            self.action_new()

    def action_log(self) -> None:
        """Show what the run's process wrote."""
        if self._chosen is not None:
            from screens.log_view import LogView

            self.app.push_screen(LogView(self._chosen, self.workspace.runs / self._chosen / "log.txt"))

    # the frame

    def targets(self) -> list[Target]:
        """A run goes to Compare; to Label the pairs of one that asks, and those that a reward model has scored."""
        if self._chosen is None:
            return []
        seen = self._seen
        if seen is not None and seen.set:
            return [Target("label", f"the pairs of {seen.set}", {"pairs": seen.set})]
        if seen is not None and seen.task == "reward":  # it answers nothing that could be compared
            return [Target("label", f"the pairs of {seen.votes_of}", {"pairs": seen.votes_of})] * bool(seen.votes_of)
        return [Target("compare", f"base and {self._chosen}", {"run": self._chosen})]

    def command(self) -> str:
        """The command that shows the run."""
        from shlex import quote

        return f"workbench train show {quote(self._chosen)}" if self._chosen else "workbench train list"

    def place(self) -> dict[str, Any]:
        """The chosen run and the step of the cursor."""
        return {"run": self._chosen, "step": self._cursor}

    def restore(self, place: dict[str, Any]) -> None:
        """Choose the run again."""
        run, step = place.get("run"), place.get("step")
        self._chosen = run if isinstance(run, str) else None
        self._cursor = step if isinstance(step, int) else None
