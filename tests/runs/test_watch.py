"""The watch sees what changed, and what died, without reading what did not change."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from workbench.runs.process import Identity, boot_id, myself
from workbench.runs.state import State, write_state
from workbench.runs.watch import Watch
from workbench.workspace import Workspace


def a_run(workspace: Path, name: str, state: State) -> Path:
    folder = workspace / "runs" / name
    folder.mkdir(parents=True)
    (folder / "run.yaml").write_text("task: sft\nmodel: starter\ndata: rows.jsonl\n")
    write_state(state, folder / "state.json")
    return folder


def test_it_sees_runs_come_move_and_go(tmp_path: Path) -> None:
    watch = Watch(Workspace(tmp_path))
    assert watch.look() == ()
    folder = a_run(tmp_path, "one", State("running", myself(), 3, 10, 0.5))
    (one,) = watch.look()
    assert (one.name, one.task, one.status, one.percent, one.loss) == ("one", "sft", "running", 30, 0.5)
    assert watch.look() == (one,)
    write_state(State("finished", myself(), 10, 10, 0.25), folder / "state.json")
    assert watch.look() == (replace(one, status="finished", step=10, loss=0.25),)
    (folder / "run.yaml").unlink()
    assert watch.look() == ()


def test_a_run_whose_process_dies_is_seen_to_be_lost_though_no_file_changes(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    stat = Path(f"/proc/{process.pid}/stat").read_text()
    started = float(stat[stat.rindex(")") + 2 :].split()[19])
    a_run(tmp_path, "one", State("running", Identity(process.pid, started, boot_id(), myself().host), 3, 10))
    watch = Watch(Workspace(tmp_path))
    assert watch.look()[0].status == "running"
    process.kill()
    process.wait()
    assert watch.look()[0].status == "lost"


def test_a_folder_with_an_unreadable_state_is_one_run_among_others(tmp_path: Path) -> None:
    a_run(tmp_path, "good", State("finished", myself(), 1, 1))
    bad = a_run(tmp_path, "bad", State("finished", myself(), 1, 1))
    (bad / "state.json").write_text("{")
    (bad / "run.yaml").write_text("task: [")
    found = {run.name: (run.status, run.task) for run in Watch(Workspace(tmp_path)).look()}
    assert found == {"good": ("finished", "sft"), "bad": ("lost", "unknown")}
