"""One of two lenses: what it is under above it, and why there is nothing to see in its place."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from screens.widgets.drawn import Drawn
from screens.widgets.lens import Lens


class Side(Vertical):
    """One lens with a line above it, which is seen while there are two."""

    DEFAULT_CSS = """
    Side {
        width: 1fr;
        height: 1fr;
        & .side-head { display: none; height: 1; background: $surface; }
        & .side-refusal { display: none; height: 1fr; padding: 1 2; }
        & Lens { height: 1fr; }
    }
    """

    def compose(self) -> ComposeResult:
        """Stand empty."""
        yield Drawn(classes="side-head")
        yield Lens()
        yield Drawn(classes="side-refusal")

    @property
    def lens(self) -> Lens:
        """The lens."""
        return self.query_one(Lens)

    def head(self, content: Content) -> None:
        """Draw the line above it."""
        self.query_one(".side-head", Drawn).show(content)

    def refuse(self, content: Content | None) -> None:
        """Show why there is nothing to see; None for the lens."""
        self.lens.display = content is None
        refusal = self.query_one(".side-refusal", Drawn)
        refusal.display = content is not None
        refusal.show(content or Content(""))
