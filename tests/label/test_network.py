"""On a network disk one process writes; others read, are told who writes, and come next when that has ended."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from workbench.errors import WorkbenchError
from workbench.label import network
from workbench.label.store import Store, open_store
from workbench.runs.process import myself

HOLD = """
import sys
from pathlib import Path
from workbench.label import database
database.is_on_network = lambda path: True
from workbench.label.store import open_store
store = open_store(Path(sys.argv[1]))
store.add_pair("geo", "prompt", "a", "b")
print("open", flush=True)
sys.stdin.read()
store.close()
"""


@pytest.fixture
def labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("workbench.label.database.is_on_network", lambda _: True)
    return tmp_path / "labels.db"


Holding = Callable[[Path], "subprocess.Popen[str]"]


@pytest.fixture
def holding() -> Iterator[Holding]:
    """Starts a process that writes to a store until its stdin is closed."""
    started: list[subprocess.Popen[str]] = []

    def start(path: Path) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", HOLD, str(path)]
        environment = {**os.environ, "USER": "bob"}
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None and process.stdout.readline() == "open\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def journal(store: Store) -> str:
    with store._database.reading() as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def test_a_network_disk_has_a_rollback_journal_and_one_writer_and_says_so(labels: Path) -> None:
    with open_store(labels) as store:
        pair = store.add_pair("geo", "prompt", "a", "b")
        store.vote(pair, "ana", "tie")
        assert journal(store) == "delete" and store.safety == "a network disk: one writer at a time, slower"
        assert labels.with_name("labels.db.writer").exists()
        with open_store(labels) as beside:  # another pane of the same app
            beside.vote(pair, "ana", "first")
        store.vote(pair, "ana", "second")
    assert [path.name for path in labels.parent.iterdir()] == ["labels.db"]


def test_on_a_local_disk_there_is_nothing_to_say(tmp_path: Path) -> None:
    with open_store(tmp_path / "labels.db") as store:
        assert store.safety == "" and journal(store) == "wal"


def test_the_second_process_reads_is_told_who_writes_and_comes_next(labels: Path, holding: Holding) -> None:
    process = holding(labels)
    with open_store(labels) as store:
        (pair,) = store.pairs("geo")
        assert f"bob on {myself().host} (process {process.pid}, since " in store.safety
        with pytest.raises(WorkbenchError, match=f"on a network disk, and bob on .*process {process.pid}") as caught:
            store.vote(pair.id, "ana", "tie")
        assert "read" in caught.value.fix and len(str(caught.value).splitlines()) == 2
        assert store.progress("geo", "ana").answered == 0
        assert process.communicate("", timeout=60) == ("", None)
        store.vote(pair.id, "ana", "tie")
        assert store.safety == "a network disk: one writer at a time, slower"


def test_a_writer_that_was_killed_is_in_nobodys_way(labels: Path, holding: Holding) -> None:
    process = holding(labels)
    process.kill()
    process.wait()
    assert labels.with_name("labels.db.writer").exists()
    with open_store(labels) as store:
        store.vote(store.pairs("geo")[0].id, "ana", "tie")


def on_another_host(labels: Path, seconds_ago: float) -> Path:
    """A lock of a process somewhere else, renewed so long ago."""
    path = labels.with_name("labels.db.writer")
    process = {"pid": 12, "started": 5.0, "boot": "another", "host": "node7"}
    path.write_text(json.dumps({"process": process, "person": "cyn", "since": 1_800_000_000.0}))
    now = path.stat().st_mtime
    os.utime(path, (now - seconds_ago, now - seconds_ago))
    return path


def test_another_hosts_writer_is_believed_for_a_term(labels: Path) -> None:
    with open_store(labels) as store:
        pair = store.add_pair("geo", "prompt", "a", "b")
    lock = on_another_host(labels, network.TERM / 2)
    with open_store(labels) as store, pytest.raises(WorkbenchError, match="cyn on node7"):
        store.vote(pair, "ana", "tie")
    assert lock.exists()
    on_another_host(labels, network.TERM * 2)
    with open_store(labels) as store:
        store.vote(pair, "ana", "tie")


def test_a_writer_whose_place_went_to_another_host_writes_no_more(labels: Path) -> None:
    with open_store(labels) as store:
        pair = store.add_pair("geo", "prompt", "a", "b")
        lock = on_another_host(labels, 0)
        with pytest.raises(WorkbenchError, match="node7"):
            store.vote(pair, "ana", "tie")
        lock.unlink()
        with pytest.raises(WorkbenchError, match="node7"), store._database.writing() as connection:
            connection.execute("INSERT INTO sets (name) VALUES ('half')")
            on_another_host(labels, 0)  # it slept in the middle of a transaction
        assert [each.name for each in store.sets()] == ["geo"]
    assert lock.exists()  # closing leaves the other's alone


def test_opening_to_read_takes_no_place(labels: Path, holding: Holding) -> None:
    with open_store(labels) as store:
        store.add_pair("geo", "prompt", "a", "b")
    with open_store(labels, to_read=True) as store:
        assert not labels.with_name("labels.db.writer").exists()
        holding(labels)
        assert len(store.pairs("geo")) == 1


def test_a_file_system_without_links_has_one_writer_too(
    labels: Path, holding: Holding, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    with open_store(labels) as store:
        pair = store.add_pair("geo", "prompt", "a", "b")
        store.vote(pair, "ana", "tie")
    holding(labels)
    with open_store(labels) as store, pytest.raises(WorkbenchError, match="bob on"):
        store.vote(pair, "ana", "tie")
