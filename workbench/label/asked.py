"""What a run takes from labels.db when it is started: votes to train on, prompts to sample, pairs to judge."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from workbench.data.examples import prompts as prompts_of
from workbench.data.held_out import held_out_places
from workbench.data.prompts import Prompt
from workbench.data.rows import locate, open_rows
from workbench.data.shapes import Text
from workbench.data.spec import VotesSpec
from workbench.errors import WorkbenchError
from workbench.label.choices import check_name
from workbench.label.collecting import collect
from workbench.label.judge import questions_of
from workbench.label.records import Origin
from workbench.label.snapshot import snapshot
from workbench.label.store import open_store
from workbench.models.endpoint import Endpoint
from workbench.runs.columns import asked_models, columns_of
from workbench.runs.spec import RunSpec
from workbench.runs.task import JudgeTask, SampleTask
from workbench.workspace import Workspace


class NothingLeft(WorkbenchError):
    """All that is asked for is there already."""

    def __init__(self, what: str, known: int) -> None:
        super().__init__(what)
        self.known = known
        """How many prompts have their pairs, or pairs are judged."""


def taken_from_labels(workspace: Workspace, spec: RunSpec) -> list[dict[str, Any]]:
    """Return the rows that go into the folder of a run as they stand now.

    Of votes what `snapshot` returns, of prompts {"row", "prompt", "more", "source", "origins"}, of pairs {"pair",
    "annotator", "mark", "questions"}. Raises NothingLeft, and what is wrong with the set or the prompts.
    """
    collect(workspace)
    if isinstance(spec.data, VotesSpec):
        return snapshot(workspace.folder / "labels.db", spec.data)
    if isinstance(spec.task, SampleTask):
        return _prompts(workspace, spec, spec.task)
    assert isinstance(spec.task, JudgeTask)
    found = questions_of(workspace, spec.model, spec.task)
    if not found:
        raise NothingLeft(f"the judge has judged all that it may of {spec.task.set}: nothing is asked", 0)
    return found


def _prompts(workspace: Workspace, spec: RunSpec, task: SampleTask) -> list[dict[str, Any]]:
    """The prompts that have no pairs of these models with this sampling yet, each prompt once."""
    check_name(task.set, "a set of pairs needs a name")
    source = spec.data.validation or spec.data.train
    rows = open_rows(locate(source, _nobody))
    asked = prompts_of(rows, spec.data.map)
    if spec.data.split and asked:
        asked = [asked[place] for place in held_out_places(len(asked), spec.data.split, spec.seed)]
    asked = asked[: task.rows]
    origins = [_origin(workspace, spec, task, name) for name in asked_models(spec)]
    done = _done(workspace, task.set, (origins[0], origins[-1]))
    left: dict[str, Prompt] = {}
    for prompt in asked:
        left.setdefault(_key(prompt.prompt), prompt)
    waiting = [prompt for key, prompt in left.items() if key not in done]
    if not waiting:
        what = f"every prompt of {rows.path.name} has its pairs in {task.set}" if asked else f"{rows.path} has no rows"
        raise NothingLeft(what, len(left))
    return [_row(prompt, f"{rows.path.name}:{prompt.row}", origins) for prompt in waiting]


def _row(prompt: Prompt, source: str, origins: Sequence[Origin]) -> dict[str, Any]:
    both = [asdict(origins[0]), asdict(origins[-1])]
    return {"row": prompt.row, "prompt": prompt.prompt, "more": prompt.more, "source": source, "origins": both}


def _origin(workspace: Workspace, spec: RunSpec, task: SampleTask, name: str) -> Origin:
    """Who answers, and how it is sampled."""
    settings: dict[str, Any] = {
        "max_new_tokens": task.max_new_tokens, "temperature": task.temperature, "top_p": task.top_p,
        "seed": task.draws_with(spec.seed),
    }  # fmt: skip
    if task.endpoint is not None:
        return Origin(name, settings={**settings, "endpoint": Endpoint(task.endpoint, name).shown})
    *base, tuned = columns_of(name, workspace, _nobody)
    if base:
        return Origin(base[0].name, tuned.name, settings=settings)
    return Origin(tuned.folder.name if name.startswith(("/", ".")) else name, settings=settings)


def _done(workspace: Workspace, set_name: str, wanted: tuple[Origin, Origin]) -> set[str]:
    path = workspace.folder / "labels.db"
    if not path.exists():
        return set()
    with open_store(path, to_read=True) as store:
        held = next((each for each in store.sets() if each.name == set_name), None)
        if held is None:
            return set()
        if held.kind != "pairs":
            raise WorkbenchError(f"{set_name} holds no pairs, its kind is {held.kind}", "name another set")
        return {_key(item.prompt) for item in store.items(set_name) if item.origins == wanted}


def _key(prompt: Text) -> str:
    return json.dumps(prompt, sort_keys=True)


def _nobody(_text: str) -> None:
    """Nobody is told how a download goes on here; the check of the run has found the models already."""
