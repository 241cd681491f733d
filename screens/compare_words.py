"""What the Compare pane says around the answers: the prompts, the facts of an answer, the scale, the tally."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.content import Content

from screens.text import cut, lines, shown
from screens.widgets.answers import Shown
from workbench.printable import printable

if TYPE_CHECKING:
    from screens.asker import Asker
    from workbench.compare.blind import Tally
    from workbench.data.prompts import Prompt
    from workbench.models.generate import Sampling

_ENDS = {"stop": "stopped", "length": "hit the limit", "cancelled": "ended by you"}
_SCALE = (("a", "A clearly"), ("s", "A"), ("d", "tie"), ("f", "B"), ("g", "B clearly"), ("x", "both bad"))


@dataclass(frozen=True)
class Asking:
    """Where the prompts come from, and how they are asked."""

    source: str
    number: int
    """Of the prompt among those of the source; 0 for one that was typed."""
    count: int
    sampling: "Sampling"
    raw: bool
    columns: int
    blind: bool

    def line(self, width: int) -> Content:
        """Return it in one line of at most `width` cells; what is usual gives way first."""
        where = f"prompts {cut(self.source, 30)} {self.number:,}/{self.count:,}" if self.number else "a typed prompt"
        usual = "" if self.raw else " · chat template" + ": both" * (self.columns == 2)
        blind = Content.styled("  BLIND", "bold $accent") if self.blind else Content("")
        first = Content.assemble((where, "bold"), f" · {_drawn(self.sampling)}", " · raw: no chat template" * self.raw)
        whole = Content.assemble(first, usual, blind)
        return whole if whole.cell_length <= width else Content.assemble(first, blind).truncate(width, ellipsis=True)


def _drawn(sampling: "Sampling") -> str:
    """How answers are drawn; a seed and a share of tokens mean nothing at temperature 0."""
    words = [f"T {sampling.temperature:g}"]
    if sampling.temperature:
        words += [f"top-p {sampling.top_p:g}"] * (sampling.top_p < 1) + [f"seed {sampling.seed}"]
    return " · ".join([*words, f"{sampling.max_new_tokens:,} tok"])


def asked(prompt: "Prompt") -> Content:
    """Return a prompt as it is shown above the answers; of a chat every turn."""
    if isinstance(prompt.prompt, str):
        return Content.assemble(("» ", "bold $primary"), lines(prompt.prompt, "bold"))
    turns = [
        Content.assemble((f"{printable(str(turn.get('role')))} ", "$foreground-muted"), lines(_content(turn), "bold"))
        for turn in prompt.prompt
    ]
    return Content.assemble(("» ", "bold $primary"), Content("\n").join(turns))


def _content(turn: dict[str, Any]) -> str:
    content = turn.get("content")
    return content if isinstance(content, str) else str(content)


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


def folded(content: Content, width: int, most: int) -> Content:
    """Return a text on at most `most` lines (3 or more): its beginning, how much is left out, and its end."""
    wrapped = content.wrap(max(width, 1))
    if len(wrapped) <= most:
        return content
    tail = (most - 1) // 2
    head = most - 1 - tail
    left_out = Content.styled(f"  … {len(wrapped) - head - tail:,} lines …", "$foreground-muted")
    return Content("\n").join([*wrapped[:head], left_out, *wrapped[len(wrapped) - tail :]])


def column(side: str, name: str, asker: "Asker", *, is_blind: bool) -> Shown:
    """Return one column: who answers, the text, how it ended.

    Blind, nothing is shown before both are complete, and neither length nor time: both would tell who it is.
    """
    exchange = asker.shown
    text = exchange.texts.get(name, "")
    if is_blind:
        can_vote = asker.is_whole and not asker.was_named
        return Shown(shown(side, "bold $primary"), (text or "∅ empty") if can_vote else "")
    title = shown(name.rstrip("/").rpartition("/")[2], "bold $accent" if name == asker.run else "bold")
    answer = exchange.done.get(name)
    if answer is None:
        return Shown(title, text, "writing …" if exchange.is_live and not asker.words else "")
    end = _ENDS.get(answer.finish, answer.finish)
    return Shown(title, text or "∅ empty", f"{answer.tokens:,} tok · {end} · {answer.seconds:.1f} s")


def scale() -> Content:
    """Return the keys of a blind vote."""
    return Content("   ").join([_keyed(*each) for each in (*_SCALE, ("u", "undo"))])


def blind_hint(asker: "Asker") -> Content:
    """Return what can be done in a blind comparison now."""
    if asker.was_named:
        return shown("you have seen whose answers these are: ] goes on, i types another prompt", "$foreground-muted")
    if asker.is_whole:
        return scale()
    words = "both are shown when both are complete" if asker.shown.is_live else "Enter asks"
    return shown(words, "$foreground-muted")


def offer(somebody: str, left: int, *, is_held_out: bool) -> Content:
    """Return what Enter does when nothing was asked yet; `left` prompts are left, with the one that is shown."""
    many = min(left, 3)
    kind = "held-out prompt" if is_held_out else "prompt"
    what = f"{('one', 'two', 'three')[many - 1]} {kind}{'s' * (many > 1)}" if left else "this prompt"
    words = (" asks ", "$foreground-muted"), shown(somebody, "bold"), (f" {what}", "$foreground-muted")
    return Content.assemble(("Enter", "bold $primary"), *words)


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


def over(words: str) -> Content:
    """Return the tally when every prompt has its vote."""
    keys = Content("   ").join([_keyed("u", "takes the last vote back"), _keyed("Esc", "ends")])
    return Content.assemble(shown(words, "bold"), "\n", keys)


def _keyed(key: str, label: str) -> Content:
    return Content.assemble((key, "bold $primary"), " ", label)
