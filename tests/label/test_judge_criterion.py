"""A judge votes by one criterion of the rubric: asked for that alone, kept and tried apart from its overall votes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.judge_server import JudgeServer
from tests.label.test_judge import GOOD, JUDGE, POOR, good, judged
from workbench.errors import WorkbenchError, WrongUse
from workbench.label.judge import judge_of, trial_of, waiting
from workbench.label.records import NewPair
from workbench.label.session import Session
from workbench.label.store import Store, open_store
from workbench.label.trial import each_order_by
from workbench.runs.task import JudgeTask
from workbench.runs.verdicts import Judged
from workbench.workspace import Workspace

RUBRIC = "# What is better\n\n## Criteria\n\n- helpful: it does what was asked\n- honest: nothing in it is untrue\n"
ALONE = "one thing alone counts here, and the better answer is the one that has more of it:\n\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Twenty-four pairs; people prefer the good answer of all, and on the first twenty call the poor one honest."""
    (tmp_path / "rubric.md").write_text(RUBRIC)
    with open_store(tmp_path / "labels.db") as opened:
        sides = ((GOOD, POOR), (POOR, GOOD))
        opened.add_pairs("geo", [NewPair(f"question {n}", *sides[n % 2]) for n in range(24)])
        for n, pair in enumerate(opened.pairs("geo")):
            opened.vote(pair.id, "ana", "second" if n % 2 else "first")
            if n < 20:
                opened.vote(pair.id, "ana", "first" if n % 2 else "second", criterion="honest")
        yield opened


def by_what_is_asked(asked: str) -> str:
    """Chooses the poor answer where honesty alone is asked for, else the good one."""
    said = good(asked)
    return said.translate(str.maketrans("AB", "BA")) if f"{ALONE}honest: nothing in it is untrue\n" in asked else said


def test_votes_by_a_criterion_stand_apart_and_are_tried_against_peoples_by_it(store: Store) -> None:
    with JudgeServer(by_what_is_asked) as server:
        assert judged(store, server, criterion="honest") == Judged(20, 20, 0, 0)  # those that people judged by it
        assert trial_of(store, "geo", "judge:gpt").with_people.pairs == 0
        assert judged(store, server) == Judged(24, 24, 0, 0)
        assert judged(store, server, criterion="honest") == Judged()
        assert judged(store, server, criterion="honest", alone=True) == Judged(4, 4, 0, 0)  # its trial is passed
    assert [(each.judge, each.criterion) for each in Session(store, "geo", "ana").stats().trials] == [
        ("judge:gpt", ""), ("judge:gpt", "honest")
    ]  # fmt: skip
    by_honest, overall = trial_of(store, "geo", "judge:gpt", criterion="honest"), trial_of(store, "geo", "judge:gpt")
    assert (by_honest.with_people.pairs, by_honest.with_people.kappa.value) == (20, 1)
    assert (by_honest.itself.count, by_honest.itself.of) == (24, 24)
    assert (by_honest.left.count, by_honest.left.of) == (24, 48)
    assert (overall.with_people.pairs, overall.with_people.kappa.value) == (24, 1)
    votes = [vote for vote in store.votes("geo") if vote.annotator == "judge:gpt"]
    criteria = [vote.criterion for vote in votes]
    assert {each: criteria.count(each) for each in criteria} == {
        "honest": 24, "": 24, each_order_by("honest"): 48, each_order_by(""): 48
    }  # fmt: skip
    said = {(vote.item_id, vote.criterion): vote.choice for vote in votes if not vote.criterion.startswith("each")}
    assert all(said[pair.id, "honest"] != said[pair.id, ""] for pair in store.pairs("geo"))


def test_a_judge_by_a_criterion_is_held_against_votes_by_it_alone(store: Store) -> None:
    asks = judge_of(Workspace(store.path.parent), "gpt", JudgeTask(set="geo", criterion="helpful"))
    with pytest.raises(WorkbenchError, match="not voted on geo by helpful yet") as refused:
        waiting(store, "geo", asks, alone=False)
    assert "workbench label vote geo 1 first --criterion helpful" in str(refused.value.fix)
    with pytest.raises(WorkbenchError, match="may not judge geo by helpful alone"):
        waiting(store, "geo", asks, alone=True)


def test_a_criterion_that_the_rubric_lacks_is_refused_and_without_a_rubric_it_is_a_word(
    store: Store, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(WrongUse, match="no criterion short") as refused:
        judge_of(workspace, "gpt", JudgeTask(set="geo", criterion="short"))
    assert refused.value.fix == "its criteria: helpful, honest"
    (tmp_path / "ask.txt").write_text("$prompt $answer_a $answer_b")
    with pytest.raises(WrongUse, match=r"\$rubric is not in it"):
        judge_of(workspace, "gpt", JudgeTask(set="geo", criterion="honest", prompt="ask.txt"))
    (tmp_path / "rubric.md").unlink()
    asked = judge_of(workspace, "gpt", JudgeTask(set="geo", criterion="short")).prompt.asks(
        store.pairs("geo")[0], "first"
    )
    assert f"{ALONE}short\n" in asked
    assert ALONE not in JUDGE.prompt.asks(store.pairs("geo")[0], "first")
