"""The lines around the lens: what is shown, the token under the cursor, what is wrong, and what holds for the set."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from screens.text import cut
from workbench.errors import WorkbenchError
from workbench.template.compared import Compared
from workbench.template.probes import Probed
from workbench.template.seen import Seen, Token
from workbench.template.spec import EncoderSpec, template_name
from workbench.template.survey import Survey
from workbench.template.viewer import Ask, Shown

_LONGEST_NAME = 24
_LONGEST_TOKEN = 32
_LONGEST_BYTES = 17  # six of them
_BAR = " │ "
MARKS = {"error": "✗", "warning": "⚠", "note": "·"}
_INDENT = 5  # below what follows "set: "
_STYLES = {"⚠": "$text-warning", "✗": "$text-error"}
Part = tuple[str, str]
"""A text, which may come from outside, and its style."""


def head(ask: Ask, rows: int | None, seen: Seen | None, width: int, instead: str = "encoding…") -> Content:
    """Draw what the lens shows; `instead` of what was seen while there is nothing."""
    of = f" of {rows:,}" if rows else ""
    template = template_name(ask.spec)
    prompt = f"prompt {'on' if ask.generation_prompt else 'off'}"
    counts: list[Part] = [(instead, "$foreground-muted")]
    if seen is not None:
        trained = (f"{seen.trained:,} trained", "bold $accent" if seen.trained else "bold $text-error")
        counts = [(f"{seen.kept:,} tokens, ", ""), *([("a prompt", "")] if ask.generation_prompt else [trained])]
    parts: list[list[Part]] = [
        [(f"row {ask.row:,}", "bold"), (of, "$foreground-muted")],
        [("template: ", "$foreground-muted"), (cut(template, _LONGEST_NAME), "")],
        [("train: ", "$foreground-muted"), (ask.spec.train_on, "")],
        [(prompt, "" if ask.generation_prompt else "$foreground-muted")],
        counts,
    ]
    row = [parts[0][:1]]
    shown_prompt = [parts[3]] if ask.generation_prompt else []
    shorter = row + parts[1:3] + shown_prompt + parts[4:]
    shortest = [*row, parts[1][1:], parts[2][1:], *shown_prompt, *parts[4:]]
    for chosen in (parts, row + parts[1:], shorter, shortest):
        drawn = _dotted(chosen)
        if drawn.cell_length <= width:
            return drawn
    return drawn


def common_head(
    shown: Shown, found: Compared | None, at: int | None, width: int, instead: str, *, is_pair: bool
) -> Content:
    """Draw what two lenses share, and their differences or `instead`; `at` is the number of one, counted from 1."""
    muted = "$foreground-muted"
    parts: list[list[Part]] = [[(f"row {shown.ask.row:,}", "bold"), (f" of {shown.rows:,}", muted)]]
    parts += [[("prompt on", "")]] if shown.ask.generation_prompt else []
    if found is not None and found.differences:
        count = len(found.differences)
        words = "1 difference" if count == 1 else f"{count:,} differences"
        parts.append([(f"difference {at:,} of {count:,}" if at else words, "bold $secondary")])
        parts += [[("═", "$secondary"), (" trained  ", muted), ("╌", "$secondary"), (" not", muted)]]
        parts += [[("n", "bold $primary"), (" next", muted)]]
    else:
        parts.append([("no difference" if found is not None else instead, muted)])
    parts += [[("a preference pair", muted)] if is_pair else [("b", "bold $primary"), (" closes", muted)]]
    while len(parts) > 2 and _dotted(parts).cell_length > width:
        parts.pop()
    return _dotted(parts)


def side_head(spec: EncoderSpec, under: str, seen: Seen | None, width: int, instead: str) -> Content:
    """Draw what one of two lenses is under, a policy or a side, and its counts; `instead` while there is nothing."""
    name = cut(template_name(spec), _LONGEST_NAME)
    counts: list[list[Part]] = [[(instead, "$foreground-muted")]] * 2
    if seen is not None:
        style = "bold $accent" if seen.trained else "bold"
        counts = [
            [(f"{seen.kept:,} tokens, ", ""), (f"{seen.trained:,} trained", style)],
            [(f"{seen.trained:,}", style), (f" of {seen.kept:,}", "")],
        ]
    for count in counts:
        drawn = _dotted([[(name, "bold")], [(under, "")], count])
        if drawn.cell_length <= width:
            break
    return drawn


def _dotted(parts: list[list[Part]]) -> Content:
    return Content.assemble((" · ", "$foreground-muted")).join(Content.assemble(*part) for part in parts)


def under_cursor(token: Token, place: int, count: int, part: tuple[int, int], width: int) -> Content:
    """Draw a token: its text, its id, whose turn it is in, whether it is trained, and why."""
    turn = [(f"  turn {token.turn}", "$foreground-muted")] if token.turn is not None else []
    is_odd = part[1] > 1 or not (token.text.isascii() and token.text.isprintable())
    piece = [(f"  part {part[0]} of {part[1]}", "$foreground-muted")] if part[1] > 1 else []
    piece += [(f"  bytes {cut(token.bytes, _LONGEST_BYTES)}", "$foreground-muted")] if is_odd and token.bytes else []
    verdict = [("TRAINED", "bold $accent")] if token.is_trained else [("not trained", "bold")]
    left = [
        (f'"{cut(token.text, _LONGEST_TOKEN)}"', ""),
        (f"  id {token.id}", "$foreground-muted"),
        *turn,
        *piece,
        ("  ", ""),
        *verdict,
    ]
    room = width - sum(cell_len(text) for text, _ in left)
    why, at = cut(f": {token.why}", room), f"{place + 1:,}/{count:,}"
    gap = room - cell_len(why) - len(at)
    return Content.assemble(*left, why, *([(" " * gap + at, "$foreground-muted")] if gap >= 2 else []))


def judgement(seen: Seen, template: Sequence[Probed], width: int) -> Content:
    """Draw what is wrong about the row or its template, and what is worth knowing, a line each; empty for most."""
    said = [_said(*words, width) for words in seen.judged()]
    if _is_told(template):
        more = f" (c: all {len(template)})" if len(template) > 1 else " (c: what to do)"
        what = cut(f"the template: {template[0].message}", width - len(more) - 2)
        said.append(_said(MARKS[template[0].severity], what + more, "", width))
    return Content("\n").join(said)


def _is_told(template: Sequence[Probed]) -> bool:
    """Whether the worst that is known of a template has a line of its own."""
    return bool(template) and template[0].severity != "note"


def refusal(error: WorkbenchError, keys: str, width: int) -> Content:
    """Draw why a row cannot be shown, what to do, and which keys help."""
    what = [Content.styled(line, "$text-error") for line in _paragraph(f"✗ {error.what}", width)]
    fix = [Content(line) for line in _paragraph(error.fix, width)]
    more = [Content.styled(line, "$foreground-muted") for line in _paragraph(keys, width)]
    return Content("\n").join([*what, Content(""), *fix, Content(""), *more])


def about_set(found: Survey, width: int, lines: int) -> Content:
    """Draw on at most so many lines what holds for the whole set, as far as it is counted."""
    lead = "set: "
    if not found.is_done:
        lead = f"set: {found.rows:,} rows so far: "
    elif found.is_sample:
        lead = f"set ≈ first {found.rows:,} of {found.total:,} rows: "
    wrong = "$text-error"
    parts: list[Part] = [
        (f"median {found.median_trained:,} trained", ""),
        (f"zero: {_rows(found.untrained)}", wrong if found.untrained else ""),
        *([(f"refused: {_rows(found.refused)}", wrong)] if found.refused else []),
        (f"cut at {found.max_length:,}: {found.cut:,}", "$text-warning" if found.cut else ""),
        *([(f"answer lost: {found.answers_lost:,}", wrong)] if found.answers_lost else []),
        (f"stop not trained: {found.without_stop:,}", wrong) if found.without_stop else ("stop trained: all", ""),
        (f"tokens: median {found.median_length:,}, longest {found.longest:,}", "$foreground-muted"),
        *([("e: next problem", "$foreground-muted")] if found.named else []),
        *([("c: the template", "$foreground-muted")] if found.template and not _is_told(found.template) else []),
    ]
    return _bars(lead, parts if found.rows else [("no rows", "")], width, lines)


def trouble(error: WorkbenchError, width: int) -> Content:
    """Draw on one line why the set cannot be counted."""
    return _said("✗ set:", error.what.replace("\n", " "), error.fix, width)


def _said(mark: str, what: str, fix: str, width: int) -> Content:
    style = _STYLES.get(mark[0], "$foreground-muted")
    return Content.assemble((cut(f"{mark} {what}", 3 * width), style), cut(f": {fix}", width) if fix else "")


def _bars(lead: str, parts: list[Part], width: int, most: int) -> Content:
    """The parts with bars between them, as many as fit on so many lines."""
    lines = [Content.styled(lead, "$foreground-muted")]
    for number, (text, style) in enumerate(parts):
        bar = _BAR if number and lines[-1].plain.strip() else ""
        if lines[-1].cell_length + len(bar) + cell_len(text) > width:
            if len(lines) == most:
                break
            bar = ""
            lines.append(Content(" " * _INDENT))
        lines[-1] += Content.assemble((bar, "$foreground-muted"), (text, style))
    return Content("\n").join(lines)


def _paragraph(text: str, width: int) -> list[str]:
    """At most a few lines of a text from outside."""
    shown = cut(text, 4 * width)
    return [line.plain for line in Content(shown).wrap(max(width, 1))] if shown else []


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
