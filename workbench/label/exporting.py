"""From the store into a file that others train on: whole or not at all, and never over one that is there unasked.

A split keeps all rows of one prompt on one side, and keeps them there when pairs are added later.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.data.shapes import Text
from workbench.data.table import Row
from workbench.data.write import check_out, write_rows
from workbench.errors import WorkbenchError, WrongUse
from workbench.label.content import Content, content_of
from workbench.label.judged import Counts, Wanted
from workbench.label.layouts import Layout, turns
from workbench.label.schema import SetKind
from workbench.label.store import Store

_OF_KIND: dict[str, tuple[Layout, ...]] = {
    "pairs": ("trl", "kto", "openai", "argilla", "csv", "rewards", "sft"),
    "ranking": ("trl", "kto", "openai", "argilla", "csv", "rewards"),
    "single": ("kto", "csv"),
    "classes": ("sft", "csv"),
}


@dataclass(frozen=True)
class Exported:
    """What was written where."""

    kind: SetKind
    out: Path
    rows: int
    counts: Counts
    validation: Path | None = None
    validation_rows: int = 0


@dataclass(frozen=True)
class Split:
    """The share of the prompts that is held out, drawn by a hash of the prompt and the seed."""

    share: float
    seed: int = 0

    def holds_out(self, prompt: Text) -> bool:
        """Whether a prompt's rows are for validation."""
        return self.place(prompt) < self.share

    def place(self, prompt: Text) -> float:
        """Return where a prompt lies between 0 and 1: the same for a text and its chat."""
        content = json.dumps([self.seed, turns(prompt, "user")], sort_keys=True)
        return int.from_bytes(hashlib.blake2b(content.encode(), digest_size=8).digest()) / 2**64


def export(
    store: Store, set_name: str, out: Path, layout: Layout, wanted: Wanted, *,
    split: Split | None = None, force: bool = False, sources: Sequence[Path] = (),
) -> Exported:  # fmt: skip
    """Write a set to `out`; with a `split`, what is held out beside it, to NAME.validation.

    Raises Missing where there is no such set, WrongUse for a layout that it cannot have or a file that is there, and
    WorkbenchError where no row is left, or where the file cannot be written: then nothing is.
    """
    held = store.set_named(set_name)
    if layout not in _OF_KIND[held.kind]:
        what = f"{set_name} holds {held.kind}, of which {layout} cannot be made"
        raise WrongUse(what, f"choose one of {', '.join(_OF_KIND[held.kind])}")
    if split and not 0 < split.share < 1:
        raise WrongUse(f"--split {split.share:g} is no part of the prompts", "above 0 and below 1, such as 0.1")
    beside = out.with_name(f"{out.stem}.validation{out.suffix}") if split else None
    for path in filter(None, (out, beside)):
        check_out(path, sources)
        if path.exists() and not force:
            raise WrongUse(f"{path} is there already", "name another file, or write over it: --force")
    content, counts = content_of(store, held, layout, wanted)
    if not any(rows for _, rows in content):
        raise WorkbenchError(f"{set_name}: nothing to export: {counts.words(held.kind)}", "vote first, or ask for less")
    if split is None or beside is None:
        return Exported(held.kind, out, write_rows(out, _flat(content), sources), counts)
    trained, validated = _parted(content, split)
    validation_rows = write_rows(beside, _flat(validated), sources)
    try:
        rows = write_rows(out, _flat(trained), sources)
    except WorkbenchError:
        beside.unlink(missing_ok=True)
        raise
    return Exported(held.kind, out, rows, counts, beside, validation_rows)


def _parted(content: Content, split: Split) -> tuple[Content, Content]:
    """What is trained on and what is held out: never nothing, where there are two prompts."""
    places = sorted({split.place(prompt) for prompt, rows in content if rows})
    if len(places) < 2:
        raise WorkbenchError("one prompt cannot be split", "leave --split out")
    below = [place for place in places if place < split.share]
    limit = min(below[-1] if below else places[0], places[-2])
    held = [each for each in content if split.place(each[0]) <= limit]
    return [each for each in content if split.place(each[0]) > limit], held


def _flat(content: Content) -> Iterator[Row]:
    return (row for _, rows in content for row in rows)
