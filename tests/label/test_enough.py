"""Whether more votes would help: a known curve is found again, and what cannot be told is not told."""

import json
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import WrongUse
from workbench.label.enough import Curve, Point, outlook, outlook_or_why, sizes
from workbench.label.learning import points_of
from workbench.workspace import Workspace

SIZES = (100, 200, 400, 800)


def on(curve: Curve, held_out: int) -> list[Point]:
    return [Point(size, curve.at(size), held_out) for size in SIZES]


def test_a_curve_without_noise_is_found_again() -> None:
    true = Curve(0.85, 1.5, 0.5)
    assert true.at(100) == pytest.approx(0.7)  # 0.85 − 1.5 / √100
    found = outlook(on(true, 10**9))
    assert found.curve.at(12_800) == pytest.approx(true.at(12_800), abs=1e-3)
    assert found.gain == pytest.approx(true.at(1600) - true.at(800), abs=1e-4)
    assert found.low < found.gain < found.high < found.low + 0.001


def test_the_interval_covers_the_true_gain_about_as_often_as_it_says() -> None:
    random, true, hits = np.random.default_rng(5), Curve(0.82, 1.2, 0.45), 0
    gain = true.at(1600) - true.at(800)
    for _ in range(60):
        found = outlook([Point(size, random.binomial(500, true.at(size)) / 500, 500) for size in SIZES])
        hits += found.low <= gain <= found.high
    assert hits >= 54


def test_the_verdict_needs_a_sure_gain_or_a_sure_lack_of_one() -> None:
    steep, flat = Curve(0.9, 2.0, 0.4), Curve(0.75, 0.3, 0.5)
    assert outlook(on(steep, 5000)).verdict == "more"
    assert outlook(on(flat, 5000)).verdict == "enough"
    assert outlook(on(flat, 50)).verdict == "unclear"
    assert "800 pairs · 1,600 would probably bring" in outlook(on(flat, 50)).words()
    falling = outlook([Point(100, 0.8, 200), Point(200, 0.7, 200), Point(400, 0.6, 200)])
    assert (falling.verdict, falling.gain) == ("unclear", 0) and "smaller runs did better" in falling.words()


def test_a_curve_never_exceeds_one_nor_falls() -> None:
    for accuracies in ((0.5, 0.9, 1.0), (1.0, 1.0, 1.0), (0.9, 0.5, 0.9), (0.0, 0.0, 0.0)):
        found = outlook([Point(size, accuracy, 20) for size, accuracy in zip((10, 20, 40), accuracies, strict=True)])
        assert found.curve.ceiling <= 1 and found.curve.drop >= 0
        assert 0 <= found.low <= found.high and found.gain >= 0


def test_fewer_than_three_sizes_are_refused() -> None:
    points = [Point(100, 0.7, 50), Point(200, 0.72, 50), Point(200, 0.75, 50)]
    with pytest.raises(WrongUse, match="2 sizes of reward runs, and a learning curve takes 3"):
        outlook(points)
    assert outlook_or_why([])[0] is None and "0 sizes" in outlook_or_why([])[1]
    with pytest.raises(WrongUse, match="no point of a learning curve"):
        outlook([*points, Point(400, 1.2, 50)])


def test_sizes_halve_until_they_say_nothing() -> None:
    assert sizes(1000) == [62, 125, 250, 500, 1000]
    assert sizes(80) == [20, 40, 80]
    assert sizes(79) == [39, 79] and sizes(19) == []


def test_points_are_the_finished_runs_on_the_set(tmp_path: Path) -> None:
    def run(name: str, data: str, rows: int, *results: dict[str, object]) -> None:
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        (folder / "run.yaml").write_text(f"task: reward\nmodel: starter\ndata: {data}\n")
        (folder / "resolved.json").write_text(json.dumps({"rows": rows}))
        lines = [json.dumps({"kind": "result", **result}) for result in results]
        (folder / "journal.jsonl").write_text("".join(f"{line}\n" for line in lines))

    held_out = {"held_out": {"accuracy": 0.7, "votes": 30}}
    run("first", "{votes: geo, split: 0.1}", 90, {"pairs": 100}, held_out)
    run("other-set", "{votes: else}", 80, held_out)
    run("a-file", "rows.jsonl", 80, held_out)
    run("nothing-held-out", "{votes: geo}", 80, {"pairs": 100})
    run("going-on", "{votes: geo}", 80)
    assert points_of(Workspace(tmp_path), "geo") == [Point(90, 0.7, 30)]
