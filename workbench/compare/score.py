"""Answers of a file as a reward model scores them: pairs, recorded answers of several models, or one answer a row."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Protocol

from workbench.compare.columns import Column
from workbench.data.examples import Example, encodable, examples
from workbench.data.schema import schema_of
from workbench.data.table import Row, Rows
from workbench.errors import WorkbenchError, WrongUse
from workbench.metrics.preferences import accuracy, mean_and_spread
from workbench.settings import Settings
from workbench.template.client import EncoderWorker
from workbench.template.spec import EncoderSpec

_LOOK_AT = 50
MAX_LENGTH = 4096
"""Answers are cut after this many tokens, prompt and all."""


@dataclass(frozen=True)
class Asked:
    """An answer that is to be scored: `row` counts from 1, `name` tells the answers of a row apart."""

    row: int
    name: str
    prompt: Any
    answer: Any


class Scoring(Protocol):
    """What scores: the engine's client."""

    def score(self, column: Column, rows: list[list[int]], label: str | None = None) -> list[float]:
        """Return a score for each row of token ids."""


def answers_in(rows: Rows, map: Mapping[str, str] | None = None) -> list[Asked]:
    """Return the answers of a file: {"answers": {model: text}} a row, preferences, or rows with one answer.

    Raises WrongUse when it has none, BadRow for a row that holds none.
    """
    if not map and any(_is_recorded(row) for row in islice(rows.readable(), _LOOK_AT)):
        return [each for number, row in enumerate(rows, 1) for each in _recorded(rows, number, row)]
    if schema_of(rows, map).name == "preference":
        found = encodable(rows, map)
        return [
            Asked(number, side, example["prompt"], example[side])
            for number, example in found.numbered()
            for side in ("chosen", "rejected")
        ]
    return [_one(number, example) for number, example in examples(rows, map).numbered()]


def score_rows(
    engine: Scoring, column: Column, asked: Sequence[Asked], settings: Settings, label: str | None = None
) -> dict[str, Any]:
    """Return {"rows": [{"row", "score", "scores"?, "difference"?}], "mean", "spread", "cut", "accuracy"?}.

    A row of several answers has `scores` by their names; of a preference `score` is the chosen answer's, `difference`
    how far it leads, and the file has an `accuracy` {"accuracy", "low", "high", "votes"}. `cut` is how many answers
    were too long for the model.
    """
    ids, cut = token_ids(column, asked, settings)
    found = engine.score(column, ids, label)
    by_row: dict[int, dict[str, float]] = {}
    for each, score in zip(asked, found, strict=True):
        by_row.setdefault(each.row, {})[each.name] = score
    mean, spread = mean_and_spread(found)
    rows = [_row(number, scores) for number, scores in by_row.items()]
    differences = [row["difference"] for row in rows if "difference" in row]
    more = {"accuracy": asdict(accuracy(differences))} if differences else {}
    return {"rows": rows, "mean": mean, "spread": spread, "cut": cut, **more}


def token_ids(column: Column, asked: Sequence[Asked], settings: Settings) -> tuple[list[list[int]], int]:
    """Return the token ids of each answer after its prompt, as a reward run has them, and how many were cut.

    A model without a chat template, such as a classifier, is given the two texts as one. Raises WorkbenchError that
    names the row.
    """
    spec = EncoderSpec(template=column.template, max_length=_room(column))
    with EncoderWorker(column.tokenizer, spec, settings) as worker:
        is_chat = worker.template is not None
        found, cut = [], 0
        for each, answer in zip(asked, worker.encode(_encodable(each, is_chat) for each in asked), strict=True):
            if "error" in answer:
                raise WorkbenchError(f"row {each.row}: {answer['error']}", answer["fix"])
            cut += answer["cut"] > 0
            is_pair = "prompt_ids" in answer
            found.append(answer["prompt_ids"] + answer["chosen_ids"] if is_pair else answer["input_ids"])
    return found, cut


def _room(column: Column) -> int:
    """How many tokens the model was made for."""
    config = json.loads((column.folder / "config.json").read_text(encoding="utf-8"))
    made_for = config.get("max_position_embeddings")
    return min(made_for, MAX_LENGTH) if isinstance(made_for, int) and made_for > 1 else MAX_LENGTH


def _encodable(each: Asked, is_chat: bool) -> Example:
    """The answer as a pair with itself, so that its tokens are those that training on pairs gives it."""
    if is_chat and each.prompt:
        return {"prompt": each.prompt, "chosen": each.answer, "rejected": each.answer}
    if isinstance(each.answer, str):
        return {"text": each.prompt + each.answer}
    return {"text": "\n\n".join(str(message.get("content") or "") for message in [*each.prompt, *each.answer])}


def _row(number: int, scores: dict[str, float]) -> dict[str, Any]:
    if scores.keys() == {"chosen", "rejected"}:
        return {
            "row": number,
            "score": scores["chosen"],
            "scores": scores,
            "difference": scores["chosen"] - scores["rejected"],
        }
    first = next(iter(scores.values()))
    return {"row": number, "score": first, **({"scores": scores} if len(scores) > 1 else {})}


def _is_recorded(row: Row) -> bool:
    answers = row.get("answers")
    return "prompt" in row and isinstance(answers, dict) and all(isinstance(each, str) for each in answers.values())


def _recorded(rows: Rows, number: int, row: Row) -> Iterator[Asked]:
    if not _is_recorded(row) or not row["answers"]:
        raise WrongUse(f"{rows.path}, row {number}: has no prompt with answers", 'write {"answers": {"MODEL": "…"}}')
    for name, answer in row["answers"].items():
        yield Asked(number, name, *_alike(row["prompt"], answer))


def _one(number: int, example: Example) -> Asked:
    if "messages" in example:
        *before, last = example["messages"]
        return Asked(number, "answer", before, [last])
    if "text" in example:
        return Asked(number, "answer", "", example["text"])
    return Asked(number, "answer", example["prompt"], example["completion"])


def _alike(prompt: Any, answer: str) -> tuple[Any, Any]:
    """Both as text, or both as messages."""
    return (prompt, answer) if isinstance(prompt, str) else (prompt, [{"role": "assistant", "content": answer}])
