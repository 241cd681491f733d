"""What a run needs is predicted before its first step and measured at its end, and both are in its journal."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Bench
from tests.train.test_run import losses, pid_of, wait_for_step
from workbench.runs.folder import RunFolder
from workbench.runs.measured import memory_of
from workbench.runs.residuals import corrected, residuals
from workbench.workspace import Workspace


def journal(bench: Bench, name: str, kind: str) -> list[dict[str, Any]]:
    lines = (bench.folder / "runs" / name / "journal.jsonl").read_text().splitlines()
    return [entry for line in lines if (entry := json.loads(line))["kind"] == kind]


def test_a_run_says_what_it_will_need_and_what_it_needed_and_the_next_range_follows(
    bench: Bench, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    data = {"train": "rows.jsonl", "split": 0.2}
    how = {"data": data, "max_steps": 3, "micro_batch": 2, "optimizer": "sgd", "learning_rate": None}
    ran = bench("train", "start", bench.spec("first", **how), "--wait")
    assert ran.code == 0, ran.err
    predicted, *_, measured = journal(bench, "first", "memory")
    statuses = journal(bench, "first", "status")
    running = next(entry for entry in statuses if entry["status"] == "running")
    assert predicted["time"] <= running["time"] <= measured["time"] and predicted["step"] == 0

    from workbench.lora.count import count
    from workbench.lora.memory import estimate
    from workbench.lora.parts import GIB, Load
    from workbench.lora.shapes import read_shapes

    folder = RunFolder(bench.folder / "runs/first")
    longest, tuning = folder.resolved["longest"], folder.spec.tuning
    load = Load("float32", 2, longest, False, "cpu", optimizer="sgd", accumulates=True)
    shapes = read_shapes(bench.folder / "tiny")
    found = estimate(shapes, count(shapes, tuning), tuning, load)
    assert predicted["predicted"]["expected_gib"] == pytest.approx(found.expected / GIB, abs=1e-4)
    assert predicted["load"].items() >= {
        "dtype": "float32", "micro_batch": 2, "length": longest, "checkpointing": False, "device": "cpu",
        "optimizer": "sgd", "attention": "sdpa", "task": "sft", "accumulates": True,
    }.items()  # fmt: skip
    peak, before = measured["measured"]["peak_gib"], measured["measured"]["before_gib"]
    resident = max(entry["memory_gib"] for entry in journal(bench, "first", "metric") if "memory_gib" in entry)
    assert before < resident <= peak + 1e-3
    assert measured["measured"]["moment"] in ("evaluation", "training", "saving")

    shown = bench.show("first")["memory"]
    assert (shown["peak_gib"], shown["before_gib"]) == pytest.approx((peak, before))
    assert f"memory  {peak:.1f} GiB at most (predicted 0.5–" in bench("train", "show", "first").out
    said = {warning["code"]: warning["message"] for warning in bench.show("first")["warnings"]}
    assert said["learning-rate"] == "learning_rate 0.0002 is a usual one for AdamW, not for sgd: name one"

    workspace = Workspace(bench.folder)
    assert [each.run for each in residuals(workspace, "cpu")] == ["first"]
    assert residuals(workspace, "cuda") == ()
    asked = ("lora", "fit", "tiny", "--rank", "4")
    fit = bench(*asked, "--json", CUDA_VISIBLE_DEVICES="").json
    assert fit["correction"]["runs"] == 1
    parts = sum(part["gib"] for part in fit["parts"]) - fit["overlap_gib"]
    assert fit["total_gib"] == pytest.approx(parts + fit["correction"]["adds_gib"])
    assert "corrected by 1 run on this machine" in bench(*asked, CUDA_VISIBLE_DEVICES="").out


def test_the_draft_s_numbers_are_corrected(tmp_path):
    from tests.lora.models import write_config
    from tests.lora.test_count import shapes as shapes_of
    from tests.runs.test_residuals import ran
    from workbench.models.devices import Device
    from workbench.runs.draft import Draft
    from workbench.runs.sizes import sizes

    shapes = shapes_of(write_config(tmp_path, "llama"))
    device = Device("cpu", 0, "it", 2**34, 2**34, bf16=False)
    plain = sizes(Draft(), shapes, device)
    found = sizes(Draft(), shapes, device, [ran(40.0), ran(11.0)])
    assert found.estimate.correction.runs == 2
    assert plain.estimate and found.estimate == corrected(plain.estimate, [ran(40.0), ran(11.0)])
    assert found.estimate.expected == pytest.approx(plain.estimate.expected + 0.1 * 2**30)  # 1 GiB of runtime, not 0.9
    spare = sizes(Draft(optimizer="sgd"), shapes, device)
    assert spare.estimate and (plain.estimate.part("optimizer") > 0) and spare.estimate.part("optimizer") == 0


def dtypes(state: Any) -> set[Any]:
    """Of all tensors in it; bitsandbytes nests what it quantised."""
    if isinstance(state, dict):
        return set().union(*map(dtypes, state.values()))
    return {state.dtype} if hasattr(state, "dtype") else set()


@pytest.mark.parametrize("optimizer", ["paged-adamw-8bit", "adafactor"])
def test_another_optimizer_trains_and_a_killed_run_has_its_prediction_and_goes_on_exactly(bench: Bench, optimizer: str):
    import torch

    how = {"optimizer": optimizer, "max_steps": 60, "save_every": 5, "schedule": "constant", "learning_rate": 1e-3}
    tuning = {"kind": "lora", "rank": 128, "alpha": 128}  # adapters of 4,096 numbers: fewer are kept in 32 bit
    bench("train", "start", bench.spec("killed", **how, tuning=tuning))
    wait_for_step(bench, "killed", 8)
    os.kill(pid_of(bench, "killed"), signal.SIGKILL)
    (line,) = journal(bench, "killed", "memory")
    assert line["load"]["optimizer"] == optimizer and "predicted" in line
    shown = bench("train", "show", "killed").out
    assert f"memory  {memory_of([line]).words}" in shown and "not measured (predicted" in shown
    before = [(entry["step"], entry["loss"], entry["grad_norm"]) for entry in journal(bench, "killed", "metric")]
    assert bench("train", "resume", "killed", "--wait").code == 0
    after = {step: (loss, norm) for step, loss, norm, *_ in losses(bench, "killed")}
    assert len(after) == 60
    assert [after[step] for step, _, _ in before] == [(loss, norm) for _, loss, norm in before]
    assert after[60][0] < after[1][0]
    saved = torch.load(bench.folder / "runs/killed/checkpoints/checkpoint-60/optimizer.pt", weights_only=True)
    assert (torch.uint8 in dtypes(saved["state"])) is ("8bit" in optimizer)
    assert residuals(Workspace(bench.folder), "cpu") == ()  # the attempt that was killed may have had the peak


def test_out_of_memory_names_the_longest_row_of_the_batch_and_what_was_predicted(bench: Bench, monkeypatch):
    import torch

    from workbench.runs.journal import Journal
    from workbench.runs.process import myself
    from workbench.runs.spec import read_spec, write_spec
    from workbench.runs.state import State
    from workbench.train.memory import OutOfMemory, Peak, watched
    from workbench.train.rows import RunRows
    from workbench.train.run import Run

    folder = RunFolder(bench.folder / "runs" / "large")
    folder.path.mkdir(parents=True)
    write_spec(read_spec(bench.spec("large")), folder.spec_file)
    run = Run(folder, folder.spec, State("running", myself()), Journal(folder.journal_file), None)
    run.resolve(micro_batch=4)
    said = {"low_gib": 8, "expected_gib": 9, "high_gib": 10, "runtime_gib": 0.5}
    run.journal.write("memory", predicted=said, free_gib=7.5)
    rows = RunRows(
        [{"input_ids": [1] * length, "labels": []} for length in (3, 1200, 5, 4)], [], [2, 7, 8, 9], None, []
    )
    peak = Peak("cpu")
    peak.doing = "training"
    peak.most = 0  # the tests before may have taken more than this one ever does
    with pytest.raises(OutOfMemory) as error, watched(run, rows, peak):
        torch.empty(2**55)
    assert error.value.what == (
        "out of memory in step 1: the longest row of its batch is row 7, 1,200 tokens, predicted 8.0–10.0 GiB,"
        " 7.5 GiB was free"
    )
    assert (
        error.value.fix == f"lower micro_batch (it is 4) or max_length; more ways: workbench lora fit {run.spec.model}"
    )
    assert journal(bench, "large", "memory")[-1]["measured"]["moment"] == "training"
    with pytest.raises(ZeroDivisionError), watched(run, rows, peak):
        _ = 1 / 0


def test_states_in_8_bit_are_refused_where_nothing_computes_them(bench: Bench, monkeypatch):
    from workbench.errors import WrongUse
    from workbench.models import place
    from workbench.models.devices import Device
    from workbench.runs.spec import read_spec
    from workbench.runs.start import check

    apple = Device("mps", 0, "Apple GPU", 2**34, 2**34, bf16=True)
    monkeypatch.setattr(place, "devices", lambda: [apple])
    spec = read_spec(bench.spec("it", optimizer="adamw-8bit", backend={"kind": "local", "device": "mps"}))
    with pytest.raises(WrongUse, match="8-bit") as error:
        check(Workspace(bench.folder), spec, print)
    assert "adafactor" in error.value.fix
    assert not Path(bench.folder / "runs").exists()
