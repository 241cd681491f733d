"""A run's curves as lines of text, drawn with plotext from a few points a column. Slow enough for a thread."""

import math
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.data.profile import Spread
    from workbench.runs.curves import Curves, Series

Line = list[tuple[str, str]]
"""Pieces of text, each with its role: axis, train, valid, text, muted, cursor, title."""

_LOCK = threading.Lock()  # plotext has one figure
_VALID = "●"
_BLOCKS = "▁▂▃▄▅▆▇█"
_LEAST_HEIGHT_FOR_SMALL_PLOTS = 26
_RULER = 8  # cells to the left of a histogram
_LEAST_FOR_GAPS = 4  # cells of a bar
_SMALL = (
    ("learning_rate", "learning rate"), ("grad_norm", "gradient norm"),
    ("tokens_per_second", "tokens/s"), ("memory_gib", "memory GiB"),
)  # fmt: skip


def draw(curves: "Curves", steps: int | None, cursor: int | None, width: int, height: int) -> list[Line]:
    """Return `height` lines: the loss, and below it the other metrics as plots, or as one line each."""
    is_high = height >= _LEAST_HEIGHT_FOR_SMALL_PLOTS
    small = (height - 2) * 3 // 10 if is_high else 1
    below = _small_plots(curves, steps, width, small) if is_high else _sparklines(curves, width)
    title: Line = [("loss ", "title"), ("⣀⠤⠒ train", "train"), ("  ", "text"), (f"{_VALID} validation", "valid")]
    large = _loss(curves, steps, cursor, width, max(4, height - len(below) - 1))
    return [title, *large, *below][:height]


def histogram(spread: "Spread", width: int, height: int) -> list[Line]:
    """Return `height` lines: how many values there are from the least to the greatest."""
    import plotext

    wide = max(1, (width - _RULER) // len(spread.bins))  # cells: each bar as wide as the others
    gap = 1 if wide >= _LEAST_FOR_GAPS else 0
    cells = [place * wide + cell for place in range(len(spread.bins)) for cell in range(wide - gap)]
    with _LOCK:
        figure = plotext.figure
        figure.clear()
        figure.theme("colorless")
        figure.plot_size(min(width, wide * len(spread.bins) + _RULER), height)
        figure.draw(figure.bar(cells, [spread.bins[cell // wide] for cell in cells], width=0.1, lines=False))
        figure.axes(active=False, axis=[0, 1], side=[1])
        most = max(spread.bins)
        figure.ruler("y").lim(0, most)
        figure.ruler("y").ticks([0, most], [f"{value:>7,}" for value in (0, most)])
        figure.ruler("x").lim(0, wide * len(spread.bins) - 1)
        places = sorted({round(part * (len(spread.bins) - 1) / 4) for part in range(5)})
        figure.ruler("x").ticks(
            [place * wide + (wide - gap) // 2 for place in places], [short(spread.start(place)) for place in places]
        )
        text: str = plotext.uncolorize(str(figure.build()))
    return _with_roles(text, width, 1.0, None)


def values(curves: "Curves", step: int) -> str:
    """Return what the metrics were at a step."""
    parts = [f"step {step}"]
    for name, label in (("loss", "loss"), ("eval_loss", "validation"), *_SMALL):
        series = curves.series.get(name)
        value = series.at(step) if series else None
        if value is not None:
            parts.append(f"{label} {short(value)}")
    return " · ".join(parts)


def short(value: float) -> str:
    """Return a number in at most seven characters."""
    if not math.isfinite(value):
        return "none"
    return f"{value:,.0f}" if 1000 <= abs(value) < 100_000 else f"{value:.3g}"


def _loss(curves: "Curves", steps: int | None, cursor: int | None, width: int, height: int) -> list[Line]:
    train, valid = curves.series.get("loss"), curves.series.get("eval_loss")
    return _plot(train, valid, steps, width, height, cursor)


def _small_plots(curves: "Curves", steps: int | None, width: int, height: int) -> list[Line]:
    """The four other metrics, two beside each other."""
    half = (width - 2) // 2
    lines: list[Line] = []
    for pair in (_SMALL[:2], _SMALL[2:]):
        heads: Line = []
        columns = []
        for name, label in pair:
            series = curves.series.get(name)
            now = f"{label}  {short(series.values[-1])}" if series else label
            heads.append((f"{now:<{half}}  ", "title"))
            columns.append(_plot(series, None, steps, half, height - 1, None))
        lines.append(heads)
        lines += [[*left, ("  ", "text"), *right] for left, right in zip(*columns, strict=True)]
    return lines


def _sparklines(curves: "Curves", width: int) -> list[Line]:
    """One line for two metrics each: its last value and its course in eighths of a cell."""
    half = (width - 2) // 2
    lines: list[Line] = []
    for pair in (_SMALL[:2], _SMALL[2:]):
        line: Line = []
        for name, label in pair:
            series = curves.series.get(name)
            now = f"{label} {short(series.values[-1])} "[:half] if series else f"{label} "
            room = half - len(now)
            course = _course(series, room) if series else ""
            line += [(now, "muted"), (f"{course:<{room}}  ", "train")]
        lines.append(line)
    return lines


def _course(series: "Series", width: int) -> str:
    if width < 1:
        return ""
    _, found = series.envelope(width // 2 or 1)
    low, high = min(found, default=0.0), max(found, default=0.0)
    scale = (len(_BLOCKS) - 1) / (high - low) if high > low else 0.0
    return "".join(_BLOCKS[round((value - low) * scale)] for value in found[:width])


def _plot(
    train: "Series | None", valid: "Series | None", steps: int | None, width: int, height: int, cursor: int | None
) -> list[Line]:
    """One plot with its axes. The limits change in steps of a third, so that the curve does not jump as it grows."""
    points = train.envelope(max(8, width - 8)) if train else ([], [])
    dots = valid.envelope(max(8, width - 8)) if valid else ([], [])
    if not points[0] and not dots[0]:
        return [[(" " * width, "muted")] for _ in range(height)]
    last = max([*points[0][-1:], *dots[0][-1:]])
    end = float(max(steps or _rounded_up(last), last, 1))
    low, high = _limits([*points[1], *dots[1]])
    text = _figure(points, dots, (0.0, end), (low, high), width, height)
    return _with_roles(text, width, end, cursor)


def _figure(points: Any, dots: Any, xs: tuple[float, float], ys: tuple[float, float], width: int, height: int) -> str:
    import plotext

    with _LOCK:
        figure = plotext.figure
        figure.clear()
        figure.theme("colorless")
        figure.plot_size(width, height)
        if points[0]:
            figure.draw(figure.signal(*points, marker="braille").lines(True))
        if dots[0]:
            figure.draw(figure.signal(*dots, marker=_VALID))
        figure.axes(active=False, axis=[0, 1], side=[1])
        figure.ruler("x").lim(*xs)
        figure.ruler("y").lim(*ys)
        ticks = _ticks(*ys, max(2, height // 4))
        figure.ruler("y").ticks(ticks, [f"{label:>6}" for label in _labels(ticks)])
        across = [round(xs[1] * part / 4) for part in range(5)]
        figure.ruler("x").ticks(across, [str(step) for step in across])
        text: str = plotext.uncolorize(str(figure.build()))
    return text


def _limits(found: list[float]) -> tuple[float, float]:
    """Round limits around the values; a curve that stays the same gets room on both sides."""
    low, high = min(found), max(found)
    if high - low < 1e-9 * max(1.0, abs(high)):
        pad = abs(high) / 10 or 1.0
        return low - pad, high + pad
    step = 10.0 ** math.floor(math.log10(high - low)) / 2
    return math.floor(low / step) * step, math.ceil(high / step) * step


def _ticks(low: float, high: float, count: int) -> list[float]:
    return [low + (high - low) * part / (count - 1) for part in range(count)]


def _labels(ticks: list[float]) -> list[str]:
    """The ticks as numbers, with as many digits as tell them apart."""
    labels = [short(tick) for tick in ticks]
    return labels if len(set(labels)) == len(labels) else [f"{tick:.5g}" for tick in ticks]


def _rounded_up(step: int) -> int:
    """The next of 10, 20, 50, 100 …: the axis of a run whose length is not known."""
    unit: int = 10 ** max(1, math.floor(math.log10(max(1, step))))
    return next(unit * part for part in (1, 2, 5, 10) if unit * part >= step)


def _with_roles(text: str, width: int, end: float, cursor: int | None) -> list[Line]:
    """The characters of a plot with what they are: axis to the left and below, dots and curve inside."""
    rows = text.rstrip("\n").split("\n")
    inside = next((row.index("│") + 1 for row in rows if "│" in row), 0)
    at = inside + round((cursor or 0) / end * (width - inside - 1)) if cursor is not None else -1
    foot = next((place for place, row in enumerate(rows) if "└" in row), len(rows) - 1)
    lines: list[Line] = []
    for place, row in enumerate(rows):
        row = f"{row[:width]:<{width}}"
        if place >= foot:
            lines.append([(row, "axis")])
            continue
        lines.append([(row[:inside], "axis"), *_curve(row[inside:], at - inside)])
    return lines


def _curve(row: str, cursor: int) -> Line:
    pieces: Line = []
    for column, character in enumerate(row):
        role = "valid" if character == _VALID else "train"
        if column == cursor and character in (" ", "⠀"):
            character, role = "│", "cursor"
        if pieces and pieces[-1][1] == role:
            pieces[-1] = (pieces[-1][0] + character, role)
        else:
            pieces.append((character, role))
    return pieces
