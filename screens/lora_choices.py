"""What T and f ask in the LoRA pane: which kind of tuning, and which change makes the run fit."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.widgets import Static

from screens.narrowed import Narrowed
from screens.text import cut
from screens.widgets.lora_words import VERDICTS, card_line, free
from workbench.errors import WrongUse
from workbench.lora.count import count
from workbench.lora.fitting import Fitting
from workbench.lora.modules import Shapes
from workbench.lora.spec import KINDS, AnyTuning, FreezeTuning
from workbench.lora.words import gibibytes, percent, span
from workbench.runs.fitted import draft_changes

if TYPE_CHECKING:
    from workbench.models.devices import Device

_WORDS = {
    "lora": "adapters beside frozen weights",
    "full": "every weight",
    "freeze": "the last blocks or chosen modules",
    "prompt": "virtual tokens before each row",
    "p-tuning": "virtual tokens from a network",
    "prefix": "keys and values in every layer",
    "ia3": "vectors that scale what passes",
    "bias": "the biases only (BitFit)",
}
_NAME_WIDTH, _COUNT_WIDTH = 9, 22
_SAVED_WIDTH, _RESULT_WIDTH = 12, 9


class TuningChoice(Narrowed[AnyTuning]):
    """Every kind with its usual settings, and how much of this model it would train."""

    TITLE_ABOVE = "Train which parameters?"
    WIDTH, HEIGHT = 80, 16
    HINT = "type to narrow the list"

    def __init__(self, shapes: Shapes, now: AnyTuning) -> None:
        super().__init__()
        self._shapes = shapes
        self._now = now

    def matching(self, text: str) -> list[AnyTuning]:
        """Return the kinds with the text in their words."""
        kinds = [kind for kind in KINDS if text.lower() in f"{kind} {_WORDS[kind]}".lower()]
        return [self._now if kind == self._now.kind else _usual(kind) for kind in kinds]

    def line(self, each: AnyTuning, width: int) -> Content:
        """Draw its name, its count here, and what it is."""
        try:
            counted = count(self._shapes, each)
            number = f"{counted.trainable:,} = {percent(counted.percent)}"
        except WrongUse as error:
            return Content.assemble(
                f"{each.kind:<{_NAME_WIDTH}}", (cut(error.what, width - _NAME_WIDTH), "$foreground-muted")
            )
        words = f"{_WORDS[each.kind]}{' · now' if each == self._now else ''}"
        room = width - _NAME_WIDTH - _COUNT_WIDTH - 2
        return Content.assemble(
            f"{each.kind:<{_NAME_WIDTH}}",
            (f"{number:>{_COUNT_WIDTH}}", "$accent"),
            (f"  {cut(words, room)}", "$foreground-muted"),
        )

    def start(self) -> int:
        """Return where what is now stands."""
        return self._shown.index(self._now) if self._now in self._shown else 0


def _usual(kind: str) -> AnyTuning:
    return FreezeTuning(last=1) if kind == "freeze" else KINDS[kind]()


@dataclass(frozen=True)
class Way:
    """Something that can be taken: what it says, and what of the draft it changes."""

    words: str
    saves: str
    fits: bool
    costs: str
    changes: dict[str, Any]


class FitChoice(Narrowed[Way]):
    """The cheapest changes that make the run fit, and the most that fits."""

    WIDTH, HEIGHT = 76, 16
    HINT = "type to narrow the list"

    def __init__(self, found: Fitting, device: "Device") -> None:
        super().__init__()
        word = VERDICTS[found.verdict][0]
        self.TITLE_ABOVE = f"{word} {span(found.found.low, found.found.high)} · {device.place}: {free(device)}"
        self._ways = [*_changes(found), *_most(found)]
        self._cards = found.cards

    def on_resize(self) -> None:
        """Say on which cards it fits, as many as there is room for."""
        said = self.HELP if self._ways else "nothing that can be changed is enough · Esc leaves"
        cards = card_line(self._cards, self.app.size.width)
        self.query_one(".box-help", Static).update(Content.assemble(said, "\n", cards))

    def matching(self, text: str) -> list[Way]:
        """Return those with the text in their words."""
        return [each for each in self._ways if text.lower() in f"{each.words} {each.costs}".lower()]

    def line(self, each: Way, width: int) -> Content:
        """Draw the change, what it saves, whether it is enough, and its price."""
        style = "$text-success" if each.fits else "$text-warning"
        room = width - _SAVED_WIDTH - _RESULT_WIDTH
        result = "fits" if each.fits else "not yet"
        return Content.assemble(
            f"{cut(each.words, room):<{room}}{each.saves:>{_SAVED_WIDTH}}", (f"{result:>{_RESULT_WIDTH}}", style),
            ("\n  " + cut(each.costs, width - 2), "$foreground-muted"),
        )  # fmt: skip


def _changes(found: Fitting) -> list[Way]:
    return [
        Way(
            each.words,
            f"-{gibibytes(each.saves)}",
            each.fits,
            each.costs,
            draft_changes(found.plan, each.plan),
        )
        for each in found.changes
    ]


def _most(found: Fitting) -> list[Way]:
    """The longest rows and the highest rank that fit, where they are more than what is asked for."""
    most, plan, ways = found.largest, found.plan, []
    if most.length is not None and most.length > plan.load.length:
        longer = plan.loaded(length=most.length)
        why = "what the model was made for" if most.length == most.context else "the longest"
        ways.append(Way(f"rows of {most.length:,} tokens", "", True, why, draft_changes(plan, longer)))
    rows = max((size for size in range(1, min(most.batch or 0, plan.rows) + 1) if plan.rows % size == 0), default=0)
    if rows > plan.load.micro_batch:
        together = plan.loaded(micro_batch=rows)
        ways.append(Way(f"{rows} of {plan.rows} rows at once", "", True, "the most", draft_changes(plan, together)))
    if most.rank is not None and most.rank > getattr(plan.tuning, "rank", most.rank):
        higher = plan.tuned(rank=most.rank, alpha=plan.tuning.alpha / plan.tuning.rank * most.rank)  # type: ignore[union-attr]
        ways.append(Way(f"rank {most.rank:,}", "", True, "the highest", draft_changes(plan, higher)))
    return ways
