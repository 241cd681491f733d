"""From the store into a file that others train on: whole or not at all, and never over one that is there unasked.

A split keeps all rows of one prompt on one side, and keeps them there when pairs are added later.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.data.shapes import Text
from workbench.data.table import Row
from workbench.data.write import check_out, write_rows
from workbench.errors import WorkbenchError, WrongUse
from workbench.label.items import digest_of
from workbench.label.judged import Counts, Wanted, judge_pairs
from workbench.label.layouts import Layout, csv_row, is_in_turns, rows_of, turns
from workbench.label.ranking import order_of, pairs_in
from workbench.label.records import Judgement, Pair, PairSet, Vote
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
    content, counts = _content(store, held, layout, wanted)
    if not any(rows for _, rows in content):
        raise WorkbenchError(f"{set_name}: nothing to export: {counts.words()}", "vote first, or ask for less")
    if split is None or beside is None:
        return Exported(out, write_rows(out, _flat(content), sources), counts)
    trained, validated = _parted(content, split)
    validation_rows = write_rows(beside, _flat(validated), sources)
    try:
        rows = write_rows(out, _flat(trained), sources)
    except WorkbenchError:
        beside.unlink(missing_ok=True)
        raise
    return Exported(out, rows, counts, beside, validation_rows)


Content = list[tuple[Text, list[Row]]]
"""The rows, by the prompt that they belong to."""


def _content(store: Store, held: PairSet, layout: Layout, wanted: Wanted) -> tuple[Content, Counts]:
    if layout == "csv":
        return _every_vote(store, held, wanted)
    if layout == "sft":
        return _demonstrated(store, held, wanted) if held.kind == "pairs" else _classified(store, held, wanted)
    if held.kind == "single":
        return _rated(store, held, wanted)
    pairs, votes = judged_of(store, held)
    if layout == "argilla":
        wanted = replace(wanted, ties="both", min_grade="slightly")
    judged, counts = judge_pairs(pairs, votes, wanted, keeps_bad=layout in ("kto", "argilla"))
    in_turns = any(map(is_in_turns, judged))
    return [(each.pair.prompt, list(rows_of(each, layout, wanted.ties, in_turns=in_turns))) for each in judged], counts


def judged_of(store: Store, held: PairSet) -> tuple[list[Pair], list[Vote]]:
    """Return the pairs of a set with the votes on them; of rankings those that they expand to."""
    if held.kind == "pairs":
        return store.pairs(held.name), store.votes(held.name)
    said: dict[int, list[Judgement]] = {}
    for each in store.judgements(held.name):
        if each.choice != "skip":
            said.setdefault(each.item_id, []).append(each)
    pairs: list[Pair] = []
    votes: list[Vote] = []
    for item in store.items(held.name):
        at: dict[tuple[int, int], int] = {}
        for one in range(len(item.answers)):
            for other in range(one + 1, len(item.answers)):
                answers = (item.answers[one], item.answers[other])
                at[one, other] = len(pairs) + 1
                digest = digest_of(item.prompt, answers)
                pairs.append(Pair(len(pairs) + 1, held.name, item.prompt, *answers, item.source, digest))
        for each in said.get(item.id, []):
            for one, other, choice in pairs_in(order_of(each.choice, len(item.answers))):
                rest = (each.note, each.at, each.seconds, each.criterion, each.repeat)
                votes.append(Vote(each.id, at[one, other], each.annotator, choice, None, *rest))
    return pairs, votes


def _every_vote(store: Store, held: PairSet, wanted: Wanted) -> tuple[Content, Counts]:
    said: dict[int, list[Judgement]] = {}
    for each in store.judgements(held.name):
        if not wanted.annotators or each.annotator in wanted.annotators:
            said.setdefault(each.item_id, []).append(each)
    items = store.items(held.name)
    content = [(item.prompt, [csv_row(item, each) for each in said[item.id]]) for item in items if item.id in said]
    return content, Counts(len(items), len(items) - len(content))


def _rated(store: Store, held: PairSet, wanted: Wanted) -> tuple[Content, Counts]:
    agreed, counts = _majorities(store, held, wanted)
    content: Content = []
    for item in store.items(held.name):
        if item.id in agreed:
            row = {"prompt": item.prompt, "completion": item.answers[0], "label": agreed[item.id] == "good"}
            content.append((item.prompt, [row]))
    return content, counts


def _classified(store: Store, held: PairSet, wanted: Wanted) -> tuple[Content, Counts]:
    agreed, counts = _majorities(store, held, wanted)
    items = [item for item in store.items(held.name) if item.id in agreed]
    return [(item.prompt, [{"text": item.prompt, "label": agreed[item.id]}]) for item in items], counts


def _majorities(store: Store, held: PairSet, wanted: Wanted) -> tuple[dict[int, str], Counts]:
    """What most annotators say of each item; ties and what too few agree on are left out."""
    said: dict[int, Counter[str]] = {}
    for each in store.judgements(held.name):
        is_wanted = not wanted.annotators or each.annotator in wanted.annotators
        if is_wanted and each.choice != "skip" and not each.repeat and not each.criterion:
            said.setdefault(each.item_id, Counter())[each.choice] += 1
    agreed: dict[int, str] = {}
    counts = Counts(held.pairs, held.pairs - len(said))
    for item_id, choices in said.items():
        (choice, most), *others = choices.most_common()
        if others and others[0][1] == most:
            counts = replace(counts, ties=counts.ties + 1)
        elif most / choices.total() < wanted.min_agreement:
            counts = replace(counts, below_agreement=counts.below_agreement + 1)
        else:
            agreed[item_id] = choice
    return agreed, counts


def _demonstrated(store: Store, held: PairSet, wanted: Wanted) -> tuple[Content, Counts]:
    wrote = [
        each for each in store.demonstrations(held.name) if not wanted.annotators or each.annotator in wanted.annotators
    ]
    in_turns = any(not isinstance(text, str) for each in wrote for text in (each.prompt, each.text))
    content: Content = []
    for each in wrote:
        asked, text = (
            (turns(each.prompt, "user"), turns(each.text, "assistant")) if in_turns else (each.prompt, each.text)
        )
        content.append((each.prompt, [{"prompt": asked, "completion": text}]))
    return content, Counts(held.pairs)


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
