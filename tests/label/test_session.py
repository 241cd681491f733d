"""Going through a set: sides stay, keys mean what the screen says, undo returns, skipped pairs come again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.errors import Missing
from workbench.label.pace import seconds_left
from workbench.label.records import Pair
from workbench.label.session import Session
from workbench.label.sides import answer_to_the_left, choice_of, stance_of
from workbench.label.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "labels.db") as opened:
        for n in range(4):
            opened.add_pair("geo", f"prompt {n}", f"yes {n}", f"no {n}")
        yield opened


def pair(digest: str) -> Pair:
    return Pair(1, "geo", "p", "a", "b", "", digest)


def test_a_side_belongs_to_pair_and_annotator_and_is_even_over_many() -> None:
    drawn = [answer_to_the_left(pair(str(n)), "ana") for n in range(2000)]
    assert drawn == [answer_to_the_left(pair(str(n)), "ana") for n in range(2000)]
    assert 900 < drawn.count("first") < 1100  # 4.5 standard deviations
    others = [answer_to_the_left(pair(str(n)), "bob") for n in range(2000)]
    assert 900 < sum(one == other for one, other in zip(drawn, others, strict=True)) < 1100


def test_a_key_to_the_left_prefers_what_stands_there() -> None:
    assert [choice_of(each, "first") for each in ("left-clearly", "left", "tie", "right", "right-clearly")] == [
        *("first-clearly", "first", "tie", "second", "second-clearly")
    ]
    assert [choice_of(each, "second") for each in ("left-clearly", "left", "tie", "right", "right-clearly")] == [
        *("second-clearly", "second", "tie", "first", "first-clearly")
    ]
    assert choice_of("bad", "second") == "bad" and choice_of("skip", "second") == "skip"
    assert stance_of("first", "second") == "right" and stance_of("second-clearly", "second") == "left-clearly"


def test_a_vote_is_stored_by_answer_with_the_side_it_was_shown_on(store: Store) -> None:
    session = Session(store, "geo", "ana")
    shown = session.begin()
    assert shown.pair is not None and (shown.number, shown.progress.pairs) == (1, 4)
    after = session.vote(shown, "left", note="short")
    vote = store.undo("ana", "geo")
    assert vote is not None
    assert (vote.choice, vote.shown_left, vote.note) == (shown.left, shown.left, "short")
    assert after.pair is not None and after.pair.id != shown.pair.id and after.number == 2
    assert after.done is not None and (after.done.number, after.done.stance) == (1, "left")


def test_undo_returns_to_the_pair_with_its_note_and_side(store: Store) -> None:
    session = Session(store, "geo", "ana")
    first = session.begin()
    session.vote(first, "right-clearly", note="too long")
    back = session.undo()
    assert back is not None and back.done is not None
    assert (back.pair, back.left, back.note, back.number) == (first.pair, first.left, "too long", 1)
    assert (back.done.stance, back.done.is_undone) == ("right-clearly", True)
    assert session.undo() is None


def test_skipped_pairs_wait_at_the_end(store: Store) -> None:
    session = Session(store, "geo", "ana")
    shown = session.begin()
    skipped = [shown.pair]
    for stance in ("skip", "tie", "skip", "bad"):
        if stance == "skip":
            skipped.append(shown.pair)
        shown = session.vote(shown, stance)
    assert shown.pair is None and shown.tally is not None
    assert (shown.tally["skip"], shown.tally["tie"], shown.tally["bad"]) == (2, 1, 1)
    shown = session.again()
    assert shown.pair == skipped[1] and shown.is_again
    shown = session.vote(shown, "skip")
    assert shown.pair == skipped[2]
    shown = session.vote(shown, "left")
    assert shown.pair is None and shown.tally is not None and shown.tally["skip"] == 1
    assert not shown.is_again
    back = session.undo()
    assert back is not None and back.pair == skipped[2]


def test_a_start_goes_to_the_pair_one_stood_at_unless_it_is_answered(store: Store) -> None:
    third = store.pairs("geo")[2].id
    assert Session(store, "geo", "ana").begin(third).pair == store.pair(third)
    store.vote(third, "ana", "tie")
    assert Session(store, "geo", "ana").begin(third).pair == store.pairs("geo")[3]
    assert Session(store, "geo", "ana").begin(10_000).pair == store.pairs("geo")[0]
    with pytest.raises(Missing, match="no set of pairs named nowhere"):
        Session(store, "nowhere", "ana")


def test_the_time_left_is_a_median_so_that_a_break_does_not_count() -> None:
    assert seconds_left([0, 5, 10, 15, 20], 100) is None
    assert seconds_left([0, 5, 10, 15, 20, 25], 100) == 500
    assert seconds_left([0, 5, 10, 15, 7215, 7220], 100) == 500
