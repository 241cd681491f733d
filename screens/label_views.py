"""What the Label pane opens over a pair: the rubric, its criteria, which answer to edit, and how far people agree."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Generic, Literal, TypeVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from screens.narrowed import Narrowed
from screens.text import cut, lines
from workbench.label.choices import Rating
from workbench.label.class_words import class_tables
from workbench.label.records import ORDERS, Order
from workbench.label.rubric import Rubric
from workbench.label.schema import NOUNS, SetKind
from workbench.label.sides import STANCES, Stance
from workbench.label.stats import Stats
from workbench.label.stats_words import (
    agreement_lines,
    annotator_rows,
    columns,
    disagreement_lines,
    head,
    trial_line,
    warnings,
)

_NO_RUBRIC = (
    "No rubric yet. It is rubric.md in this folder: what makes an answer better, in Markdown.\n\n"
    "A heading Criteria with a list below names what is voted on separately with c:\n\n"
    "  ## Criteria\n\n  - helpful: it does what was asked\n  - honest: nothing in it is untrue"
)
SCALE_KEYS: dict[str, Stance] = dict(zip("asdfg", STANCES, strict=False))
RATING_KEYS: dict[str, Rating] = {"g": "good", "x": "bad"}
Criterion = TypeVar("Criterion", bound=str)
_NAME_WIDTH = 14
_WIDEST = 110  # cells of the box of the agreement
_AROUND = 8  # of them its border, padding and scroll bar
Edit = Literal["left", "right", "new"]


class RubricView(ModalScreen[bool]):
    """The rubric; the result is whether it is to be opened in an editor."""

    DEFAULT_CSS = "RubricView VerticalScroll { height: auto; max-height: 55vh; margin: 1 0; }"
    BINDINGS: ClassVar = [
        Binding("escape,r,q,enter", "dismiss(False)", show=False),
        Binding("e", "dismiss(True)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
    ]

    def __init__(self, rubric: Rubric | None) -> None:
        super().__init__()
        self._rubric = rubric

    def compose(self) -> ComposeResult:
        """Draw the text as it was written."""
        with Vertical(classes="box"):
            yield Static("Rubric", classes="box-title", markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(lines(self._rubric.text if self._rubric else _NO_RUBRIC))
            does = "edits" if self._rubric else "writes"
            yield Static(f"↑ ↓ scroll · e {does} it in your editor · Esc closes", classes="box-help", markup=False)

    def action_scroll(self, step: int) -> None:
        """Scroll by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)


class AgreementView(ModalScreen[int | None]):
    """How far people agree; the result is the number of a pair to look at again.

    What others said of a pair is seen only after one's own vote on it.
    """

    DEFAULT_CSS = """
    AgreementView VerticalScroll { height: auto; max-height: 46vh; }
    """
    BINDINGS: ClassVar = [
        Binding("escape,tab,q", "dismiss(None)", show=False),
        Binding("pagedown", "scroll(1)", show=False, priority=True),
        Binding("pageup", "scroll(-1)", show=False, priority=True),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    def __init__(self, found: Stats, annotator: str) -> None:
        super().__init__()
        self._found = found
        mine = tuple(each for each in found.disagreements if annotator in dict(each.votes))
        self._open = replace(found, disagreements=mine)

    def compose(self) -> ComposeResult:
        """Draw the figures, a row for each annotator, and the pairs to adjudicate."""
        found = self._found
        with Vertical(classes="box") as box:
            box.styles.max_width, box.styles.max_height, box.styles.padding = _WIDEST, "100%", (0, 2)
            if self.app.size.width < _WIDEST:
                box.styles.width = "100%"
            room = min(_WIDEST, self.app.size.width) - _AROUND
            yield Static(head(found), classes="box-title", markup=False)
            trials = [trial_line(each) for each in found.trials]
            classes = class_tables(found.by_class) if found.by_class else []
            tables = [line for each in classes for line in ("", *_table(each.heads, each.rows))]
            people = _table(columns(found), annotator_rows(found), room)
            said = [*agreement_lines(found), *trials, "", *people, *warnings(found), *tables, "", *found.enough]
            with VerticalScroll(can_focus=False):
                yield Static(lines("\n".join(said)))
            count, noun = len(self._open.disagreements), NOUNS[found.kind]
            others = len(found.disagreements) - count
            title = (
                f"\n{count:,} to adjudicate, the most disputed first" if count else f"\nno {noun} of yours is disputed"
            )
            yield Static(title + f" · {others:,} not voted on yet" * bool(others), markup=False)
            options = OptionList(*(Content(cut(each, room)) for each in disagreement_lines(self._open)), markup=False)
            options.styles.max_height = 5
            yield options
            does = "PgDn scrolls · " + f"Enter shows {'an' if noun == 'answer' else 'a'} {noun} · " * bool(count)
            yield Static(f"{does}Esc closes", classes="box-help", markup=False)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        disagreement = self._open.disagreements[event.option_index]
        self.dismiss(self._found.numbers[disagreement.item_id])

    def action_scroll(self, pages: int) -> None:
        """Scroll the figures."""
        self.query_one(VerticalScroll).scroll_relative(y=5 * pages, animate=False)

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()


class CriteriaView(ModalScreen[dict[str, Criterion] | None], Generic[Criterion]):
    """The criteria of the rubric, each said by one of the keys; the result is what was said."""

    BINDINGS: ClassVar = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("enter", "take", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
    ]

    DEFAULT_CSS = "CriteriaView #criteria { height: auto; margin: 1 0; }"

    def __init__(self, rubric: Rubric, keys: Mapping[str, Criterion], words: Mapping[Criterion, str]) -> None:
        """`words` is how each key's meaning looks on the screen, in the order of the keys."""
        super().__init__()
        self._words = words
        self._rubric = rubric
        self._keys = keys
        self._said: dict[str, Criterion] = {}
        self._at = 0

    def compose(self) -> ComposeResult:
        """Draw a line for each criterion."""
        with Vertical(classes="box"):
            yield Static("By each criterion", classes="box-title", markup=False)
            yield Static("", id="criteria", markup=False)
            keys = " · ".join(f"{key} {self._words[said]}" for key, said in self._keys.items())
            yield Static(f"{keys}\n↑ ↓ another · Enter keeps them · Esc leaves", classes="box-help", markup=False)

    def on_resize(self) -> None:
        """Draw for the new size, once that is known."""
        self.call_after_refresh(self._draw)

    def on_key(self, event: events.Key) -> None:
        """Take a key for the criterion under the cursor, and go to the next."""
        if event.key in self._keys:
            event.stop()
            self._said[self._rubric.criteria[self._at].name] = self._keys[event.key]
            self.action_move(1)

    def action_move(self, step: int) -> None:
        """Go to another criterion."""
        self._at = max(0, min(len(self._rubric.criteria) - 1, self._at + step))
        self._draw()

    def action_take(self) -> None:
        """Keep what was said."""
        self.dismiss(self._said or None)

    def _draw(self) -> None:
        drawn = []
        widest = max(map(cell_len, self._words.values())) + 2
        room = max(0, self.query_one("#criteria").size.width - 2 - _NAME_WIDTH - 2 - widest)
        for at, each in enumerate(self._rubric.criteria):
            mark = "▸ " if at == self._at else "  "
            said = self._words[self._said[each.name]] if each.name in self._said else "–"
            style = "bold $primary" if at == self._at else ""
            line = f"{mark}{_filled(cut(each.name, _NAME_WIDTH), _NAME_WIDTH)}  {_filled(said, widest)}"
            drawn.append(Content.assemble((line, style), (cut(each.asks, room) if room else "", "$foreground-muted")))
        self.query_one("#criteria", Static).update(Content("\n").join(drawn))


class EditChoice(Narrowed[Edit]):
    """Which answer is to be edited, or whether a new one is written."""

    TITLE_ABOVE = "Write a better answer"
    WIDTH, HEIGHT = 60, 12
    HINT = "type to narrow the list"
    _WORDS: ClassVar[dict[Edit, str]] = {
        "left": "from the left answer (the upper one)",
        "right": "from the right answer (the lower one)",
        "new": "from nothing",
    }

    def matching(self, text: str) -> list[Edit]:
        """Return those with the text in their words."""
        return [each for each, words in self._WORDS.items() if text.lower() in words]

    def line(self, each: Edit, width: int) -> Content:  # noqa: ARG002 - short enough for any box
        """Draw it in words."""
        return Content(self._WORDS[each])


class OrderChoice(Narrowed[Order]):
    """In which order a set is gone through from now on."""

    TITLE_ABOVE = "What comes first in this set, for everybody"
    WIDTH, HEIGHT = 66, 14
    HINT = "type to narrow the list"
    _WORDS: ClassVar[dict[Order, str]] = {
        "added": "as it was added",
        "random": "at random, for each annotator another way",
        "stratified": "each source in turn",
        "least-sure": "where a reward model is least sure",
        "disputed": "where people disagree",
    }

    def __init__(self, kind: SetKind) -> None:
        super().__init__()
        self._words = dict(self._WORDS)
        if kind == "classes":
            self._words |= {"stratified": "each class that is guessed in turn", "least-sure": "the least sure guess"}
        elif kind == "single":
            del self._words["least-sure"]

    def matching(self, text: str) -> list[Order]:
        """Return those with the text in their name or words."""
        return [each for each in ORDERS if each in self._words and text.lower() in f"{each} {self._words[each]}"]

    def line(self, each: Order, width: int) -> Content:  # noqa: ARG002 - short enough for any box
        """Draw its name with what it means."""
        return Content.assemble((f"{each:<12}", "bold"), self._words[each])


def _table(heads: Sequence[str], body: Sequence[Sequence[str]], room: int | None = None) -> list[str]:
    """A line for each row, below its heads; the first column, of names, gets what the others leave of the room."""
    rows = [heads, *body]
    if room is not None:
        others = sum(2 + max(cell_len(row[at]) for row in rows) for at in range(1, len(heads)))
        rows = [(cut(row[0], max(_NAME_WIDTH, room - others)), *row[1:]) for row in rows]
    widths = [max(cell_len(row[at]) for row in rows) for at in range(len(heads))]
    return ["  ".join(_filled(*each) for each in zip(row, widths, strict=True)).rstrip() for row in rows]


def _filled(cell: str, width: int) -> str:
    return cell + " " * (width - cell_len(cell))
