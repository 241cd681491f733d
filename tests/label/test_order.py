"""What comes next: the order a plan asks for, and repeats that are as many as stated, far apart and turned round."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.label.content import judged_of
from workbench.label.facts import Facts, ItemFact, VoteFact
from workbench.label.order import ranked, source_of
from workbench.label.plan import Plan, plan_of
from workbench.label.queue import Queue
from workbench.label.records import ORDERS, GivenVote, NewItem
from workbench.label.repeats import Repeats, other_side, repeat_due, repeats_to_come
from workbench.label.scores import differences
from workbench.label.session import Session
from workbench.label.sides import answer_to_the_left
from workbench.label.store import Store, open_store
from workbench.settings import Settings
from workbench.workspace import Workspace


def pairs(*sources: str) -> tuple[ItemFact, ...]:
    return tuple(ItemFact(at * 10, at, f"digest {at}", source) for at, source in enumerate(sources, 1))


HUNDRED = Facts(pairs(*["rows.jsonl:1"] * 100), ())


def test_added_is_the_order_of_the_set() -> None:
    assert ranked(HUNDRED, Plan(), "ana") == [10 * n for n in range(1, 101)]


def test_random_is_the_same_each_time_and_another_for_each_annotator_and_seed() -> None:
    ana = ranked(HUNDRED, Plan("random"), "ana")
    assert sorted(ana) == ranked(HUNDRED, Plan(), "ana") != ana
    assert ana == ranked(Facts(HUNDRED.items[::-1], ()), Plan("random"), "ana")
    others = ranked(HUNDRED, Plan("random"), "bob"), ranked(HUNDRED, Plan("random", seed=8), "ana")
    assert len({tuple(ana), *map(tuple, others)}) == 3


def test_stratified_takes_each_source_in_turn_until_it_is_through() -> None:
    facts = Facts(pairs("a.jsonl:1", "a.jsonl:2", "a.jsonl:3", "b.jsonl:1", "b.jsonl:2", "c:d.jsonl:1"), ())
    source = {pair.id: source_of(pair) for pair in facts.items}
    order = [source[pair] for pair in ranked(facts, Plan("stratified"), "ana")]
    assert set(order[:3]) == {"a.jsonl", "b.jsonl", "c:d.jsonl"}
    assert set(order[3:5]) == {"a.jsonl", "b.jsonl"} and order[5] == "a.jsonl"


def test_least_sure_begins_where_scores_lie_together_and_ends_with_what_has_none() -> None:
    facts = Facts(pairs("", "", "", ""), ())
    apart = {"digest 1": 2.5, "digest 3": 0.1, "digest 4": 1.0}
    assert ranked(facts, Plan("least-sure", differences=apart), "ana") == [30, 40, 10, 20]
    with pytest.raises(WrongUse, match="needs the scores"):
        ranked(facts, Plan("least-sure"), "ana")


def test_disputed_begins_where_people_differ_and_ends_where_they_agree() -> None:
    said = {10: ("first", "first"), 20: ("first", "second"), 30: ("tie",), 50: ("first", "first-clearly", "tie")}
    votes = [VoteFact(pair, who, choice) for pair, all_ in said.items() for who, choice in zip("abc", all_)]  # noqa: B905
    votes += [VoteFact(10, "c", "second", "first", is_repeat=True), VoteFact(30, "b", "skip")]
    order = ranked(Facts(pairs("", "", "", "", ""), tuple(votes)), Plan("disputed"), "dan")
    assert order[:2] == [20, 50] and set(order[2:4]) == {30, 40} and order[4] == 10


def test_scores_are_read_or_refused_by_line(tmp_path: Path) -> None:
    path = tmp_path / "scores.jsonl"
    path.write_text('{"pair": "a", "first": 1.5, "second": -1}\n\n{"pair": "b", "first": NaN, "second": 0}\n')
    assert differences(path) == {"a": 2.5, "b": float("inf")}
    path.write_text('{"pair": "a", "first": 1.5, "second": 1}\n{"pair": "b", "first": 1}\n')
    with pytest.raises(WorkbenchError, match="line 2 holds no scores"):
        differences(path)


def test_a_plan_is_what_the_settings_say_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert get_args(Settings.model_fields["label_order"].annotation) == ORDERS
    (tmp_path / "workbench.toml").write_text('label_order = "random"\nlabel_repeats = 0.1\n')
    assert plan_of(Workspace(tmp_path)) == Plan("random", Repeats(0.1))
    assert plan_of(Workspace(tmp_path), None, "added", 0.0).is_plain
    with pytest.raises(Missing, match="no run here has scores"):
        plan_of(Workspace(tmp_path), order="least-sure")
    for name in ("old", "new"):
        run = tmp_path / "runs" / name
        run.mkdir(parents=True)
        (run / "run.yaml").touch()
        (run / "scores.jsonl").write_text(json.dumps({"pair": name, "first": 0, "second": 1}) + "\n")
    assert set(plan_of(Workspace(tmp_path), order="least-sure").differences) == {"new"}
    assert set(plan_of(Workspace(tmp_path), scores="old").differences) == {"old"}


def test_rankings_come_by_the_two_answers_that_a_reward_model_is_least_sure_of(tmp_path: Path) -> None:
    """Scores 0, 1, 3 lie 1 apart at least; 5, 2, 5.5 lie 0.5 apart; 1, 4, 1.2 lie 0.2 apart, in whatever places."""
    said = {"one": (0.0, 1.0, 3.0), "two": (5.0, 2.0, 5.5), "three": (1.0, 4.0, 1.2)}
    run = tmp_path / "runs" / "reward-1"
    run.mkdir(parents=True)
    (run / "run.yaml").touch()
    with open_store(tmp_path / "labels.db") as store:
        items = [NewItem(prompt, ("a", "b", "c")) for prompt in ("none", *said)]
        store.add_items("ranks", "ranking", items)
        held = store.set_named("ranks")
        with pytest.raises(Missing, match="no run here has scores"):
            plan_of(Workspace(tmp_path), held, "least-sure")
        pairs = judged_of(store, held)[0]
        scored = [
            {"pair": pair.digest, "first": scores["abc".index(pair.first)], "second": scores["abc".index(pair.second)]}
            for pair in pairs
            if (scores := said.get(str(pair.prompt)))
        ]  # what a reward run on the set writes
        (run / "scores.jsonl").write_text("".join(json.dumps(each) + "\n" for each in scored))
        queue = Queue(store, "ranks", "ana", plan_of(Workspace(tmp_path), held, "least-sure"))
        shown = []
        while due := queue.due():
            shown.append(store.item(due.item_id).prompt)
            store.judge(due.item_id, GivenVote("ana", "1>2>3"))
    assert shown == ["three", "two", "one", "none"]


def test_each_set_keeps_its_own_order(tmp_path: Path) -> None:
    (tmp_path / "workbench.toml").write_text('label_order = "random"\nlabel_repeats = 0.1\n')
    workspace = Workspace(tmp_path)
    with open_store(tmp_path / "labels.db") as store:
        store.add_pair("geo", "p", "a", "b")
        store.make_set("mood", "classes", ["glad"])
        store.make_set("kto", "single")
        store.go_through("geo", "disputed", 0.0)
        with pytest.raises(Missing):
            store.go_through("nowhere", "added", None)
    with open_store(tmp_path / "labels.db", to_read=True) as store:
        held = {each.name: each for each in store.sets()}
    assert plan_of(workspace, held["geo"]) == Plan("disputed")
    assert plan_of(workspace, held["kto"]) == Plan("random", Repeats(0.1))
    assert plan_of(workspace, held["mood"]) == Plan("least-sure", Repeats(0.1))  # by the guesses, without a run
    assert plan_of(workspace, held["geo"], "added").order == "added"
    with pytest.raises(WrongUse, match="no model says how sure it is of the answers of kto"):
        plan_of(workspace, held["kto"], "least-sure")
    (tmp_path / "workbench.toml").write_text('label_order = "least-sure"\n')
    assert plan_of(Workspace(tmp_path), held["kto"]) == Plan("added"), "what is usual for pairs stops no other set"


def go_through(
    count: int, repeats: Repeats, annotator: str = "ana", skips: frozenset[int] = frozenset()
) -> list[VoteFact]:
    """What an annotator is shown of a set of `count` pairs, voting on each but `skips`."""
    shown: list[VoteFact] = []
    fresh = iter(range(count))
    new = next(fresh)
    while True:
        again = repeat_due(shown, repeats, annotator)
        if again is not None:
            shown.append(VoteFact(again.item_id, annotator, "first", other_side(again), is_repeat=True))
            continue
        shown.append(VoteFact(new, annotator, "skip" if new in skips else "first", "first"))
        try:
            new = next(fresh)
        except StopIteration:
            return shown


@settings(max_examples=40)
@given(st.integers(1, 150), st.floats(0, 0.5), st.integers(1, 30), st.text(max_size=3), st.sets(st.integers(0, 150)))
def test_a_repeat_is_an_old_vote_once_and_with_the_sides_swapped(
    count: int, share: float, gap: int, annotator: str, skips: set[int]
) -> None:
    repeats = Repeats(share, gap)
    shown = go_through(count, repeats, annotator, frozenset(skips))
    assert shown == go_through(count, repeats, annotator, frozenset(skips))
    first = {vote.item_id: at for at, vote in enumerate(shown) if not vote.is_repeat}
    again = [(at, vote) for at, vote in enumerate(shown) if vote.is_repeat]
    assert len(first) == count and all(times == 1 for times in Counter(vote.item_id for _, vote in again).values())
    for at, vote in again:
        assert at - first[vote.item_id] > gap and vote.item_id not in skips and vote.shown_left == "second"
    if not skips:
        assert len(again) <= repeats_to_come(0, count, repeats, annotator)


@settings(max_examples=40)
@given(st.sampled_from([0.05, 0.1, 0.125, 0.3]), st.text(max_size=3))
def test_repeats_are_as_many_as_stated(share: float, annotator: str) -> None:
    shown = go_through(300, Repeats(share, gap=20), annotator)
    possible = len(shown) - 21  # before that, no pair is old enough
    count = sum(vote.is_repeat for vote in shown)
    assert abs(count - share * possible) <= 20 * share + 1
    assert count == repeats_to_come(0, 300, Repeats(share, gap=20), annotator)


def test_where_the_repeats_stand_is_not_the_same_for_all_and_shares_that_are_none_are_refused() -> None:
    places = {tuple(vote.is_repeat for vote in go_through(100, Repeats(0.1), who)) for who in ("ana", "bob", "cyn")}
    assert len(places) == 3
    assert not any(vote.is_repeat for vote in go_through(100, Repeats(0.0)))
    for wrong in ({"share": 0.6}, {"share": -0.1}, {"gap": 0}):
        with pytest.raises(WrongUse):
            Repeats(**wrong)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "labels.db") as opened:
        for n in range(40):
            opened.add_pair("geo", f"prompt {n}", f"yes {n}", f"no {n}")
        yield opened


def test_a_session_shows_each_pair_in_the_plans_order_with_its_repeats_between(store: Store) -> None:
    plan = Plan("random", Repeats(0.25, gap=5))
    order = ranked(store.facts("geo"), plan, "ana")
    shown = Session(store, "geo", "ana", plan).begin()
    seen, numbers, ends = [], [], set()
    while shown.pair is not None:
        seen.append((shown.pair.id, shown.left, shown.is_repeat))
        numbers.append(shown.number)
        ends.add(shown.of)
        session = Session(store, "geo", "ana", plan)  # as after a restart
        assert (again := session.begin(shown.pair.id)).pair == shown.pair and again.left == shown.left
        shown = session.vote(shown, "left")
        if len(seen) in (7, 20):
            back = session.undo()
            assert back is not None and back.pair is not None
            assert (back.pair.id, back.left, back.is_repeat, back.number) == (*seen[-1], numbers[-1])
            shown = session.vote(back, "left")
    assert [pair for pair, _, is_repeat in seen if not is_repeat] == order
    assert numbers == list(range(1, len(seen) + 1)) and ends == {len(seen)}  # nothing tells a repeat
    repeated = [(pair, left) for pair, left, is_repeat in seen if is_repeat]
    assert 8 <= len(repeated) <= 14
    for pair, left in repeated:
        assert left != answer_to_the_left(store.pair(pair), "ana")
    facts = store.facts("geo")
    assert sum(vote.is_repeat for vote in facts.votes) == len(repeated) and len(facts.firsts()) == 40


def test_a_session_sees_what_another_terminal_answered_and_pairs_that_came_later(store: Store) -> None:
    plan = Plan("random")
    order = ranked(store.facts("geo"), plan, "ana")
    session = Session(store, "geo", "ana", plan)
    shown = session.begin()
    store.vote(order[1], "ana", "tie")
    new = store.add_pair("geo", "late", "a", "b")
    shown = session.vote(shown, "tie")
    assert shown.pair is not None and shown.pair.id == order[2]
    for _ in order[2:]:
        shown = session.vote(shown, "tie")
    assert shown.pair is not None and shown.pair.id == new


def test_skipped_pairs_come_again_whatever_the_order(store: Store) -> None:
    session = Session(store, "geo", "ana", Plan("random"))
    shown = session.begin()
    skipped = shown.pair
    shown = session.vote(shown, "skip")
    while shown.pair is not None:
        shown = session.vote(shown, "tie")
    shown = session.again()
    assert shown.pair == skipped and shown.is_again and not shown.is_repeat
    assert session.vote(shown, "left").pair is None
