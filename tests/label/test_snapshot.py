"""The votes that a reward run keeps: those that stand, on every pair of the set, as `label import` takes them."""

import json
from pathlib import Path

import pytest

from tests.conftest import Bench
from workbench.data.examples import pairs
from workbench.data.rows import open_rows
from workbench.data.spec import VotesSpec
from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.label.records import GivenVote, NewItem
from workbench.label.snapshot import snapshot
from workbench.label.store import open_store


def labels(folder: Path) -> Path:
    """Two pairs: on the first ana changed her mind and ben took his vote back, on the second there is none."""
    path = folder / "labels.db"
    with open_store(path) as store:
        one = store.add_pair("set", "p", "a", "b")
        store.add_pair("set", [{"role": "user", "content": "q"}], [said("c")], [said("d")])
        for annotator, choice in (("ana", "first"), ("ben", "second"), ("ana", "second-clearly")):
            store.vote(one, annotator, choice)
        store.undo("ben", "set")
        store.vote(store.add_pair("other", "p", "a", "b"), "cyn", "first")
    return path


def said(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def test_a_snapshot_holds_every_pair_with_the_votes_that_stand(tmp_path: Path) -> None:
    rows = snapshot(labels(tmp_path), VotesSpec(votes="set"))
    assert [row["votes"] for row in rows] == [[{"annotator": "ana", "choice": "second-clearly"}], []]
    assert (rows[0]["prompt"], rows[0]["chosen"], rows[0]["rejected"]) == ("p", "a", "b")


def test_the_rows_of_a_snapshot_are_pairs_of_the_same_digest(tmp_path: Path) -> None:
    rows = snapshot(labels(tmp_path), VotesSpec(votes="set"))
    (tmp_path / "votes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    read = pairs(open_rows(tmp_path / "votes.jsonl"))
    assert [read[index]["digest"] for index in range(2)] == [row["pair"] for row in rows]


def test_what_cannot_be_trained_on_is_said_before_there_is_a_run(tmp_path: Path, bench: Bench) -> None:
    path = labels(tmp_path)
    with pytest.raises(Missing, match="no set of pairs named absent"):
        snapshot(path, VotesSpec(votes="absent"))
    with pytest.raises(Missing, match="nobody called zoe"):
        snapshot(path, VotesSpec(votes="set", annotators=("zoe",)))
    with open_store(path) as store:
        store.vote(store.pairs("set")[0].id, "ana", "tie")
    with pytest.raises(WorkbenchError, match="no vote on set prefers an answer"):
        snapshot(path, VotesSpec(votes="set"))
    ran = bench("train", "start", "--reward", "absent", "--model", "tiny", "--json")
    assert ran.code == 3 and "no set of pairs named absent" in ran.json["error"]
    assert not (bench.folder / "runs").exists() and not (bench.folder / "labels.db").exists()


def test_a_ranking_is_trained_on_as_the_pairs_that_it_says(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    with open_store(path) as store:
        store.add_items("ranks", "ranking", [NewItem("p", ("a", "b", "c"))])
        with pytest.raises(WorkbenchError, match="no vote on ranks prefers an answer yet"):
            snapshot(path, VotesSpec(votes="ranks"))
        store.judge(store.id_at("ranks", 1), GivenVote("ana", "2>1=3"))
        store.add_items("kto", "single", [NewItem("p", ("a",))])
    rows = snapshot(path, VotesSpec(votes="ranks"))
    assert [(row["chosen"], row["rejected"], row["votes"][0]["choice"]) for row in rows] == [
        ("a", "b", "second"),
        ("a", "c", "tie"),
        ("b", "c", "first"),
    ]
    with pytest.raises(WrongUse, match="kto holds no pairs"):
        snapshot(path, VotesSpec(votes="kto"))
