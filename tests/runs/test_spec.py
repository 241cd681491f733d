"""The run file: short to write, checked as a whole, named by field where it is wrong."""

import os
from pathlib import Path

import pytest

from workbench.data.spec import VotesSpec
from workbench.errors import Missing, WrongUse
from workbench.runs.draft import draft_of
from workbench.runs.spec import RunSpec, read_spec, write_spec
from workbench.runs.task import RewardTask

SAMPLE = "task: {kind: sample, set: geo}\nmodel: starter\ndata: rows.jsonl\n"
LEAST = "task: sft\nmodel: starter\ndata: rows.jsonl\n"


def spec(tmp_path: Path, text: str, *changes: str) -> RunSpec:
    path = tmp_path / "run.yaml"
    path.write_text(text)
    return read_spec(path, changes)


def test_the_least_run_file_is_three_lines(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{}")
    found = spec(tmp_path, LEAST)
    assert found.data.train == str(tmp_path / "rows.jsonl")
    assert (found.model, found.tuning.kind, found.backend.kind) == ("starter", "lora", "local")
    assert found.peak_learning_rate == 2e-4


def test_short_forms_and_set_reach_nested_values(tmp_path: Path) -> None:
    found = spec(
        tmp_path, LEAST + "tuning: full\nbackend: local\nlearning_rate: 2e-5\n", "data.split=0.1", "max_steps=7"
    )
    assert (found.tuning.kind, found.learning_rate, found.data.split, found.max_steps) == ("full", 2e-5, 0.1, 7)
    assert spec(tmp_path, LEAST, "tuning.rank=4").tuning.model_dump()["rank"] == 4


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (LEAST + "lerning_rate: 1\n", "lerning_rate is not a known key"),
        (LEAST + "tuning: {kind: lora, rnak: 2}\n", "tuning.lora.rnak is not a known key"),
        (LEAST + "tuning: {kind: magic}\n", "tuning"),
        (LEAST + "max_steps: 3\nepochs: 1\n", "exclude each other"),
        (LEAST + "micro_batch: 3\n", "must divide batch_size 16"),
        (LEAST + "name: ../x\n", "name"),
        ("task: sft\nmodel: starter\n", "data"),
        ("task: tea\nmodel: starter\ndata: x\n", "task"),
        ("task: {kind: reward, beta: 1}\nmodel: starter\ndata: x\n", "task.reward.beta is not a known key"),
        ("task: reward\nmodel: starter\ndata: {votes: x, tie: drop}\n", "data.votes.tie is not a known key"),
        ("task: {kind: reward, margin: 1}\nmodel: starter\ndata: x\n", "task.margin: only votes say"),
        ("task: reward\nmodel: starter\ndata: x\ntuning: prompt\n", "hides where a row ends"),
        ("task: sft\nmodel: starter\ndata: {votes: x}\n", "votes train a reward model, not sft"),
        (SAMPLE + "learning_rate: 1e-3\n", "learning_rate: a sample run trains nothing"),
        (SAMPLE + "tuning: {rank: 4}\n", "tuning: a sample run trains nothing"),
        ("task: {kind: sample, set: geo, samples: 1}\nmodel: m\ndata: x\n", "one answer makes no pair"),
        ("task: {kind: sample, set: geo, against: m}\nmodel: m\ndata: x\n", "m against itself"),
        ("task: judge\nmodel: m\n", "task.judge.set"),
        ("task: {kind: judge, set: geo}\nmodel: m\ndata: x\n", "a judge asks about the pairs of task.set"),
        ("task: {kind: judge, set: geo, endpoint: 'http://a/v1?key=1'}\nmodel: m\n", "what may be secret"),
        ("task: {kind: judge, set: geo, endpoint: localhost}\nmodel: m\n", "localhost is no address"),
        ("- a\n- b\n", "a run file is"),
        ("task: [\n", "not YAML: line"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(WrongUse) as error:
        spec(tmp_path, text)
    assert says in error.value.what and str(tmp_path / "run.yaml") in error.value.what
    assert len(str(error.value).splitlines()) <= 3


def test_a_missing_run_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="no such file"):
        read_spec(tmp_path / "absent.yaml")


def test_what_is_written_reads_as_the_same_spec_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{}")
    found = spec(tmp_path, LEAST + "tuning: {rank: 4, target: [q_proj, v_proj]}\nlearning_rate: 1e-3\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write_spec(found, elsewhere / "run.yaml")
    assert read_spec(elsewhere / "run.yaml") == found


def test_a_file_name_that_is_no_utf8_comes_back_as_it_was(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jsonl")
    (tmp_path / name).write_text("{}")
    found = RunSpec.model_validate({"task": "sft", "model": "starter", "data": str(tmp_path / name)})
    write_spec(found, tmp_path / "run.yaml")
    assert read_spec(tmp_path / "run.yaml").data.train == str(tmp_path / name)


def test_votes_are_data_of_a_reward_run_and_come_back_from_its_file(tmp_path: Path) -> None:
    found = spec(tmp_path, "task: reward\nmodel: starter\ndata: {votes: geo, split: 0.2, annotators: [ana]}\n")
    assert isinstance(found.data, VotesSpec) and isinstance(found.task, RewardTask)
    assert (found.data.votes, found.data.split, found.data.ties) == ("geo", 0.2, "drop")
    held_out = spec(tmp_path, "task: reward\nmodel: starter\ndata: {votes: geo, validation: held_out.jsonl}\n")
    assert held_out.data.split == 0
    write_spec(found, tmp_path / "again.yaml")
    assert read_spec(tmp_path / "again.yaml") == found
    assert draft_of(found).spec() == found


def test_a_task_without_options_is_written_as_its_name(tmp_path: Path) -> None:
    write_spec(spec(tmp_path, LEAST), tmp_path / "again.yaml")
    assert (tmp_path / "again.yaml").read_text().startswith("task: sft\n")


def test_a_draft_of_a_run_on_votes_asks_for_the_votes_of_now(tmp_path: Path) -> None:
    run = spec(tmp_path, "task: reward\nmodel: starter\ndata: {votes: geo, train: votes.jsonl}\n")
    assert run.data.train == "votes.jsonl" and draft_of(run).spec().data.train == ""


def test_a_run_that_only_asks_is_written_without_what_trains(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{}")
    judge = spec(tmp_path, "task: {kind: judge, set: geo, alone: true}\nmodel: starter\n", "task.kappa=0.5")
    assert (judge.trains, judge.task.kind, judge.data.train) == (False, "judge", "")
    for found in (spec(tmp_path, SAMPLE), judge):
        write_spec(found, tmp_path / "again.yaml")
        text = (tmp_path / "again.yaml").read_text()
        assert "learning_rate" not in text and "tuning" not in text and "max_length" not in text
        assert read_spec(tmp_path / "again.yaml") == found == draft_of(found).spec()


def test_a_model_behind_an_address_is_no_folder_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "rubric.md").write_text("# Better")
    asked = "task: {kind: judge, set: geo, rubric: rubric.md%s}\nmodel: m\n"
    elsewhere = spec(tmp_path, asked % ", endpoint: 'http://a/v1'")
    assert elsewhere.model == "m" and elsewhere.task.model_dump()["rubric"] == str(tmp_path / "rubric.md")
    assert spec(tmp_path, asked % "").model == str(tmp_path / "m")
