"""A run is `lost` when its very process is gone: by pid, start time, boot and host, never by a time-out."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.runs.process import Identity, _started, boot_id, myself
from workbench.runs.state import State, read_state, write_state


def test_this_process_is_alive_and_its_look_alikes_are_not() -> None:
    me = myself()
    assert me.pid == os.getpid() and me.is_alive
    assert not replace(me, started=me.started + 1).is_alive  # the pid was given to another process
    assert not replace(me, boot="another boot").is_alive
    assert not replace(me, host="another host").is_alive


def test_a_zombie_counts_as_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    identity = Identity(child.pid, _started(child.pid) or 0.0, boot_id(), myself().host)
    assert identity.is_alive
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, and not yet collected
    assert not identity.is_alive
    child.wait()
    assert not identity.is_alive


def test_lost_is_derived_by_readers_and_only_on_the_run_s_own_host(tmp_path: Path) -> None:
    gone = replace(myself(), pid=2**22 + 1)
    assert State("running", gone).seen == "lost"
    assert State("finished", gone).seen == "finished"
    assert State("running", replace(gone, host="another host")).seen == "running"
    assert State("running", myself()).seen == "running"
    write_state(State("running", gone, step=3, steps=9), tmp_path / "state.json")
    assert read_state(tmp_path / "state.json") == State("running", gone, step=3, steps=9)
    assert "lost" not in (tmp_path / "state.json").read_text()


@pytest.mark.parametrize("said", ['"loss": 1' + "0" * 400, '"step": 1' + "0" * 400, '"step": "3"', '"loss": []'])
def test_a_state_that_no_run_would_write_is_none(tmp_path: Path, said: str) -> None:
    write_state(State("running", myself(), step=3), tmp_path / "state.json")
    whole = (tmp_path / "state.json").read_text()
    (tmp_path / "state.json").write_text(whole[: whole.rindex("}")] + f", {said}}}")
    assert read_state(tmp_path / "state.json") is None
    (tmp_path / "state.json").write_text("[" * 100_000)
    assert read_state(tmp_path / "state.json") is None
