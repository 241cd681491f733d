"""A run that asks instead of training: its questions, its models here or behind an address, and what is answered yet.

What was answered is in the run's output, a line for each question, and on disk before the run says so; a run that was
stopped, or killed, goes on with the questions that are left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

from workbench.data.prompts import Prompt
from workbench.models.endpoint import Endpoint
from workbench.models.generate import Answer, Sampling
from workbench.runs.columns import Column, asked_models, columns_of, prompt_ids
from workbench.runs.folder import RunFolder
from workbench.runs.lines import read_lines
from workbench.runs.task import AskingTask
from workbench.template.known import find_template
from workbench.train.run import Run

AT_ONCE = 16
"""Prompts in a batch of a model here."""
Said = Iterator[tuple[int, int, Answer]]
"""(place of the prompt, place of the model, answer) as they come."""


class Answering(Protocol):
    """What answers the prompts that it was made for."""

    def answer(self, places: Sequence[int], sampling: Sampling) -> Said:
        """Answer the prompts at these places with every model; what a stop cut short is left out."""


def questions(folder: RunFolder, key: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the questions that are not answered yet, told apart by `key`, and the answers that there are."""
    asked, _ = read_lines(folder.questions_file)
    answers, _ = read_lines(folder.answers_file)
    done = {answer.get(key) for answer in answers}
    return [each for each in asked if each[key] not in done], answers


def answering(run: Run, prompts: Sequence[Prompt], device: str) -> Answering:
    """Return the run's models, loaded on `device` or behind their address."""
    task = run.spec.task
    assert isinstance(task, AskingTask)
    return Local(run, prompts, device) if task.endpoint is None else Remote(run, task, prompts)


class Local:
    """Models on this device, which share their weights where they can."""

    def __init__(self, run: Run, prompts: Sequence[Prompt], device: str) -> None:
        columns = _columns(run)
        self._names = [column.name for column in columns]
        self._ids = prompt_ids(columns, prompts, run.workspace.settings)
        self._run = run
        run.check_stop()

        from workbench.models.load import compute_dtype
        from workbench.models.side_by_side import load

        dtype = compute_dtype(run.spec.dtype, device)
        run.resolve(device=device, dtype=dtype)
        run.note(f"loading {' and '.join(self._names)}")
        self._loaded = load([column.as_json() for column in columns], dtype=dtype, device=device)

    def answer(self, places: Sequence[int], sampling: Sampling) -> Said:
        """Answer in batches."""
        for start in range(0, len(places), AT_ONCE):
            batch = places[start : start + AT_ONCE]
            asked = {name: [ids[place] for place in batch] for name, ids in self._ids.items()}
            for loaded in self._loaded:
                for row, name, answer in loaded.answer(asked, sampling, None, lambda: self._run.stop_asked):
                    if answer.finish != "cancelled":
                        yield batch[row], self._names.index(name), answer


class Remote:
    """Models behind an address, by their names there."""

    def __init__(self, run: Run, task: AskingTask, prompts: Sequence[Prompt]) -> None:
        self._run = run
        self._prompts = prompts
        self._models = [
            Endpoint(str(task.endpoint), name, seconds=task.seconds, at_once=task.at_once)
            for name in asked_models(run.spec)
        ]

    def answer(self, places: Sequence[int], sampling: Sampling) -> Said:
        """Ask each model about all of them at once; a question that it refused counts as cut."""
        for number, model in enumerate(self._models):
            drawn = replace(
                model, max_new_tokens=sampling.max_new_tokens, temperature=sampling.temperature, top_p=sampling.top_p
            )
            asked = [self._prompts[place].prompt for place in places]
            for at, answer in drawn.answer(asked, lambda: self._run.stop_asked):
                yield places[at], number, answer


def _columns(run: Run) -> list[Column]:
    template = find_template(run.spec.template, run.workspace.folder) if run.spec.template else None
    found: list[Column] = []
    for number, name in enumerate(asked_models(run.spec)):
        column = columns_of(name, run.workspace, run.note)[-1]
        if any(column.name == other.name for other in found):
            column = replace(column, name=f"{column.name} ({number + 1})")
        found.append(replace(column, template=template or column.template))
    return found
