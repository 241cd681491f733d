"""The journal: appended, torn by crashes, read on from where one stopped, and voided where a run was resumed."""

import json
from pathlib import Path

from workbench.runs.journal import History, Journal
from workbench.runs.view import by_step


def test_what_was_written_is_read_and_reading_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.write("metric", step=1, loss=2.5)
    history = History(path).read()
    journal.write("metric", step=2, loss=1.5)
    journal.write("checkpoint", step=2, path="checkpoints/checkpoint-2")
    assert history.read() is history
    assert [entry["loss"] for entry in history.metrics] == [2.5, 1.5]
    assert history.checkpoints[0]["path"] == "checkpoints/checkpoint-2"
    assert history.offset == path.stat().st_size


def test_a_torn_last_line_is_skipped_and_the_next_writer_starts_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    Journal(path).write("metric", step=1, loss=2.0)
    with path.open("ab") as file:
        file.write(b'{"kind": "metric", "step": 2, "lo')
    history = History(path).read()
    assert [entry["step"] for entry in history.metrics] == [1]
    Journal(path).write("metric", step=2, loss=1.0)
    assert [entry["step"] for entry in history.read().metrics] == [1, 2]


def test_steps_after_the_checkpoint_of_a_resumed_run_are_void(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    for step in (1, 2, 3):
        journal.write("metric", step=step, loss=float(step))
    journal.write("status", status="starting", step=2, resumed_from=2)
    journal.write("metric", step=3, loss=30.0)
    assert [(e["step"], e["loss"]) for e in History(path).read().metrics] == [(1, 1.0), (2, 2.0), (3, 30.0)]


def test_a_number_that_is_not_finite_is_null_so_that_every_line_is_json(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    Journal(path).write("metric", step=1, loss=float("nan"), grad_norm=float("inf"))
    line = path.read_text()
    assert "NaN" not in line and json.loads(line)["loss"] is None
    assert History(path).read().latest("loss") is None


def test_training_and_validation_of_one_step_are_one_entry(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.write("metric", step=5, loss=1.0)
    journal.write("metric", step=5, eval_loss=2.0)
    (entry,) = by_step(History(path).read())
    assert (entry["step"], entry["loss"], entry["eval_loss"]) == (5, 1.0, 2.0)
