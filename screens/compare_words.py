"""What the Compare pane says around the answers: the prompts, the facts of an answer, the tally."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.content import Content

from screens.text import cut, lines, shown
from workbench.printable import printable

if TYPE_CHECKING:
    from screens.asker import Asker
    from workbench.compare.blind import Tally
    from workbench.data.prompts import Prompt
    from workbench.models.generate import Sampling

_ENDS = {"stop": "stopped", "length": "hit the limit", "cancelled": "cancelled"}
SCALE = "a A clearly   s A   d tie   f B   g B clearly   x both bad   u undo"


@dataclass(frozen=True)
class Asking:
    """Where the prompts come from, and how they are asked."""

    source: str
    number: int
    count: int
    sampling: "Sampling"
    raw: bool
    blind: bool

    def line(self) -> Content:
        """Return it in one line."""
        where = f"prompts {cut(self.source, 30)} {self.number:,}/{self.count:,}" if self.number else "a typed prompt"
        drawn = f"T {self.sampling.temperature:g} · {self.sampling.max_new_tokens} tok"
        template = "raw: no chat template" if self.raw else "chat template: both"
        blind = Content.styled("  BLIND ", "bold $accent") if self.blind else Content("")
        return Content.assemble((where, "bold"), f" · {drawn} · {template}", blind)


def asked(prompt: "Prompt") -> Content:
    """Return a prompt as it is shown above the answers; of a chat every turn."""
    if isinstance(prompt.prompt, str):
        return Content.assemble(("» ", "bold $primary"), lines(prompt.prompt, "bold"))
    turns = [
        Content.assemble((f"{printable(str(turn.get('role')))} ", "$foreground-muted"), lines(_content(turn), "bold"))
        for turn in prompt.prompt
    ]
    return Content.assemble(("» ", "bold $primary"), Content("\n").join(turns))


def invitation(somebody: str) -> Content:
    """Return what to do while there is no prompt."""
    if not somebody:
        return Content("Nobody to ask yet: Ctrl+O chooses a run or a model.")
    return Content("i types a prompt; Ctrl+O chooses data whose prompts are asked.")


def expected(prompt: "Prompt | None") -> Content:
    """Return the answer that the row has, if any."""
    if prompt is None or not prompt.answer:
        return Content("")
    return Content.assemble(("expected  ", "$foreground-muted"), lines(prompt.answer))


def column(side: str, name: str, asker: "Asker", *, is_blind: bool) -> tuple[Content, str, str]:
    """Return one column: who answers, the text, how it ended.

    Blind, nothing is shown before both are complete, and neither length nor time: both would tell who it is.
    """
    if is_blind:
        return shown(side, "bold $primary"), _text_of(name, asker) if asker.has_both else "", ""
    style = "bold $accent" if name == asker.run else "bold"
    answer = asker.done.get(name)
    if answer is None:
        return shown(name, style), asker.texts.get(name, ""), "writing …" if asker.is_asking else ""
    end = _ENDS.get(answer.finish, answer.finish)
    return shown(name, style), _text_of(name, asker), f"{answer.tokens} tok · {end} · {answer.seconds:.1f} s"


def _text_of(name: str, asker: "Asker") -> str:
    return asker.texts.get(name) or "∅ empty"


def hint(asker: "Asker", *, is_blind: bool, has_prompt: bool) -> str:
    """Return what can be done now: the scale when there is something to vote on."""
    if is_blind and asker.has_both:
        return SCALE
    if is_blind and asker.is_asking:
        return "both are shown when both are complete"
    is_fresh = not asker.texts and not asker.is_asking
    return f"Enter asks {asker.somebody}" if is_fresh and has_prompt and asker.somebody else ""


def tallied(found: "Tally", tuned: str) -> str:
    """Return how the votes fell."""
    rate = found.win_rate
    if rate is None:
        return f"after {found.votes}: ties {found.ties}, both bad {found.bad}; nothing decided yet"
    share, low, high = (round(100 * part) for part in rate)
    left = round(100 * found.left / (found.base + found.tuned))
    rest = f", both bad {found.bad}" if found.bad else ""
    counts = f"{tuned} {found.tuned}, base {found.base}, ties {found.ties}{rest}"
    return f"after {found.votes}: {counts} → {share} % [{low}–{high}] · left side {left} %"


def _content(turn: dict[str, Any]) -> str:
    content = turn.get("content")
    return content if isinstance(content, str) else str(content)
