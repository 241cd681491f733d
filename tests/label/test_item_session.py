"""Going through a set that holds no pairs: what comes next, what is stored, what undo brings back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.label.item_session import ItemSession
from workbench.label.records import Guess, NewItem
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
