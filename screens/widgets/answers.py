"""Answers side by side as they are written: each column wraps and scrolls, and both scroll together."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.text import lines, shown


class Answer(Vertical):
    """One column: who answers, the text, and how it ended."""

    DEFAULT_CSS = """
    Answer { width: 1fr; height: 100%; padding: 0 1; }
    Answer.-second { border-left: solid $border; }
    Answer .name { height: 1; }
    Answer VerticalScroll { height: 1fr; }
    Answer .text { height: auto; }
    Answer .facts { height: 1; color: $foreground-muted; }
    """

    def compose(self) -> ComposeResult:
        """Draw the three parts."""
        yield Static("", classes="name", markup=False)
        with VerticalScroll(can_focus=False):
            yield Static("", classes="text", markup=False)
        yield Static("", classes="facts", markup=False)

    def show(self, name: Content, text: str, facts: str) -> None:
        """Show an answer, or as much of it as there is."""
        self.query_one(".name", Static).update(name)
        self.query_one(".text", Static).update(lines(text))
        self.query_one(".facts", Static).update(shown(facts))


class Answers(Horizontal):
    """One or two columns."""

    DEFAULT_CSS = "Answers { height: 1fr; }"

    def compose(self) -> ComposeResult:
        """Draw two columns; the second is hidden while there is nothing for it."""
        yield Answer()
        yield Answer(classes="-second")

    def show(self, columns: list[tuple[Content, str, str]]) -> None:
        """Show (name, text, facts) for each column, from the left."""
        for answer, column in zip(self.query(Answer), [*columns, None, None], strict=False):
            answer.display = column is not None
            if column is not None:
                answer.show(*column)

    def scroll(self, by: int) -> None:
        """Scroll both columns by lines."""
        for each in self.query(VerticalScroll):
            each.scroll_relative(y=by, animate=False)
