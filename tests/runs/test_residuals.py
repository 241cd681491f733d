"""What runs were measured at corrects later ranges: by hand, and never towards a fit that was not there."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.lora.memory import Estimate
from workbench.lora.parts import GIB, Load, Part
from workbench.runs.folder import RunFolder
from workbench.runs.journal import Journal, lines_of
from workbench.runs.measured import Measured, Predicted, memory_of
from workbench.runs.process import myself
from workbench.runs.residuals import Residual, corrected, correction_as_json, residuals
from workbench.runs.spec import RunSpec, write_spec
from workbench.runs.state import State, write_state
from workbench.workspace import Workspace

LOAD = Load("float32", 8, 512, False, "cpu")


def estimate(scaling: float = 10.0) -> Estimate:
    """1 GiB of runtime, from 0.5 to 2; weights that are sure and activations from 80 to 120 %; 1 GiB not at once."""
    parts = (
        Part("weights", 1 * GIB, 1 * GIB, ""),
        Part("activations", 0.8 * scaling * GIB, 1.2 * scaling * GIB, "", scaling * GIB),
        Part("runtime", 0.5 * GIB, 2 * GIB, "", 1 * GIB),
    )
    return Estimate(LOAD, parts, 1 * GIB)


def ran(peak: float, *, scaling: float = 10.0, before: float = 1.0, reserved: float | None = None) -> Residual:
    """A run whose scaling part was predicted at `scaling`, beside 1 GiB of runtime; all in GiB."""
    predicted = Predicted(0.0, (scaling + 1) * GIB, 99 * GIB, 1 * GIB, None)
    return Residual("it", predicted, Measured(peak * GIB, before * GIB, (reserved or peak) * GIB, "training"))


def gib(found: Estimate) -> tuple[float, float, float]:
    return found.low / GIB, found.expected / GIB, found.high / GIB


def test_without_a_run_the_range_is_the_estimate_s_own():
    found = corrected(estimate(), ())
    assert gib(found) == gib(estimate()) == (8.5, 11.0, 14.0)
    assert correction_as_json(found) is None is correction_as_json(estimate())


def test_one_run_moves_what_is_expected_half_way_and_the_range_covers_it():
    found = corrected(estimate(), [ran(15.0)])  # 14 of the 10 GiB that scale
    assert found.correction is not None
    assert (found.correction.factor, found.correction.most_factor) == pytest.approx((1.2, 1.4))
    low, expected, high = gib(found)
    assert (low, expected) == pytest.approx((8.5, 1 + 10 * 1.2))
    assert high == pytest.approx(2 + max(12, 12 * 1.2, 10 * 1.4))
    assert found.parts == estimate().parts


@pytest.mark.parametrize(("ratios", "factor"), [
    ((1.1, 1.3), 1.1), ((0.9, 1.2), 1.0), ((1.1, 1.12, 1.14), 1.11), ((1.1, 1.1, 1.1, 1.1, 5.0), 1.1),
])  # fmt: skip
def test_the_factor_is_the_median_of_the_ratios_with_the_estimate_s_own_among_them(ratios, factor):
    found = corrected(estimate(), [ran(1 + 10 * ratio) for ratio in ratios])
    assert found.correction is not None and found.correction.factor == pytest.approx(factor)
    assert found.high >= (1 + 10 * max(ratios)) * GIB


@pytest.mark.parametrize("count", [1, 2, 5, 20])
def test_runs_that_took_less_lower_what_is_expected_and_never_the_highest(count):
    found = corrected(estimate(), [ran(6.0)] * count)
    low, expected, high = gib(found)
    assert high == 14.0
    assert expected == pytest.approx(1 + 10 * (0.75 if count == 1 else 0.5))
    assert low <= 6.0
    assert estimate().verdict(13 * GIB) == found.verdict(13 * GIB) == "tight"


def test_a_small_run_says_nothing_of_what_scales():
    """0.01 GiB were predicted beside the runtime, and 0.3 were taken: thirty times as much, and none of it scales."""
    found = corrected(estimate(), [ran(0.9, scaling=0.01, before=0.6)] * 3)
    assert found.correction is not None
    assert (found.correction.factor, found.correction.scaled_by) == (1.0, 0)
    assert found.correction.runtime == pytest.approx(0.89 * GIB)
    low, expected, high = gib(found)
    assert (low, expected, high) == pytest.approx((8.5, 10.89, 14.0))
    assert found.correction.words == "corrected by 3 runs on this machine: runtime 0.9 GiB"


def test_a_runtime_beyond_what_was_reckoned_widens_the_range():
    found = corrected(estimate(), [ran(13.0, before=3.0)])
    assert found.high == 15 * GIB  # 3 instead of 2, beside 12
    assert found.expected == 12 * GIB  # half-way to 3
    assert found.correction is not None and found.correction.factor == 1.0


def test_memory_that_the_allocator_reserved_counts_for_the_highest():
    found = corrected(estimate(), [ran(11.0, reserved=16.0)])
    assert found.correction is not None and found.correction.factor == 1.0
    assert (found.expected, found.high) == (11 * GIB, 17 * GIB)


def test_the_document_says_how_it_was_corrected_and_adds_up():
    found = corrected(estimate(), [ran(12.2), ran(12.2), ran(12.4)])
    said = correction_as_json(found)
    assert said is not None and json.loads(json.dumps(said)) == said
    assert said["words"] == "corrected by 3 runs on this machine: × 1.12, runtime 1.0 GiB"
    assert said["reckoned_gib"] + said["adds_gib"] == pytest.approx(found.expected / GIB)
    assert said["reckoned_range_gib"] == [8.5, 14.0]


def test_the_last_prediction_and_the_highest_peak_of_all_attempts_count():
    def predicted(high: float) -> dict:
        return {"predicted": {"low_gib": 8, "expected_gib": 9, "high_gib": high, "runtime_gib": 0.5}, "free_gib": 7.25}

    def measured(peak: float) -> dict:
        return {"measured": {"peak_gib": peak, "before_gib": 0.5, "moment": "training"}}

    killed = memory_of([predicted(10)])
    assert (killed.words, killed.is_whole) == ("not measured (predicted 8.0–10.0, 7.2 GiB was free)", False)
    resumed = memory_of([predicted(10), predicted(10), measured(8.5)])
    assert (resumed.words, resumed.is_whole) == ("8.5 GiB at most (predicted 8.0–10.0)", False)
    stopped = memory_of([predicted(10), measured(9.125), predicted(10), measured(8.5)])
    assert (stopped.words, stopped.is_whole) == ("9.1 GiB at most (predicted 8.0–10.0)", True)
    assert memory_of([measured(1)]).words == "1.0 GiB at most"
    assert (memory_of([]).words, memory_of([]).as_json()) == ("", None)


@pytest.mark.parametrize("line", [
    {}, {"predicted": 3}, {"measured": {"peak_gib": "9"}}, {"measured": {"peak_gib": -1, "before_gib": 0}},
    {"predicted": {"low_gib": 1, "expected_gib": None, "high_gib": 2, "runtime_gib": 1}},
    {"measured": {"peak_gib": float("inf"), "before_gib": 0}}, {"measured": {"peak_gib": True, "before_gib": 0}},
])  # fmt: skip
def test_a_line_of_another_shape_is_passed_over(line):
    assert memory_of([line]).as_json() is None


def test_lines_of_a_kind_are_found_in_a_torn_journal(tmp_path: Path):
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.write("metric", step=1, loss=1.0)
    journal.write("memory", step=1, measured={"peak_gib": 1})
    journal.write("warning", code="x", message='it says "memory"')
    with path.open("ab") as file:
        file.write(b'{"kind": "memory", "st')
    assert [line["step"] for line in lines_of(path, "memory")] == [1]
    assert lines_of(tmp_path / "absent", "memory") == []


@pytest.mark.parametrize(("changes", "counts"), [
    ({}, True), ({"status": "stopped"}, False), ({"status": "failed"}, False), ({"step": 1}, False),
    ({"host": "elsewhere"}, False), ({"device": "cuda:0"}, False), ({"moment": "loading"}, False),
    ({"moment": "starting"}, False), ({"moment": "evaluation"}, True), ({"attempts": 2}, False),
])  # fmt: skip
def test_only_runs_that_show_all_that_a_run_needs_are_compared(tmp_path: Path, changes, counts):
    how = {
        "status": "finished",
        "step": 2,
        "host": None,
        "device": "cpu",
        "moment": "training",
        "attempts": 1,
        **changes,
    }
    spec = RunSpec(task="sft", name="it", model="starter", data="rows.jsonl")
    (tmp_path / "runs/it").mkdir(parents=True)
    run = RunFolder(tmp_path / "runs/it")
    write_spec(spec, run.spec_file)
    run.resolved_file.write_text(json.dumps({"device": how["device"]}))
    here = myself()
    write_state(State(how["status"], replace(here, host=how["host"] or here.host), how["step"]), run.state_file)
    journal = Journal(run.journal_file)
    for _ in range(how["attempts"]):
        journal.write("memory", predicted={"low_gib": 8, "expected_gib": 9, "high_gib": 10, "runtime_gib": 1})
    journal.write("memory", measured={"peak_gib": 9.5, "before_gib": 0.5, "moment": how["moment"]})
    found = residuals(Workspace(tmp_path), "cpu")
    assert [(each.run, each.ratio, each.words) for each in found] == [
        ("it", 9 / 8, "9.5 GiB at most (predicted 8.0–10.0)")
    ] * counts
