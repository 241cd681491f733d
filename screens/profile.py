"""What p opens in the Data pane: what stands in a column, and how long it is in characters and in tokens."""

import contextlib
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.plots import histogram, short
from screens.text import shown
from screens.widgets.chart import Chart
from workbench.data.lane import Lane
from workbench.data.profile import Profile, Spread, profile, spread_of, texts_of
from workbench.data.shown import count_words
from workbench.data.table import Rows
from workbench.errors import WorkbenchError

_BINS = 40
CountTokens = Callable[[Sequence[str]], list[int]]
"""How many tokens each text is. Called in a thread; raises WorkbenchError."""


class ProfileView(ModalScreen[None]):
    """The profile of one column, drawn as it is found."""

    DEFAULT_CSS = """
    ProfileView .box { width: 96%; max-width: 120; height: 90%; max-height: 34; }
    ProfileView #words { text-wrap: nowrap; text-overflow: ellipsis; }
    ProfileView Horizontal { height: 1fr; margin-top: 1; }
    ProfileView .plot { width: 1fr; height: 1fr; }
    ProfileView .plot Static { height: auto; color: $foreground-muted; }
    ProfileView #tokens { margin-left: 2; display: none; }
    ProfileView.-tokens #tokens { display: block; }
    """
    BINDINGS: ClassVar = [Binding("escape,p,q,enter,backspace", "dismiss", show=False)]

    class Found(Message):
        """More is known."""

        def __init__(self, found: "Profile | Spread | WorkbenchError | None") -> None:
            self.found = found
            super().__init__()

    def __init__(self, rows: Rows, column: str, count: int | None, count_tokens: CountTokens | None) -> None:
        """`count` is how many rows there are, where that is known."""
        super().__init__()
        self._rows = rows
        self._column = column
        self._count = count
        self._count_tokens = count_tokens
        self._spreads: dict[str, Spread] = {}
        self._is_closed = False
        self._lane = Lane()

    def compose(self) -> ComposeResult:
        """Draw the words above the plots."""
        with Vertical(classes="box"):
            yield Static(shown(f"Column {self._column}"), classes="box-title", markup=False)
            yield Static(f"reading {self._count or ''} rows", id="words", markup=False)
            with Horizontal():
                for name in ("lengths", "tokens"):
                    with Vertical(id=name, classes="plot"):
                        yield Static("", markup=False)
                        yield Chart()
            yield Static("Esc leaves", classes="box-help", markup=False)

    def on_mount(self) -> None:
        """Begin to read."""
        self.set_class(self._count_tokens is not None, "-tokens")
        if self._count_tokens is not None:
            self.query_one("#tokens Static", Static).update("counting tokens")
        self._lane.submit(self._read)

    def on_unmount(self) -> None:
        """Read no further."""
        self._is_closed = True
        self._lane.close()

    def _read(self) -> None:
        """In the lane: tell what is found."""
        try:
            for found in profile(self._rows, self._column, _BINS):
                if self._is_closed:
                    return
                if found.is_done or found.rows % 20_000 == 0:
                    self._tell(found)
            if self._count_tokens is not None:
                counts = self._count_tokens(texts_of(self._rows, self._column))
                self._tell(spread_of(counts, _BINS))
        except WorkbenchError as error:
            self._tell(error)
        except Exception as error:
            self._tell(WorkbenchError(f"unexpected {type(error).__name__}: {error}"))

    def _tell(self, found: "Profile | Spread | WorkbenchError | None") -> None:
        with contextlib.suppress(RuntimeError):  # the app has ended
            self.post_message(self.Found(found))

    def on_profile_view_found(self, message: Found) -> None:
        """Draw what is known."""
        found = message.found
        if isinstance(found, Profile):
            self.query_one("#words", Static).update(_words(found, self._count))
            if found.is_done:
                self._draw("lengths", found.measure, found.spread)
        elif isinstance(found, WorkbenchError):
            self.query_one("#tokens Static", Static).update(shown(found.what, "$text-error"))
        else:
            self._draw("tokens", "tokens", found)

    def _draw(self, name: str, measure: str, spread: Spread | None) -> None:
        heading = self.query_one(f"#{name} Static", Static)
        if spread is None:
            is_mixed = name == "lengths" and measure == "items"
            heading.update("values of several types have no common length" if is_mixed else "")
            return
        heading.update(_spread_words(measure, spread))
        self._spreads[name] = spread
        self.call_after_refresh(self._draw_bars)  # the words above may have grown

    def on_resize(self) -> None:
        """Draw the bars again, in the room that there is now."""
        self.call_after_refresh(self._draw_bars)

    def _draw_bars(self) -> None:
        for name, spread in self._spreads.items():
            chart = self.query_one(f"#{name} Chart", Chart)
            has_room = chart.size.height > 3 and chart.size.width > 20
            chart.show(histogram(spread, *chart.size) if has_room else [])


def _words(found: Profile, count: int | None) -> Content:
    """What is known of the values, in a few lines."""
    if not found.is_done:
        share = f" {found.rows / count:.0%}" if count else ""
        return Content(f"reading{share}: {count_words(found.rows, 'row')}")
    types = ", ".join(f"{kind} {number:,}" for kind, number in sorted(found.types.items(), key=lambda each: -each[1]))
    parts = [
        types or "no values",
        f"{count_words(found.distinct, 'distinct value')}",
        *([f"{found.absent:,} absent or null"] if found.absent else []),
        *([f"{found.empty:,} empty"] if found.empty else []),
        *([f"{found.unreadable:,} unreadable rows"] if found.unreadable else []),
    ]
    lines = [Content(" · ".join(parts))]
    lines += [
        Content.assemble((f"{number:>9,} × ", "$foreground-muted"), shown(text[:200]))
        for text, number in found.frequent
    ]
    return Content("\n").join(lines)


def _spread_words(measure: str, spread: Spread) -> Content:
    least, median, mean, greatest = (
        short(value) for value in (spread.least, spread.median, spread.mean, spread.greatest)
    )
    return Content.assemble((measure, "bold"), f" {least} to {greatest} · median {median} · mean {mean}")
