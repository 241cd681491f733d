"""Who answers in the Compare pane, and what has come of it: asks in threads, keeps the texts, gives the device back."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.worker import get_current_worker

from screens.pane import Pane
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
        self._number = 0
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
        return len(self.columns) == len(self.done) == 2 and not self.is_asking

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

        def work() -> None:
            self._ask(number, prompt, sampling, raw)

        self._pane.run_worker(work, thread=True, exclusive=True, group="ask", exit_on_error=False)
        self._changed()

    def cancel(self) -> None:
        """End the answers under way with what they have."""
        if self.is_asking and self._session is not None:
            self._session.cancel()
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
        self._pane.run_worker(session.sleep, thread=True, group="sleep", exit_on_error=False)
        return True

    def _ask(self, number: int, prompt: "Prompt", sampling: "Sampling", raw: bool) -> None:
        from workbench.compare.columns import columns
        from workbench.engine.session import Session

        tell, worker = self._pane.app.call_from_thread, get_current_worker()
        pane = self._pane
        self._session = self._session or Session(pane.workspace.settings)
        try:
            names = [self.run or self.model or ""]
            found = self.columns or columns(names, pane.workspace, lambda text: tell(pane.say, text))
            tell(self._found, number, found)
            self._session.ask(
                found, prompt, sampling, raw=raw,
                tell=lambda event: tell(self._heard, number, event), is_wanted=lambda: not worker.is_cancelled,
            )  # fmt: skip
        except (WorkbenchError, OSError) as error:
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
        told = error if isinstance(error, WorkbenchError) else WorkbenchError(str(error))
        self._pane.fail(WorkbenchError(told.what, told.fix or "Enter asks again"))
        self._changed()
