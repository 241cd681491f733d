"""The Train pane: from an empty folder to a finished run by keys, and runs that are only read from their folders."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

from tests.conftest import Bench
from tests.screens.conftest import Opened, screen_text, until
from tests.terminal import Terminal
from workbench.errors import WorkbenchError
from workbench.label.store import open_store
from workbench.runs.folder import RunFolder
from workbench.runs.process import myself
from workbench.runs.state import State, write_state

WAIT = 90.0


def a_run(folder: Path, name: str, state: State, points: int = 0, **metric: float) -> Path:
    run = folder / "runs" / name
    run.mkdir(parents=True)
    (run / "run.yaml").write_text("task: sft\nmodel: tiny\ndata: rows.jsonl\n")
    write_state(state, run / "state.json")
    with (run / "journal.jsonl").open("w") as journal:
        journal.write('{"kind": "status", "time": 0.0, "status": "running"}\n')
        for step in range(1, points + 1):
            line = {"kind": "metric", "time": step / 10, "step": step, "loss": 4.0 / step, "grad_norm": 1.0, **metric}
            journal.write(json.dumps(line) + "\n")
    return run


async def test_an_empty_folder_says_what_n_would_do(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="train") as pilot:
        await until(pilot, lambda: "Ctrl+O chooses the data" in screen_text(pilot))
        pilot.app.take(draft={"model": "starter", "data": {"train": "/x/rows.csv"}})
        await until(pilot, lambda: "n trains starter on rows.csv: LoRA r16." in screen_text(pilot))


async def test_the_start_screen_says_what_blocks_and_starts_once(opened: Opened, bench: Bench) -> None:
    os.chdir(bench.folder)
    async with opened(bench.folder, pane="train", draft={"model": "tiny", "max_steps": 4, "batch_size": 4}) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: "✗ no data is chosen" in screen_text(pilot))
        await pilot.press("down", "down", *"rows.jsonl")
        await until(pilot, lambda: "nothing blocks it" in screen_text(pilot), WAIT)
        assert "$ workbench train start" in screen_text(pilot)
        await pilot.press("up", "up", *"4 is text")
        await until(pilot, lambda: "✗ the draft: name" in screen_text(pilot))
        await pilot.press("home", *["delete"] * 9, *"mine", "enter", "enter")
        await until(pilot, lambda: "finished 4 steps" in screen_text(pilot), WAIT)
        assert pilot.app.hand.run == "mine" and pilot.app.active_pane.PANE == "train"
    assert [path.name for path in (bench.folder / "runs").iterdir()] == ["mine"]
    assert RunFolder(bench.folder / "runs" / "mine").spec.max_steps == 4


async def test_a_failed_and_a_lost_run_say_why_and_what_to_do(opened: Opened, tmp_path: Path) -> None:
    a_run(tmp_path, "oom", State("failed", myself(), 3, 9, error="out of memory on row [/] 17", fix="batch_size: 8"))
    gone = myself().__class__(999_999, 1.0, myself().boot, myself().host)
    a_run(tmp_path, "gone", State("running", gone, 5, 9), points=5)
    async with opened(tmp_path, pane="train", run="oom") as pilot:
        await until(pilot, lambda: "✗ out of memory on row [/] 17" in screen_text(pilot))
        await until(pilot, lambda: "batch_size: 8" in screen_text(pilot))
        await pilot.press("k")
        await until(pilot, lambda: "its process is gone" in screen_text(pilot))
        await until(pilot, lambda: "workbench train resume gone" in screen_text(pilot))


async def test_the_cursor_on_the_curve_tells_its_values(opened: Opened, tmp_path: Path) -> None:
    a_run(tmp_path, "one", State("finished", myself(), 40, 40, 0.1), points=40, learning_rate=2e-4)
    async with opened(tmp_path, pane="train") as pilot:
        await until(pilot, lambda: "finished 40 steps" in screen_text(pilot))
        await pilot.press("left")
        await until(pilot, lambda: "step 39 · loss 0.103" in screen_text(pilot))
        await pilot.press("pageup", "pageup", "pageup", "pageup")
        await until(pilot, lambda: "step 1 · loss 4 " in screen_text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "step 1 ·" not in screen_text(pilot))


async def test_a_journal_of_200000_points_is_shown_whole(opened: Opened, tmp_path: Path) -> None:
    a_run(tmp_path, "long", State("finished", myself(), 200_000, 200_000, 2e-5), points=200_000)
    async with opened(tmp_path, pane="train") as pilot:
        await until(pilot, lambda: "finished 200000 steps" in screen_text(pilot))
        text = screen_text(pilot)
        assert "loss 4 → 2e-05" in text and "150000" in text


async def test_the_log_is_followed_and_harmless(opened: Opened, tmp_path: Path) -> None:
    run = a_run(tmp_path, "one", State("finished", myself(), 1, 1))
    (run / "log.txt").write_text("first [/]\n" + "10%\r50%\r100%\n" + "\x1b[31mred\n")
    async with opened(tmp_path, pane="train") as pilot:
        await until(pilot, lambda: "▸" in screen_text(pilot))
        await pilot.press("o")
        await until(pilot, lambda: "first [/]" in screen_text(pilot))
        assert "100%" in screen_text(pilot) and "50%" not in screen_text(pilot) and "␛[31mred" in screen_text(pilot)
        with (run / "log.txt").open("a") as log:
            log.write("later\n")
        await until(pilot, lambda: "later" in screen_text(pilot))


def test_killing_the_app_leaves_the_run_alone_and_the_next_app_shows_its_curve(bench: Bench) -> None:
    spec = bench.spec("r1", max_steps=100_000, save_every=50_000, eval_every=50_000)
    assert bench("train", "start", str(spec)).code == 0
    environment = {"WORKBENCH_LOCKS": str(bench.locks)}
    with Terminal(bench.command(), bench.folder, **environment) as terminal:
        terminal.wait("1 Data")
        terminal.press("4")
        terminal.wait(" left · ", WAIT)
        terminal.kill()
    run = RunFolder(bench.folder / "runs" / "r1")
    step = run.state.step
    assert run.status == "running"
    with Terminal(bench.command(), bench.folder, **environment) as terminal:
        terminal.wait("4 Train")
        terminal.wait("● validation")
        assert run.status == "running" and run.state.step >= step
        terminal.press("s")
        terminal.wait("stopped at step", WAIT)
        terminal.press("r")
        terminal.wait("▶ r1", WAIT)
        terminal.press("q")
        assert terminal.ended() == 0
        assert "1 run goes on" in terminal.text
    os.kill(run.state.process.pid, signal.SIGKILL)


async def test_a_reward_run_sends_on_to_the_pairs_whose_votes_it_learnt(opened: Opened, tmp_path: Path) -> None:
    with open_store(tmp_path / "labels.db") as store:
        store.add_pair("geo", "question?", "yes", "no")
    run = RunFolder(a_run(tmp_path, "reward-1", State("finished", replace(myself(), pid=999_999), 4, 4)))
    run.spec_file.write_text(json.dumps({"task": "reward", "model": "starter", "data": {"votes": "geo"}}))
    async with opened(tmp_path, pane="train") as pilot:
        await until(pilot, lambda: "> Label" in screen_text(pilot))
        await pilot.press(">", ">")
        await until(pilot, lambda: "geo · ana · 1/1" in screen_text(pilot))


async def test_where_a_run_sends_on_to_is_said_of_the_one_that_is_chosen(opened: Opened, tmp_path: Path) -> None:
    for name, task, data in (("sft-1", "sft", "rows.jsonl"), ("reward-1", "reward", {"votes": "geo"})):
        run = RunFolder(a_run(tmp_path, name, State("finished", replace(myself(), pid=999_999), 4, 4)))
        run.spec_file.write_text(json.dumps({"task": task, "model": "starter", "data": data}))
    async with opened(tmp_path, pane="train") as pilot:
        await until(pilot, lambda: "> Label" in screen_text(pilot))
        await pilot.press("down")
        await until(pilot, lambda: "> Compare" in screen_text(pilot))


async def test_the_time_that_a_run_waited_for_the_device_is_none_that_it_took(opened: Opened, tmp_path: Path) -> None:
    run = a_run(tmp_path, "first", State("finished", replace(myself(), pid=999_999), 2, 2))
    lines: list[dict[str, object]] = [
        {"kind": "status", "time": 0.0, "status": "starting"}, {"kind": "status", "time": 1.0, "status": "queued"},
        {"kind": "status", "time": 601.0, "status": "starting"}, {"kind": "status", "time": 610.0, "status": "running"},
        {"kind": "metric", "time": 621.0, "step": 2, "loss": 1.0},
    ]  # fmt: skip
    (run / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    async with opened(tmp_path, pane="train") as pilot:
        await until(pilot, lambda: "finished 2 steps in 21 s" in screen_text(pilot))


async def test_what_went_wrong_is_told_with_what_to_do_in_a_narrow_window(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="label", size=(80, 24)) as pilot:
        await until(pilot, lambda: "No pairs yet" in screen_text(pilot))
        what = "what went wrong takes more than the forty cells that are left of the window by then"
        pilot.app.active_pane.fail(WorkbenchError(what, "and this mends it"))
        await until(pilot, lambda: "and this mends it\n i import" in screen_text(pilot))
        pilot.app.active_pane.say("short")
        await until(pilot, lambda: "short\n i import" in screen_text(pilot))
