"""The rows of a run, encoded by the one encoder and refused where training on them would be wrong."""

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench.data.examples import examples
from workbench.data.held_out import held_out_places
from workbench.data.rows import locate, open_rows
from workbench.errors import WorkbenchError
from workbench.models.find import ModelFolder
from workbench.template.cache import EncodedCache
from workbench.template.client import EncoderWorker
from workbench.template.problems import PROBLEMS, WARNINGS
from workbench.train.identity import settle_identity
from workbench.train.run import Run

_NAMED = 5
Encoded = dict[str, Any]
"""{"input_ids", "labels"}, or of a pair {"chosen_ids", "rejected_ids", "margin"?}."""


@dataclass(frozen=True)
class RunRows:
    """What is trained on and validated on, with what it was rendered."""

    train: list[Encoded]
    validation: list[Encoded]
    numbers: list[int]
    """The number of each training row in its file, counted from 1."""
    template: str | None
    stop_tokens: list[str]
    """What ends an answer."""
    new_tokens: list[str] = field(default_factory=list)
    """Control tokens that the tokenizer of the model lacks."""
    eos_token: str | None = None
    """The EOS of the tuned model's tokenizer."""

    sequences: int = 1
    """How many sequences a row is in a batch: 2 for a pair."""

    @property
    def longest(self) -> int:
        """The length of the longest row, in tokens."""
        return max(map(length_of, self.train + self.validation))

    @property
    def lengths(self) -> list[int]:
        """The length of each training row, in tokens."""
        return [length_of(row) for row in self.train]


def length_of(row: Encoded) -> int:
    """Return how wide a row is in a batch, in tokens: of a pair its longer side."""
    return max(len(ids) for ids in row.values() if isinstance(ids, list))


def encode_rows(run: Run, model: ModelFolder) -> RunRows:
    """Encode the run's data with its model's tokenizer. Raises WorkbenchError that names the rows it refuses."""
    data = run.spec.data
    with EncoderWorker(model.folder, run.spec.encoder, run.workspace.settings) as worker:
        settle_identity(run, model, worker)
        kept = _encode_file(run, worker, data.train)
        validation = [row for _, row in _encode_file(run, worker, data.validation)] if data.validation else []
        made_with = RunRows([], [], [], worker.template, worker.stop_tokens, worker.new_tokens, worker.eos_token)
        for found in worker.probe()[0]:
            if found.severity != "note":
                run.warn(found.code, f"the chat template: {found.message}")
    if data.validation == data.train:
        run.warn("validation-is-training", "the validation rows are the training rows: their loss says nothing new")
    if data.split and kept:
        held_out = held_out_places(len(kept), data.split, run.spec.seed)
        validation = [kept[index][1] for index in held_out]
        kept = [kept[index] for index in sorted(set(range(len(kept))) - set(held_out))]
    if not kept:
        raise WorkbenchError(f"{data.train}: no row is left to train on", "add rows, or lower data.split")
    run.resolve(rows=len(kept), validation_rows=len(validation), new_tokens=made_with.new_tokens)
    numbers = [number for number, _ in kept]
    return replace(made_with, train=[row for _, row in kept], validation=validation, numbers=numbers)


def _encode_file(run: Run, worker: EncoderWorker, file: str) -> list[tuple[int, Encoded]]:
    found = examples(open_rows(locate(file, run.note)), run.spec.data.map)
    kept: list[tuple[int, Encoded]] = []
    refused: dict[str, list[int]] = {}
    noted: dict[str, list[int]] = {}
    total = longest = 0
    cache = EncodedCache(run.workspace, run.note)
    for number, answer in enumerate(cache.answers(worker, found, lambda: worker.encode(iter(found))), 1):
        run.check_stop()
        total += 1
        if "error" in answer:
            raise WorkbenchError(f"{file}, row {number}: {answer['error']}", answer["fix"])
        longest = max(longest, run.spec.max_length + answer["cut"])
        for code in answer["problems"]:
            refused.setdefault(code, []).append(number)
        for code in answer["warnings"]:
            noted.setdefault(code, []).append(number)
        if not answer["problems"]:
            kept.append((number, {"input_ids": answer["input_ids"], "labels": answer["labels"]}))
    cut = refused.get("answer-cut", [])
    if cut and len(cut) <= run.spec.allow_cut_answers * total:
        noted["answer-cut"] = refused.pop("answer-cut")
    for code, rows in refused.items():
        raise refusal(file, code, rows, total, longest)
    note_rows(run, file, noted)
    return kept


def refusal(file: str, code: str, rows: list[int], total: int, longest: int) -> WorkbenchError:
    """Return why a run does not start with these of `total` rows, of which the longest has so many tokens."""
    what, fix = PROBLEMS[code]
    fix = fix.replace("raise max_length", f"max_length: {longest} (the longest row)")
    return WorkbenchError(f"{file}: {what} {named(rows)}", fix.replace("SHARE", f"{_share(len(rows), total):g}"))


def _share(part: int, whole: int) -> float:
    """A share of two digits that is enough for `part` of `whole`."""
    return math.ceil(100 * part / whole) / 100


def note_rows(run: Run, file: str, noted: dict[str, list[int]]) -> None:
    """Warn of rows of a file by the code of what there is to know about them."""
    said = WARNINGS | {
        "truncated": f"cut at {run.spec.max_length} tokens",
        "answer-cut": "left out: the whole answer lies behind max_length",
        "sides-equal": "left out: both answers are the same up to max_length",
    }
    for code, rows in noted.items():
        run.warn(code, f"{Path(file).name}: {named(rows)}: {said[code]}", rows=rows[:100], count=len(rows))


def named(numbers: list[int]) -> str:
    """Return the rows of these numbers in words, the first few by name."""
    first = ", ".join(map(str, numbers[:_NAMED]))
    if len(numbers) == 1:
        return f"row {first}"
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return f"rows {first}{more}"
