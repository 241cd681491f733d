"""The LoRA pane's lines: totals, and the panel with the numbers of a run, its memory and its time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from screens.text import cut
from screens.widgets.tuning_words import tuning_words
from workbench.errors import WorkbenchError
from workbench.lora.cards import Card
from workbench.lora.cost import price, work
from workbench.lora.memory import Verdict
from workbench.lora.parts import GIB, Part
from workbench.lora.spec import ALL_LINEAR, AdapterTuning
from workbench.lora.words import gibibytes, megabytes, operations, percent, span
from workbench.runs.card import duration
from workbench.runs.fitted import Surroundings, steps
from workbench.runs.residuals import Corrected
from workbench.runs.sizes import Sizes

if TYPE_CHECKING:
    from workbench.models.devices import Device

VERDICTS: dict[Verdict, tuple[str, str, str]] = {
    "fits": ("FITS", "$text-success", "✓"),
    "tight": ("TIGHT", "$text-warning", "!"),
    "does not fit": ("DOES NOT FIT", "$text-error", "✗"),
}
"""A word, a colour and a mark."""
_NAME_WIDTH = 12
_MOST_OTHERS = 3
_SPAN_WIDTH = 12
_BAR_WIDTH = 12
_LEAST_FORMULA = 40
"""With less room a formula says nothing."""
_BRIEFLY = {"rank": "r", "batch": "batch", "length": "len"}
_BAR_LEGEND = "▇ at least  ─ at most · rough: Enter shows how"
_SHORT_DTYPES = {"float32": "fp32", "bfloat16": "bf16", "float16": "fp16"}


def totals(found: Sizes, name: str, width: int) -> Content:
    """Draw the model's size, what is trained of it, and the adapter's file; the name is cut first."""
    if found.counted is None:
        problem = found.problem.what if found.problem else ""
        return Content.styled(cut(f"✗ {problem}", width), "$text-error")
    counted = found.counted
    size = f" {found.shapes.size:,}  "
    share = f"trainable {counted.trainable:,} = {percent(counted.percent)}"
    computed = found.estimate.load.dtype if found.estimate else "bfloat16"
    file = f"  adapter {megabytes(counted.file_bytes(computed))}" if counted.is_adapter else "  no adapter"
    dtype = f" ({_SHORT_DTYPES[counted.held_in(computed)]})" if counted.is_adapter else ""
    room = width - cell_len(size + share + file)
    file += dtype if cell_len(name) + len(dtype) <= room else ""
    return Content.assemble((cut(name, max(4, room)), "bold"), size, (share, "bold $accent"), file)


def mend(found: Sizes, width: int) -> Content:
    """Draw what to do about a tuning that does not fit the model."""
    fix = found.problem.fix if found.problem else ""
    tuning = found.draft.tuning
    is_all = tuning.kind == "lora" and tuning.target == ALL_LINEAR
    key = "Space: paint a kind of module" if is_all else "a: all linear modules"
    return Content.styled(cut(f"{key} · {fix}", width), "$foreground-muted")


def refusal(error: WorkbenchError, width: int) -> Content:
    """Draw why a model cannot be read, and what to do."""
    return Content("\n").join(
        [
            Content.styled(cut(f"✗ {error.what}", 3 * width), "$text-error"),
            Content(cut(error.fix, width)),
            Content(""),
            Content.styled("Ctrl+O chooses another model · Ctrl+R reads it again", "$foreground-muted"),
        ]
    )


def panel(found: Sizes, around: Surroundings, width: int) -> list[Content]:
    """Draw line by line the numbers of the run, the device, the verdict, the parts of the memory, and the time."""
    lines = [*_numbers(found), Content("")]
    if found.device is None:
        return [*lines, Content.styled("reading the devices…", "$foreground-muted")]
    lines += [Content(cut(f"{found.device.place} {found.device.name}", width)), Content(free(found.device))]
    lines += [Content.styled(cut(each, width), "$foreground-muted") for each in others(found.device)]
    if found.estimate is None:
        return lines
    most = max(part.high for part in found.estimate.parts)
    lines += [verdict(found), *smaller(found, width), Content("")]
    lines += [part_line(part, width, most) for part in found.estimate.parts]
    lines += [Content.styled(cut(line, width), "$foreground-muted") for line in measured_words(found, around)]
    lines += [Content(""), card_line(found.cards, width), Content("")]
    lines += [Content.styled(cut(line, width), "$foreground-muted") for line in time_words(found, around)]
    return [*lines, Content(""), Content.styled(_BAR_LEGEND, "$foreground-muted")]


def measured_words(found: Sizes, around: Surroundings) -> list[str]:
    """Return the last measured peak beside its prediction, and how runs corrected the range; nothing without a run."""
    if not around.measured or not isinstance(found.estimate, Corrected) or found.estimate.correction is None:
        return []
    last = around.measured[0]
    return ["", f"last measured {last.words}, {last.run}", found.estimate.correction.words]


def card_line(cards: Sequence[tuple[Card, Verdict]], width: int) -> Content:
    """Draw on which sizes of cards the run would fit with nothing else there, as many as there is room for."""
    line = Content.styled(f"{'cards, GB':<{_NAME_WIDTH}}", "$foreground-muted")
    for card, verdict in cards:
        _, style, mark = VERDICTS[verdict]
        part = Content.assemble((f"{mark}{card.gigabytes}", style), "  ")
        if line.cell_length + part.cell_length <= width:
            line += part
    return line


def brief(found: Sizes, width: int) -> Content:
    """Draw the same on one line, for a narrow window."""
    words = number_words(found)
    rest = [f"{short} {words[name]}" for name, short in _BRIEFLY.items() if name in words]
    if found.estimate is None or found.device is None:
        return Content.styled(cut(" · ".join(rest), width), "$foreground-muted")
    judged = verdict(found)
    said = " · ".join([f", {found.device.memory_free / GIB:,.1f} free", *rest])
    return Content.assemble(judged, (cut(said, max(1, width - judged.cell_length)), "$foreground-muted"))


def verdict(found: Sizes) -> Content:
    """Draw the judgement against free memory, always with its range and that it is rough."""
    assert found.estimate is not None
    assert found.device is not None
    word, style, _ = VERDICTS[found.estimate.verdict(found.device.memory_free)]
    said = f" roughly {span(found.estimate.low, found.estimate.high)}"
    return Content.assemble((word, f"bold {style}"), said)


def smaller(found: Sizes, width: int) -> list[Content]:
    """Draw what one row at a time would need, where more rows may not fit."""
    if found.estimate is None or found.smallest is None or found.device is None:
        return []
    if found.estimate.verdict(found.device.memory_free) == "fits" or found.estimate.load.micro_batch == 1:
        return []
    said = f"one row at a time (micro 1): roughly {span(found.smallest.low, found.smallest.high)}"
    return [Content.styled(cut(said, width), "$foreground-muted")]


def number_words(found: Sizes) -> dict[str, str]:
    """Return the numbers of the run, each by its name."""
    draft, tuning = found.draft, found.draft.tuning
    numbers = tuning_words(tuning)
    if found.estimate is not None:
        rows = found.estimate.load.micro_batch
        auto = "" if draft.micro_batch else " auto"
        numbers["weights"] = _held(found)
        numbers["batch"] = f"{draft.batch_size} = {rows}×{draft.batch_size // rows}{auto}"
    else:
        numbers["batch"] = str(draft.batch_size)
    return {**numbers, "length": f"{draft.max_length:,}"}


def free(device: "Device") -> str:
    """Return a device's free memory in words, with the other people on it."""
    others = [process for process in device.processes if process.memory]
    used = f" · {len(others)} other process{'es' * (len(others) > 1)}" if others else ""
    return f"{gibibytes(device.memory_free)} free of {gibibytes(device.memory_total)}{used}"


def time_words(found: Sizes, around: Surroundings) -> list[str]:
    """Return the work of a step and of the run, the hours at the last measured speed, and the price."""
    if found.counted is None or found.estimate is None:
        return []
    draft, load, speed = found.draft, found.estimate.load, around.speed
    whole = work(found.counted, rows=draft.batch_size, length=load.length, devices=1,
                 steps=steps(draft, around.rows), checkpointing=load.checkpointing)  # fmt: skip
    said = [f"a step: at most {whole.tokens_per_step:,} tokens × {operations(whole.flops_per_token)}"]
    if whole.flops is not None:
        said.append(f"{whole.steps:,} steps: at most {operations(whole.flops)}")
    hours = whole.hours(speed.tokens_per_second if speed else None)
    if hours is not None and speed is not None:
        cost = price(hours, around.price_per_hour, 1)
        paid = "" if cost is None else f", {cost:,.2f} to pay"
        said.append(f"at most {duration(3600 * hours)} at {speed.tokens_per_second:,.0f} tok/s of {speed.run}{paid}")
    return said


def others(device: "Device") -> list[str]:
    """Return who else holds memory there, the most first, a line each for a few of them."""
    holding = sorted((each for each in device.processes if each.memory), key=lambda each: -(each.memory or 0))
    return [
        f"  {gibibytes(each.memory or 0)} held by {each.name or 'process'} {each.pid} {each.owner}".rstrip()
        for each in holding[:_MOST_OTHERS]
    ]


def _numbers(found: Sizes) -> list[Content]:
    return [
        Content.assemble((f"{name:<{_NAME_WIDTH}}", "$foreground-muted"), value)
        for name, value in number_words(found).items()
    ]


def _held(found: Sizes) -> str:
    """How the weights are held, in a word."""
    assert found.estimate is not None
    tuning, dtype = found.draft.tuning, found.estimate.load.dtype
    short = _SHORT_DTYPES[dtype]
    if not isinstance(tuning, AdapterTuning) or dtype == "float16":
        return f"fp32, computing in {short}" if short != "fp32" else "fp32"
    return short if tuning.quantise == "none" else f"{tuning.quantise}, computing in {short}"


def part_line(part: Part, width: int, most: float | None = None) -> Content:
    """Draw a part of the memory: its range, a bar of the least and the most (against `most`), and the formula."""
    bar = Content("")
    if most is not None:
        least, whole = (round(_BAR_WIDTH * value / most) for value in (part.low, part.high))
        bar = Content.assemble(
            ("▇" * least, "$accent"), ("─" * (whole - least), "$foreground-muted"), " " * (_BAR_WIDTH - whole + 2)
        )
    said = Content.assemble(
        (f"{part.name:<{_NAME_WIDTH}}", "$foreground-muted"), f"{span(part.low, part.high):<{_SPAN_WIDTH}} ", bar
    )
    room = width - said.cell_length
    formula = cut(part.formula, room) if room >= _LEAST_FORMULA else ""
    return Content.assemble(said, (formula, "$foreground-muted"))
