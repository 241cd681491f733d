"""Runs as a person meets them: started by the command, living on their own, stopped, lost and resumed."""

import contextlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Bench
from workbench.runs.state import read_state


def losses(bench: Bench, name: str) -> list[tuple[Any, ...]]:
    """Step, loss, gradient norm, learning rate and tokens so far of each step."""
    keys = ("step", "loss", "grad_norm", "learning_rate", "tokens")
    return [tuple(entry[key] for key in keys) for entry in bench.show(name)["history"] if "loss" in entry]


def wait_for_step(bench: Bench, name: str, step: int) -> None:
    journal = bench.folder / "runs" / name / "journal.jsonl"
    deadline = time.monotonic() + 120
    while not journal.exists() or f'"step": {step},' not in journal.read_text():
        assert time.monotonic() < deadline, "the run never got there"
        time.sleep(0.02)


def pid_of(bench: Bench, name: str) -> int:
    state = read_state(bench.folder / "runs" / name / "state.json")
    assert state is not None
    return state.process.pid


def test_a_run_trains_every_token_of_every_row_once_an_epoch_and_leaves_all_that_it_promises(bench: Bench) -> None:
    ran = bench("train", "start", bench.spec("first", max_steps=None, epochs=2, save_every=4), "--wait", "--json")
    assert ran.code == 0 and ran.json == ran.json | {"run": "first", "status": "finished", "error": None}
    shown = bench.show("first")
    assert (shown["step"], shown["steps"], shown["status"]) == (12, 12, "finished")
    from workbench.template.encoder import open_encoder
    from workbench.template.spec import EncoderSpec

    encoder = open_encoder(bench.folder / "tiny", EncoderSpec())
    rows = [json.loads(line) for line in (bench.folder / "rows.jsonl").read_text().splitlines()]
    assert shown["metrics"]["tokens"] == 2 * sum(len(encoder.encode(row).input_ids) for row in rows)
    assert shown["history"][-1]["loss"] < shown["history"][0]["loss"]
    assert [c["step"] for c in shown["checkpoints"]] == [4, 8, 12]
    assert sorted(p.name for p in (bench.folder / "runs/first/checkpoints").glob("c*")) == [
        "checkpoint-12",
        "checkpoint-8",
    ]

    output = Path(shown["output"])
    assert {"adapter_model.safetensors", "tokenizer.json", "chat_template.jinja", "README.md"} <= {
        path.name for path in output.iterdir()
    }
    assert not [p for p in output.iterdir() if p.suffix in (".bin", ".pt", ".pth", ".pkl")]
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    tuned = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(bench.folder / "tiny"), output)
    assert any("lora_B" in name and value.abs().sum() > 0 for name, value in tuned.named_parameters())


def test_a_lost_run_is_named_and_resumes_to_the_losses_of_an_uninterrupted_one(bench: Bench) -> None:
    same = {"max_steps": 24, "save_every": 5, "tuning": {"kind": "lora", "rank": 4, "alpha": 8, "dropout": 0.1}}
    assert bench("train", "start", bench.spec("whole", **same), "--wait").code == 0
    assert bench("train", "start", bench.spec("killed", **same)).code == 0
    wait_for_step(bench, "killed", 13)
    os.kill(pid_of(bench, "killed"), signal.SIGKILL)
    killed = time.monotonic()
    while (shown := bench.show("killed"))["status"] != "lost":
        assert time.monotonic() - killed < 5
    assert shown["fix"] == "workbench train resume killed" and "step 10" in shown["error"]
    assert bench("train", "resume", "killed", "--wait").code == 0
    resumed = next(s for s in history_of(bench, "killed") if "exact" in s)
    assert resumed["exact"] is True and resumed["step"] == 10
    assert losses(bench, "killed") == losses(bench, "whole")


def history_of(bench: Bench, name: str) -> list[dict[str, Any]]:
    lines = (bench.folder / "runs" / name / "journal.jsonl").read_text().splitlines()
    return [entry for line in lines if (entry := json.loads(line))["kind"] == "status"]


def test_stop_saves_a_checkpoint_and_resume_goes_on_from_it_on_the_same_data_only(bench: Bench) -> None:
    bench("train", "start", bench.spec("stopped", max_steps=2000, save_every=2000))
    wait_for_step(bench, "stopped", 6)
    ran = bench("train", "stop", "stopped", "--json")
    assert ran.code == 0 and ran.json["status"] == "stopped" and ran.json["step"] >= 6
    assert [c["step"] for c in bench.show("stopped")["checkpoints"]] == [ran.json["step"]]
    again = bench("train", "stop", "stopped")
    assert again.code == 2 and "stopped" in again.err
    rows = bench.folder / "rows.jsonl"
    before = rows.read_text()
    rows.write_text(before.replace("say 3", "say 33"))
    refused = bench("train", "resume", "stopped", "--wait")
    assert refused.code == 1 and "the data changed since the run began" in refused.err
    rows.write_text(before)
    assert bench("train", "resume", "stopped").code == 0
    wait_for_step(bench, "stopped", ran.json["step"] + 3)
    second = bench("train", "resume", "stopped")
    assert second.code == 2 and "is running" in second.err
    assert bench("train", "stop", "stopped").code == 0


def test_a_run_outlives_its_starter_and_its_terminal(bench: Bench) -> None:
    terminal, inside = pty.openpty()
    waiting = subprocess.Popen(
        bench.command("train", "start", str(bench.spec("alone", max_steps=30)), "--wait"),
        cwd=bench.folder, env=bench.environment, start_new_session=True, stdin=inside, stdout=inside, stderr=inside,
    )  # fmt: skip
    os.close(inside)
    wait_for_step(bench, "alone", 2)
    os.killpg(waiting.pid, signal.SIGKILL)
    os.close(terminal)
    waiting.wait()
    deadline = time.monotonic() + 120
    while bench.show("alone")["status"] == "running" and time.monotonic() < deadline:
        time.sleep(0.5)
    assert bench.show("alone")["status"] == "finished"


def test_a_row_that_would_train_wrongly_fails_the_run_by_its_number(bench: Bench) -> None:
    rows = bench.folder / "rows.jsonl"
    rows.write_text(rows.read_text() + json.dumps({"prompt": "x" * 300, "completion": "y"}) + "\n")
    ran = bench("train", "start", bench.spec("cut", max_length=200), "--wait")
    assert ran.code == 1
    assert "the whole answer is lost to max_length in row 25" in ran.err
    assert "allow_cut_answers: 0.04" in ran.err  # 1 of 25
    (longest,) = re.findall(r"max_length: (\d+) \(the longest row\)", ran.err)
    whole = bench("template", "show", "rows.jsonl", "--model", "tiny", "--row", "25", "--json")
    assert len(whole.json["input_ids"]) == int(longest)
    allowed = bench("train", "start", bench.spec("allowed", max_length=200, allow_cut_answers=0.04), "--wait")
    assert allowed.code == 0 and bench.show("allowed")["resolved"]["rows"] == 24


def test_a_loss_that_is_no_number_is_told_early_and_ends_the_run(bench: Bench) -> None:
    spec = bench.spec("wild", learning_rate=1e38, max_steps=50, schedule="constant", tuning={"kind": "full"})
    ran = bench("train", "start", spec, "--wait")
    shown = bench.show("wild")
    assert ran.code == 1 and shown["status"] == "failed" and shown["step"] < 20
    assert "no number" in shown["error"] and "learning_rate" in shown["fix"]
    assert [warning["code"] for warning in shown["warnings"]] == ["not-finite"]


def test_weights_that_are_no_numbers_are_not_a_result(bench: Bench) -> None:
    spec = bench.spec("broken", learning_rate=1e38, max_steps=2, schedule="constant", warmup=0)
    ran = bench("train", "start", spec, "--wait")
    shown = bench.show("broken")
    assert ran.code == 1 and shown["status"] == "failed" and "no numbers" in shown["error"]
    assert shown["output"] is None
    batch = shown["warnings"][0]["rows"]
    assert len(batch) == 4 and set(batch) <= set(range(1, 25))


def test_sigterm_at_its_first_word_stops_a_run_in_order(bench: Bench) -> None:
    bench("train", "start", bench.spec("early", max_steps=500))
    os.kill(pid_of(bench, "early"), signal.SIGTERM)
    deadline = time.monotonic() + 60
    while (status := bench.show("early")["status"]) in ("starting", "running", "stopping"):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert status == "stopped"


def test_a_run_file_means_the_same_from_every_folder(bench: Bench) -> None:
    below = bench.folder / "below"
    below.mkdir()
    (bench.folder / "модель").symlink_to(bench.folder / "tiny")
    spec = bench.spec("x", model="модель", max_steps=2).rename(below / "x.yaml")
    ran = bench("train", "start", spec, "--set", "name=null", "--wait", "--json")
    assert ran.code == 0 and ran.json["run"].startswith("sft-")
    found = (bench.folder / "runs" / ran.json["run"] / "run.yaml").read_text()
    assert f"{bench.folder}/rows.jsonl" in found


def test_full_tuning_saves_a_model_that_loads_alone(bench: Bench) -> None:
    assert bench("train", "start", bench.spec("full", tuning="full", max_steps=6), "--wait").code == 0
    from transformers import AutoModelForCausalLM

    before = AutoModelForCausalLM.from_pretrained(bench.folder / "tiny").state_dict()
    after = AutoModelForCausalLM.from_pretrained(bench.folder / "runs/full/output").state_dict()
    assert all(not before[name].equal(after[name]) for name in before if "layernorm" not in name)


@pytest.mark.skipif(os.getuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_fails_the_run_and_loses_no_checkpoint(bench: Bench) -> None:
    runs = bench.folder / "runs"
    runs.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", runs]).returncode:
        pytest.skip("this machine does not let tests mount a disk")
    try:
        bench(
            "train", "start", bench.spec("full-disk", max_steps=200, save_every=10, tuning={"kind": "lora", "rank": 16})
        )
        wait_for_step(bench, "full-disk", 12)
        fill(runs / "ballast")
        deadline = time.monotonic() + 60
        while (shown := bench.show("full-disk"))["status"] == "running":
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert shown["status"] == "failed" and "disk is full" in shown["error"]
        (runs / "ballast").unlink()
        assert shown["checkpoints"][-1]["step"] >= 10
        assert bench("train", "resume", "full-disk", "--wait").code == 0
    finally:
        subprocess.run(["umount", "--lazy", runs])


@pytest.mark.parametrize("quantise", ["nf4", "int8"])
def test_adapters_train_on_quantised_weights(bench: Bench, quantise: str) -> None:
    tuning = {"kind": "lora", "rank": 4, "alpha": 8, "quantise": quantise}
    data = {"train": "rows.jsonl", "split": 0.2}
    ran = bench("train", "start", bench.spec("small", max_steps=6, tuning=tuning, data=data, eval_every=3), "--wait")
    assert ran.code == 0, ran.err
    shown = bench.show("small")
    assert shown["metrics"]["eval_loss"] < shown["history"][0]["eval_loss"]
    assert shown["resolved"]["total"] > 20_000  # weights that share a byte are counted each


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while True:
            ballast.write(b"x" * 4096)


def test_runs_of_one_device_queue_and_one_whose_folder_is_removed_waits_no_longer(bench: Bench) -> None:
    bench("train", "start", bench.spec("one", max_steps=3000))
    wait_for_step(bench, "one", 1)
    for name in ("two", "three"):
        bench("train", "start", bench.spec(name, max_steps=2))
        wait_for_status(bench, name, "queued")
    assert "⧗ two" in bench("status").out
    removed = pid_of(bench, "three")
    shutil.rmtree(bench.folder / "runs" / "three")
    deadline = time.monotonic() + 60
    while Path(f"/proc/{removed}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    bench("train", "stop", "one")
    wait_for_status(bench, "two", "finished")


def wait_for_status(bench: Bench, name: str, status: str) -> None:
    deadline = time.monotonic() + 90
    while bench.show(name)["status"] != status:
        assert time.monotonic() < deadline, f"{name} never was {status}"
        time.sleep(0.2)


def test_a_python_file_beside_the_data_is_not_run(bench: Bench) -> None:
    for name in ("json.py", "datasets.py", "random.py"):
        (bench.folder / name).write_text("raise RuntimeError('this is data, not code')\n")
    ran = bench("train", "start", bench.spec("plain", max_steps=1), "--wait")
    assert ran.code == 0, ran.err
    assert bench("template", "show", str(bench.spec("x").parent / "rows.jsonl"), "--model", "starter").code == 0
