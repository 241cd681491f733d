"""The app: six panes, one selection, and what holds in all of them."""

import asyncio
import contextlib
import gc
import importlib
import signal
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events, on
from textual.app import App, SystemCommand
from textual.markup import escape
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from screens.actions import PANES, TITLES, PaneName
from screens.chips import chips
from screens.hurried import HurriedExecutor
from screens.keeper import Keeper
from screens.pane import Pane, Target
from screens.runs_watch import RunsWatch
from screens.terminal import take_mouse
from screens.theme import DARK, LIGHT, SIXTEEN, role_tints
from workbench.errors import WorkbenchError
from workbench.workspace import Workspace

if TYPE_CHECKING:
    from screens.choices import Choice
    from workbench.runs.desk import Hand

_MOST_STEPS_BACK = 20


def _make(pane: PaneName) -> Pane:
    """Make a pane; its module is imported only now, when somebody wants to see it."""
    module = importlib.import_module(f"screens.{pane}")
    return cast(Pane, getattr(module, f"{TITLES[pane]}Pane")())


_SOON = 0.5  # seconds, after which what was asked for stands
_SWITCH_SECONDS = 0.0005
"""How long a thread that computes keeps the interpreter from one that draws; Python's own is ten times as long."""


_YOUNG = 10_000
"""Objects between two looks for garbage; Python's own 700 come with every key."""


def _be_quick() -> None:
    """Let no key wait for threads, nor for a look for garbage through all that is loaded: that took 70 ms."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.set_threshold(_YOUNG)
    gc.freeze()


class WorkbenchApp(App[None]):
    """The terminal workbench. `pane` is shown first; without it the one where the last app stood."""

    TITLE = "Workbench"
    CSS_PATH = "workbench.tcss"
    MODES: ClassVar = {name: partial(_make, name) for name in PANES}
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (16, "-tall")]  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        workspace: Workspace,
        *,
        pane: PaneName | None = None,
        coach: bool = False,
        annotator: str = "",
        **taken: Any,
    ) -> None:
        """Open `workspace`; `taken` changes the selection at once (see `take`)."""
        self.workspace = workspace
        self.annotator = annotator
        """Whose votes they are; empty where the command line did not say."""
        self._keeper = Keeper(self)
        self.DEFAULT_MODE = pane or self._keeper.pane  # type: ignore[misc]  # each app begins where it was left
        super().__init__()
        self.has_coach = coach
        self.has_painted = False
        """Whether the first pane has drawn its frame."""
        self.animation_level = "none"
        self.runs = RunsWatch(self)
        self._trail: list[PaneName] = []
        self._mouse_taken = True
        self._first_changes = taken
        for theme in (DARK, LIGHT, SIXTEEN):
            self.register_theme(theme)
        has_few_colours = self.console.color_system == "standard"
        self.theme = SIXTEEN.name if has_few_colours else self._keeper.theme

    def on_mount(self) -> None:
        """Look at the runs, from now on; and leave in good order when asked to from outside."""
        self.runs.begin()
        asyncio.get_running_loop().set_default_executor(HurriedExecutor())
        with contextlib.suppress(ValueError, NotImplementedError):  # not in the main thread, not on this system
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.call_next, self.action_quit)

    def loaded(self) -> None:
        """Keep what was just loaded, a pane or a model, from costing time with every key."""
        self.set_timer(_SOON, _be_quick)

    def on_unmount(self) -> None:
        """Give back what was kept from the look for garbage: the process may go on."""
        gc.unfreeze()

    # the selection

    @property
    def hand(self) -> "Hand":
        """The selection, as it was left; read from disk when it is first asked for."""
        if self._first_changes:
            changes, self._first_changes = self._first_changes, {}
            try:
                self._keeper.hand = self._keeper.hand.with_changes(**changes)
            except WorkbenchError as error:
                self.call_after_refresh(self.active_pane.fail, error)
        return self._keeper.hand

    def take(self, **changes: Any) -> bool:
        """Change the selection: row=, run=, pairs=, draft={field: value}. What does not fit is said, and refused."""
        try:
            changed = self.hand.with_changes(**changes)
        except WorkbenchError as error:
            self.active_pane.fail(error)
            return False
        before = self.hand
        if changed != before:
            self._keeper.hand = changed
            self.remember()
        if changed.run != before.run:
            self.runs.look()
        self.active_pane.meet_hand()
        return True

    @property
    def chips(self) -> tuple[str, ...]:
        """The selection in a few words."""
        return chips(self.hand, self.runs.chip(self.hand.run))

    @property
    def draft_file(self) -> Path:
        """Where the draft is saved, as a run file."""
        return self._keeper.draft_file

    def remember(self) -> None:
        """Save the selection and the places soon."""
        self._keeper.remember()

    def place_of(self, pane: PaneName) -> dict[str, Any]:
        """Return where one stood in a pane."""
        return self._keeper.place_of(pane)

    # from pane to pane

    @property
    def active_pane(self) -> Pane:
        """The pane that is shown, maybe below a question."""
        return cast(Pane, self.screen_stack[0])

    @property
    def is_leaving(self) -> bool:
        """Whether the panes go or are gone already: timers and threads may still come after that."""
        return not (self.is_running and self.screen_stack)

    def pane_of(self, name: PaneName) -> Pane | None:
        """Return a pane if it was ever shown."""
        stack = self._screen_stacks.get(name)
        return cast(Pane, stack[0]) if stack else None

    def go(self, pane: PaneName, **changes: Any) -> None:
        """Show a pane, with changes to the selection on the way."""
        if changes and not self.take(**changes):
            return
        current = self.active_pane.PANE
        if pane != current:
            self._trail = [*self._trail, current][-_MOST_STEPS_BACK:]
            self.switch_mode(pane)
            self.remember()

    def action_pane(self, pane: PaneName) -> None:
        """Show a pane."""
        self.go(pane)

    def action_way_back(self) -> None:
        """Go back to where one came from; its cursor is where it was."""
        if self._trail:
            self.switch_mode(self._trail.pop())
            self.remember()

    def action_send(self) -> None:
        """Offer where to send what is under the cursor."""
        from screens.send import Send

        targets = self.active_pane.targets()
        if targets:
            self.push_screen(Send(targets), self._sent)
        else:
            self.active_pane.say("nothing to send on here yet")

    def _sent(self, target: Target | None) -> None:
        if target is not None:
            source = self.active_pane.PANE
            self.go(target.pane, **target.changes)
            self.active_pane.receive(source)

    def action_open(self) -> None:
        """Choose data, a model, a run or a set of pairs."""
        from screens.picker import Picker

        first = "pairs" if self.active_pane.PANE == "label" else ""
        self.push_screen(Picker(self.workspace, first), self._opened)

    def _opened(self, choice: "Choice | None") -> None:
        """Take what was chosen, where one stands."""
        if choice is not None and self.take(**choice.changes):
            self.active_pane.say(f"{choice.kind}: {choice.name}")

    # what holds everywhere

    def action_help(self) -> None:
        """Show all keys."""
        from screens.help import Help

        self.push_screen(Help(self.active_pane.PANE, self.active_pane.actions()))

    def action_copy_command(self) -> None:
        """Copy the command that does the same; over a link without a clipboard it stands in a file."""
        command = self.active_pane.command()
        if not command:
            self.active_pane.say("no command does this yet")
            return
        self.copy_text(command, command)

    def copy_text(self, text: str, called: str) -> None:
        """Copy a text, and say so by what it is called; over a link without a clipboard it stands in a file."""
        text = text.encode(errors="replace").decode()  # it may hold half characters
        self.copy_to_clipboard(text)
        saved = self._keeper.keep_copy(text)
        self.active_pane.say(f"copied{saved}: {called}")

    def action_mouse(self) -> None:
        """Take the mouse, or let go of it."""
        self._mouse_taken = not self._mouse_taken
        take_mouse(self, taken=self._mouse_taken)
        who = "Workbench has the mouse" if self._mouse_taken else "the terminal has the mouse: select and copy as usual"
        self.active_pane.say(f"{who} · F2 changes it")

    def action_coach(self) -> None:
        """Show or hide the coach line."""
        self.has_coach = not self.has_coach
        self.active_pane.show_frame()

    def action_light(self) -> None:
        """Change between dark and light."""
        self.theme = LIGHT.name if self.current_theme.dark else DARK.name
        self.remember()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the tints of the roles, which Textual's own themes do not have."""
        return role_tints(self.current_theme)

    def action_help_quit(self) -> None:
        """What Ctrl+C does: nothing, but it says how to leave."""
        alive = self.runs.words()
        self.active_pane.say(f"Ctrl+Q leaves{f'; {alive}' if alive else ''}")

    def on_key(self, event: events.Key) -> None:
        """Give a field the letters that came together with the key that opened it: they were under way already."""
        take_late = getattr(self.focused, "take_late", None)
        if take_late is not None and event.is_printable:
            take_late(event.character)
            event.prevent_default()

    async def action_quit(self) -> None:
        """Leave; what one stands before is on disk."""
        self._keeper.save_now()
        self.exit()

    @on(Worker.StateChanged)
    def _worker_failed(self, event: Worker.StateChanged) -> None:
        """A worker of the frame that failed says so; the app goes on."""
        if event.state is WorkerState.ERROR and not self.is_leaving:
            self.active_pane.warn(f"{type(event.worker.error).__name__}: {event.worker.error}")

    def _fatal_error(self) -> None:
        """Leave the screen without Textual's page of local variables; `open_app` says what happened."""
        self._close_messages_no_wait()

    @property
    def parting_words(self) -> str:
        """What is said after the app has left the screen."""
        alive = self.runs.words()
        return f"{alive} · workbench status" if alive else ""

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:  # noqa: ARG002
        """Fill the palette with the actions of the pane and of the frame, and the themes."""
        pane = self.active_pane
        for each in pane.actions():
            if each.action != "app.command_palette":
                run = partial(self.run_action, each.action, pane)
                # the palette reads markup, and the classes of a set are named by anybody
                yield SystemCommand(escape(f"{each.label}  {each.shown_keys}"), escape(each.help), run)
        yield SystemCommand("theme", "Choose another theme.", self.action_change_theme)
