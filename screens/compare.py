"""The Compare pane: the same prompt to base and tuned, streamed side by side; or blind, with a vote."""

from shlex import quote
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input, Static

from screens.asker import Asker
from screens.compare_words import Asking, asked, column, expected, hint, invitation, tallied
from screens.pane import Pane, Target
from screens.text import shown
from screens.widgets.answers import Answers
from screens.widgets.field import Field

if TYPE_CHECKING:
    from screens.compare_votes import Votes
    from workbench.data.prompts import Prompt, Prompts
    from workbench.label.sides import Stance
    from workbench.models.generate import Sampling
    from workbench.runs.desk import Hand


class ComparePane(Pane):
    """One prompt at a time."""

    PANE = "compare"
    DEFAULT_CSS = """
    ComparePane #asking { height: 1; padding: 0 1; color: $foreground-muted; }
    ComparePane #prompt { height: auto; max-height: 7; padding: 1 1 0 1; }
    ComparePane #typed { margin: 1 1 0 1; display: none; }
    ComparePane.-typing #typed { display: block; }
    ComparePane.-typing #prompt { display: none; }
    ComparePane #expected { height: auto; max-height: 3; padding: 0 1; margin-bottom: 1; }
    ComparePane #verdict { height: auto; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._asker = Asker(self, self._show)
        self._prompts: Prompts | None = None
        self._prompts_of: Any = None
        self._number = 1
        self._prompt: Prompt | None = None
        self._is_typed = False
        self._sampling: Sampling | None = None
        self._raw = False
        self._swapped = False
        self._votes: Votes | None = None
        self._known_runs: frozenset[str] | None = None

    def body(self) -> ComposeResult:
        """Yield the prompt, the answers, and the scale."""
        yield Static("", id="asking", markup=False)
        yield Static("", id="prompt", markup=False)
        yield Field(placeholder="a prompt · Enter asks · Esc leaves", id="typed")
        yield Static("", id="expected", markup=False)
        yield Answers()
        yield Static("", id="verdict", markup=False)

    # following

    def hand_changed(self, before: "Hand | None", now: "Hand") -> None:
        """Other models or prompts were chosen: what is shown is no longer theirs."""
        if self._asker.choose(now.run, None if now.run else now.draft.model):
            self._leave_blind()
        data = now.draft.data
        prompts_of = data and (data.validation or data.train, () if data.validation else tuple(data.map.items()))
        if prompts_of != self._prompts_of:
            self._prompts_of, self._prompts = prompts_of, None
            self._number = 1 if before is not None else self._number
            if not self._is_typed:
                self._asker.forget()
                self._prompt = None
            if prompts_of:
                self._open_prompts(prompts_of)
        self._show()

    def runs_changed(self) -> None:
        """A run that starts needs the device: the engine gives it back."""
        alive = frozenset(run.name for run in self.workbench.runs.seen if not run.has_ended)
        new = alive - (alive if self._known_runs is None else self._known_runs)
        if self.workbench.runs.has_looked:
            self._known_runs = alive
        if new and self._asker.sleep():
            self.say(f"engine asleep: {min(new)} starts and may need its memory; Enter wakes it")

    @work(thread=True, exclusive=True, group="prompts", exit_on_error=False)
    def _open_prompts(self, prompts_of: tuple[str, Any]) -> None:
        from workbench.data.prompts import open_prompts
        from workbench.data.rows import locate, open_rows

        file, mapping = prompts_of
        tell = self.app.call_from_thread
        found = open_prompts(open_rows(locate(file, lambda text: tell(self.say, text))), dict(mapping))
        prompt = found[min(self._number, len(found)) - 1] if len(found) else None
        tell(self._prompts_opened, prompts_of, found, prompt)

    def _prompts_opened(self, prompts_of: Any, found: "Prompts", prompt: "Prompt | None") -> None:
        if prompts_of == self._prompts_of:
            self._prompts = found
            self._number = max(1, min(self._number, len(found)))
            self._prompt = self._prompt if self._is_typed else prompt
            self._show()

    # drawing

    @property
    def sampling(self) -> "Sampling":
        """How answers are drawn, in every column alike."""
        if self._sampling is None:
            from workbench.models.generate import Sampling

            self._sampling = Sampling()
        return self._sampling

    def _show(self) -> None:
        count = len(self._prompts) if self._prompts is not None else 0
        source = self._prompts_of[0].rpartition("/")[2] if self._prompts_of else "none"
        number = 0 if self._is_typed else min(self._number, count)
        is_blind = self._votes is not None
        asking = Asking(source, number, count, self.sampling, self._raw, is_blind)
        self.query_one("#asking", Static).update(asking.line())
        told = asked(self._prompt) if self._prompt else invitation(self._asker.somebody)
        self.query_one("#prompt", Static).update(told)
        self.query_one("#expected", Static).update("" if is_blind else expected(self._prompt))
        self._show_answers()

    def _show_answers(self) -> None:
        asker, is_blind = self._asker, self._votes is not None
        names = [each.name for each in asker.columns]
        if len(names) == 2 and self._left_is_second:
            names.reverse()
        drawn = [column(side, name, asker, is_blind=is_blind) for side, name in zip("AB", names, strict=False)]
        self.query_one(Answers).show(drawn)
        words = hint(asker, is_blind=is_blind, has_prompt=self._prompt is not None)
        self.query_one("#verdict", Static).update(shown(words, "$foreground-muted"))

    @property
    def _left_is_second(self) -> bool:
        if self._votes is None or self._prompt is None:
            return self._swapped
        return self._votes.is_swapped(self._prompt)

    # keys

    def action_ask(self) -> None:
        """Ask the prompt that is shown."""
        if self._prompt is None:
            self.say("no prompt: i types one, Ctrl+O chooses data with prompts")
        elif not self._asker.somebody:
            self.say("nobody to ask: Ctrl+O chooses a run or a model")
        else:
            self._asker.ask(self._prompt, self.sampling, raw=self._raw)

    def action_prompt(self, by: int) -> None:
        """Go to the next prompt, or the one before; it is asked at once when the last one was."""
        number = self._number + by
        if self._prompts is None:
            self.say("no file with prompts: Ctrl+O chooses one, i types a prompt")
        elif not 1 <= number <= len(self._prompts):
            self.say("that was the last prompt" if by > 0 else "that was the first prompt")
        else:
            has_asked = bool(self._asker.texts) or self._asker.is_asking
            self._number, self._is_typed = number, False
            self._asker.forget()
            self.remember()
            self._fetch(self._prompts, number, has_asked)

    @work(thread=True, exclusive=True, group="prompt", exit_on_error=False)
    def _fetch(self, prompts: "Prompts", number: int, has_asked: bool) -> None:
        self.app.call_from_thread(self._fetched, number, prompts[number - 1], has_asked)

    def _fetched(self, number: int, prompt: "Prompt", has_asked: bool) -> None:
        if number == self._number and not self._is_typed:
            self._prompt = prompt
            self._show()
            if has_asked:
                self.action_ask()

    def action_type(self) -> None:
        """Type a prompt."""
        self.add_class("-typing")
        self.query_one("#typed", Input).focus()

    @on(Input.Changed, "#typed")
    def _typing(self) -> None:
        self.remember()

    @on(Input.Submitted, "#typed")
    def _typed(self, event: Input.Submitted) -> None:
        from workbench.data.prompts import Prompt

        if event.value.strip():
            self._prompt, self._is_typed = Prompt(0, event.value), True
            self._stop_typing()
            self.action_ask()

    def _stop_typing(self) -> None:
        self.set_focus(None)
        self.remove_class("-typing")

    def action_escape(self) -> None:
        """Leave the field, else end the answer, else leave the blind comparison with its tally."""
        if self.has_class("-typing"):
            self._stop_typing()
        elif self._asker.is_asking:
            self._asker.cancel()
            self.say("ended; Enter asks again")
        else:
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
        self._swapped = not self._swapped
        self._show_answers()

    def action_scroll(self, by: int) -> None:
        """Scroll both answers."""
        self.query_one(Answers).scroll(by)

    # blind

    def action_blind(self) -> None:
        """Hide the names, draw the sides by lot, and vote; or end that."""
        if self._votes is not None:
            self._leave_blind()
        elif self._asker.run is None:
            self.say("a blind comparison needs a run: Ctrl+O chooses one")
        else:
            from screens.compare_votes import Votes

            self._votes = Votes(self.workspace, self._asker.run)
            self.workbench.take(pairs=self._asker.run)
            self.say("names are hidden and sides drawn by lot; the tally comes when you leave with Esc")
            if not self._asker.is_asking and not self._asker.has_both:
                self.action_ask()
        self._show()

    def _leave_blind(self) -> None:
        votes, self._votes = self._votes, None
        if votes is not None and votes.given:
            self.say(tallied(votes.tally(), votes.set_name))

    def action_vote(self, stance: "Stance") -> None:
        """Store the vote on A, to the left, and B; then ask the next prompt."""
        if self._votes is not None and self._prompt is not None and self._asker.has_both and not self._votes.is_busy:
            base, tuned = (self._asker.texts[each.name] for each in self._asker.columns)
            how = {"columns": [each.name for each in self._asker.columns], **vars(self.sampling), "raw": self._raw}
            self._votes.is_busy = True
            how |= {"number": 0 if self._is_typed else self._number}
            self._vote(self._votes, self._prompt, base, tuned, stance, how)

    @work(thread=True, group="vote", exit_on_error=False)
    def _vote(self, votes: "Votes", prompt: "Prompt", base: str, tuned: str, stance: "Stance", how: Any) -> None:
        votes.give(prompt, base, tuned, stance, how)
        self.app.call_from_thread(self._voted, len(votes.given))

    def _voted(self, count: int) -> None:
        self.say(f"saved ✓ {count}")
        if self._prompts is not None and not self._is_typed and self._number < len(self._prompts):
            self.action_prompt(1)
        else:
            self._leave_blind()
            self._show()

    def action_undo(self) -> None:
        """Take the last vote back."""
        if self._votes is not None and not self._votes.is_busy:
            self._votes.is_busy = True
            self._undo(self._votes)

    @work(thread=True, group="vote", exit_on_error=False)
    def _undo(self, votes: "Votes") -> None:
        self.app.call_from_thread(self._undone, votes.undo())

    def _undone(self, number: int | None) -> None:
        self.say("there is no vote to take back" if number is None else "the last vote is taken back")
        if number:
            self.action_prompt(number - self._number)

    def on_unmount(self) -> None:
        """End the engine: nobody waits for what it computes."""
        self._asker.close()

    # the frame

    def targets(self) -> list[Target]:
        """Stored votes go to Label."""
        run = self._asker.run
        return [Target("label", f"the pairs of {run}", {"pairs": run})] if run else []

    def command(self) -> str:
        """The command that asks the same."""
        name = self._asker.run or self._asker.model
        if not name or not self._prompts_of:
            return ""
        words = ["workbench", "compare", name, "--prompts", self._prompts_of[0]]
        words += ["--max-new-tokens", str(self.sampling.max_new_tokens)] if self.sampling.max_new_tokens != 64 else []
        words += ["--temperature", f"{self.sampling.temperature:g}"] if self.sampling.temperature else []
        return " ".join(map(quote, [*words, *(["--raw"] if self._raw else [])]))

    def place(self) -> dict[str, Any]:
        """The prompt, the half-typed one, and how answers are drawn."""
        typed, is_typing = self.query_one("#typed", Input).value, self.has_class("-typing")
        drawn = {"sampling": vars(self.sampling), "raw": self._raw}
        return {"number": self._number, "typed": typed, "is_typing": is_typing, **drawn}

    def restore(self, place: dict[str, Any]) -> None:
        """Go there again."""
        from screens.compare_controls import sampling_of

        number, typed = place.get("number"), place.get("typed")
        self._number = number if isinstance(number, int) and number > 0 else 1
        self._raw = place.get("raw") is True
        self._sampling = sampling_of(place.get("sampling"))
        if isinstance(typed, str):
            self.query_one("#typed", Input).value = typed
        if place.get("is_typing") is True:
            self.action_type()
