"""What the Train pane says about runs, as lines: the list, the head of one run, and what follows below its plots."""

from typing import TYPE_CHECKING, Any

from screens.chips import tuning
from screens.plots import Line, short, values
from screens.text import cut
from workbench.data.shown import count_words
from workbench.data.spec import VotesSpec
from workbench.errors import WorkbenchError
from workbench.printable import printable
from workbench.runs.task import TRAINS_NOTHING, unit_of

if TYPE_CHECKING:
    from workbench.runs.curves import Curves
    from workbench.runs.draft import Draft
    from workbench.runs.folder import RunFolder
    from workbench.runs.watch import Seen

_ROOM_FOR_BOTH = 26
_LAST_BYTES = 1 << 16
_ROLES = {"running": "train", "finished": "good", "failed": "error", "lost": "warn", "stopped": "muted"}


def listed(runs: "tuple[Seen, ...]", chosen: str | None, width: int, height: int) -> list[Line]:
    """Return the runs, the newest first, as far as they fit around the chosen one."""
    newest_first = runs[::-1]
    at = next((index for index, run in enumerate(newest_first) if run.name == chosen), 0)
    top = max(0, min(at - height // 2, len(newest_first) - height))
    return [_listed(run, run.name == chosen, width) for run in newest_first[top : top + height]]


def _listed(run: "Seen", is_chosen: bool, width: int) -> Line:
    from workbench.runs.view import GLYPHS

    how_far = f"{run.percent}%" if run.percent is not None and run.status == "running" else ""
    loss = f"{run.loss:.2g}" if run.loss is not None and (width >= _ROOM_FOR_BOTH or not how_far) else ""
    right = "  " + (" ".join(filter(None, (how_far, loss))) if run.status != "failed" else "failed")
    name = cut(run.name, width - len(right) - 4)
    gap = " " * (width - len(right) - 4 - len(name))
    mark = "▸" if is_chosen else " "
    glyph = (f"{GLYPHS[run.status]} ", _ROLES.get(run.status, "text"))
    return [(mark, "cursor"), glyph, (f"{name}{gap}", "title" if is_chosen else "muted"), (f"{right} ", "muted")]


def head(run: "RunFolder", seen: "Seen", curves: "Curves", width: int) -> Line:
    """Return a run in one line: what it is, how far, how long still, how fast."""
    from workbench.runs.card import duration

    parts = []
    try:
        kind = run.spec.task.kind
        parts += [kind, tuning(run.spec.tuning)] if run.spec.trains else [f"{kind} → {seen.set}"]
    except WorkbenchError:
        parts.append(run.task)
    device = run.resolved.get("device")
    parts += [device] if isinstance(device, str) else []
    unit = "" if seen.task not in TRAINS_NOTHING else f" {unit_of(seen.task)}s"
    parts.append(f"{seen.step}/{seen.steps}{unit}" if seen.steps else seen.status)
    left = None if seen.has_ended else curves.seconds_left(seen.steps)
    parts += [f"{duration(left)} left"] if left is not None else []
    speed = curves.latest("tokens_per_second")
    parts += [f"{short(speed)} tokens/s"] if speed is not None and not seen.has_ended else []
    name = cut(run.name, width // 2)
    return [(name, "title"), (cut("  " + " · ".join(parts), width - len(name)), "muted")]


def answered(run: "RunFolder", width: int, height: int) -> list[Line]:
    """Return what a run that only asks was asked last, as far as it fits."""
    from workbench.runs.lines import read_lines

    try:
        size = run.answers_file.stat().st_size
    except OSError:
        return []
    found, _ = read_lines(run.answers_file, max(0, size - _LAST_BYTES))
    return [[(cut(_said(line), width), "muted")] for line in found[-max(1, height) :]]


def _said(line: dict[str, Any]) -> str:
    """A prompt, or what a judge said last of a pair in each order; the file may be anybody's.

    Sampled answers are not told: they stand by model there, and are to be voted on blind.
    """
    if "prompt" in line:
        asked, pairs = line["prompt"], line.get("pairs")
        asked = asked[-1].get("content") if isinstance(asked, list) and asked else asked
        return f"» {count_words(len(pairs) if isinstance(pairs, list) else 0, 'pair')} · {asked}"
    answers = line.get("answers")
    said = [str(each.get("text", "")).strip().rpartition("\n")[2] for each in answers] if answers else []
    return f"{str(line.get('pair'))[:8]}  {' | '.join(said)}"


def below(run: "RunFolder", seen: "Seen", curves: "Curves", cursor: int | None, width: int) -> list[Line]:
    """Return what else is to be known: values at the cursor, why it waits or failed, how it ended."""
    from workbench.runs.card import card

    lines: list[Line] = []
    if cursor is not None and "loss" in curves.series:
        lines.append([(cut(values(curves, cursor), width), "text")])
    if seen.status == "starting":
        rows = "the rows" if seen.task not in TRAINS_NOTHING else f"the {unit_of(seen.task)}s"
        lines.append([(f"loading the model, reading {rows} …", "muted")])
    if seen.status == "queued":
        behind = next((each["behind"] for each in reversed(curves.statuses) if each.get("behind")), "another run")
        lines.append([(cut(f"waits for the device, behind {behind}", width), "muted")])
    if seen.status == "stopping":
        lines.append([("saves a checkpoint and ends", "muted")])
    if seen.task in TRAINS_NOTHING and not seen.has_ended:
        lines.append([(cut(f"what is answered is in {seen.set} at once: > labels it", width), "muted")])
    lines += _faults(seen, curves, width)
    lines += [[(part, "text")] for part in _wrapped(_trial(run), width)] if seen.task == "judge" and seen.step else []
    for text in card(run, seen, curves):
        role = "warn" if text.startswith("⚠") else "good" if seen.status == "finished" else "text"
        lines += [[(part, role)] for part in _wrapped(text, width)]
    if not seen.has_ended and curves.warnings:
        lines.append([(cut(f"⚠ {curves.warnings[-1].get('message', '')}", width), "warn")])
    return lines


def _trial(run: "RunFolder") -> str:
    """How a judge does by now."""
    from workbench.label.stats_words import trial_line
    from workbench.label.trials import trial_of_run

    try:
        return trial_line(trial_of_run(run))
    except WorkbenchError as error:
        return error.what


def _faults(seen: "Seen", curves: "Curves", width: int) -> list[Line]:
    if seen.status == "lost":
        from workbench.runs.view import lost_words

        step = curves.checkpoints[-1].get("step") if curves.checkpoints else None
        what, fix = lost_words(seen.name, step, seen.task)
    elif seen.status == "failed":
        what, fix = seen.error or "it failed and said nothing", seen.fix or "o shows its log"
    else:
        return []
    told = [*_wrapped(f"✗ {what}", width)[:3], *_wrapped(f"  {fix}", width)[:2]]
    return [[(text, "error" if index == 0 else "text")] for index, text in enumerate(told)]


def _wrapped(text: str, width: int) -> list[str]:
    from textwrap import wrap

    return wrap(printable(text), max(20, width), subsequent_indent="  ", break_on_hyphens=False) or [""]


def invitation(draft: "Draft") -> list[str]:
    """Return what `n` would do, for a workspace without runs."""
    from pathlib import Path

    if draft.data is None:
        return ["No runs yet.", "Ctrl+O chooses the data to train on; n then starts."]
    if draft.model is None:
        return ["No runs yet.", "Ctrl+O chooses the model to train; n then starts."]
    words = {"full": "all its weights", "lora": f"LoRA {tuning(draft.tuning)}"}
    how = words.get(draft.tuning.kind, tuning(draft.tuning))
    votes = f"the votes on {draft.data.votes}" if isinstance(draft.data, VotesSpec) else ""
    data, model = votes or Path(draft.data.train).name, Path(draft.model).name
    return ["No runs yet.", f"n trains {printable(model)} on {printable(data)}: {how}."]
