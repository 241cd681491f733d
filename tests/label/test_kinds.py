"""Rankings, single answers, classes and written answers in a store; repeats, criteria and history of votes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.label.ranking import from_merits, order_of, pairs_in, written
from workbench.label.records import GivenVote, Guess, NewItem, NewPair, Origin
from workbench.label.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "labels.db") as opened:
        yield opened


def test_an_order_with_ties_expands_to_its_pairs() -> None:
    order = order_of("2>1=3", 3)
    assert order == ((1,), (0, 2)) and written(order) == "2>1=3" and written(order_of("3=1>2", 3)) == "1=3>2"
    assert pairs_in(order) == [(0, 1, "second"), (0, 2, "tie"), (1, 2, "first")]
    assert written(from_merits((0.5, 2.0, 0.5))) == "2>1=3"


@pytest.mark.parametrize("text", ["", "1>2", "1>2>2", "1>2>4", "0>1>2", "a>b>c", "1>2>3>"])
def test_what_does_not_name_each_answer_once_is_no_order(text: str) -> None:
    with pytest.raises(WrongUse, match="no order of 3 answers"):
        order_of(text, 3)


def test_rankings_are_kept_by_annotator_in_one_way_of_writing(store: Store) -> None:
    store.add_items("ranks", "ranking", [NewItem("q", ("x", "y", "z"))])
    item = store.item_at("ranks", 1)
    store.judge(item.id, GivenVote("ana", "3=2>1", seconds=4.5))
    store.judge(item.id, GivenVote("bob", "1>2>3"))
    assert [(each.annotator, each.choice, each.seconds) for each in store.judgements("ranks")] == [
        ("ana", "2=3>1", 4.5),
        ("bob", "1>2>3", None),
    ]
    with pytest.raises(WrongUse):
        store.judge(item.id, GivenVote("ana", "first"))
    assert (item.answers, item.kind) == (("x", "y", "z"), "ranking")


def test_single_answers_are_good_or_bad(store: Store) -> None:
    store.add_items("kto", "single", [NewItem("q", ("x",)), NewItem("q", ("y",))])
    first = store.next_id("kto", "ana")
    assert first is not None
    store.judge(first, GivenVote("ana", "good"))
    assert store.next_id("kto", "ana") == first + 1
    store.judge(first + 1, GivenVote("ana", "skip"))
    assert store.next_id("kto", "ana") is None and store.progress("kto", "ana").answered == 2
    assert [(each.pairs, each.votes) for each in store.sets()] == [(2, 1)]
    with pytest.raises(WrongUse, match="first is not a vote"):
        store.judge(first, GivenVote("ana", "first"))


def test_a_class_is_one_of_the_sets_names(store: Store) -> None:
    store.make_set("mood", "classes", ["glad", "sad"])
    rows = [("a", Guess("glad", 0.9)), ("b", None)]
    store.add_items("mood", "classes", [NewItem(text, guess=guess) for text, guess in rows])
    with pytest.raises(WrongUse, match="angry is not a class"):
        store.judge(store.id_at("mood", 1), GivenVote("ana", "angry"))
    store.make_set("mood", "classes", ["angry", "sad"])
    store.judge(store.id_at("mood", 1), GivenVote("ana", "angry"))
    assert store.set_named("mood").classes == ("glad", "sad", "angry")
    with pytest.raises(WrongUse, match="cannot be called skip"):
        store.make_set("mood", "classes", ["skip"])
    store.add_items("mood", "classes", [NewItem("b", guess=Guess("sad", 0.8))])
    assert store.item_at("mood", 2).guess == Guess("sad", 0.8)


def test_a_set_holds_one_kind(store: Store) -> None:
    store.add_pair("geo", "p", "a", "b")
    with pytest.raises(WrongUse, match="geo holds pairs, not rankings"):
        store.add_items("geo", "ranking", [NewItem("q", ("x", "y", "z"))])
    with pytest.raises(Missing, match="no set of pairs named nowhere"):
        store.set_named("nowhere")


def test_answers_keep_who_gave_them_apart_from_their_text(store: Store) -> None:
    base, tuned = Origin(model="qwen", settings={"temperature": 0.7}), Origin(run="geo-3", file="a.json")
    store.add_pairs(
        "geo", [NewPair("p", "a", "b", origins=(base, tuned)), NewPair("q", "a", "b", origins=(base, None))]
    )
    assert [store.item_at("geo", number).origins for number in (1, 2)] == [(base, tuned), (base, None)]
    assert store.add_pair("geo", "p", "a", "b") == store.id_at("geo", 1)  # whoever gave them: the same pair


def test_a_hidden_repeat_stands_beside_the_first_vote(store: Store) -> None:
    pair = store.add_pair("geo", "p", "a", "b")
    with pytest.raises(WrongUse, match="repeats nothing"):
        store.vote(pair, "ana", "first", repeat=True)
    store.vote(pair, "ana", "first", shown_left="first", seconds=3.0)
    store.vote(pair, "ana", "second", shown_left="second", repeat=True)
    assert store.tally("geo", "ana")["first"] == 1 and store.tally("geo", "ana")["second"] == 0
    assert [(each.choice, each.repeat, each.seconds) for each in store.votes("geo")] == [
        ("first", False, 3.0),
        ("second", True, None),
    ]
    assert store.sets()[0].votes == 1 and store.progress("geo", "ana").answered == 1
    undone = store.undo("ana", "geo")
    assert undone is not None and undone.repeat and [each.repeat for each in store.votes("geo")] == [False]


def test_a_criterion_is_voted_on_beside_the_whole(store: Store) -> None:
    pair = store.add_pair("geo", "p", "a", "b")
    store.vote(pair, "ana", "second", criterion="honest")
    assert store.next("geo", "ana") is not None and store.progress("geo", "ana").answered == 0
    store.vote(pair, "ana", "first")
    store.vote(pair, "ana", "tie", criterion="honest")
    assert [(each.criterion, each.choice) for each in store.votes("geo")] == [("", "first"), ("honest", "tie")]
    assert store.next("geo", "ana") is None and store.sets()[0].votes == 1


def test_history_tells_all_votes_and_who_took_them_back(store: Store) -> None:
    pair = store.add_pair("geo", "p", "a", "b")
    store.vote(pair, "ana", "first", note="why")
    store.undo("ana", "geo", by="boss")
    store.vote(pair, "ana", "second")
    past = store.history(pair)
    assert [(each.judgement.choice, each.judgement.note, each.undone_by) for each in past] == [
        ("first", "why", "boss"),
        ("second", "", None),
    ]
    assert past[0].undone is not None and past[0].undone >= past[0].judgement.at


def test_an_edited_answer_makes_a_pair_in_which_it_is_better(store: Store) -> None:
    pair = store.add_pair("geo", "p", "a", "b")
    wrote = store.edit(pair, "ana", "b, but better", of="second")
    assert wrote.pair_id is not None
    made = store.item(wrote.pair_id)
    assert (made.prompt, made.answers, made.source) == ("p", ("b, but better", "b"), f"edited from pair {pair}")
    assert made.origins[0] == Origin(settings={"written_by": "ana"})
    assert [(each.item_id, each.annotator, each.choice) for each in store.votes("geo")] == [(made.id, "ana", "first")]
    (found,) = store.demonstrations("geo")
    assert found == wrote and (found.prompt, found.text, found.of) == ("p", "b, but better", "second")
    assert store.next("geo", "ana").id == pair and store.next("geo", "bob", after=pair).id == made.id
    store.undo("ana", "geo")
    assert store.demonstrations("geo") == [] and store.votes("geo") == []


def test_an_answer_that_is_written_anew_makes_no_pair_and_can_be_withdrawn(store: Store) -> None:
    pair = store.add_pair("geo", "p", "a", "b")
    wrote = store.edit(pair, "ana", "c")
    assert (wrote.of, wrote.pair_id, len(store.pairs("geo"))) == (None, None, 1)
    store.withdraw(wrote.id, "ana")
    assert store.demonstrations("geo") == []
    with pytest.raises(Missing):
        store.withdraw(wrote.id, "ana")
    for text, says in ((" ", "without text"), ("b", "as it is")):
        with pytest.raises(WorkbenchError, match=says):
            store.edit(pair, "ana", text, of="first")
