"""What H opens in the Template pane: how many tokens the rows of the set have, and how many of them are trained."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.plots import histogram, short
from screens.widgets.chart import Chart
from workbench.data.profile import Spread, spread_of
from workbench.template.survey import Survey

_BINS = 40
Counts = tuple[tuple[int, int], ...]


class SurveyView(ModalScreen[None]):
    """Two histograms of one survey."""

    DEFAULT_CSS = """
    SurveyView .box { width: 96%; max-width: 150; height: 90%; max-height: 30; }
    SurveyView Horizontal { height: 1fr; margin-top: 1; }
    SurveyView .plot { width: 1fr; height: 1fr; }
    SurveyView .plot Static { height: auto; color: $foreground-muted; }
    SurveyView #lengths { margin-left: 2; }
    """
    BINDINGS: ClassVar = [Binding("escape,H,q,enter,backspace", "dismiss", show=False)]

    def __init__(self, found: Survey) -> None:
        super().__init__()
        self._found = found
        self._spreads = {"trained": _spread(found.trained), "lengths": _spread(found.lengths)}

    def compose(self) -> ComposeResult:
        """Draw the words above the plots."""
        found = self._found
        with Vertical(classes="box"):
            yield Static("Tokens of the rows", classes="box-title", markup=False)
            yield Static(_rows_words(found), markup=False)
            with Horizontal():
                for name, words in (("trained", "trained tokens"), ("lengths", "all tokens")):
                    with Vertical(id=name, classes="plot"):
                        yield Static(_words(words, self._spreads[name]), markup=False)
                        yield Chart()
            yield Static("Esc leaves", classes="box-help", markup=False)

    def on_resize(self) -> None:
        """Draw the bars in the room that there is."""
        self.call_after_refresh(self._draw_bars)

    def _draw_bars(self) -> None:
        for name, spread in self._spreads.items():
            chart = self.query_one(f"#{name} Chart", Chart)
            if spread is not None and chart.size.height > 3 and chart.size.width > 20:
                chart.show(histogram(spread, *chart.size))


def _spread(counts: Counts) -> Spread | None:
    return spread_of([float(size) for size, rows in counts for _ in range(rows)], _BINS)


def _rows_words(found: Survey) -> str:
    rows = f"{found.rows:,} of {found.total:,} rows" if found.is_sample else f"{found.rows:,} rows"
    counts = {"refused": found.refused, "train nothing": found.untrained}
    wrong = [f"{count:,} {what}" for what, count in counts.items() if count]
    return " · ".join([rows, *wrong, f"{found.cut:,} longer than {found.max_length:,}"])


def _words(what: str, spread: Spread | None) -> Content:
    if spread is None:
        return Content(f"{what}: no rows")
    least, median, greatest = (short(value) for value in (spread.least, spread.median, spread.greatest))
    return Content.assemble((what, "bold"), f" {least} to {greatest} · median {median}")
