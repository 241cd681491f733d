"""Several processes at one store: no vote is lost or doubled, and one that was acknowledged outlives its process."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from workbench.errors import WorkbenchError
from workbench.label.store import open_store

VOTE = """
import sys
from pathlib import Path
from workbench.label.store import open_store
path, annotator, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with open_store(path) as store:
    for n in range(count):
        pair = store.add_pair("geo", f"prompt {n}", "a", "b")
        print(store.vote(pair, annotator, "first", shown_left="second", seconds=1.5), flush=True)
"""


def voting(path: Path, annotator: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", VOTE, str(path), annotator, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_processes_give_500_votes_each_and_none_is_lost_or_doubled(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    processes = [voting(path, name, 500) for name in ("ana", "bob")]
    acknowledged = [int(line) for each in processes for line in each.communicate(timeout=120)[0].split()]
    assert [each.returncode for each in processes] == [0, 0]
    assert len(acknowledged) == len(set(acknowledged)) == 1000
    with open_store(path) as store:
        assert [(each.pairs, each.votes) for each in store.sets()] == [(500, 1000)]
        votes = store.votes("geo")
        assert {each.id for each in votes} == set(acknowledged)
        assert len({(each.item_id, each.annotator) for each in votes}) == 1000


def test_two_processes_that_begin_a_store_at_once_both_have_it(tmp_path: Path) -> None:
    for n in range(5):
        processes = [voting(tmp_path / f"{n}.db", name, 1) for name in ("ana", "bob")]
        assert [each.wait(timeout=60) for each in processes] == [0, 0]
        with open_store(tmp_path / f"{n}.db") as store:
            assert [(each.pairs, each.votes) for each in store.sets()] == [(1, 2)]


def test_kill_9_loses_no_vote_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    process = voting(path, "ana", 100_000)
    assert process.stdout is not None
    acknowledged = [process.stdout.readline() for _ in range(150)]
    process.send_signal(signal.SIGKILL)
    acknowledged += process.stdout.readlines()
    process.wait()
    with sqlite3.connect(path) as connection:
        stored = {number for (number,) in connection.execute("SELECT id FROM votes")}
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert {int(line) for line in acknowledged if line.endswith("\n")} <= stored
    with open_store(path) as store:
        store.add_pair("geo", "one more", "a", "b")
        assert store.vote(store.next("geo", "bob").id, "bob", "tie") > max(stored)


def test_a_disk_that_is_full_refuses_the_vote_and_keeps_those_before(small_disk: Path) -> None:
    with open_store(small_disk / "labels.db") as store:
        pair = store.add_pair("geo", "prompt", "a", "b")
        given = [store.vote(pair, "ana", "tie")]
        ballast = (small_disk / "ballast").open("wb", buffering=0)
        with pytest.raises(OSError):
            while True:
                ballast.write(b"x" * 4096)
        with pytest.raises(WorkbenchError, match=r"labels\.db: ") as caught:
            while len(given) < 1000:
                given += [store.vote(pair, "ana", "first", note="x" * 500)]
        assert "nothing that was stored is lost" in caught.value.fix or "disk is full" in caught.value.fix
        assert [each.judgement.id for each in store.history(pair)] == given
        ballast.close()
        (small_disk / "ballast").unlink()
        given.append(store.vote(pair, "ana", "second"))
    with sqlite3.connect(small_disk / "labels.db") as connection:
        assert [number for (number,) in connection.execute("SELECT id FROM votes ORDER BY id")] == given
