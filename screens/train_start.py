"""The start screen: the draft, what blocks it, the command that does the same; Enter starts."""

from shlex import quote
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Grid, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, Static

from screens.text import lines, shown
from screens.widgets.field import Field
from workbench.data.spec import VotesSpec
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from screens.app import WorkbenchApp
    from workbench.runs.draft import Draft
    from workbench.workspace import Workspace

_CHECK_SECONDS = 0.4
_FIELDS: tuple[tuple[str, str, str], ...] = (
    ("name", "name", "task, model and a number"),
    ("model", "model", "a folder, a Hub id, or starter"),
    ("votes", "data.votes", "the set of pairs that was voted on"),
    ("data", "data.train", "the file with the rows to train on"),
    ("validation", "data.validation", "a file that is only measured"),
    ("or split", "data.split", "the share of the rows held out instead"),
    ("rank", "tuning.rank", "of LoRA; the LoRA pane has the rest"),
    ("steps", "max_steps", "optimizer steps; or epochs"),
    ("epochs", "epochs", "1, unless steps are given"),
    ("batch", "batch_size", "rows per optimizer step"),
    ("learning rate", "learning_rate", "2e-4 for LoRA, 2e-5 for full tuning"),
    ("max length", "max_length", "rows are cut after this many tokens"),
    ("leave out", "allow_cut_answers", "share of rows whose answer max length cuts off"),
    ("task", "task.kind", "sft, or reward on pairs and votes"),
    ("set", "task.set", "the set that the answers are for"),
)
_ASKING = ("name", "model", "data.train", "data.validation", "data.split", "task.kind", "task.set")
"""What is asked where nothing is trained."""


class TrainStart(ModalScreen[str | None]):
    """The result is the name of the run that was started."""

    DEFAULT_CSS = """
    TrainStart Grid { grid-size: 2; grid-columns: 14 1fr; grid-rows: 1; height: auto; }
    TrainStart .label { color: $foreground-muted; }
    TrainStart #verdict { height: auto; min-height: 2; max-height: 5; margin-top: 1; }
    TrainStart #command { height: auto; max-height: 2; color: $foreground-muted; }
    """
    BINDINGS: ClassVar = [
        Binding("escape", "leave", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("enter", "start", show=False),
    ]

    def __init__(self, workspace: "Workspace", draft: "Draft") -> None:
        super().__init__()
        self._workspace = workspace
        self._draft = draft
        self._is_starting = False
        self._is_valid = True
        self._timer: Timer | None = None
        self._shown: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Draw the fields."""
        with Vertical(classes="box") as box:
            box.styles.max_height, box.styles.padding = "100%", (0, 2)
            yield Static("Start a run", classes="box-title", markup=False)
            with Grid():
                for label, path, hint in _fields(self._draft):
                    if _value(self._draft, path) is not _ABSENT:
                        yield Static(label, classes="label", markup=False)
                        yield Field(_text(_value(self._draft, path)), placeholder=hint, name=path)
            yield Static("", id="verdict", markup=False)
            yield Static("", id="command", markup=False)
            yield Static("Enter starts · ↑ ↓ fields · Esc keeps the draft", classes="box-help", markup=False)

    def on_mount(self) -> None:
        """See whether it could start."""
        self._shown = {str(field.name): field.value for field in self.query(Input)}
        self._check_soon()

    @on(Input.Changed)
    def _typed(self) -> None:
        """Take what was typed into the draft; what does not fit is said, and does not start."""
        typed = {str(field.name): field.value for field in self.query(Input)}
        changed = {path: text.strip() for path, text in typed.items() if text != self._shown.get(path)}
        if not changed:
            return
        self._is_valid = False
        try:
            self._draft = self._draft.changed(**_changes(self._draft, changed))
        except WorkbenchError as error:
            if self._timer is not None:
                self._timer.stop()
            self._say(error)
            return
        self._is_valid, self._shown = True, typed
        cast("WorkbenchApp", self.app).take(draft=self._draft.model_dump())
        self._check_soon()

    def _check_soon(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_CHECK_SECONDS, self._check)
        self.query_one("#command", Static).update(shown(f"$ {self._command}"))

    @property
    def _command(self) -> str:
        draft = cast("WorkbenchApp", self.app).draft_file
        is_first = draft.name == "draft.yaml"
        return "workbench train start" + ("" if is_first else f" {quote(str(draft))}")

    def _check(self) -> None:
        self.query_one("#verdict", Static).update(shown("checking …", "$foreground-muted"))
        self._ask(self._draft)

    @work(thread=True, exclusive=True, group="check", exit_on_error=False)
    def _ask(self, draft: "Draft") -> None:
        """What would stop the run at once."""
        from workbench.runs.start import check

        try:
            check(self._workspace, draft.spec(), _nobody)
            error = None
        except WorkbenchError as found:
            error = found
        self.app.call_from_thread(self._checked, draft, error)

    def _checked(self, draft: "Draft", error: WorkbenchError | None) -> None:
        if draft == self._draft and self._is_valid and self.is_attached and not self._is_starting:
            self._say(error)

    def _say(self, error: WorkbenchError | None) -> None:
        verdict = self.query_one("#verdict", Static)
        if error is None:
            verdict.update(shown("✓ nothing blocks it", "$text-success"))
        else:
            verdict.update(Content.assemble(lines(f"✗ {error.what}\n", "$text-error"), lines(f"  {error.fix}")))

    @on(Input.Submitted)
    def action_start(self) -> None:
        """Start the run that is shown, once."""
        if self._is_starting or not self._is_valid:
            return
        self._is_starting = True
        self.query_one("#verdict", Static).update("starting …")
        self._start(self._draft)

    @work(thread=True, group="start", exit_on_error=False)
    def _start(self, draft: "Draft") -> None:
        from workbench.label.asked import taken_from_labels
        from workbench.runs.start import start

        try:
            run = start(self._workspace, draft.spec(), _nobody, taken_from_labels)
        except Exception as error:  # whatever it is, the person is told, and may start again
            self.app.call_from_thread(self._not_started, error)
        else:
            self.app.call_from_thread(self.dismiss, run.name)

    def _not_started(self, error: Exception) -> None:
        self._is_starting = False
        self._say(error if isinstance(error, WorkbenchError) else WorkbenchError(f"{type(error).__name__}: {error}"))

    def action_leave(self) -> None:
        """Leave; a start under way is waited for, since there is a run already."""
        if not self._is_starting:
            self.dismiss(None)


def _nobody(_text: str) -> None:
    """Nobody is told how a look at the Hub goes on; the verdict says how it ended."""


def _fields(draft: "Draft") -> list[tuple[str, str, str]]:
    """The fields of a draft: its data are votes or a file."""
    absent = "data.train" if isinstance(draft.data, VotesSpec) else "data.votes"
    found = [each for each in _FIELDS if each[1] != absent and (draft.trains or each[1] in _ASKING)]
    return [each for each in found if draft.task.kind != "judge" or not each[1].startswith("data.")]


_ABSENT = object()


def _value(draft: "Draft", path: str) -> Any:
    """The value of a field; absent where the tuning has no such thing, None where nothing was chosen."""
    found: Any = draft
    for name in path.split("."):
        if found is None:
            return None
        found = getattr(found, name, _ABSENT)
    return found


def _text(value: Any) -> str:
    return "" if value is None or value == 0.0 else str(value)


def _changes(draft: "Draft", typed: dict[str, str]) -> dict[str, Any]:
    """What was typed, by path, as values for the draft: an empty text stands for the default."""
    changes: dict[str, Any] = {}
    for path, text in typed.items():
        name, dot, inner = path.partition(".")
        if not dot:
            changes[name] = text or type(draft).model_fields[name].get_default()
            continue
        if inner == "kind":  # another task has other settings
            changes[name] = text or "sft"
            continue
        held = getattr(draft, name)
        block = changes.setdefault(name, held.model_dump() if held is not None else {})
        if isinstance(block, str):
            continue
        block.pop(inner, None)
        block |= {inner: text} if text else {}
    if "data" in changes and not (changes["data"].get("train") or changes["data"].get("votes")):
        changes["data"] = None
    return changes
