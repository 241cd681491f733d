"""How answers are drawn: the same for every column."""

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Grid, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from screens.text import shown
from screens.widgets.field import Field

if TYPE_CHECKING:
    from workbench.models.generate import Sampling

Number = TypeVar("Number", int, float)
_FIELDS = (
    ("temperature", "0 is greedy: always the most likely token"),
    ("top_p", "1 is all tokens; 0.9 leaves out the unlikely"),
    ("max_new_tokens", "the longest answer"),
    ("seed", "of the draws, when the temperature is not 0"),
)


class Controls(ModalScreen["Sampling | None"]):
    """The result is the sampling to use from now on."""

    DEFAULT_CSS = """
    Controls .box { max-width: 72; }
    Controls Grid { grid-size: 2; grid-columns: 16 1fr; grid-rows: 1; height: auto; margin: 1 0; }
    Controls #verdict { height: 1; }
    """
    BINDINGS: ClassVar = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, sampling: "Sampling") -> None:
        super().__init__()
        self._sampling = sampling

    def compose(self) -> ComposeResult:
        """Draw the fields."""
        with Vertical(classes="box"):
            yield Static("How answers are drawn, in every column alike", classes="box-title", markup=False)
            with Grid():
                for name, hint in _FIELDS:
                    yield Static(name.replace("_", " "), markup=False)
                    yield Field(str(getattr(self._sampling, name)), placeholder=hint, name=name)
            yield Static("", id="verdict", markup=False)
            yield Static("Enter takes them · ↑ ↓ fields · Esc leaves them", classes="box-help", markup=False)

    @on(Input.Submitted)
    def _take(self) -> None:
        typed = {str(field.name): field.value.strip() for field in self.query(Input)}
        try:
            taken = _sampling(typed)
        except ValueError as error:
            self.query_one("#verdict", Static).update(shown(f"✗ {error}", "$text-error"))
        else:
            self.dismiss(taken)


def sampling_of(kept: Any) -> "Sampling | None":
    """Return the sampling that was kept as JSON; None when it is none, or not within its bounds."""
    if not isinstance(kept, dict):
        return None
    try:
        return _sampling({name: str(kept.get(name)) for name, _ in _FIELDS})
    except (ValueError, TypeError):
        return None


def _sampling(typed: dict[str, str]) -> "Sampling":
    from workbench.models.generate import Sampling

    return Sampling(
        max_new_tokens=_within("max new tokens", int(typed["max_new_tokens"]), 1, 100_000),
        temperature=_within("temperature", float(typed["temperature"]), 0.0, 100.0),
        top_p=_within("top p", float(typed["top_p"]), 1e-6, 1.0),
        seed=_within("seed", int(typed["seed"]), 0, 2**32 - 1),
    )


def _within(name: str, value: Number, low: Number, high: Number) -> Number:
    if not low <= value <= high:
        raise ValueError(f"{name} is {value:g}; it goes from {low:g} to {high:g}")
    return value
