"""Every prompt asked of every column, and the answers as rows."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from workbench.data.examples import Prompt
from workbench.models.generate import Sampling
from workbench.runs.columns import Column, prompt_ids
from workbench.settings import Settings


class Answering(Protocol):
    """What answers: the engine's client."""

    def load(self, columns: list[Column]) -> None:
        """Load the columns' models."""

    def answer(
        self, prompts: dict[str, list[list[int]]], sampling: Sampling, *, stream: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Yield the answers as they come."""


def ask(
    engine: Answering,
    columns: list[Column],
    prompts: Sequence[Prompt],
    sampling: Sampling,
    settings: Settings,
    *,
    raw: bool = False,
    seen: Callable[[dict[str, Any]], None] = lambda _answer: None,
) -> list[dict[str, Any]]:
    """Return a row for each prompt: {"row", "prompt", "answers": {column: text}, "tokens", "finish", "expected"?}.

    `seen` is called with every answer as it comes.
    """
    ids = prompt_ids(columns, prompts, settings, raw=raw)
    engine.load(columns)
    rows: list[dict[str, Any]] = [_row(prompt) for prompt in prompts]
    for answer in engine.answer(ids, sampling):
        row = rows[answer["row"]]
        for key, name in (("answers", "text"), ("tokens", "tokens"), ("finish", "finish")):
            row[key][answer["column"]] = answer[name]
        seen(answer)
    return rows


def _row(prompt: Prompt) -> dict[str, Any]:
    row: dict[str, Any] = {
        "row": prompt.row,
        "prompt": prompt.prompt,
        "answers": {},
        "tokens": {},
        "finish": {},
    }
    return row | ({"expected": prompt.answer} if prompt.answer is not None else {})
