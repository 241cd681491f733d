"""The Compare pane: the same prompt to base and tuned, streamed side by side; or blind, with a vote."""

from shlex import quote
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from screens.compare_keys import CompareKeys
from screens.compare_prompts import source_of
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
from screens.pane import Target
from screens.text import shown
from screens.widgets.answers import Answers
from screens.widgets.drawn import Drawn
from screens.widgets.field import Field

if TYPE_CHECKING:
    from workbench.data.prompts import Prompt
    from workbench.runs.desk import Hand

_PROMPT_LINES, _EXPECTED_LINES = 7, 3
_AHEAD = 2
"""Prompts that are asked while one reads the answers to the one before them."""


class ComparePane(CompareKeys):
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
        self.show_all()

    def _opened(self) -> None:
        self._number = max(1, min(self._number, self._list.count))
        if not self._is_typed:
            self._list.read(self._number, self.turn_to)
        self.show_all()

    def turn_to(self, prompt: "Prompt") -> None:
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
        self.changed()
        self.do_what_waits()

    def changed(self) -> None:
        """The answers are others than before."""
        self.show_all()
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

    def on_resize(self) -> None:
        """Fold the prompt for the new width."""
        if self.has_begun:
            self.call_after_refresh(self.show_all)

    def show_all(self) -> None:
        """Draw everything as it is now."""
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
