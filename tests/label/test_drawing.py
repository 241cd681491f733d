"""Pairs of a run are drawn with one seed after another, each once, and always to the prompts that it held out."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.label.asked import taken_from_labels
from workbench.label.drawing import Drawing, specs_of
from workbench.runs.folder import RunFolder, create_run
from workbench.runs.process import myself
from workbench.runs.state import State, Status, write_state
from workbench.workspace import Workspace

ASKED = Drawing("geo-3", "m", 2, 20)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A run of seed 7 that held three of ten rows out."""
    (tmp_path / "rows.jsonl").write_text("".join(f'{{"prompt": "{n}", "completion": "x"}}\n' for n in range(10)))
    run = RunFolder(tmp_path / "runs" / "geo-3")
    run.path.mkdir(parents=True)
    data = {"train": str(tmp_path / "rows.jsonl"), "split": 0.3}
    run.spec_file.write_text(json.dumps({"task": "sft", "name": "geo-3", "model": "m", "data": data}))
    return Workspace(tmp_path)


def next_seed(workspace: Workspace) -> int:
    seed, _ = next(specs_of(workspace, ASKED))
    return seed


def begin(workspace: Workspace, status: Status) -> RunFolder:
    """Start what would be drawn next, as far as its folder says."""
    _, spec = next(specs_of(workspace, ASKED))
    run = create_run(workspace, spec)
    ends_itself = myself() if status == "running" else replace(myself(), pid=999_999)
    write_state(State(status, ends_itself), run.state_file)
    return run


def test_each_run_has_the_next_seed_and_what_was_cut_short_is_drawn_again(workspace: Workspace) -> None:
    assert next_seed(workspace) == 7
    begin(workspace, "stopped")
    assert next_seed(workspace) == 7
    begin(workspace, "finished")
    assert next_seed(workspace) == 8
    begin(workspace, "running")
    assert next_seed(workspace) == 9
    seeds = specs_of(workspace, Drawing("geo-3", "other", 1, 5))
    assert [next(seeds)[0] for _ in range(3)] == [9, 10, 11]


def test_the_prompts_are_those_held_out_whatever_the_seed(workspace: Workspace) -> None:
    specs = specs_of(workspace, ASKED)
    (_, one), (_, other) = next(specs), next(specs)
    assert (one.seed, one.task.seed, other.seed, other.task.seed) == (7, None, 7, 8)  # type: ignore[union-attr]
    at = {"endpoint": "http://127.0.0.1:9/v1"}
    asked = [
        taken_from_labels(workspace, spec.model_copy(update={"task": spec.task.model_copy(update=at)}))
        for spec in (one, other)
    ]
    assert [row["prompt"] for row in asked[0]] == [row["prompt"] for row in asked[1]] and len(asked[0]) == 3
    assert [rows[0]["origins"][0]["settings"]["seed"] for rows in asked] == [7, 8]
