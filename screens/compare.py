"""The Compare pane: the same prompt to base and tuned, streamed side by side; or blind, with a vote."""

from shlex import quote
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from screens.asker import Asker
from screens.compare_blind import Blind
from screens.compare_prompts import PromptList, source_of
from screens.compare_words import (
    Asking,
    asked,
    blind_hint,
    column,
    expected,
    folded,
    invitation,
    offer,
    over,
)
from screens.pane import Pane, Target
from screens.text import shown
from screens.widgets.answers import Answers
from screens.widgets.drawn import Drawn
from screens.widgets.field import Field

if TYPE_CHECKING:
    from workbench.data.prompts import Prompt
    from workbench.label.sides import Stance
    from workbench.models.generate import Sampling
    from workbench.runs.desk import Hand

_PROMPT_LINES, _EXPECTED_LINES = 7, 3
_AHEAD = 2
"""Prompts that are asked while one reads the answers to the one before them."""


class ComparePane(Pane):
    """One prompt at a time."""

    PANE = "compare"
    DEFAULT_CSS = """
    ComparePane #asking { color: $foreground-muted; }
    ComparePane #prompt { padding: 1 1 0 1; }
    ComparePane #typed { margin: 1 1 0 1; display: none; }
    ComparePane.-typing #typed { display: block; }
    ComparePane.-typing #prompt { display: none; }
    ComparePane Answers { margin-top: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._asker = Asker(self, self._changed)
        self._list = PromptList(self)
        self._number = 1
        self._is_typed = False
        self._sampling: Sampling | None = None
        self._raw = False
        self._swapped = False
        self._blind: Blind | None = None
        self._tally = ""

    def body(self) -> ComposeResult:
        """Yield the prompt, the answers, and the scale."""
        yield Drawn(id="asking")
        yield Drawn(id="prompt")
        yield Field(placeholder="a prompt · Enter asks · Esc leaves", id="typed", max_length=0)
        yield Drawn(id="expected")
        yield Answers()
        yield Drawn(id="verdict")

    def on_unmount(self) -> None:
        """End the engine and the encoders."""
        self._asker.close()
        self._list.close()

    # following

    def hand_changed(self, before: "Hand | None", now: "Hand") -> None:
        """Other models or prompts were chosen: what is shown is no longer theirs."""
        if self._asker.choose(now.run, None if now.run else now.draft.model):
            self._leave_blind()
        source = source_of(now.draft)
        if source != self._list.source:
            self._number = 1 if before is not None else self._number
            if not self._is_typed:
                self._asker.turn_away()
            self._list.open(source, self._opened)
        self._show()

    def _opened(self) -> None:
        self._number = max(1, min(self._number, self._list.count))
        if not self._is_typed:
            self._list.read(self._number, self._turn_to)
        self._show()

    def _turn_to(self, prompt: "Prompt") -> None:
        """Show a prompt with its answers; it is asked at once when the one before was."""
        if self._blind is not None:
            self._blind.is_over = False
        self._is_typed = prompt.row == 0
        self._number = prompt.row or self._number
        self._asker.turn_to(prompt)
        self.query_one(Answers).to_top()
        self.remember()
        if self._asker.is_on and not self._asker.shown.is_live and not self._asker.is_whole:
            self.action_ask()
        self._changed()

    def _changed(self) -> None:
        """The answers are others than before."""
        self._show()
        self._look_ahead()

    def _look_ahead(self) -> None:
        """Ask the next prompts while these answers are read; a run that trains is left in peace."""
        asker = self._asker
        is_busy = any(not run.has_ended for run in self.workbench.runs.seen)
        if asker.is_on and asker.is_free and asker.is_whole and not self._is_typed and not is_busy:
            for number in range(self._number + 1, self._number + 1 + _AHEAD):
                self._list.read(number, self._ask_ahead)

    def _ask_ahead(self, prompt: "Prompt") -> None:
        if self._asker.is_on and self._asker.is_free and self._asker.answers_to(prompt) is None:
            self._asker.ask(prompt, self.sampling, raw=self._raw)

    # drawing

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

    def on_resize(self) -> None:
        """Fold the prompt for the new width."""
        if self.has_begun:
            self.call_after_refresh(self._show)

    def _show(self) -> None:
        asker, prompt, is_blind, width = self._asker, self._prompt, self._blind is not None, self.size.width - 2
        if not is_blind:
            asker.note_named()
        source = self._list.source
        number = 0 if self._is_typed else min(self._number, self._list.count)
        columns = 2 if asker.run else 1
        asking = Asking(
            source.name if source else "none", number, self._list.count, self.sampling, self._raw, columns, is_blind
        )
        self._draw("asking", asking.line(width))
        self._draw("prompt", folded(asked(prompt), width, _PROMPT_LINES) if prompt else invitation(asker.somebody))
        wanted = Content("") if is_blind else folded(expected(prompt), width, _EXPECTED_LINES)
        self._draw("expected", wanted)
        self.query_one("#expected").display = bool(wanted)
        names = [each.name for each in asker.columns]
        if len(names) == 2 and self._left_is_second:
            names.reverse()
        drawn = [column(side, name, asker, is_blind=is_blind) for side, name in zip("AB", names, strict=False)]
        self.query_one(Answers).show(drawn)
        self._draw("verdict", self._verdict())

    def _draw(self, part: str, content: Content) -> None:
        self.query_one(f"#{part}", Drawn).show(content)

    def _verdict(self) -> Content:
        """What can be done now, or how the votes fell."""
        asker = self._asker
        if self._blind is not None:
            return over(self._blind.tally()) if self._blind.is_over else blind_hint(asker)
        if self._tally:
            return shown(self._tally, "bold")
        if self._prompt is None or not asker.somebody or asker.shown.texts or asker.shown.is_live:
            return Content("")
        left = 0 if self._is_typed else self._list.count - self._number + 1
        data = self.hand.draft.data
        return offer(asker.somebody, left, is_held_out=bool(data and data.validation))

    @property
    def _left_is_second(self) -> bool:
        if self._blind is None or self._prompt is None:
            return self._swapped
        return self._blind.is_swapped(self._prompt)

    # keys

    def action_ask(self) -> None:
        """Ask the prompt that is shown."""
        if self._prompt is None:
            self.say("no prompt: i types one, Ctrl+O chooses data with prompts")
        elif not self._asker.somebody:
            self.say("nobody to ask: Ctrl+O chooses a run or a model")
        else:
            self._tally = ""
            self._asker.ask(self._prompt, self.sampling, raw=self._raw)

    def action_prompt(self, by: int) -> None:
        """Go to the next prompt of the file, or the one before; from a typed one, back to the file."""
        number = self._number + (0 if self._is_typed else by)
        if not self._list.count:
            self.say("no file with prompts: Ctrl+O chooses one, i types a prompt")
        elif not 1 <= number <= self._list.count:
            self.say("that was the last prompt" if by > 0 else "that was the first prompt")
        elif self._blind is None or not self._blind.is_busy:
            self._list.read(number, self._turn_to)

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
            self._stop_typing()
            self._asker.stop()
            self._turn_to(Prompt(0, event.value))
            self.action_ask()

    def _stop_typing(self) -> None:
        self.set_focus(None)
        self.remove_class("-typing")

    def action_escape(self) -> None:
        """Leave the field, else end the answer, else leave the blind comparison with its tally."""
        if self.has_class("-typing"):
            self._stop_typing()
        elif self._asker.shown.is_live:
            self._asker.stop()
            self.say("ended; Enter asks again")
        elif self._blind is None or not self._blind.is_busy:
            self._asker.stop()
            self._leave_blind()
        self._show()

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
        self._show()

    def action_sides(self) -> None:
        """Change the sides; blind, they are drawn by lot."""
        if self._blind is not None:
            self.say("blind, the sides are drawn by lot")
        else:
            self._swapped = not self._swapped
            self._show()

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
            self.say("no prompt: i types one, Ctrl+O chooses data with prompts")
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
        self._show()

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
            self._show()
        else:
            self.action_prompt(1)

    def action_undo(self) -> None:
        """Take the last vote back."""
        if self._blind is not None:
            self._blind.undo()

    def _undone(self, prompt: "Prompt | None") -> None:
        self.say("the last vote is taken back" if prompt else "there is no vote to take back")
        if prompt is not None:
            self._turn_to(prompt)

    # the frame

    def targets(self) -> list[Target]:
        """Stored votes go to Label."""
        run = self._asker.run
        return [Target("label", f"the pairs of {run}", {"pairs": run})] if run else []

    def command(self) -> str:
        """The command that asks the same: this typed prompt, or all prompts of the file."""
        name, sampling = self._asker.run or self._asker.model, self.sampling
        typed = self._prompt.prompt if self._is_typed and self._prompt else None
        source = self._list.source
        if not name or (source is None and typed is None):
            return ""
        words = ["workbench", "compare", name]
        if typed is not None:
            words += ["--prompt", str(typed)]
        elif source is not None:
            words += ["--prompts", source.file, *(f"--map={target}={column}" for target, column in source.mapping)]
        words += ["--max-new-tokens", str(sampling.max_new_tokens)] if sampling.max_new_tokens != 64 else []
        if sampling.temperature:
            words += ["--temperature", f"{sampling.temperature:g}", "--seed", str(sampling.seed)]
            words += ["--top-p", f"{sampling.top_p:g}"] if sampling.top_p < 1 else []
        return " ".join(map(quote, [*words, *(["--raw"] if self._raw else [])]))

    def place(self) -> dict[str, Any]:
        """The prompt, the half-typed one, and how answers are drawn."""
        typed, is_typing = self.query_one("#typed", Input).value, self.has_class("-typing")
        asked_last = self._prompt.prompt if self._is_typed and self._prompt else None
        how = {"sampling": vars(self.sampling), "raw": self._raw}
        return {"number": self._number, "typed": typed, "is_typing": is_typing, "asked": asked_last, **how}

    def restore(self, place: dict[str, Any]) -> None:
        """Go there again."""
        from screens.compare_controls import sampling_of
        from workbench.data.prompts import Prompt

        number, typed, asked_last = place.get("number"), place.get("typed"), place.get("asked")
        self._number = number if isinstance(number, int) and number > 0 else 1
        self._raw = place.get("raw") is True
        self._sampling = sampling_of(place.get("sampling"))
        if isinstance(asked_last, str):
            self._is_typed = True
            self._asker.turn_to(Prompt(0, asked_last))
        if isinstance(typed, str):
            self.query_one("#typed", Input).value = typed
        if place.get("is_typing") is True:
            self.action_type()
