"""Who answers in the Compare pane, and what has come of it: asks in a lane of its own, and keeps what was answered."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from screens.pane import Pane
from workbench.data.lane import Lane
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.compare.columns import Column
    from workbench.data.prompts import Prompt
    from workbench.engine.session import Answered, Event, Session
    from workbench.models.generate import Sampling


@dataclass
class Exchange:
    """A prompt and what has come of it so far."""

    prompt: "Prompt | None" = None
    texts: dict[str, str] = field(default_factory=dict)
    """What each column has written."""
    done: "dict[str, Answered]" = field(default_factory=dict)
    """The columns that have answered, and how they ended."""
    is_live: bool = False
    """Whether more is to come."""


class Asker:
    """One prompt is asked at a time, the newest wins; `changed` is called when there is something else to draw.

    What was answered stays at hand until other models are chosen or it is forgotten, so that a prompt may be asked
    before it is shown.
    """

    def __init__(self, pane: Pane, changed: Callable[[], None]) -> None:
        self._pane = pane
        self._changed = changed
        self._session: Session | None = None
        self._lane: Lane | None = None
        self._kept: dict[str, Exchange] = {}
        self._named: set[str] = set()
        self._asking: Exchange | None = None
        self.words = ""
        """What is being done before the answers come: loading, for one; empty while they come."""
        self.is_on = False
        """Whether the next prompt is asked as soon as it is shown."""
        self.shown = Exchange()
        """The exchange that one looks at."""
        self.run: str | None = None
        """The run whose base and result answer; or else:"""
        self.model: str | None = None
        """The model that answers alone."""
        self.columns: list[Column] = []
        """Those who answer, the base first; known once the first prompt was asked."""

    @property
    def somebody(self) -> str:
        """Who is asked, in words; empty for nobody."""
        return f"base and {self.run}" if self.run else (self.model or "").rstrip("/").rpartition("/")[2]

    @property
    def is_whole(self) -> bool:
        """Whether all have answered the prompt that is shown, to the end."""
        ends = [answer.finish for answer in self.shown.done.values()]
        return 0 < len(self.columns) == len(ends) and "cancelled" not in ends

    @property
    def was_named(self) -> bool:
        """Whether answers to the prompt that is shown were ever seen with the names of who gave them."""
        return self.shown.prompt is not None and _key(self.shown.prompt) in self._named

    @property
    def is_free(self) -> bool:
        """Whether nothing is being asked, and asking would be quick: the models are held."""
        return self._asking is None and self._session is not None and self._session.is_awake

    def choose(self, run: str | None, model: str | None) -> bool:
        """Ask others from now on; False when they are those already chosen."""
        if (run, model) == (self.run, self.model):
            return False
        self.run, self.model, self.columns, self._named = run, model, [], set()
        self.forget()
        return True

    def turn_to(self, prompt: "Prompt") -> None:
        """Look at a prompt, and at what has come of it already."""
        self.shown = self.answers_to(prompt) or Exchange(prompt)

    def turn_away(self) -> None:
        """Look at no prompt."""
        self.stop()
        self.shown = Exchange()

    def note_named(self) -> None:
        """Remember that the shown answers, as far as there are any, are seen with names."""
        if self.shown.texts and self.shown.prompt is not None:
            self._named.add(_key(self.shown.prompt))

    def answers_to(self, prompt: "Prompt") -> Exchange | None:
        """Return what has come of a prompt; None when it was never asked."""
        return self._kept.get(_key(prompt))

    def ask(self, prompt: "Prompt", sampling: "Sampling", *, raw: bool) -> None:
        """Ask a prompt, which need not be the one that is shown; what was being asked is ended."""
        if self._asking is not None and self._asking.prompt == prompt:
            return
        self._cancel()
        exchange = self._asking = self._kept[_key(prompt)] = Exchange(prompt, is_live=True)
        if self.shown.prompt == prompt:
            self.shown = exchange
        self.is_on = True
        self._lane = self._lane or Lane()
        self._lane.submit(self._ask, exchange, prompt, sampling, raw)
        self._changed()

    def stop(self) -> bool:
        """End the answers under way with what they have, and ask no more; False when nothing was under way."""
        was_asking = self._asking is not None
        self._cancel()
        self.is_on = False
        return was_asking

    def forget(self) -> None:
        """Drop all answers: they were drawn otherwise than the next ones will be."""
        self.stop()
        self._kept = {}
        self.shown = Exchange(self.shown.prompt)

    def close(self) -> None:
        """End everything; what is under way is not waited for, and nothing is told any more."""
        self._asking, self.is_on = None, False
        if self._lane is not None and self._session is not None:
            self._session.hurry()
            self._lane.submit(self._session.close)
            self._lane.submit(self._lane.close)

    def _cancel(self) -> None:
        exchange, self._asking = self._asking, None
        if exchange is None:
            return
        exchange.is_live = False
        if exchange is not self.shown and exchange.prompt is not None:
            self._kept.pop(_key(exchange.prompt), None)
        if self._session is not None:
            self._session.cancel()
        self._say_words("")

    # in the lane

    def _ask(self, exchange: Exchange, prompt: "Prompt", sampling: "Sampling", raw: bool) -> None:
        from workbench.compare.columns import columns
        from workbench.engine.session import Session

        pane = self._pane
        if self._asking is not exchange:
            return
        if self._session is None:
            self._session = Session(pane.workspace.settings, lambda words: later(pane, self._slept, words))
        try:
            found = self.columns or columns(
                [self.run or self.model or ""], pane.workspace, lambda text: later(pane, pane.say, text)
            )
            later(pane, self._found, exchange, found)
            self._session.ask(
                found, prompt, sampling, raw=raw,
                tell=lambda event: later(pane, self._heard, exchange, event),
                is_wanted=lambda: self._asking is exchange,
            )  # fmt: skip
        except Exception as error:  # whatever a library raises ends this prompt, not the lane
            later(pane, self._failed, exchange, told(error))
        later(pane, self._ended, exchange)

    # what the lane has told

    def _found(self, exchange: Exchange, found: "list[Column]") -> None:
        if exchange is self._asking:
            self.columns = found
            self._changed()

    def _heard(self, exchange: Exchange, event: "Event") -> None:
        from workbench.engine.session import Answered, Delta

        if isinstance(event, Delta):
            exchange.texts[event.column] = exchange.texts.get(event.column, "") + event.text
        elif isinstance(event, Answered):
            exchange.texts[event.column], exchange.done[event.column] = event.text, event
        if exchange is self._asking:
            self._say_words(getattr(event, "words", ""))
        if exchange is self.shown:
            self._changed()

    def _say_words(self, words: str) -> None:
        """Say what is being done, and take it back when it is done."""
        if words != self.words:
            self.words = words
            self._pane.say(words)

    def _failed(self, exchange: Exchange, error: WorkbenchError) -> None:
        if exchange is self._asking:
            self.words, self.is_on = "", False
            self._pane.fail(error)

    def _ended(self, exchange: Exchange) -> None:
        if exchange is self._asking:
            self._asking, exchange.is_live = None, False
            self._say_words("")
            self._changed()

    def _slept(self, words: str) -> None:
        self.words, self.is_on = "", False
        self._pane.say(words)
        self._changed()


def later(pane: Pane, call: Callable[..., Any], *arguments: Any) -> None:
    """Have a pane's own thread call something, unless the pane is gone by then; from any thread."""

    def call_it() -> None:
        if pane.is_attached and pane.is_running:
            call(*arguments)

    with contextlib.suppress(RuntimeError):  # the app has ended
        pane.call_later(call_it)


def told(error: Exception) -> WorkbenchError:
    """Return an error as it is told: what went wrong and, where nothing else helps, that Enter asks again."""
    from workbench.engine.client import EngineDied

    if isinstance(error, WorkbenchError) and error.fix and not isinstance(error, EngineDied):
        return error
    if isinstance(error, WorkbenchError):
        return WorkbenchError(error.what, "Enter asks again")
    what = str(error) if isinstance(error, OSError) else f"unexpected {type(error).__name__}: {error}"
    return WorkbenchError(what, "Enter asks again")


def _key(prompt: "Prompt") -> str:
    return json.dumps(prompt.prompt, sort_keys=True)
