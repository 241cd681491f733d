"""A local model or the result of a run, asked one question after the other through the engine."""

from collections.abc import Iterator, Sequence

from workbench.compare.ask import Answering, prompt_ids
from workbench.compare.columns import Column
from workbench.data.prompts import Prompt
from workbench.models.generate import Answer, Sampling
from workbench.settings import Settings


class LocalModel:
    """The model of one column, in the engine."""

    def __init__(self, engine: Answering, column: Column, sampling: Sampling, settings: Settings) -> None:
        self._engine, self._column, self._sampling, self._settings = engine, column, sampling, settings

    def answer(self, prompts: Sequence[str]) -> Iterator[tuple[int, Answer]]:
        """Yield (place of the prompt, answer) as they come."""
        asked = [Prompt(number, prompt) for number, prompt in enumerate(prompts, 1)]
        ids = prompt_ids([self._column], asked, self._settings)
        self._engine.load([self._column])
        for each in self._engine.answer(ids, self._sampling):
            yield each["row"], Answer(each["text"], each["tokens"], each["finish"], each["seconds"])
