"""What Enter opens in the LoRA pane: every number of the tuning and the run to type, and the formulas with them."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from pydantic import BaseModel
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from screens.text import cut
from screens.widgets.drawn import Drawn
from screens.widgets.field import Field
from screens.widgets.lora_words import free, measured_words, part_line, smaller, time_words, verdict
from workbench.errors import WrongUse
from workbench.field_docs import field_docs
from workbench.lora.options import text_of, typed
from workbench.lora.words import percent
from workbench.runs.draft import Draft
from workbench.runs.fitted import Surroundings
from workbench.runs.sizes import Sizes

_OF_RUN = ("batch_size", "micro_batch", "max_length", "gradient_checkpointing", "optimizer")
_FIRST = ("rank", "alpha", "last", "virtual_tokens")
_LONG = ("target", "target_parameters", "layers", "rank_pattern", "alpha_pattern", "modules_to_save", "feedforward")
_SHORT_NAMES = {
    "batch_size": "batch", "micro_batch": "micro", "max_length": "length", "gradient_checkpointing": "recompute",
    "virtual_tokens": "tokens", "encoder_hidden_size": "width", "encoder_layers": "layers",
    "target_parameters": "experts",
}  # fmt: skip
_IN_A_LINE = 3
_HELP = "Tab next · Enter takes them · Esc leaves them · PgDn scrolls"


class Numbers(ModalScreen[dict[str, Any] | None]):
    """The result is a change of the draft. `reckon` returns the sizes of a draft and the algebra under the cursor."""

    DEFAULT_CSS = """
    Numbers Horizontal { height: 1; }
    Numbers .name { width: 11; color: $text-muted; }
    Numbers .name.-long { width: 16; }
    Numbers Input, Numbers .no-field { width: 1fr; margin-right: 2; padding: 0; }
    Numbers #doc { color: $text-muted; padding: 0; margin: 0 0 1 0; max-height: 2; }
    Numbers VerticalScroll { height: 1fr; }
    Numbers #formulas { padding: 0; }
    """
    BINDINGS: ClassVar = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("pagedown", "scroll(1)", show=False, priority=True),
        Binding("pageup", "scroll(-1)", show=False, priority=True),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, draft: Draft, reckon: Callable[[Draft], tuple[Sizes, str]], around: Surroundings) -> None:
        super().__init__()
        self._draft = draft
        self._reckon = reckon
        self._surroundings = around
        of_tuning = [name for name in type(draft.tuning).model_fields if name != "kind"]
        first = [name for name in of_tuning if name in _FIRST]
        short = [*first, *_OF_RUN, *(name for name in of_tuning if name not in (*_FIRST, *_LONG))]
        self._lines = [short[at : at + _IN_A_LINE] for at in range(0, len(short), _IN_A_LINE)]
        self._lines += [[name] for name in of_tuning if name in _LONG]

    def compose(self) -> ComposeResult:
        """Draw the fields and the formulas."""
        with Vertical(classes="box") as box:
            box.styles.width, box.styles.max_width, box.styles.padding = "96%", 116, (0, 1)
            box.styles.height, box.styles.max_height = "100%", 30
            yield Static("Numbers and formulas", classes="box-title", markup=False)
            for names in self._lines:
                with Horizontal():
                    yield from self._fields(names)
                    for _ in range(_IN_A_LINE - len(names) if names[0] not in _LONG else 0):
                        yield Static("", classes="name")
                        yield Static("", classes="no-field")
            yield Drawn(id="doc")
            with VerticalScroll(can_focus=False):
                yield Drawn(id="formulas")
            yield Static(_HELP, classes="box-help", markup=False)

    def _fields(self, names: list[str]) -> Iterator[Static | Field]:
        for name in names:
            label = _SHORT_NAMES.get(name, name.replace("_", " "))
            yield Static(label, classes="name -long" if name in _LONG else "name", markup=False)
            yield Field(text_of(getattr(self._holder(name), name)), name=name, placeholder=_absent(name))

    def on_mount(self) -> None:
        """Begin in the first field."""
        self.query(Input).first().focus()

    @on(events.DescendantFocus)
    def _told(self) -> None:
        """Say what the field is for."""
        name = getattr(self.focused, "name", None)
        if name:
            docs = field_docs(type(self._holder(name)))
            self.query_one("#doc", Drawn).show(Content(cut(docs.get(name, ""), 2 * self._width - 8)))

    @on(Input.Changed)
    @on(Drawn.Widened)
    def _reckoned(self) -> None:
        try:
            found, algebra = self._reckon(self._draft.changed(**self._changes()))
        except WrongUse as error:
            lines = _problem(error, self._width)
        else:
            lines = _formulas(found, algebra, self._surroundings, self._width)
        self.query_one("#formulas", Drawn).show(Content("\n").join(lines))

    @on(Input.Submitted)
    def _take(self) -> None:
        changes = self._changes()
        try:
            self._draft.changed(**changes)
        except WrongUse:
            return  # said already, below the fields
        self.dismiss(changes)

    def action_scroll(self, pages: int) -> None:
        """Scroll the formulas."""
        self.query_one(VerticalScroll).scroll_relative(y=pages * 5, animate=False)

    def _changes(self) -> dict[str, Any]:
        """What the fields say, as a change of the draft; the draft checks it."""
        tuning: dict[str, Any] = {"kind": self._draft.tuning.kind}
        run: dict[str, Any] = {}
        for field in self.query(Input):
            name = str(field.name)
            default = type(self._holder(name)).model_fields[name].get_default(call_default_factory=True)
            (run if name in _OF_RUN else tuning)[name] = typed(field.value, default)
        return {"tuning": tuning, **run}

    def _holder(self, name: str) -> BaseModel:
        return self._draft if name in _OF_RUN else self._draft.tuning

    @property
    def _width(self) -> int:
        return max(40, self.query_one("#formulas").size.width or 90)


def _absent(name: str) -> str:
    """What an empty field stands for."""
    return {"micro_batch": "auto", "gradient_checkpointing": "on a GPU", "layers": "all", "rank_pattern": "NAME=RANK",
            "alpha_pattern": "NAME=ALPHA", "target_parameters": "NAMES, where they are one parameter",
            }.get(name, "")  # fmt: skip


def _formulas(found: Sizes, algebra: str, around: Surroundings, width: int) -> list[Content]:
    lines = [Content(cut(algebra, width))]
    if found.counted is None:
        assert found.problem is not None
        return [*lines, *_problem(found.problem, width)]
    counted = found.counted
    said = f"trainable {counted.trainable:,} of {counted.total:,} = {percent(counted.percent)}, adapters counted in"
    lines.append(Content(cut(said, width)))
    if found.estimate is None or found.device is None:
        return lines
    judged = verdict(found)
    place = cut(f" · {found.device.place}: {free(found.device)}", width - judged.cell_length)
    lines += [Content.assemble(judged, place), *smaller(found, width)]
    lines += [part_line(part, width) for part in found.estimate.parts]
    below = [*measured_words(found, around), *time_words(found, around)]
    return lines + [Content.styled(cut(line, width), "$foreground-muted") for line in below if line]


def _problem(error: WrongUse, width: int) -> list[Content]:
    return [Content.styled(cut(f"✗ {error.what}", width), "$text-error"), Content(cut(error.fix, width))]
