"""The store: a vote that was acknowledged is there, whoever writes beside it and however it ends."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.label.network import is_on_network
from workbench.label.records import GivenVote, NewPair
from workbench.label.schema import VERSION
from workbench.label.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "labels.db") as opened:
        yield opened


def three(store: Store) -> list[int]:
    return [store.add_pair("geo", f"prompt {n}", f"yes {n}", f"no {n}") for n in range(3)]


def test_a_pair_is_added_once(store: Store) -> None:
    chat = [{"role": "user", "content": "Hé 漢字 \ud800"}]
    one = store.add_pair("geo", chat, "a", "b", source="rows.jsonl:1")
    assert store.add_pair("geo", chat, "a", "b", source="elsewhere") == one
    assert store.add_pair("geo", chat, "b", "a") != one
    assert store.add_pair("other", chat, "a", "b") != one
    pair = store.pair(one)
    assert (pair.prompt, pair.first, pair.second, pair.source) == (chat, "a", "b", "rows.jsonl:1")
    assert [(each.name, each.pairs) for each in store.sets()] == [("geo", 2), ("other", 1)]


def test_next_is_what_one_has_not_answered_oneself(store: Store) -> None:
    one, two, three_ = three(store)
    store.vote(one, "ana", "first")
    store.vote(two, "bob", "tie")
    assert store.next("geo", "ana").id == two
    assert store.next("geo", "ana", after=two).id == three_
    assert store.next("geo", "ana", after=three_).id == two  # past the end, from the beginning
    store.vote(two, "ana", "skip")
    store.vote(three_, "ana", "bad")
    assert store.next("geo", "ana") is None
    assert store.next_skipped("geo", "ana").id == two
    assert store.next_skipped("geo", "ana", after=two) is None
    assert (store.progress("geo", "ana").answered, store.progress("geo", "bob").answered) == (3, 1)
    assert [(each.pairs, each.votes) for each in store.sets()] == [(3, 3)]  # a skip is no vote


def test_undo_takes_the_last_vote_back_and_keeps_it_in_the_file(store: Store, tmp_path: Path) -> None:
    one, two, _ = three(store)
    store.vote(one, "ana", "first", shown_left="second", note="why")
    store.vote(two, "bob", "tie")
    undone = store.undo("ana", "geo")
    assert undone is not None
    assert (undone.item_id, undone.choice, undone.shown_left, undone.note) == (one, "first", "second", "why")
    assert store.undo("ana", "geo") is None and store.undo("ana", "nowhere") is None
    assert store.next("geo", "ana").id == one
    assert store.tally("geo", "bob")["tie"] == 1
    kept = sqlite3.connect(tmp_path / "labels.db").execute("SELECT annotator, undone IS NULL FROM votes").fetchall()
    assert kept == [("ana", 0), ("bob", 1)]


def test_of_two_votes_on_a_pair_the_last_stands_until_it_is_undone(store: Store) -> None:
    one, *_ = three(store)
    store.vote(one, "ana", "skip")
    store.vote(one, "ana", "second-clearly")
    assert store.tally("geo", "ana")["second-clearly"] == 1 and store.tally("geo", "ana")["skip"] == 0
    assert store.progress("geo", "ana").answered == 1
    store.undo("ana", "geo")
    assert store.tally("geo", "ana")["skip"] == 1


def test_votes_that_come_with_a_pair_are_not_doubled(store: Store) -> None:
    pairs = [NewPair("p", "a", "b", votes=(GivenVote("ana", "first"), GivenVote("bob", "tie")))]
    assert store.add_pairs("geo", pairs) == 1
    assert store.add_pairs("geo", pairs) == 0
    assert store.sets()[0].votes == 2


def test_the_time_left_comes_from_votes_that_were_given_here(store: Store) -> None:
    store.add_pairs("geo", [NewPair(f"{n}", "a", "b", votes=(GivenVote("ana", "first"),)) for n in range(9)])
    assert store.progress("geo", "ana").seconds_left is None


@pytest.mark.parametrize("choice, annotator", [("best", "ana"), ("first", " "), ("first", "\udc80")])
def test_what_is_no_vote_is_refused(store: Store, choice: str, annotator: str) -> None:
    one, *_ = three(store)
    with pytest.raises(WrongUse):
        store.vote(one, annotator, choice)
    with pytest.raises(Missing, match="no pair 99"):
        store.vote(99, "ana", "tie")
    assert store.sets()[0].votes == 0


def test_a_full_disk_is_named_and_what_was_stored_stays(store: Store, tmp_path: Path) -> None:
    one, *_ = three(store)
    store.vote(one, "ana", "first")
    with store._database.reading() as connection:  # SQLite's own way to a file that can grow no more
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(WorkbenchError, match=r"labels\.db: database or disk is full") as caught:
        for n in range(1000):
            store.add_pair("geo", f"long {n}", "x" * 4000, "y")
    assert "free some space" in caught.value.fix
    assert store.tally("geo", "ana")["first"] == 1


def test_a_file_of_a_newer_version_or_another_program_is_left_alone(tmp_path: Path) -> None:
    newer, other, text = tmp_path / "newer.db", tmp_path / "other.db", tmp_path / "text.db"
    with open_store(newer):
        pass
    connection = sqlite3.connect(newer)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    text.write_text("not a database at all " * 100)
    before = [path.read_bytes() for path in (newer, other, text)]
    for path, says in ((newer, "newer Workbench"), (other, "another program"), (text, "not a database")):
        with pytest.raises(WorkbenchError, match=says) as caught:
            open_store(path)
        assert str(path) in caught.value.what and caught.value.fix
    assert [path.read_bytes() for path in (newer, other, text)] == before


def test_nothing_is_stored_in_a_file_that_is_gone_or_another(store: Store, tmp_path: Path) -> None:
    one, *_ = three(store)
    path, aside = tmp_path / "labels.db", tmp_path / "aside.db"
    path.rename(aside)
    with pytest.raises(Missing, match="was deleted, moved or replaced"):
        store.vote(one, "ana", "first")
    path.write_bytes(aside.read_bytes())
    with pytest.raises(Missing, match="was deleted, moved or replaced"):
        store.vote(one, "ana", "first")
    aside.replace(path)
    store.vote(one, "ana", "first")
    assert store.tally("geo", "ana")["first"] == 1


READ_ONLY = """
import os, sys
from pathlib import Path
from workbench.errors import Missing
from workbench.label.store import open_store
os.setuid(65534)
folder = Path(sys.argv[1])
try:
    open_store(folder / "none.db")
except Missing as error:
    print("none:", error.fix)
with open_store(folder / "labels.db") as store:
    print("seen:", store.next("geo", "ana").prompt)
    try:
        store.vote(1, "ana", "tie")
    except Missing as error:
        print("vote:", error.fix)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_what_may_only_be_read_is_shown_and_votes_are_refused() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with open_store(folder / "labels.db") as store:
            three(store)
        folder.chmod(0o555)
        ran = subprocess.run([sys.executable, "-c", READ_ONLY, name], cwd=ROOT, capture_output=True, text=True)
        said = dict(line.split(": ", 1) for line in ran.stdout.splitlines())
        assert said["seen"] == "prompt 0", ran.stderr
        assert "may write to" in said["none"] and "may write to" in said["vote"]


def test_votes_are_synced_and_the_log_is_not_used_over_a_network(store: Store) -> None:
    with store._database.reading() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    mounts = "/dev/sda / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\n/dev/sdb /home/me/scratch\\040disk xfs rw 0 0\n"
    assert is_on_network(Path("/home/me/labels.db"), mounts)
    assert not is_on_network(Path("/home/me/scratch disk/labels.db"), mounts)
    assert not is_on_network(Path("/srv/labels.db"), mounts)
