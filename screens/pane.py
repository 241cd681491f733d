"""What the six panes share: the frame around them, the selection they follow, and how they speak."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from screens.actions import ACTIONS, TITLES, Action, PaneName, actions_of
from screens.widgets.coach import Coach
from screens.widgets.foot import Foot, Note
from screens.widgets.header import Header
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from screens.app import WorkbenchApp
    from workbench.runs.desk import Hand
    from workbench.workspace import Workspace


_PAINT_SECONDS = 0.03
"""Two of Textual's frames."""


@dataclass(frozen=True)
class Target:
    """Where `>` can send what is under the cursor, and what changes on the way (see WorkbenchApp.take)."""

    pane: PaneName
    label: str
    changes: dict[str, Any] = field(default_factory=dict)


class Body(Container):
    """What stands in a pane, apart from the frame so that it can come a moment later."""

    def __init__(self, pane: "Pane") -> None:
        super().__init__()
        self._pane = pane

    def compose(self) -> ComposeResult:
        """Draw what the pane says."""
        yield from self._pane.body()


class Pane(Screen[None]):
    """One of the six panes. A subclass says what stands in it, and follows the selection."""

    PANE: ClassVar[PaneName]
    AUTO_FOCUS = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        own = [each for each in ACTIONS if each.pane in (cls.PANE, "all")]
        cls.BINDINGS = [Binding(each.keys, each.action, each.label, show=False) for each in own]
        super().__init_subclass__(**kwargs)

    def __init__(self) -> None:
        super().__init__()
        self._met: Hand | None = None
        self._has_begun = False
        self._sender: PaneName | None = None

    # what a pane fills in

    def body(self) -> ComposeResult:
        """Yield what stands between the header and the notification line."""
        raise NotImplementedError

    def hand_changed(self, before: "Hand | None", now: "Hand") -> None:
        """Follow the selection: called at the start, and whenever it changed since this pane was last shown."""

    def targets(self) -> list[Target]:
        """Return what `>` offers; the first is the natural one."""
        return []

    def received(self, source: PaneName) -> None:
        """Something was sent here from another pane, and the selection has it already."""

    def runs_changed(self) -> None:
        """A run said something (see `workbench.runs.seen`); this pane may be shown or not."""

    def actions(self) -> list[Action]:
        """Return what can be done here now."""
        return actions_of(self.PANE)

    def command(self) -> str:
        """Return the command that shows or does the same; empty when there is none."""
        return ""

    def place(self) -> dict[str, Any]:
        """Return where one stands in this pane, as JSON; it is kept for the next start."""
        return {}

    def restore(self, place: dict[str, Any]) -> None:
        """Go to a place that `place` returned, maybe long ago: nothing in it can be relied on."""

    # what a pane can use

    @property
    def workbench(self) -> "WorkbenchApp":
        """The app, as what it is."""
        return cast("WorkbenchApp", self.app)

    @property
    def workspace(self) -> "Workspace":
        """The folder that the person works in."""
        return self.workbench.workspace

    @property
    def hand(self) -> "Hand":
        """The selection."""
        return self.workbench.hand

    def say(self, text: str) -> None:
        """Tell something in the notification line; `text` may come from outside."""
        self.query_one(Note).show(text)

    def warn(self, text: str) -> None:
        """Tell a doubt."""
        self.query_one(Note).show(text, "warn")

    def fail(self, error: WorkbenchError) -> None:
        """Tell what went wrong and what to do."""
        first = error.what.strip().splitlines() or [""]
        self.query_one(Note).show(f"{first[0]} · {error.fix}" if error.fix else first[0], "error")

    def remember(self) -> None:
        """Have the place of this pane saved soon. Call it when the cursor moved or text was typed."""
        self.workbench.remember()

    # the frame

    def compose(self) -> ComposeResult:
        """Frame the body."""
        yield Header(self.PANE)
        yield Coach(self.PANE)
        with Container(id="body"):
            if self.workbench.has_painted:
                yield Body(self)
        yield Note()
        yield Foot(actions_of(self.PANE))
        yield Static("Workbench needs a window of 60×16", id="too-small", markup=False)

    def on_mount(self) -> None:
        """Begin; at the start of the app draw the frame first, for what the pane shows takes longer."""
        if self.workbench.has_painted:
            self.call_after_refresh(self._begin)
        else:
            self.workbench.has_painted = True
            self.set_timer(_PAINT_SECONDS, self._begin)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keep keys from a pane that does not stand yet."""
        return self._has_begun and super().check_action(action, parameters)

    def on_screen_resume(self) -> None:
        """See what changed while other panes were shown."""
        if self._has_begun:
            self.meet_hand()

    async def _begin(self) -> None:
        if not self.query(Body):
            await self.query_one("#body").mount(Body(self))
        place = self.workbench.place_of(self.PANE)
        self._has_begun = True
        self.restore(place)
        self.meet_hand()
        if self._sender is not None:
            self.receive(self._sender)
        self.workbench.loaded()

    def receive(self, source: PaneName) -> None:
        """Take what another pane sent, as soon as this one stands."""
        self._sender = None if self._has_begun else source
        if self._has_begun:
            self.meet_hand()
            self.received(source)

    def meet_hand(self) -> None:
        """Follow the selection, if it is another one than before."""
        if not self._has_begun:
            return
        before, now = self._met, self.hand
        if before != now:
            self._met = now
            self.hand_changed(before, now)
        self.runs_changed()
        self.show_frame()

    def show_frame(self) -> None:
        """Draw the selection, where it can go, and the coach line as they are now."""
        self.query_one(Header).show(self.workbench.chips)
        self.query_one(Foot).lead_to(next((TITLES[target.pane] for target in self.targets()), ""))
        self.query_one(Coach).show(self.workbench.has_coach)

    @property
    def has_begun(self) -> bool:
        """Whether the pane stands where it was left."""
        return self._has_begun

    @on(Worker.StateChanged)
    def _worker_failed(self, event: Worker.StateChanged) -> None:
        """A worker that failed says so; the app goes on."""
        if event.state is WorkerState.ERROR and not self.workbench.is_leaving:
            error = event.worker.error
            known = isinstance(error, WorkbenchError)
            text = f"unexpected {type(error).__name__}: {error}"
            self.fail(cast(WorkbenchError, error) if known else WorkbenchError(text))
