"""What further keys of the Label pane do: the rubric, criteria, edits, differences and agreement."""

from pathlib import Path

from screens.editing import edit
from screens.label_views import (
    RATING_KEYS,
    SCALE_KEYS,
    AgreementView,
    CriteriaView,
    Edit,
    EditChoice,
    OrderChoice,
    RubricView,
)
from screens.label_words import stance_words
from screens.pane import Pane
from screens.widgets.pair import PairView
from workbench.errors import Missing, WorkbenchError
from workbench.label.choices import Rating
from workbench.label.heard import Seen
from workbench.label.item_session import ItemShown
from workbench.label.labeller import Labeller
from workbench.label.reading import written
from workbench.label.records import Answer, Demonstration, Order
from workbench.label.rubric import RUBRIC, Rubric, rubric_of
from workbench.label.session import Shown
from workbench.label.sides import Stance
from workbench.label.stats import Stats

_FIRST_RUBRIC = """# Which answer is better?

Helpful before honest before short.

## Criteria

- helpful: it does what was asked
"""


class LabelKeys(Pane):
    """The keys; the pane shows pairs and votes."""

    PANE = "label"

    def __init__(self) -> None:
        super().__init__()
        self._shown: Seen | None = None
        self._is_busy = False
        self._marks_differences = False

    @property
    def labeller(self) -> Labeller:
        """The annotator's steps, in a thread of their own."""
        raise NotImplementedError

    def wait_for(self, step: int) -> None:
        """Hear what comes of a step before another key counts."""
        raise NotImplementedError

    @property
    def _pair_shown(self) -> Shown | None:
        """What is shown, while that is a pair and no step is under way."""
        shown = self._shown
        return shown if isinstance(shown, Shown) and shown.pair is not None and not self._is_busy else None

    # the rubric

    def action_rubric(self) -> None:
        """Show the rubric."""
        try:
            found = rubric_of(self.workspace)
        except WorkbenchError as error:
            self.fail(error)
            return
        self.app.push_screen(RubricView(found), self._edit_rubric)

    def _edit_rubric(self, is_wanted: bool | None) -> None:
        if not is_wanted:
            return
        file = self.workspace.folder / (self.workspace.settings.rubric or RUBRIC)
        try:
            if not file.exists():
                file.write_text(_FIRST_RUBRIC, encoding="utf-8")
            edit(self.app, file)
            rubric_of(self.workspace)
        except OSError as error:
            self.fail(Missing(f"{file}: {(error.strerror or str(error)).lower()}", "make room there"))
        except WorkbenchError as error:
            self.fail(error)

    def action_criteria(self) -> None:
        """Vote by the criteria of the rubric."""
        if self._shown is None or self._shown.item_id is None or self._is_busy:
            return
        try:
            rubric = rubric_of(self.workspace) or Rubric("")
        except WorkbenchError as error:
            self.fail(error)
            return
        if not rubric.criteria:
            self.say("the rubric names no criteria: r shows it, and how to name some")
            return

        if isinstance(self._shown, ItemShown):
            self._rate_by(rubric, self._shown)
        else:
            self._judge_by(rubric, self._shown)

    def _judge_by(self, rubric: Rubric, shown: Shown) -> None:
        def judged(said: dict[str, Stance] | None) -> None:
            if said:
                self.wait_for(self.labeller.judge(shown, said))

        is_stacked = self.query_one(PairView).is_stacked
        words = {each: stance_words(each, is_stacked=is_stacked) for each in SCALE_KEYS.values()}
        self.app.push_screen(CriteriaView(rubric, SCALE_KEYS, words), judged)

    def _rate_by(self, rubric: Rubric, shown: ItemShown) -> None:
        def rated(said: dict[str, Rating] | None) -> None:
            if said:
                self.wait_for(self.labeller.judge_item(shown, said))

        self.app.push_screen(CriteriaView(rubric, RATING_KEYS, {each: each for each in RATING_KEYS.values()}), rated)

    # an answer of one's own

    def action_edit(self) -> None:
        """Edit one of the answers, or write one."""
        if self._pair_shown is not None:
            self.app.push_screen(EditChoice(), self._edit_answer)

    def _edit_answer(self, chosen: Edit | None) -> None:
        shown = self._pair_shown
        if chosen is None or shown is None or shown.pair is None:
            return
        other: Answer = "second" if shown.left == "first" else "first"
        of: Answer | None = {"left": shown.left, "right": other, "new": None}[chosen]
        file = self.workspace.folder / ".workbench" / "answer.md"
        try:
            before = written(shown.pair.answer(of)) if of else ""
            words = _edited(self, file, before)
        except OSError as error:
            self.fail(Missing(f"{file}: {(error.strerror or str(error)).lower()}", "make room there"))
        except WorkbenchError as error:
            self.fail(error)
        else:
            if words.strip() == before.strip():
                self.say("nothing was changed, so nothing is kept")
            else:
                self.wait_for(self.labeller.edit(shown, words, of))

    def written_down(self, found: Demonstration) -> None:
        """Say what became of an answer that was written."""
        made = "" if found.pair_id is None else ", and better than the one it came from: a pair of its own"
        self.say(f"your answer is kept: a row to imitate{made}")

    # looking

    def action_differences(self) -> None:
        """Mark where the two answers differ, or stop."""
        self._marks_differences = not self._marks_differences
        self.query_one(PairView).mark_differences(self._marks_differences)
        self.say("differences are marked" if self._marks_differences else "")

    def action_apart(self) -> None:
        """Scroll both answers, or one of them."""
        self.say(f"↑ ↓ scroll {self.query_one(PairView).scroll_next()}")

    def action_order(self) -> None:
        """Choose in which order the set is gone through."""
        shown = self._shown
        if shown is None or self._is_busy:
            return

        def chosen(order: Order | None) -> None:
            if order is not None:
                self.wait_for(self.labeller.go_through(shown.set_name, order))

        self.app.push_screen(OrderChoice(shown.kind if isinstance(shown, ItemShown) else "pairs"), chosen)

    def action_agreement(self) -> None:
        """Ask what all votes say about the votes."""
        if self._shown is not None and not self._is_busy:
            self.wait_for(self.labeller.stats())

    def show_agreement(self, found: Stats) -> None:
        """Show it, and go to the pair that is chosen there; others' votes are seen only after one's own."""
        assert self._shown is not None
        if self._shown.item_id is not None and not any(each.name == self._shown.annotator for each in found.annotators):
            self.say("vote first: what others said is shown after a vote of your own")
            return

        def chosen(number: int | None) -> None:
            if number is not None:
                self.wait_for(self.labeller.show(number))

        self.app.push_screen(AgreementView(found, self._shown.annotator), chosen)


def _edited(pane: Pane, file: Path, before: str) -> str:
    """What a text is after the person's editor had it."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(before + "\n" * bool(before), encoding="utf-8")
    edit(pane.app, file)
    return file.read_text(encoding="utf-8").rstrip("\n")
