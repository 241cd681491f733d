"""The runs that the Label pane starts and watches: pairs from a run's answers, and judges; they go on without it."""

from shlex import quote
from typing import TYPE_CHECKING, Any

from textual import work

from screens.label_items import NOTE, LabelItems
from screens.widgets.typed_line import TypedLine
from workbench.errors import WorkbenchError
from workbench.label.collecting import Collected

if TYPE_CHECKING:
    from workbench.label.asked import NothingLeft
    from workbench.label.drawing import Drawing
    from workbench.runs.spec import RunSpec
    from workbench.runs.watch import Seen

JUDGE = "judge"
_JUDGE_HINT = "RUN, MODEL or ADDRESS NAME · by CRITERION · alone: unvoted pairs too"
"""It fits into 80 cells."""
_ALONE = "alone"
_BY = "by"


class LabelRuns(LabelItems):
    """The keys and the line; the pane shows pairs as they come."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: tuple[Any, ...] = ()
        self._said = ""
        self._awaited = ""
        """The set whose first pairs are waited for."""

    def open_set(self) -> None:
        """Open the set in hand anew, or say what there is."""
        raise NotImplementedError

    # watching

    def runs_changed(self) -> None:
        """Say how far runs are that ask, and take what they were answered."""
        asking = [run for run in self.workbench.runs.seen if run.set]
        marks = tuple((run.name, run.status, run.step) for run in asking)
        if marks == self._marks:
            return
        self._marks = marks
        self.labeller.collect()
        words = next((_words(run) for run in reversed(asking) if not run.has_ended), "")
        if words and words != self._said:
            self.say(words)
        self._said = words

    def collected(self, found: Collected) -> None:
        """Show the first pairs of a set that was waited for, and go on where all were answered."""
        if found.problems:
            self.warn(found.problems[0])
        if not found.pairs or self._is_busy:
            return
        if self._shown is None and self._awaited:
            name, self._awaited = self._awaited, ""
            if self.hand.pairs == name:
                self.open_set()
            else:
                self.workbench.take(pairs=name)
        elif self._shown is None or self._shown.item_id is None:
            self.open_set()

    # starting

    def action_make_pairs(self) -> None:
        """Start a run that samples pairs from the last finished run and its base."""
        self._draw_pairs()

    @work(thread=True, exclusive=True, group="ask", exit_on_error=False)
    def _draw_pairs(self) -> None:
        from workbench.label.drawing import last_drawing, specs_of

        drawing = last_drawing(self.workspace)
        if drawing is None:
            self.app.call_from_thread(self.say, "no run has finished here yet: 4 trains one")
            return
        self._awaited = drawing.set_name
        for seed, spec in specs_of(self.workspace, drawing):
            more = "" if seed == spec.seed else f"more, with seed {seed}, "
            said = f"{drawing.pairs} pairs {more}from {drawing.run} → {drawing.set_name} …"
            self.app.call_from_thread(self.say, said)
            nothing = self._start_asking(spec)
            if nothing is None:
                return
            if not nothing.known:
                break
        self._awaited = ""

    def action_judge(self) -> None:
        """Ask who is to judge the set."""
        if self._shown is not None and not self._is_busy:
            line = self.query_one(TypedLine)
            self._note_aside = self.note
            line.open(JUDGE, _JUDGE_HINT)

    def judge_typed(self, text: str) -> None:
        """Start the judge that was typed, or none; the note that stood there before is there again."""
        self.query_one(TypedLine).show(NOTE, self._note_aside)
        if not text or self._shown is None:
            return
        try:
            spec = judge_spec(self._shown.set_name, text)
        except WorkbenchError as error:
            self.fail(error)
        else:
            self.say(f"{spec.model} is to judge {self._shown.set_name} …")
            self._judge(spec)

    @work(thread=True, exclusive=True, group="ask", exit_on_error=False)
    def _judge(self, spec: "RunSpec") -> None:
        self._start_asking(spec)

    def _start_asking(self, spec: "RunSpec") -> "NothingLeft | None":
        """Start a run; in a thread. Return why there was nothing to ask, None where there was."""
        from workbench.label.asked import NothingLeft, taken_from_labels
        from workbench.runs.start import start

        tell = self.app.call_from_thread
        try:
            start(self.workspace, spec, lambda text: tell(self.say, text), taken_from_labels)
        except NothingLeft as nothing:
            tell(self.say, nothing.what)
            return nothing
        tell(self.workbench.runs.look)
        return None


def judge_spec(set_name: str, typed: str) -> "RunSpec":
    """Return the run of a judge that was typed: MODEL, or ADDRESS NAME, and maybe by CRITERION, and alone.

    Raises WrongUse for an address without a name, or anything more.
    """
    from workbench.errors import WrongUse
    from workbench.runs.spec import RunSpec
    from workbench.validation import validated

    words = typed.split()
    is_alone = len(words) > 1 and words[-1] == _ALONE
    named = words[:-1] if is_alone else words
    criterion = named[-1] if len(named) > 2 and named[-2] == _BY else ""
    named = named[: -2 if criterion else None]
    address = named.pop(0) if named[0].startswith(("http://", "https://")) else None
    if len(named) != 1:
        raise WrongUse(f"{typed}: who is to judge?", "MODEL, or ADDRESS NAME, such as http://127.0.0.1:8000/v1 gpt")
    task = {"kind": "judge", "set": set_name, "endpoint": address, "alone": is_alone, "criterion": criterion}
    return validated(RunSpec, {"task": task, "model": named[0]}, "the judge")


def command_of(drawing: "Drawing") -> str:
    """Return the command that makes the same pairs."""
    made = (
        f"workbench label sample {quote(drawing.set_name)} --model {quote(drawing.run)} --against {quote(drawing.base)}"
    )
    return f"{made} -n {drawing.samples} --rows {-(-drawing.pairs // drawing.samples)}"


def _words(run: "Seen") -> str:
    from workbench.runs.task import unit_of
    from workbench.runs.view import GLYPHS

    unit, far = unit_of(run.task), f"{run.step}/{run.steps}" if run.steps else str(run.step)
    how = {"queued": "waits for the device", "starting": "starts"}.get(run.status, f"{far} {unit}s")
    return f"{GLYPHS[run.status]} {run.name} {how} → {run.set} · 4 shows it"
