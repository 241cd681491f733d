"""What Enter opens in the LoRA pane: the numbers of a run to type, and every formula with these values."""

from collections.abc import Callable
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from screens.text import cut
from screens.widgets.drawn import Drawn
from screens.widgets.lora_words import free, part_line, smaller, verdict
from workbench.errors import WrongUse
from workbench.lora.words import percent
from workbench.runs.draft import Draft
from workbench.runs.sizes import Sizes

_NAMES = {"rank": "rank", "alpha": "α", "batch_size": "batch", "micro_batch": "micro", "max_length": "len"}
_OF_ADAPTERS = ("rank", "alpha")
_HELP = "Tab next · Enter takes them · Esc leaves them · micro empty: auto"


class Numbers(ModalScreen[dict[str, Any] | None]):
    """The result is a change of the draft. `reckon` returns the sizes of a draft and the algebra under the cursor."""

    DEFAULT_CSS = """
    Numbers Horizontal { height: 1; margin: 1 0; }
    Numbers .name { width: auto; color: $text-muted; padding: 0 1 0 0; }
    Numbers Input { width: 1fr; max-width: 11; margin-right: 1; padding: 0; }
    Numbers Drawn { padding: 0; margin-bottom: 1; }
    """
    BINDINGS: ClassVar = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, draft: Draft, reckon: Callable[[Draft], tuple[Sizes, str]]) -> None:
        super().__init__()
        self._draft = draft
        self._reckon = reckon

    def compose(self) -> ComposeResult:
        """Draw the fields and the formulas."""
        with VerticalScroll(classes="box", can_focus=False) as box:
            box.styles.width, box.styles.max_width, box.styles.padding = "96%", 110, (0, 1)
            yield Static("Numbers and formulas", classes="box-title", markup=False)
            with Horizontal():
                for key, value in _values(self._draft).items():
                    yield Static(_NAMES[key], classes="name", markup=False)
                    field = Input(value, id=f"number-{key}", restrict=r"[\d.]*", max_length=9)
                    field.cursor_blink = False
                    yield field
            yield Drawn(id="formulas")
            yield Static(_HELP, classes="box-help", markup=False)

    def on_mount(self) -> None:
        """Begin in the first field."""
        self.query(Input).first().focus()

    @on(Input.Changed)
    @on(Drawn.Widened)
    def _reckoned(self) -> None:
        width = max(40, self.query_one("#formulas").size.width or 90)
        try:
            found, algebra = self._reckon(self._draft.changed(**self._changes()))
        except WrongUse as error:
            lines = _problem(error, width)
        else:
            lines = _formulas(found, algebra, width)
        self.query_one("#formulas", Drawn).show(Content("\n").join(lines))

    @on(Input.Submitted)
    def _take(self) -> None:
        changes = self._changes()
        try:
            self._draft.changed(**changes)
        except WrongUse:
            return  # said already, below the fields
        self.dismiss(changes)

    def _changes(self) -> dict[str, Any]:
        """What the fields say, as a change of the draft; the draft checks it."""
        typed = {key: self.query_one(f"#number-{key}", Input).value or None for key in _values(self._draft)}
        tuning = {**self._draft.tuning.model_dump(), **{key: typed.pop(key) for key in _OF_ADAPTERS if key in typed}}
        return {"tuning": tuning, **typed}


def _values(draft: Draft) -> dict[str, str]:
    tuning = draft.tuning
    adapters = {"rank": str(tuning.rank), "alpha": f"{tuning.alpha:g}"} if tuning.kind == "lora" else {}
    rows = str(draft.micro_batch) if draft.micro_batch else ""
    return {**adapters, "batch_size": str(draft.batch_size), "micro_batch": rows, "max_length": str(draft.max_length)}


def _formulas(found: Sizes, algebra: str, width: int) -> list[Content]:
    lines = [Content(cut(algebra, width))]
    if found.counted is None:
        problem = found.problem
        assert problem is not None
        return [
            *lines,
            Content.styled(cut(f"✗ {problem.what}", width), "$text-error"),
            Content(cut(problem.fix, width)),
        ]
    counted = found.counted
    said = f"trainable {counted.trainable:,} of {counted.total:,} = {percent(counted.percent)}, adapters counted in"
    lines.append(Content(cut(said, width)))
    if found.estimate is None or found.device is None:
        return lines
    judged = verdict(found)
    place = cut(f" · {found.device.place}: {free(found.device)}", width - judged.cell_length)
    lines += [Content(""), Content.assemble(judged, place), *smaller(found, width)]
    return lines + [part_line(part, width) for part in found.estimate.parts]


def _problem(error: WrongUse, width: int) -> list[Content]:
    return [Content.styled(cut(f"✗ {error.what}", width), "$text-error"), Content(cut(error.fix, width))]
