"""Votes given blind: on disk at once, by answer; the last on a pair counts; taken back one by one."""

from pathlib import Path

from workbench.compare.votes import Votes
from workbench.data.prompts import Prompt
from workbench.label.annotator import login_name
from workbench.label.store import open_store


def test_a_vote_is_on_disk_when_it_is_given_and_gone_when_it_is_taken_back(tmp_path: Path) -> None:
    votes, labels = Votes(tmp_path / "labels.db", "geo-3"), tmp_path / "labels.db"
    straight = next(p for n in range(99) if not votes.is_swapped(p := Prompt(n + 1, f"prompt {n}")))
    swapped = next(p for n in range(99) if votes.is_swapped(p := Prompt(n + 1, f"prompt {n}")))
    votes.give(straight, "base says", "tuned says", "left", {"seed": 7})
    votes.give(swapped, "base says", "tuned says", "left-clearly", {"seed": 7})  # left stood the tuned one
    with open_store(labels) as store:
        given = store.tally("geo-3", login_name())
        pairs = store.pairs("geo-3")
    assert {choice: count for choice, count in given.items() if count} == {"first": 1, "second-clearly": 1}
    assert [(pair.prompt, pair.first, pair.second) for pair in pairs] == [
        (straight.prompt, "base says", "tuned says"),
        (swapped.prompt, "base says", "tuned says"),
    ]
    assert (votes.tally().base, votes.tally().tuned, votes.tally().left) == (1, 1, 2)
    assert votes.undo() == swapped and len(votes) == 1
    with open_store(labels) as store:
        assert store.tally("geo-3", login_name())["second-clearly"] == 0
    assert votes.undo() == straight and votes.undo() is None
    assert votes.tally().votes == 0


def test_who_votes_twice_on_a_pair_has_changed_their_mind(tmp_path: Path) -> None:
    votes, prompt = Votes(tmp_path / "labels.db", "geo-3"), Prompt(1, "x")
    votes.give(prompt, "a", "b", "tie", {})
    votes.give(prompt, "a", "b", "bad", {})
    assert (votes.tally().ties, votes.tally().bad) == (0, 1)
    votes.undo()
    assert (votes.tally().ties, votes.tally().bad) == (1, 0)
    with open_store(tmp_path / "labels.db") as store:
        assert store.tally("geo-3", login_name())["tie"] == 1
