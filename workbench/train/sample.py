"""Sampling: models answer prompts, and their answers become pairs to vote on.

Reads from top to bottom: prompts, models, answers, pairs. The pairs wait in the run's output; workbench.label collects
them into their set.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from time import time
from typing import Any

from workbench.children import end_imports
from workbench.data.prompts import Prompt
from workbench.models.generate import Sampling
from workbench.runs.drawn import Drawn, pairs_of
from workbench.runs.lines import Lines
from workbench.runs.task import SampleTask
from workbench.train.asking import AT_ONCE, Answering, answering, questions
from workbench.train.run import Run


def train(run: Run, device: str) -> None:
    """Sample what the run's specification asks for; the pairs of all prompts are on disk when this returns."""
    task = run.spec.task
    assert isinstance(task, SampleTask)
    left, answered = questions(run.folder, "row")
    done = sum((Drawn(**each["drawn"]) for each in answered), Drawn())
    steps = done.prompts + len(left)
    run.at(done.prompts, steps)
    if left:
        models = answering(run, [Prompt(each["row"], each["prompt"], None, each["more"]) for each in left], device)
        end_imports()
        run.say("running")
        sampling = Sampling(task.max_new_tokens, task.temperature, task.top_p, task.draws_with(run.spec.seed))
        with Lines(run.folder.answers_file) as output:
            for batch in _batches(len(left), max(1, AT_ONCE // task.times)):
                drawn = _drawn(models, batch, task, sampling)
                run.check_stop()
                lines = [_line(left[place], said) for place, said in drawn.items()]
                output.add(lines)
                done = sum((Drawn(**each["drawn"]) for each in lines), done)
                run.at(done.prompts, steps)
                run.journal.write("metric", step=done.prompts, pairs=done.pairs)
    run.journal.write("result", step=steps, drawn=asdict(done), set=task.set)


def _batches(count: int, size: int) -> Iterator[range]:
    for start in range(0, count, size):
        yield range(start, min(start + size, count))


def _drawn(
    models: Answering, places: Sequence[int], task: SampleTask, sampling: Sampling
) -> dict[int, list[list[str]]]:
    """The answers to each prompt by model. Its draws share a batch: another with the same seed would draw the same."""
    said: dict[int, list[list[str]]] = {place: [[] for _ in range(1 + bool(task.against))] for place in places}
    for draws in _batches(task.times, AT_ONCE):
        asked = [place for place in places for _ in draws]
        for place, model, answer in models.answer(asked, replace(sampling, seed=sampling.seed + draws.start)):
            said[place][model].append(answer.text if answer.finish != "cancelled" else "")
    return said


def _line(asked: dict[str, Any], said: list[list[str]]) -> dict[str, Any]:
    pairs, drawn = pairs_of(said)
    kept = {name: asked[name] for name in ("row", "prompt", "source", "origins")}
    return {**kept, "pairs": pairs, "drawn": asdict(drawn), "time": time()}
