"""Stores that were made by earlier versions open after an upgrade, with every vote, undone ones too."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from workbench.label.records import Guess, Judgement, Past, Vote
from workbench.label.schema import VERSION
from workbench.label.store import open_store

STORES = Path(__file__).parent / "stores"


@pytest.fixture
def version_1(tmp_path: Path) -> Path:
    """A store as version 1 wrote it: two sets, five pairs, seven votes of three people, one of them taken back."""
    path = tmp_path / "labels.db"
    connection = sqlite3.connect(path)
    connection.executescript((STORES / "version-1.sql").read_text(encoding="utf-8"))
    connection.close()
    return path


@pytest.fixture
def version_2(tmp_path: Path) -> Path:
    """A store as version 2 wrote it: a set of each kind, a hidden repeat, a criterion, an undone vote, an edit."""
    path = tmp_path / "labels.db"
    connection = sqlite3.connect(path)
    connection.executescript((STORES / "version-2.sql").read_text(encoding="utf-8"))
    connection.close()
    return path


def rows(path: Path, question: str) -> list[tuple]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def test_every_vote_of_version_1_is_there_after_the_upgrade(version_1: Path) -> None:
    asked = "SELECT id, annotator, choice, shown_left, note, at, undone FROM votes"
    before = rows(version_1, asked)
    assert len(before) == 7
    for _ in range(2):  # the second time there is nothing left to do
        with open_store(version_1) as store:
            assert [(each.name, each.kind, each.pairs, each.votes) for each in store.sets()] == [
                ("chat", "pairs", 1, 1),
                ("geo", "pairs", 4, 4),
            ]
    assert rows(version_1, asked) == before
    assert rows(version_1, "PRAGMA user_version") == [(VERSION,)]
    assert rows(version_1, "PRAGMA foreign_key_check") == []
    assert rows(version_1, "PRAGMA integrity_check") == [("ok",)]


OPEN = """
import sys
from pathlib import Path
from workbench.label.store import open_store
sys.stdin.readline()
with open_store(Path(sys.argv[1])) as store:
    print(sum(each.votes for each in store.sets()))
"""


def test_processes_that_open_an_old_store_at_once_all_find_every_vote(version_1: Path) -> None:
    command = [sys.executable, "-c", OPEN, str(version_1)]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("now\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0] for process in started] == ["5\n"] * 3
    assert rows(version_1, "SELECT count(*) FROM undos") == [(1,)]


def test_pairs_of_version_1_keep_their_numbers_texts_and_digests(version_1: Path) -> None:
    before = rows(version_1, "SELECT id, source, digest FROM pairs")
    with open_store(version_1) as store:
        pairs = store.pairs("geo") + store.pairs("chat")
        assert [(each.id, each.source, each.digest) for each in pairs] == before
        assert (pairs[3].prompt, pairs[3].first, pairs[3].second) == ("prompt 3", "yes 3", "no 3")
        assert pairs[4].prompt == [{"role": "user", "content": "Wie heißt 漢字?"}]
        assert pairs[4].first == [{"role": "assistant", "content": "Kanji \ud800"}]
        assert store.add_pair("geo", "prompt 1", "yes 1", "no 1") == 2  # known by its digest
        assert store.add_pair("geo", "new", "a", "b") > 5


def test_what_was_taken_back_in_version_1_is_history(version_1: Path) -> None:
    with open_store(version_1) as store:
        undone, stands = store.history(2)
        (vote,) = (each for each in store.votes("geo") if each.item_id == 2)
        assert (undone.judgement.choice, undone.undone_by) == ("tie", "ana")
        assert undone.undone is not None and undone.undone > undone.judgement.at
        assert isinstance(stands, Past) and isinstance(stands.judgement, Judgement) and isinstance(vote, Vote)
        assert (stands.judgement.choice, stands.undone, stands.undone_by) == ("second-clearly", None, None)
        assert (vote.choice, vote.shown_left, vote.seconds, vote.repeat) == ("second-clearly", "first", None, False)
        assert store.progress("geo", "ana").answered == 2


def test_every_kind_of_version_2_is_there_after_the_upgrade(version_2: Path) -> None:
    tables = ("sets", "items", "answers", "origins", "votes", "demonstrations", "undos")
    before = {table: rows(version_2, f"SELECT * FROM {table}") for table in tables}
    for _ in range(2):
        with open_store(version_2) as store:
            assert [(each.name, each.kind, each.pairs, each.votes, each.order) for each in store.sets()] == [
                ("geo", "pairs", 3, 2, None),
                ("kto", "single", 1, 1, None),
                ("mood", "classes", 1, 1, None),
                ("ranks", "ranking", 1, 1, None),
            ]
            assert [each.choice for each in store.judgements("ranks")] == ["2>1=3"]
            assert store.item_at("mood", 1).guess == Guess("sad", 0.6)
            assert [each.text for each in store.demonstrations("geo")] == ["better"]
    after = {table: rows(version_2, f"SELECT * FROM {table}") for table in tables}
    assert {**after, "sets": [row[:4] for row in after["sets"]]} == before
    assert rows(version_2, "PRAGMA user_version") == [(VERSION,)]
