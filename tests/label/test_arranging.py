"""Answers being put in order: every move is one that a person can follow, and no answer is lost or doubled."""

from dataclasses import replace
from pathlib import Path
from random import Random

from workbench.label.arranging import drawn_by_lot, joined, lettered, letters, lowered, raised, top_down
from workbench.label.ranking import order_of, written
from workbench.label.records import Item, NewItem
from workbench.label.store import open_store


def moved(text: str, move: str, place: int) -> str:
    """What the order `text` is after a move of the answer `place`, counted from 1."""
    answers = sum(each.isdigit() for each in text)
    return written({"up": raised, "down": lowered, "tie": joined}[move](order_of(text, answers), place - 1))


def test_an_answer_alone_passes_the_whole_level_beside_it() -> None:
    assert moved("1>2>3", "up", 3) == "1>3>2"
    assert moved("1=2>3", "up", 3) == "3>1=2"
    assert moved("1>2=3", "down", 1) == "2=3>1"
    assert moved("1>2>3", "up", 1) == "1>2>3" and moved("1>2>3", "down", 3) == "1>2>3"


def test_a_tied_answer_leaves_its_tie_first() -> None:
    assert moved("1=2=3", "up", 2) == "2>1=3"
    assert moved("1=2=3", "down", 2) == "1=3>2"


def test_a_tie_is_made_with_the_answer_above_and_ended_there() -> None:
    assert moved("1>2>3", "tie", 3) == "1>2=3"
    assert moved("1>2=3", "tie", 3) == "1>2>3"
    assert moved("1>2=3", "tie", 2) == "1=2=3"
    assert moved("1>2>3", "tie", 1) == "1>2>3"


def test_no_move_loses_or_doubles_an_answer() -> None:
    random = Random(7)
    order = order_of("1>2>3>4>5", 5)
    for _ in range(2_000):
        order = random.choice((raised, lowered, joined))(order, random.randrange(5))
        assert sorted(top_down(order)) == [0, 1, 2, 3, 4] and all(order)


def test_up_and_down_are_each_others_opposite_for_an_answer_alone() -> None:
    order = order_of("1>2=3>4", 4)
    assert written(lowered(raised(order, 3), 3)) == "1>2=3>4"


def _item(folder: Path) -> Item:
    with open_store(folder / "labels.db") as store:
        store.add_items("ranks", "ranking", [NewItem("q", ("w", "x", "y", "z"))])
        return store.item_at("ranks", 1)


def test_the_first_order_is_the_annotators_own_and_stays(tmp_path: Path) -> None:
    item = _item(tmp_path)
    assert drawn_by_lot(item, "ana") == drawn_by_lot(item, "ana")
    names = letters(order_of("3>1>2", 3))
    assert names == {2: "A", 0: "B", 1: "C"} and lettered(order_of("2>1=3", 3), names) == "C>B=A"


def test_each_answer_is_as_often_first_as_any_other(tmp_path: Path) -> None:
    item = _item(tmp_path)
    first = [drawn_by_lot(replace(item, digest=str(n)), "ana")[0][0] for n in range(4_000)]
    # a fair draw of 4: 1,000 each, with a standard deviation of 27
    assert all(abs(first.count(place) - 1_000) < 5 * 27.4 for place in range(4))
