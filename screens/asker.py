"""Who answers in the Compare pane, and what has come of it: asks in threads, keeps the texts, gives the device back."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from screens.pane import Pane
from workbench.data.lane import Lane
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.compare.columns import Column
    from workbench.data.prompts import Prompt
    from workbench.engine.session import Answered, Event, Session
    from workbench.models.generate import Sampling


class Asker:
    """One prompt at a time; `changed` is called whenever there is something else to draw."""

    def __init__(self, pane: Pane, changed: Callable[[], None]) -> None:
        self._pane = pane
        self._changed = changed
        self._session: Session | None = None
        self._lane = Lane()
        self._waiting: Future[None] = Future()
        self._number = self._given_up = 0
        self._words = ""
        self.run: str | None = None
        """The run whose base and result answer; or else:"""
        self.model: str | None = None
        """The model that answers alone."""
        self.columns: list[Column] = []
        """Those who answer, the base first; known once the first prompt was asked."""
        self.texts: dict[str, str] = {}
        self.done: dict[str, Answered] = {}
        self.is_asking = False

    @property
    def somebody(self) -> str:
        """Who is asked, in words; empty for nobody."""
        return f"the base and {self.run}" if self.run else (self.model or "").rstrip("/").rpartition("/")[2]

    @property
    def has_both(self) -> bool:
        """Whether base and tuned have both answered, to the end."""
        is_whole = all(answer.finish != "cancelled" for answer in self.done.values())
        return len(self.columns) == len(self.done) == 2 and is_whole and not self.is_asking

    def choose(self, run: str | None, model: str | None) -> bool:
        """Ask others from now on; False when they are those already chosen."""
        if (run, model) == (self.run, self.model):
            return False
        self.run, self.model, self.columns = run, model, []
        self.forget()
        return True

    def ask(self, prompt: "Prompt", sampling: "Sampling", *, raw: bool) -> None:
        """Ask; what was asked before is given up."""
        self.forget()
        self.is_asking = True
        number = self._number

        self._waiting.cancel()
        self._waiting = self._lane.submit(self._ask, number, prompt, sampling, raw)
        self._changed()

    def cancel(self) -> None:
        """End the answers under way with what they have."""
        if self.is_asking and self._session is not None:
            self._session.cancel()
        self._given_up = self._number
        self.is_asking = False

    def forget(self) -> None:
        """Drop the answers; what still comes of them is not shown."""
        self.cancel()
        self._number += 1
        self.texts, self.done = {}, {}

    def sleep(self) -> bool:
        """Give the device back; False when nothing is held."""
        session = self._session
        if session is None or not session.is_awake:
            return False
        self.cancel()
        self._lane.submit(session.sleep)
        return True

    def close(self) -> None:
        """End everything at once."""
        self._lane.close()
        if self._session is not None:
            self._session.kill()

    def _ask(self, number: int, prompt: "Prompt", sampling: "Sampling", raw: bool) -> None:
        from workbench.compare.columns import columns
        from workbench.engine.session import Session

        pane, tell = self._pane, self._pane.app.call_from_thread
        self._session = self._session or Session(pane.workspace.settings)
        try:
            names = [self.run or self.model or ""]
            found = self.columns or columns(names, pane.workspace, lambda text: tell(pane.say, text))
            tell(self._found, number, found)
            self._session.ask(
                found, prompt, sampling, raw=raw,
                tell=lambda event: tell(self._heard, number, event),
                is_wanted=lambda: number == self._number != self._given_up,
            )  # fmt: skip
        except Exception as error:  # whatever it is, the person is told, and may ask again
            tell(self._failed, number, error)

    def _found(self, number: int, found: "list[Column]") -> None:
        if number == self._number:
            self.columns = found
            self._changed()

    def _heard(self, number: int, event: "Event") -> None:
        from workbench.engine.session import Answered, Delta

        if number != self._number:
            return
        if isinstance(event, Delta):
            self.texts[event.column] = self.texts.get(event.column, "") + event.text
        elif isinstance(event, Answered):
            self.texts[event.column], self.done[event.column] = event.text, event
            self.is_asking = self.is_asking and len(self.done) < len(self.columns)
        self._say_words(getattr(event, "words", ""))
        self._changed()

    def _say_words(self, words: str) -> None:
        """Say what is being done, and take it back when it is done."""
        if words != self._words:
            self._words = words
            self._pane.say(words)

    def _failed(self, number: int, error: Any) -> None:
        if number != self._number:
            return
        self.is_asking = False
        told = error if isinstance(error, WorkbenchError) else WorkbenchError(f"{type(error).__name__}: {error}")
        self._pane.fail(WorkbenchError(told.what, told.fix or "Enter asks again"))
        self._changed()
