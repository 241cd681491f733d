"""The Template pane: one row as the model sees it, and which of its tokens the loss sees."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer

from screens.actions import Action, actions_of
from screens.pane import Target
from screens.template_keys import TemplateKeys
from screens.widgets.drawn import Drawn
from screens.widgets.foot import Foot
from screens.widgets.lens import Lens, Motion
from screens.widgets.lens_words import common_head, head, judgement, refusal, under_cursor
from screens.widgets.set_line import SetLine
from screens.widgets.sides import Sides
from workbench.errors import WorkbenchError
from workbench.settings import Settings
from workbench.template.spec import EncoderSpec
from workbench.template.viewer import Ask, Failed, Noted, Shown, Viewer

if TYPE_CHECKING:
    from workbench.runs.desk import Hand

_PATIENCE_SECONDS = 0.1
"""An answer that comes sooner is waited for in silence."""
_LONG_SHARE = 0.8
"""Of the time that a template has: after that it is spoken of."""
_KEYS = "t another template · E edit it · y another policy · [ ] other rows · Ctrl+O other data or model · Ctrl+R again"
_EMPTY = [
    Action("template", "enter", "", "take it", "", footer=True),
    Action("all", "ctrl+o", "", "choose", "", footer=True),
    *(each for each in actions_of("template") if each.keys == "f1"),
]


class TemplatePane(TemplateKeys):
    """What text does the model see, and which tokens does the loss see?"""

    DEFAULT_CSS = """
    TemplatePane {
        & #head { margin-bottom: 1; height: 1; }
        &.-beside #head { margin-bottom: 0; }
        & #message { padding: 1 3; height: 1fr; display: none; }
        & #below { height: auto; border-top: solid $border-blurred; }
        & #judgement { display: none; }
        & #token { height: 1; }
    }
    """

    class Told(Message):
        """The viewer said something."""

        def __init__(self, event: Noted | Shown | Failed) -> None:
            self.event = event
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._viewer: Viewer | None = None
        self._failed: Failed | None = None
        self._is_prompt = False
        self._place: dict[str, Any] = {}
        self._patience: Timer | None = None

    def body(self) -> ComposeResult:
        """Yield the lens, or two, or a message in their place, with a line above and a few below."""
        yield Drawn(id="head")
        yield Sides()
        yield Drawn(id="message")
        with Vertical(id="below"):
            yield Drawn(id="judgement")
            yield Drawn(id="token")
            yield SetLine()

    # the selection

    def hand_changed(self, before: "Hand | None", now: "Hand") -> None:  # noqa: ARG002
        """Ask for the row in hand as the draft would have it encoded."""
        if now.draft.file is None:
            self._nothing("No data: 1, or Ctrl+O", "Enter goes to Data")
        elif now.draft.model is None:
            self._nothing("No tokenizer: Ctrl+O, or Enter for starter", "starter is a small model that comes along")
        else:
            self._look()

    def place(self) -> dict[str, Any]:
        """Return the token that the cursor is on, whether the generation prompt is shown, and what is beside it."""
        if self._shown is not None:
            self._place = {"row": self._shown.ask.row, "token": self.sides.first.cursor}
        beside = self.sides.spec.model_dump() if self.sides.spec is not None else None
        return {**self._place, "prompt": self._is_prompt, "beside": beside}

    def restore(self, place: dict[str, Any]) -> None:
        """Keep the place until its row is shown."""
        self._is_prompt = place.get("prompt") is True
        self._place = {name: place[name] for name in ("row", "token") if isinstance(place.get(name), int)}
        with contextlib.suppress(ValueError):  # of another version
            self.put_beside(EncoderSpec(**place["beside"]) if isinstance(place.get("beside"), dict) else None)

    def targets(self) -> list[Target]:
        """Return LoRA, with the policy that is in the draft anyway, and with a length that cuts no row."""
        if self._shown is None:
            return []
        spec, found = self._shown.ask.spec, self.survey
        train = Target("train", "start a run with this mask")
        if found is None or not found.is_done or not found.longest:
            return [Target("lora", f"{spec.train_on}, up to {spec.max_length:,} tokens a row"), train]
        longest = f"longest {'≈' if found.is_sample else ''}{found.longest:,} of {spec.max_length:,} tokens"
        natural = Target("lora", f"{spec.train_on}, {longest}")
        if found.is_sample or found.longest == spec.max_length:
            return [natural, train]
        fitted = {"draft": {"max_length": max(2, found.longest)}}
        return [natural, Target("lora", f"max_length {found.longest:,}, which cuts no row", fitted), train]

    def command(self) -> str:
        """Return the command that shows the same row."""
        if self._asked is None:
            return ""
        beside = self.sides.spec
        return self._asked.command if beside is None else self._asked.command_against(beside)

    # asking

    def _look(self) -> None:
        """Have the row in hand encoded, unless that is what is asked for already."""
        draft = self.hand.draft
        assert draft.file is not None and draft.model is not None
        ask = Ask(draft.file, draft.model, draft.encoder, self.hand.row, self._is_prompt)
        if ask == self._asked:
            return
        self._asked = ask
        if self._viewer is None:
            self._viewer = Viewer(_find_tokenizer, self._settings, self._tell)
        self._viewer.look(ask)
        self.ask_beside()
        if self._patience is None:
            self._patience = self.set_timer(_PATIENCE_SECONDS, self._wait)

    def ask_beside(self) -> None:
        """Have the row in hand encoded for the second lens as well, where there is one."""
        before = self.sides.asked
        ask = self.sides.ask(self._asked)
        if self._viewer is not None and ask is not before:
            self._viewer.look_beside(ask)

    @cached_property
    def _settings(self) -> Settings:
        """Those of the workspace; the usual ones where they cannot be read, which is said."""
        try:
            return self.workspace.settings
        except WorkbenchError as error:
            self.fail(error)
            return Settings()

    def _tell(self, event: Noted | Shown | Failed) -> None:
        """Called in other threads, maybe after the app has ended."""
        with contextlib.suppress(RuntimeError):
            self.post_message(self.Told(event))

    def _wait(self) -> None:
        """Say that something else than what stands here is on its way."""
        if self._asked is None:
            return
        self._show_lens(True)
        self.sides.grey()
        self._draw("head", head(self._asked, self._rows, None, self._width))
        self._draw("token", Content(""))
        self._judge(Content(""))
        self.query_one(SetLine).ask(self._asked)
        self._patience = self.set_timer(_LONG_SHARE * self._settings.render_seconds, self._say_long)

    def _say_long(self) -> None:
        said = f"a template that does not end is stopped after {self._settings.render_seconds:g} s"
        self._draw("token", Content.styled(said, "$text-warning"))

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.stop()
            self._patience = None

    @on(Told)
    def _told(self, message: Told) -> None:
        event = message.event
        if isinstance(event, Noted):
            self.say(event.text)
        elif event.ask is self._asked:
            self._stop_waiting()
            self._rows = event.rows
            if isinstance(event, Shown):
                self._show(event)
            else:
                self._refuse(event)
        elif event.ask is self.sides.asked:
            self.sides.take(event)
            self.draw_row()

    @on(Sides.Found)
    @on(SetLine.Counted)
    def _more_is_known(self) -> None:
        self.draw_row()

    # showing

    def _show(self, event: Shown) -> None:
        cursor = self._first_cursor(event)
        self._shown, self._failed = event, None
        self._show_lens(True)
        self.sides.show(event, cursor)
        self.draw_row()
        line = self.query_one(SetLine)
        line.ask(event.ask)
        line.count(event, self._settings)
        self.show_frame()

    def _first_cursor(self, now: Shown) -> int:
        """Where the cursor goes: it stays in the same text, else it goes to where training begins."""
        before = self._shown
        if before is not None and _is_same_text(before.ask, now.ask):
            return self.sides.first.cursor
        if before is None and self._place.get("row") == now.ask.row:
            return int(self._place.get("token", 0))
        if now.ask.generation_prompt:
            return len(now.seen.tokens) - 1
        return now.seen.first_trained or 0

    def draw_row(self) -> None:
        """Draw the lines about the row and the token."""
        if self._shown is None or self._shown.ask is not self._asked:
            return
        shown, sides = self._shown, self.sides
        self.set_class(sides.are_two, "-beside")
        if not sides.are_two:
            self._draw("head", head(shown.ask, shown.rows, shown.seen, self._width))
        else:
            instead = "nothing to compare" if sides.is_refused else "comparing…"
            differs = (sides.compared, sides.difference)
            self._draw("head", common_head(shown, *differs, self._width, instead, is_pair=sides.is_pair))
        found = self.survey
        self._judge(judgement(shown.seen, found.template if found is not None else (), self._width))
        lens, under = sides.lens, sides.shown
        if lens.token is not None and under is not None:
            count = under.seen.kept + under.seen.cut
            self._draw("token", under_cursor(lens.token, lens.cursor, count, lens.part, self._width))

    def _refuse(self, event: Failed) -> None:
        """Say why there is nothing to show."""
        self._shown, self._failed = None, event
        self.sides.show(None)
        self._draw("head", head(event.ask, event.rows, None, self._width, "nothing to show"))
        self._draw("token", Content(""))
        self._judge(Content(""))
        self._draw("message", refusal(event.error, _KEYS, self._width - 4))
        self.query_one(SetLine).ask(event.ask)
        self._show_lens(False)

    def _nothing(self, what: str, more: str) -> None:
        """Say what is to be chosen first."""
        self._stop_waiting()
        self._asked = self._shown = self._failed = None
        self.ask_beside()
        self.sides.show(None)
        for name in ("head", "token"):
            self._draw(name, Content(""))
        self.query_one(SetLine).ask(None)
        self._judge(Content(""))
        self._draw("message", Content.assemble((what, "bold"), "\n", (more, "$foreground-muted")))
        self._show_lens(False)
        self.query_one("#below").display = False
        self.query_one(Foot).show(_EMPTY)

    def _show_lens(self, is_shown: bool) -> None:
        self.sides.display = is_shown
        self.query_one("#message").display = not is_shown
        self.query_one("#below").display = True
        self.query_one(Foot).show(actions_of(self.PANE))

    def _draw(self, name: str, content: Content) -> None:
        self.query_one(f"#{name}", Drawn).show(content)

    def _judge(self, content: Content) -> None:
        self._draw("judgement", content)
        self.query_one("#judgement").display = bool(content.plain)

    @property
    def _width(self) -> int:
        return max(20, self.size.width - 2)

    def on_resize(self) -> None:
        """Cut the lines to the new width."""
        if self.has_begun:
            self.call_after_refresh(self._draw_again)

    def _draw_again(self) -> None:
        if self._failed is not None and self._failed.ask is self._asked:
            self._refuse(self._failed)
        self.draw_row()
        self.query_one(SetLine).draw_again()

    # keys

    def action_move(self, motion: Motion) -> None:
        """Move the cursor."""
        self.sides.move(motion)
        self._moved()

    @on(Lens.Pointed)
    def _moved(self) -> None:
        self.draw_row()
        self.remember()

    def action_prompt(self) -> None:
        """Have the text end where an answer would begin, or whole again."""
        if self._asked is not None:
            self._is_prompt = not self._is_prompt
            self._look()
            self.remember()

    def action_reload(self) -> None:
        """Read everything again, and stand where one stood."""
        if self._asked is None or self._viewer is None:
            return
        self._viewer.forget()
        self.query_one(SetLine).forget()
        self._asked = None
        self.sides.ask(None)
        self._look()

    def on_unmount(self) -> None:
        """End the processes."""
        if self._viewer is not None:
            self._viewer.close()


def _find_tokenizer(name: str, tell: Callable[[str], None]) -> Path:
    """The folder that training takes the tokenizer from; no weights are fetched."""
    from workbench.models.find import Need, find_model

    return find_model(name, Need.TOKENIZER, tell).folder


def _is_same_text(one: Ask, other: Ask) -> bool:
    """Whether two questions are about the same tokens, so that a cursor means the same in both."""
    return replace(one, spec=other.spec) == other and one.spec.template == other.spec.template
