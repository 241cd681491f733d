"""The line about the whole set: it counts while one looks at single rows, and shows nothing that is not asked for."""

import contextlib

from textual import on
from textual.content import Content
from textual.message import Message

from screens.widgets.drawn import Drawn
from screens.widgets.lens_words import about_set, trouble
from workbench.errors import WorkbenchError
from workbench.settings import Settings
from workbench.template.survey import Survey, Surveying
from workbench.template.viewer import Ask, Shown

_MOST_SURVEYS = 6  # that are kept, so that going back to a policy or a template counts nothing again
_LOW = 20  # lines of a window that has room for one line only


class SetLine(Drawn):
    """One line, or two where there is room."""

    DEFAULT_CSS = "SetLine { min-height: 1; }"

    class Counted(Message):
        """More of the set is counted, or it cannot be."""

        def __init__(self, key: object, found: Survey | WorkbenchError) -> None:
            self.key = key
            self.found = found
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._surveying: Surveying | None = None
        self._surveys: dict[object, Survey] = {}
        self._key: object = None
        self._counted: Ask | None = None
        self._asked: Ask | None = None

    @property
    def survey(self) -> Survey | None:
        """What is counted so far of the set that is asked for."""
        is_same = self._asked is not None and self._counted is not None and _is_same_set(self._counted, self._asked)
        return self._surveys.get(self._key) if is_same else None

    def ask(self, ask: Ask | None) -> None:
        """Show what is counted if it holds for this question, else nothing."""
        self._asked = ask
        self.draw_again()

    def count(self, shown: Shown, settings: Settings) -> None:
        """Count the set of the row that is shown, unless that is done already."""
        ask = shown.ask
        key = (ask.data.train, tuple(ask.data.map.items()), shown.folder, ask.spec, shown.stamp)
        if key != self._key:
            self._stop()
            self._key, self._counted = key, ask
            if key not in self._surveys or not self._surveys[key].is_done:
                self.show(Content.styled("set: counting…", "$foreground-muted"))
                self._surveying = Surveying(
                    ask.data, shown.folder, ask.spec, settings, lambda found: self._tell(key, found)
                )
        if self.survey is not None:
            self.draw_again()

    def forget(self) -> None:
        """Count anew the next time."""
        self._stop()
        self._surveys.clear()
        self._key = self._counted = None

    def draw_again(self) -> None:
        """Draw for the size that the window has now."""
        found = self.survey
        lines = 1 if self.app.size.height < _LOW else 2
        self.show(about_set(found, max(20, self.app.size.width - 2), lines) if found is not None else Content(""))

    def _tell(self, key: object, found: Survey | WorkbenchError) -> None:
        """Called in another thread, maybe after the app has ended."""
        with contextlib.suppress(RuntimeError):
            self.post_message(self.Counted(key, found))

    @on(Counted)
    def _more(self, message: Counted) -> None:
        if message.key != self._key:
            return
        if isinstance(message.found, Survey):
            self._surveys[message.key] = message.found
            for old in list(self._surveys)[:-_MOST_SURVEYS]:
                del self._surveys[old]
            self.draw_again()
        else:
            self._surveys.pop(message.key, None)
            self.show(trouble(message.found, max(20, self.app.size.width - 2)))

    def on_unmount(self) -> None:
        """End the counting."""
        self._stop()

    def _stop(self) -> None:
        if self._surveying is not None:
            self._surveying.stop()
            self._surveying = None


def _is_same_set(one: Ask, other: Ask) -> bool:
    """Whether what is counted of a set for one question holds for another."""
    return (one.data, one.model, one.spec) == (other.data, other.model, other.spec)
