"""Going through a set that holds no pairs: what comes next, what is stored, what undo brings back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.label.arranging import drawn_by_lot
from workbench.label.item_session import ItemSession
from workbench.label.order import ranked
from workbench.label.plan import Plan
from workbench.label.records import GivenVote, Guess, NewItem
from workbench.label.repeats import Repeats
from workbench.label.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "labels.db") as opened:
        opened.add_items("kto", "single", [NewItem(f"q{n}", (f"a{n}",)) for n in range(3)])
        opened.make_set("mood", "classes", ["glad", "sad"])
        guesses = [("easy", Guess("glad", 0.9)), ("hard", Guess("sad", 0.5)), ("none", None)]
        opened.add_items("mood", "classes", [NewItem(text, guess=guess) for text, guess in guesses])
        yield opened


def test_a_vote_is_stored_before_the_next_is_returned(store: Store) -> None:
    session = ItemSession(store, "kto", "ana")
    shown = session.begin()
    assert shown.item is not None and (shown.item.prompt, shown.number, shown.of) == ("q0", 1, 3)
    after = session.say(shown, "good", "why", 2.5)
    assert [(each.item_id, each.choice, each.note, each.seconds) for each in store.judgements("kto")] == [
        (shown.item.id, "good", "why", 2.5)
    ]
    assert after.item is not None and after.item.prompt == "q1" and after.number == 2
    assert after.done is not None and (after.done.item_number, after.done.choice) == (1, "good")


def test_rows_come_by_how_hard_they_are(store: Store) -> None:
    session = ItemSession(store, "mood", "ana")
    seen, shown = [], session.begin()
    while shown.item is not None:
        seen.append(shown.item.prompt)
        shown = session.say(shown, "glad")
    assert seen == ["hard", "easy", "none"] and shown.tally == {"glad": 3}


def test_rows_that_came_meanwhile_and_votes_taken_back_are_not_left_out(store: Store) -> None:
    session = ItemSession(store, "mood", "ana")
    shown = session.say(session.say(session.begin(), "sad"), "sad")
    store.add_items("mood", "classes", [NewItem("later", guess=Guess("sad", 0.1))])
    store.undo_judgement("ana", "mood")  # in another window: "easy" waits again
    seen = []
    while shown.item is not None:
        seen.append(shown.item.prompt)
        shown = session.say(shown, "glad")
    assert seen == ["none", "later", "easy"]


def test_a_new_class_is_one_of_the_sets_from_then_on(store: Store) -> None:
    session = ItemSession(store, "mood", "ana")
    shown = session.begin()
    with pytest.raises(WrongUse, match="angry is not a class"):
        session.say(shown, "angry")
    assert session.say(shown, "angry", is_new=True).classes == ("glad", "sad", "angry")
    with pytest.raises(WorkbenchError, match="cannot be called skip"):
        session.say(shown, "skip", is_new=True)


def test_undo_brings_the_item_back_with_its_note_and_choice(store: Store) -> None:
    session = ItemSession(store, "kto", "ana")
    assert session.undo() is None
    session.say(session.begin(), "bad", "too short")
    shown = session.undo()
    assert shown is not None and shown.item is not None and shown.done is not None
    assert (shown.item.prompt, shown.note, shown.taken_back, shown.done.is_undone) == ("q0", "too short", "bad", True)
    assert store.judgements("kto") == []


def test_skipped_items_are_gone_through_once_more(store: Store) -> None:
    session = ItemSession(store, "kto", "ana")
    shown = session.begin()
    for choice in ("skip", "good", "skip"):
        shown = session.say(shown, choice)
    assert shown.item is None and shown.skipped == 2
    shown = session.again()
    assert shown.item is not None and shown.item.prompt == "q0" and shown.is_again
    shown = session.say(shown, "bad")
    assert shown.item is not None and shown.item.prompt == "q2"
    shown = session.say(shown, "skip")
    assert shown.item is None and shown.skipped == 1


def test_it_begins_where_it_was_left_if_that_still_waits(store: Store) -> None:
    third = store.id_at("kto", 3)
    assert ItemSession(store, "kto", "ana").begin(third).item_id == third
    ItemSession(store, "kto", "ana").say(ItemSession(store, "kto", "ana").begin(third), "good")
    assert ItemSession(store, "kto", "ana").begin(third).item_id == store.id_at("kto", 1)
    with pytest.raises(Missing):
        ItemSession(store, "nowhere", "ana")


def test_the_time_left_is_known_from_votes_that_were_given_on_a_screen(store: Store) -> None:
    store.add_items("long", "single", [NewItem(f"q{n}", ("a",)) for n in range(20)])
    session = ItemSession(store, "long", "ana")
    shown = session.begin()
    for _ in range(8):
        shown = session.say(shown, "good", seconds=1.0)
    assert shown.progress.seconds_left is not None


def test_every_kind_comes_in_the_plans_order_with_its_repeats_between(store: Store) -> None:
    store.make_set("many", "classes", ["glad", "sad"])
    store.add_items("many", "classes", [NewItem(f"row {n}", guess=Guess("glad", n / 40)) for n in range(40)])
    plan = Plan("random", Repeats(0.25, gap=5))
    order = ranked(store.facts("many", of_any_kind=True), plan, "ana")
    shown = ItemSession(store, "many", "ana", plan).begin()
    seen, numbers, ends = [], [], set()
    while shown.item is not None:
        seen.append((shown.item.id, shown.is_repeat))
        numbers.append(shown.number)
        ends.add(shown.of)
        session = ItemSession(store, "many", "ana", plan)  # as after a restart
        assert (again := session.begin(shown.item_id)).item == shown.item and again.is_repeat == shown.is_repeat
        shown = session.say(shown, "glad", seconds=1.0)
        if len(seen) in (7, 20):
            back = session.undo()
            assert back is not None and back.item is not None
            assert (back.item.id, back.is_repeat, back.number) == (*seen[-1], numbers[-1])
            shown = session.say(back, "glad", seconds=1.0)
    assert [item for item, is_repeat in seen if not is_repeat] == order
    assert numbers == list(range(1, len(seen) + 1)) and ends == {len(seen)}  # nothing tells a repeat
    repeated = [item for item, is_repeat in seen if is_repeat]
    assert 8 <= len(repeated) <= 14 and len(set(repeated)) == len(repeated)
    facts = store.facts("many", of_any_kind=True)
    assert sum(vote.is_repeat for vote in facts.votes) == len(repeated) and len(facts.firsts()) == 40
    assert store.progress("many", "ana").answered == 40 and store.set_named("many").votes == 40


def test_what_was_not_judged_on_a_screen_does_not_come_again(store: Store) -> None:
    store.add_items("long", "single", [NewItem(f"q{n}", ("a",)) for n in range(30)])
    session = ItemSession(store, "long", "ana", Plan("added", Repeats(0.5, gap=1)))
    shown = session.begin()
    for item in store.items("long"):
        store.judge(item.id, GivenVote("ana", "good"))  # by the command
    assert session.say(shown, "good", seconds=1.0).item is None


def test_a_repeated_ranking_stands_the_other_way_round(store: Store) -> None:
    store.add_items("ranks", "ranking", [NewItem("q", ("a", "b", "c"))])
    (item,) = store.items("ranks")
    assert drawn_by_lot(item, "ana", is_repeat=True) == drawn_by_lot(item, "ana")[::-1]


def test_rows_come_by_guessed_class_in_turn_and_where_people_differ(store: Store) -> None:
    store.make_set("many", "classes", ["glad", "sad"])
    guesses = [*["glad"] * 4, *["sad"] * 2]
    store.add_items("many", "classes", [NewItem(f"row {n}", guess=Guess(g, 0.5)) for n, g in enumerate(guesses)])
    items = store.items("many")
    facts = store.facts("many", of_any_kind=True)
    guess = {item.id: item.guess.label for item in items if item.guess}
    order = [guess[item] for item in ranked(facts, Plan("stratified"), "ana")]
    assert sorted(order[:2]) == sorted(order[2:4]) == ["glad", "sad"] and order[4:] == ["glad", "glad"]
    for who, choice in (("ana", "glad"), ("bob", "sad")):
        store.judge(items[3].id, GivenVote(who, choice))
        store.judge(items[1].id, GivenVote(who, "glad"))
    order = ranked(store.facts("many", of_any_kind=True), Plan("disputed"), "cyn")
    assert order[0] == items[3].id and order[-1] == items[1].id


def test_an_item_is_judged_by_criteria_beside_the_whole_and_shown_again_to_adjudicate(store: Store) -> None:
    session = ItemSession(store, "kto", "ana")
    shown = session.begin()
    session.judge(shown, "honest", "bad")
    assert store.progress("kto", "ana").answered == 0
    assert [(vote.choice) for vote in store.facts("kto", "honest", of_any_kind=True).votes] == ["bad"]
    with pytest.raises(WrongUse, match="first is not a vote"):
        session.judge(shown, "honest", "first")
    session.say(shown, "good")
    shown = session.show(1)
    assert shown.item is not None and shown.item.prompt == "q0" and not shown.is_repeat
    session.say(shown, "bad")
    assert session.stats().votes == 1 and session.stats().kind == "single"
