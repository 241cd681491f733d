"""Curves: read as the run writes, small, and drawn from few points that keep every peak."""

import json
import math
import random
from pathlib import Path

from workbench.runs.curves import Curves, Series
from workbench.runs.journal import Journal


def test_curves_follow_a_journal_as_it_grows(tmp_path: Path) -> None:
    journal, curves = Journal(tmp_path / "journal.jsonl"), Curves(tmp_path / "journal.jsonl")
    journal.write("metric", step=1, loss=2.0, grad_norm=1.0)
    curves.read()
    journal.write("metric", step=2, loss=float("nan"), grad_norm=0.5)
    journal.write("metric", step=2, eval_loss=1.5)
    curves.read()
    assert list(curves.series["loss"].steps) == [1, 2]
    assert curves.first("loss") == 2.0 and math.isnan(curves.latest("loss"))
    assert curves.latest("grad_norm") == 0.5 and list(curves.series["eval_loss"].values) == [1.5]


def test_a_torn_line_is_read_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    line = json.dumps({"kind": "metric", "time": 1.0, "step": 1, "loss": 2.0}) + "\n"
    file.write_text(line + line.replace("1,", "2,")[:20])
    curves = Curves(file)
    assert list(curves.read().series["loss"].steps) == [1]
    file.write_text(line + line.replace('"step": 1', '"step": 2'))
    assert list(curves.read().series["loss"].steps) == [1, 2]


def test_what_a_lost_attempt_said_after_its_checkpoint_is_void(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    for step in range(1, 8):
        journal.write("metric", step=step, loss=float(step))
    journal.write("status", status="running", resumed_from=4)
    journal.write("metric", step=5, loss=50.0)
    loss = Curves(tmp_path / "journal.jsonl").read().series["loss"]
    assert list(zip(loss.steps, loss.values, strict=True)) == [(1, 1.0), (2, 2.0), (3, 3.0), (4, 4.0), (5, 50.0)]


def test_the_envelope_keeps_the_lowest_and_the_highest_of_each_column() -> None:
    series, random_ = Series(), random.Random(3)
    for step in range(10_000):
        series.add(step, random_.random())
    series.values[4_321], series.values[7_654] = 9.0, -9.0
    series.values[5_000] = math.nan
    steps, values = series.envelope(50)
    assert len(steps) <= 100 and steps == sorted(steps)
    assert dict(zip(steps, values, strict=True))[4_321] == 9.0
    assert dict(zip(steps, values, strict=True))[7_654] == -9.0
    assert not any(map(math.isnan, values))


def test_few_points_are_drawn_as_they_are() -> None:
    series = Series()
    for step in (1, 5, 9):
        series.add(step, step / 4)
    assert series.envelope(40) == ([1, 5, 9], [0.25, 1.25, 2.25])
    assert (series.at(5), series.at(8), series.at(0)) == (1.25, 1.25, None)


def test_the_time_left_follows_the_pace(tmp_path: Path) -> None:
    curves = Curves(tmp_path / "journal.jsonl")
    lines = [{"kind": "metric", "time": 100 + 2 * step, "step": step, "loss": 1.0} for step in range(1, 11)]
    curves.path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert curves.read().seconds_left(30) == 40.0  # 20 steps of 2 seconds
    assert curves.seconds_left(None) is None
    assert curves.next_step(10, -1) == 9 and curves.next_step(10, 5) == 10


def test_entries_of_another_shape_are_passed_over(tmp_path: Path) -> None:
    curves = Curves(tmp_path / "journal.jsonl")
    odd = ['{"kind": "metric"}', '{"kind": "metric", "step": "x", "loss": 1}', '{"kind": "metric", "step": 1, "a": []}']
    curves.path.write_text("\n".join([*odd, "null", "[]", '{"kind": 3}']) + "\n")
    assert curves.read().series == {}


def test_what_no_run_would_write_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    huge = "1" + "0" * 400
    file.write_text(
        '{"kind": "metric", "time": 1, "step": 2, "loss": 1.0, "grad_norm": 3.0}\n'
        f'{{"kind": "metric", "time": 1, "step": 3, "loss": {huge}}}\n'
        f'{{"kind": "metric", "time": 1, "step": {huge}, "loss": 1.0}}\n'
        '{"kind": "metric", "time": 1, "step": 1, "loss": 9.0}\n'
        '{"kind": "metric", "time": 1, "step": -1, "loss": 9.0}\n' + "[" * 100_000 + "\n"
        '{"kind": "metric", "time": 1, "step": 4, "loss": 0.5}\n'
    )
    loss = Curves(file).read().series["loss"]
    assert (list(loss.steps), list(loss.values)) == ([2, 4], [1.0, 0.5])
