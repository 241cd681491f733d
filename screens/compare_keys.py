"""What the keys of the Compare pane do: ask, go through the prompts, type one, and vote blind."""

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from screens.asker import Asker
from screens.compare_blind import Blind
from screens.compare_prompts import PromptList
from screens.pane import Pane
from screens.widgets.answers import Answers
from screens.widgets.field import Field

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.data.prompts import Prompt
    from workbench.label.sides import Stance
    from workbench.models.generate import Sampling


class CompareKeys(Pane):
    """The keys; the pane shows the prompt and the answers."""

    PANE = "compare"

    def __init__(self) -> None:
        super().__init__()
        self._asker = Asker(self, self.changed)
        self._list = PromptList(self)
        self._number = 1
        self._is_typed = False
        self._sampling: Sampling | None = None
        self._raw = False
        self._swapped = False
        self._blind: Blind | None = None
        self._tally = ""
        self._waits: Callable[[], None] | None = None
        """What was pressed before there was a prompt, to be done with the first."""

    def changed(self) -> None:
        """The answers are others than before."""
        raise NotImplementedError

    def show_all(self) -> None:
        """Draw the prompt, the answers and the verdict as they are now."""
        raise NotImplementedError

    def turn_to(self, prompt: "Prompt") -> None:
        """Show a prompt with its answers."""
        raise NotImplementedError

    @property
    def sampling(self) -> "Sampling":
        """How answers are drawn, in every column alike."""
        if self._sampling is None:
            from workbench.models.generate import Sampling

            self._sampling = Sampling()
        return self._sampling

    @property
    def _prompt(self) -> "Prompt | None":
        return self._asker.shown.prompt

    def action_ask(self) -> None:
        """Ask the prompt that is shown."""
        if self._prompt is None:
            self._wait_for_prompt(self.action_ask)
        elif not self._asker.somebody:
            self.say("nobody to ask: Ctrl+O chooses a run or a model")
        else:
            self._tally = ""
            self._asker.ask(self._prompt, self.sampling, raw=self._raw)

    def _wait_for_prompt(self, then: "Callable[[], None]") -> None:
        """Do it with the first prompt, where one is being read; else say how there would be one."""
        if self._list.is_opening:
            self._waits = then
            self.say("as soon as the prompts are read")
        else:
            self.say("no prompt: i types one, Ctrl+O chooses data with prompts")

    def do_what_waits(self) -> None:
        """Do what was pressed before there was a prompt."""
        waits, self._waits = self._waits, None
        if waits is not None:
            waits()

    def action_prompt(self, by: int) -> None:
        """Go to the next prompt of the file, or the one before; from a typed one, back to the file."""
        number = self._number + (0 if self._is_typed else by)
        if not self._list.count:
            self.say("no file with prompts: Ctrl+O chooses one, i types a prompt")
        elif not 1 <= number <= self._list.count:
            self.say("that was the last prompt" if by > 0 else "that was the first prompt")
        elif self._blind is None or not self._blind.is_busy:
            self._list.read(number, self.turn_to)

    def action_type(self) -> None:
        """Type a prompt."""
        self.add_class("-typing")
        self.query_one("#typed", Field).take_keys()

    @on(Input.Changed, "#typed")
    def _typing(self) -> None:
        self.remember()

    @on(Input.Submitted, "#typed")
    def _typed(self, event: Input.Submitted) -> None:
        from workbench.data.prompts import Prompt

        if event.value.strip():
            self._waits = None
            self._stop_typing()
            self._asker.stop()
            self.turn_to(Prompt(0, event.value))
            self.action_ask()

    def _stop_typing(self) -> None:
        self.set_focus(None)
        self.remove_class("-typing")

    def action_escape(self) -> None:
        """Leave the field, else end the answer, else leave the blind comparison with its tally."""
        self._waits = None
        if self.has_class("-typing"):
            self._stop_typing()
        elif self._asker.shown.is_live:
            self._asker.stop()
            self.say("ended; Enter asks again")
        elif self._blind is None or not self._blind.is_busy:
            self._asker.stop()
            self._leave_blind()
        self.show_all()

    def action_controls(self) -> None:
        """Change how answers are drawn."""
        from screens.compare_controls import Controls

        self.app.push_screen(Controls(self.sampling), self._controlled)

    def _controlled(self, sampling: "Sampling | None") -> None:
        if sampling is not None and sampling != self._sampling:
            self._sampling = sampling
            self._ask_otherwise()

    def action_raw(self) -> None:
        """Ask the text as it stands, or through the chat template; in every column alike."""
        self._raw = not self._raw
        self._ask_otherwise()

    def _ask_otherwise(self) -> None:
        self._asker.forget()
        self.remember()
        self.show_all()

    def action_sides(self) -> None:
        """Change the sides; blind, they are drawn by lot."""
        if self._blind is not None:
            self.say("blind, the sides are drawn by lot")
        else:
            self._swapped = not self._swapped
            self.show_all()

    def action_scroll(self, by: int) -> None:
        """Scroll both answers by lines."""
        self.query_one(Answers).scroll(by)

    def action_page(self, direction: int) -> None:
        """Scroll both answers by a page."""
        self.query_one(Answers).page(direction)

    # blind

    def action_blind(self) -> None:
        """Hide the names, draw the sides by lot, and vote; or end that."""
        if self._blind is not None:
            self.action_escape()
        elif self._asker.run is None:
            self.say("a blind comparison needs a run: Ctrl+O chooses one")
        elif self._prompt is None:
            self._wait_for_prompt(self.action_blind)
        else:
            self._begin_blind(self._asker.run)

    def _begin_blind(self, run: str) -> None:
        self._blind, self._tally = Blind(self, run, self._voted, self._undone), ""
        self.workbench.take(pairs=run)
        self.say("names are hidden and sides drawn by lot; the tally comes when you leave with Esc")
        if self._asker.was_named:
            self._asker.is_on = True
            self.action_prompt(1)
        elif not self._asker.is_whole and not self._asker.shown.is_live:
            self.action_ask()
        self.show_all()

    def _leave_blind(self) -> None:
        if self._blind is not None:
            self._tally, self._blind = self._blind.tally(), None

    def action_vote(self, stance: "Stance") -> None:
        """Store the vote on A, to the left, and B; then show the next prompt."""
        if self._blind is None:
            self.say("v begins a blind comparison; its votes are a s d f g x")
        elif self._blind.can_vote(self._asker):
            self._blind.give(self._asker, stance, {**vars(self.sampling), "raw": self._raw})

    def _voted(self) -> None:
        if self._blind is None:
            return
        self.say(f"saved ✓ {len(self._blind)}")
        self._blind.is_over = not self._is_typed and self._number >= self._list.count
        if self._blind.is_over or not self._list.count:
            self.show_all()
        else:
            self.action_prompt(1)

    def action_undo(self) -> None:
        """Take the last vote back."""
        if self._blind is not None:
            self._blind.undo()

    def _undone(self, prompt: "Prompt | None") -> None:
        self.say("the last vote is taken back" if prompt else "there is no vote to take back")
        if prompt is not None:
            self.turn_to(prompt)
