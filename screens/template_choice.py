"""What t and b ask in the Template pane: under which template, or other policy, a row is to be seen."""

import contextlib
from pathlib import Path

from textual.content import Content
from textual.widgets import Static

from screens.narrowed import Narrowed
from screens.text import cut
from workbench.template.spec import EncoderSpec, template_name

_LONGEST_NAME = 42
_NONE = "no such template; the path of a Jinja file works too"


class TemplateChoice(Narrowed[EncoderSpec]):
    """The templates and policies that are offered, or the typed path of a template."""

    WIDTH = 60
    HINT = "type to narrow the list"

    def __init__(self, title: str, now: EncoderSpec, offered: list[EncoderSpec]) -> None:
        super().__init__()
        self.TITLE_ABOVE = title
        self._now = now
        self._offered = offered

    def matching(self, text: str) -> list[EncoderSpec]:
        """Return those with the text in their words; without one, the file that it names."""
        wanted = text.lower()
        found = [each for each in self._offered if wanted in " ".join(self._words(each)).lower()] or self._typed(text)
        self.query_one(".box-help", Static).update(self.HELP if found else _NONE)
        return found

    def line(self, each: EncoderSpec, width: int) -> Content:  # noqa: ARG002 - the box has one width
        """Draw what it is, and whether it is that now."""
        kind, name = self._words(each)
        now = "   now" if each == self._now else ""
        return Content.assemble(
            (f"{kind:<10}", "$foreground-muted"), cut(name, _LONGEST_NAME), (now, "$foreground-muted")
        )

    def start(self) -> int:
        """Return where what is now stands."""
        return self._shown.index(self._now) if self._now in self._shown else 0

    def _typed(self, text: str) -> list[EncoderSpec]:
        """The file whose path is typed, if there is one."""
        with contextlib.suppress(OSError, RuntimeError, ValueError):  # no such name can be, an unknown ~user
            path = Path(text).expanduser()
            if path.is_file():
                return [self._now.model_copy(update={"template": str(path.resolve())})]
        return []

    def _words(self, each: EncoderSpec) -> tuple[str, str]:
        is_policy = each.template == self._now.template and each.train_on != self._now.train_on
        return ("train", each.train_on) if is_policy else ("template", template_name(each))
