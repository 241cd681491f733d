"""The rows of a reward run: pairs of answers, encoded by the one encoder, with who preferred which of them.

A row of a file prefers its chosen answer; of votes, each vote is a row. All rows on one prompt go to the same side of
the split, so that no prompt is known from training.
"""

import json
import random
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from workbench.data.examples import Example, Examples, pairs
from workbench.data.rows import locate, open_rows
from workbench.data.spec import VotesSpec
from workbench.data.table import BadRow
from workbench.errors import WorkbenchError
from workbench.models.find import ModelFolder
from workbench.runs.task import RewardTask
from workbench.template.client import EncoderWorker
from workbench.train.identity import settle_identity
from workbench.train.rows import Encoded, RunRows, named, note_rows, refusal
from workbench.train.run import Run

Grade = Literal["clearly", "slightly"]
_CHOICES: dict[str, tuple[bool, Grade]] = {
    "first-clearly": (True, "clearly"),
    "first": (True, "slightly"),
    "second": (False, "slightly"),
    "second-clearly": (False, "clearly"),
}
"""Whether a vote prefers the first answer, and how much."""
_MARGINS: dict[Grade | None, float] = {"clearly": 1.0, "slightly": 1 / 3, None: 0.0}
"""Of the run's margin: of four grades Llama 2 gives the first a margin of 1, and slightly better ones 1/3."""
_BY_LENGTH = {"answer-cut", "sides-equal"}
"""What max_length may make of a pair: where a person allows that, such pairs are left out and told of."""
_HARMLESS = "stop-not-trained"
"""A reward model writes nothing, so it need not know when to stop."""


@dataclass(frozen=True)
class Sides:
    """A pair of answers, each with its prompt before it."""

    number: int
    """Of its row in the file, counted from 1."""
    digest: str
    """Names the pair in every store: see workbench.data.preference.digest_of."""
    prompt: str
    """What makes two pairs be on the same prompt."""
    first: list[int]
    """Token ids."""
    second: list[int]


@dataclass(frozen=True)
class Judged:
    """One preference between the answers of a pair; who gave it and how clear it is, where that is known."""

    sides: Sides
    is_first: bool
    annotator: str | None = None
    grade: Grade | None = None
    is_tie: bool = False
    """One half of a tie, which is a preference each way."""

    def row(self, task: RewardTask) -> Encoded:
        """Return what the trainer takes."""
        first, second = self.sides.first, self.sides.second
        ids = {"chosen_ids": first if self.is_first else second, "rejected_ids": second if self.is_first else first}
        return {**ids, "margin": task.margin * _MARGINS[self.grade]} if task.margin else ids


@dataclass(frozen=True)
class PairRows(RunRows):
    """What a reward run trains on; `validation` are the rows of `held_out`, in its order."""

    pairs: list[Sides] = field(default_factory=list)
    """Every pair of the set or file once, voted on or not."""
    held_out: list[Judged] = field(default_factory=list)


def encode_pairs(run: Run, model: ModelFolder) -> PairRows:
    """Encode the run's pairs with its model's tokenizer. Raises WorkbenchError that names the rows it refuses."""
    data, task = run.spec.data, run.spec.task
    assert isinstance(task, RewardTask)
    with EncoderWorker(model.folder, run.spec.encoder, run.workspace.settings) as worker:
        settle_identity(run, model, worker)
        sides, kept = _judged(run, worker, data.train)
        held_out = _judged(run, worker, data.validation)[1] if data.validation else []
        made_with = PairRows([], [], [], worker.template, worker.stop_tokens, worker.new_tokens, worker.eos_token, 2)
    if data.validation is not None and data.validation == data.train:
        run.warn("validation-is-training", "the validation pairs are the training pairs: they say nothing new")
    if data.split:
        kept, held_out = parted(kept, data.split, run.spec.seed)
    if isinstance(data, VotesSpec) and data.most is not None:
        kept = of_pairs(kept, data.most)
    held_out = [each for each in held_out if not each.is_tie]  # whichever answer leads, it would be half right
    if not kept:
        raise WorkbenchError(f"{data.train}: no pair is left to train on", "add pairs or votes, or lower data.split")
    run.resolve(
        rows=len(kept), validation_rows=len(held_out), pairs=len(sides), trained_pairs=len(_digests(kept)),
        new_tokens=made_with.new_tokens,
    )  # fmt: skip
    return replace(
        made_with,
        train=[each.row(task) for each in kept],
        validation=[each.row(task) for each in held_out],
        numbers=[each.sides.number for each in kept],
        pairs=sides,
        held_out=held_out,
    )


def parted(judged: list[Judged], share: float, seed: int) -> tuple[list[Judged], list[Judged]]:
    """Return what is trained on and what is held out: at least `share` of all, whole prompts, never the last prompt."""
    prompts = list(dict.fromkeys(each.sides.prompt for each in judged))
    random.Random(seed).shuffle(prompts)
    sizes = Counter(each.sides.prompt for each in judged)
    wanted, held, count = max(1, round(len(judged) * share)), set[str](), 0
    for prompt in prompts[:-1]:
        if count >= wanted:
            break
        held.add(prompt)
        count += sizes[prompt]
    kept = [each for each in judged if each.sides.prompt not in held]
    return kept, [each for each in judged if each.sides.prompt in held]


def of_pairs(judged: list[Judged], most: int) -> list[Judged]:
    """Return what is said of at most so many pairs. Digests are as good as drawn by lot, and always the same lot."""
    chosen = set(sorted(_digests(judged))[:most])
    return [each for each in judged if each.sides.digest in chosen]


def _digests(judged: list[Judged]) -> set[str]:
    return {each.sides.digest for each in judged}


def _judged(run: Run, worker: EncoderWorker, file: str) -> tuple[list[Sides], list[Judged]]:
    """The pairs of a file, and what is preferred among them."""
    found = pairs(open_rows(locate(file, run.note)), run.spec.data.map)
    readable = _Readable(run, found, are_votes=isinstance(run.spec.data, VotesSpec) and file == run.spec.data.train)
    refused: dict[str, list[int]] = {}
    noted: dict[str, list[int]] = {}
    longest = 0
    sides: list[Sides] = []
    judged: list[Judged] = []
    for answer in worker.encode(readable.examples()):
        run.check_stop()
        number, digest, prompt, votes = readable.waiting.popleft()
        if "error" in answer:
            raise WorkbenchError(f"{file}, row {number}: {answer['error']}", answer["fix"])
        longest = max(longest, run.spec.max_length + answer["cut"])
        problems = [code for code in answer["problems"] if code != _HARMLESS]
        for code in problems:
            refused.setdefault(code, []).append(number)
        for code in answer["warnings"]:
            noted.setdefault(code, []).append(number)
        if problems:
            continue
        asked = answer["prompt_ids"]
        sides.append(Sides(number, digest, prompt, asked + answer["chosen_ids"], asked + answer["rejected_ids"]))
        judged += _preferred(sides[-1], votes, run.spec.data)
    for code in _BY_LENGTH & refused.keys():
        if len(refused[code]) <= run.spec.allow_cut_answers * len(found):
            noted[code] = refused.pop(code)
    for code, rows in refused.items():
        raise refusal(file, code, rows, len(found), longest)
    readable.tell(file)
    note_rows(run, file, noted)
    return sides, judged


def _preferred(sides: Sides, votes: list[dict[str, str]] | None, data: Any) -> Iterator[Judged]:
    """What is preferred in a pair: by each vote that counts, or where there are no votes the answer called chosen."""
    if votes is None:
        yield Judged(sides, is_first=True)
        return
    for vote in votes:
        if vote["choice"] in _CHOICES:
            is_first, grade = _CHOICES[vote["choice"]]
            yield Judged(sides, is_first, vote["annotator"], grade)
        elif vote["choice"] == "tie" and data.ties == "both":
            yield from (Judged(sides, is_first, vote["annotator"], is_tie=True) for is_first in (True, False))


class _Readable:
    """Hands the pairs of a file to the encoder, and keeps what its answers do not repeat, in their order."""

    def __init__(self, run: Run, found: Examples, *, are_votes: bool) -> None:
        self._run, self._found, self._are_votes = run, found, are_votes
        self.waiting: deque[tuple[int, str, str, list[dict[str, str]] | None]] = deque()
        self._left_out: list[BadRow] = []

    def examples(self) -> Iterator[Example]:
        """Yield the rows that prefer an answer."""
        for number in range(1, len(self._found) + 1):
            row = self._found.rows[number - 1]
            try:
                example = self._found.of(number, row)
            except BadRow as error:
                self._left_out.append(error)
                continue
            digest = example.pop("digest")
            votes = row["votes"] if self._are_votes else None
            prompt = json.dumps(example["prompt"], sort_keys=True)
            self.waiting.append((number, row["pair"] if self._are_votes else digest, prompt, votes))
            yield example

    def tell(self, file: str) -> None:
        """Warn of the rows that were left out. Raises WorkbenchError when that is all of them."""
        rows = [error.row for error in self._left_out]
        if not rows:
            return
        why = self._left_out[0].detail
        if len(rows) == len(self._found):
            raise WorkbenchError(f"{file}: no row prefers an answer; the first: {why}", self._left_out[0].fix)
        self._run.warn("left-out", f"left out: {named(rows)}: {why}", rows=rows[:100], count=len(rows))
