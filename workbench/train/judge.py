"""A model judges pairs: each is asked about in both orders, and what it answers becomes its vote.

Reads from top to bottom: questions, model, answers. They wait in the run's output; workbench.label collects the votes.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from time import time
from typing import Any

from workbench.children import end_imports
from workbench.data.prompts import Prompt
from workbench.models.generate import Answer, Sampling
from workbench.runs.lines import Lines
from workbench.runs.task import JudgeTask
from workbench.runs.verdicts import ORDERS, Judged, each_order
from workbench.train.asking import Answering, answering, questions
from workbench.train.run import Run


def train(run: Run, device: str) -> None:
    """Ask about every pair that the run was started on; all verdicts are on disk when this returns."""
    task = run.spec.task
    assert isinstance(task, JudgeTask)
    left, answered = questions(run.folder, "pair")
    done = Judged()
    for each in answered:
        done = done.and_one(each_order(each["answers"]))
    steps = done.pairs + len(left)
    run.at(done.pairs, steps)
    if left:
        asked = [Prompt(number, text) for number, text in enumerate((t for each in left for t in each["questions"]), 1)]
        model = answering(run, asked, device)
        end_imports()
        run.say("running")
        with Lines(run.folder.answers_file) as output:
            for line in _answered(left, model, Sampling(task.max_new_tokens, seed=run.spec.seed)):
                output.add([line])
                done = done.and_one(each_order(line["answers"]))
                run.at(done.pairs, steps)
                run.journal.write("metric", step=done.pairs, pairs=done.pairs, agreed=done.agreed)
        if done.pairs < steps:
            run.check_stop()
    run.journal.write("result", step=steps, judged=asdict(done), set=task.set)


def _answered(left: Sequence[dict[str, Any]], model: Answering, sampling: Sampling) -> Iterator[dict[str, Any]]:
    """Yield each pair with its answers, in the order of ORDERS, as soon as both are there."""
    heard: dict[int, dict[int, Answer]] = defaultdict(dict)
    for place, _, answer in model.answer(range(len(ORDERS) * len(left)), sampling):
        at, order = divmod(place, len(ORDERS))
        heard[at][order] = answer
        if len(heard[at]) == len(ORDERS):
            both = heard.pop(at)
            said = [{"text": both[each].text, "finish": both[each].finish} for each in range(len(ORDERS))]
            kept = {name: value for name, value in left[at].items() if name != "questions"}
            yield {**kept, "answers": said, "time": time()}
