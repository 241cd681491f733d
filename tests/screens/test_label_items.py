"""The Label pane where a set holds no pairs: a key is a vote on disk about what was seen, and can be taken back."""

import json
import sqlite3
from pathlib import Path

import pytest

from screens.widgets.ranked import RankedView, shared_out
from tests.conftest import Bench
from tests.screens.conftest import Opened, screen_text
from tests.screens.test_label import make_set, ready, shows, votes
from tests.terminal import Terminal
from workbench.label.arranging import drawn_by_lot
from workbench.label.item_session import ItemSession
from workbench.label.plan import Plan
from workbench.label.records import GivenVote, Guess, NewItem
from workbench.label.repeats import Repeats
from workbench.label.store import open_store

MOODS = [("so happy", Guess("glad", 0.9)), ("meh", Guess("sad", 0.51)), ("rain again", Guess("sad", 0.7))]


def make_single(folder: Path, count: int = 3) -> None:
    with open_store(folder / "labels.db") as store:
        store.add_items("kto", "single", [NewItem(f"question {n}?", (f"answer {n}",)) for n in range(count)])


def make_classes(folder: Path) -> None:
    with open_store(folder / "labels.db") as store:
        store.make_set("mood", "classes", ["glad", "sad"])
        store.add_items("mood", "classes", [NewItem(text, guess=guess) for text, guess in MOODS])


def make_rankings(folder: Path, count: int = 2) -> None:
    answers = ("reply one", "reply two", "reply three", "reply four")
    with open_store(folder / "labels.db") as store:
        store.add_items("ranks", "ranking", [NewItem(f"question {n}?", answers) for n in range(count)])


def choices(folder: Path) -> list[tuple[int, str]]:
    return [(item, choice) for item, choice, *_ in votes(folder)]


def top_down(text: str) -> list[str]:
    """The answers as they stand on the screen: by their words."""
    return sorted(("one", "two", "three", "four"), key=lambda word: text.index(f"reply {word}"))


PLACES = {"one": "1", "two": "2", "three": "3", "four": "4"}


async def test_a_single_answer_is_good_or_bad_with_one_key(opened: Opened, tmp_path: Path) -> None:
    make_single(tmp_path)
    async with opened(tmp_path, size=(80, 24), pane="label", pairs="kto") as pilot:
        text = await ready(pilot, "question 0?")
        assert "answer 0" in text and "g good" in text and "x bad" in text and "1/3" in text
        await pilot.press("a", "s", "d", "e", "b")  # keys of pairs do nothing here
        await pilot.press("g")
        await ready(pilot, "question 1?")
        assert choices(tmp_path) == [(1, "good")] and "saved ✓ #1 good" in screen_text(pilot)
        assert pilot.app.active_pane.command() == "workbench label good kto 1 --annotator ana"
        await pilot.press("space")
        await ready(pilot, "question 2?")
        await pilot.press("x")
        text = await shows(pilot, "all 3 answers labelled")
        assert "1 good · 1 bad · 1 skipped" in text
        await pilot.press("space")
        assert "skipped answers once more" in await ready(pilot, "question 1?")
        await pilot.press("x")
        assert "1 good · 2 bad" in await shows(pilot, "2 bad")
    with sqlite3.connect(tmp_path / "labels.db") as connection:
        assert all(seconds is not None for (seconds,) in connection.execute("SELECT seconds FROM votes"))


async def test_undo_returns_to_the_answer_with_its_note(opened: Opened, tmp_path: Path) -> None:
    make_single(tmp_path)
    async with opened(tmp_path, pane="label", pairs="kto") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("n", *"too good", "enter", "g")
        assert "too good" not in await ready(pilot, "question 1?")
        await pilot.press("u")
        text = await ready(pilot, "question 0?")
        assert "undone ↩ #1 good" in text and "too good" in text
        await pilot.press("x")
        await ready(pilot, "question 1?")
    assert [(choice, note, stands) for _, choice, _, note, stands in votes(tmp_path)] == [
        ("good", "too good", False),
        ("bad", "too good", True),
    ]


@pytest.mark.parametrize("key", ["g", "x", "space"])
async def test_a_held_key_does_not_judge_unseen_answers(opened: Opened, tmp_path: Path, key: str) -> None:
    make_single(tmp_path, count=12)
    async with opened(tmp_path, pane="label", pairs="kto") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press(*[key] * 10)
        await shows(pilot, "the answer was not there long enough")
        assert len(votes(tmp_path)) == 1


async def test_the_hardest_row_comes_first_and_enter_accepts_the_guess(opened: Opened, tmp_path: Path) -> None:
    make_classes(tmp_path)
    async with opened(tmp_path, size=(80, 24), pane="label", pairs="mood") as pilot:
        text = await ready(pilot, "meh")
        assert "Enter sad 0.51" in text and "▸s sad" in text and " a glad" in text
        await pilot.press("enter")
        text = await ready(pilot, "rain again")
        assert choices(tmp_path) == [(2, "sad")] and "saved ✓ #1 sad" in text
        await pilot.press("a")  # corrected
        text = await ready(pilot, "so happy")
        assert choices(tmp_path)[1] == (3, "glad") and "▸a glad" in text
        assert pilot.app.active_pane.command() == "workbench label class mood 3 glad --annotator ana"
        await pilot.press("d")  # no third class
        await pilot.press("enter")
        assert "2 glad · 1 sad" in await shows(pilot, "all 3 rows labelled")
        await pilot.press("u")
        await ready(pilot, "undone ↩ #3 glad")


async def test_a_class_that_is_typed_is_new_to_the_set_once(opened: Opened, tmp_path: Path) -> None:
    make_classes(tmp_path)
    async with opened(tmp_path, pane="label", pairs="mood") as pilot:
        await ready(pilot, "meh")
        await pilot.press("n", *"hm", "enter", "plus", *"so", "escape", "plus", *"so so", "enter")
        text = await ready(pilot, "rain again")
        assert votes(tmp_path)[0][3] == "hm"
        assert choices(tmp_path) == [(2, "so so")] and "d so so" in text
        assert pilot.app.active_pane.command() == "workbench label class mood 2 'so so' --annotator ana --new"
        await pilot.press("plus", "escape", "d")
        await ready(pilot, "so happy")
        await pilot.press("f1")
        assert "The row is of the class so so." in await shows(pilot, "In this pane")
    assert choices(tmp_path) == [(2, "so so"), (3, "so so")]
    with open_store(tmp_path / "labels.db") as store:
        assert store.set_named("mood").classes == ("glad", "sad", "so so")


async def test_answers_are_moved_tied_and_stored_in_the_order_that_is_seen(opened: Opened, tmp_path: Path) -> None:
    make_rankings(tmp_path)
    async with opened(tmp_path, size=(80, 24), pane="label", pairs="ranks") as pilot:
        first, second, third, fourth = top_down(await ready(pilot, "question 0?"))
        await pilot.press("minus")  # the first below the second, and the cursor with it
        await pilot.press("down", "plus", "plus")  # the third to the top
        await pilot.press("end", "equals_sign")  # the fourth as good as what stands above it
        assert top_down(screen_text(pilot)) == [third, second, first, fourth]
        await pilot.press("enter")
        await ready(pilot, "question 1?")
        tied = "=".join(sorted((PLACES[first], PLACES[fourth])))
        order = f"{PLACES[third]}>{PLACES[second]}>{tied}"
        assert choices(tmp_path) == [(1, order)] and "saved ✓ #1 C>B>A=D" in screen_text(pilot)
        assert pilot.app.active_pane.command() == f"workbench label rank ranks 1 '{order}' --annotator ana"
        await pilot.press("u")
        text = await ready(pilot, "question 0?")
        assert top_down(text)[:2] == [third, second] and "undone ↩ #1 C>B>A=D" in text
        await pilot.press("enter")
        await ready(pilot, "question 1?")
    assert [(choice, stands) for _, choice, _, _, stands in votes(tmp_path)] == [(order, False), (order, True)]


async def test_an_order_drawn_by_lot_is_stored_only_when_asked_twice(opened: Opened, tmp_path: Path) -> None:
    make_rankings(tmp_path)
    async with opened(tmp_path, pane="label", pairs="ranks") as pilot:
        seen = top_down(await ready(pilot, "question 0?"))
        await pilot.press("enter")
        await ready(pilot, "drawn by lot")
        assert choices(tmp_path) == []
        await pilot.press("enter")
        await ready(pilot, "question 1?")
        (target,) = pilot.app.active_pane.targets()
        assert target.pane == "train" and target.changes["draft"]["data"] == {"votes": "ranks"}
        await pilot.press("space")
        assert "1 ranked · 1 skipped" in await shows(pilot, "all 2 rankings labelled")
    assert choices(tmp_path)[0] == (1, ">".join(PLACES[word] for word in seen))


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40)])
async def test_a_long_answer_is_read_to_its_end(opened: Opened, tmp_path: Path, size: tuple[int, int]) -> None:
    long = [f"{name} begins\n" + "\n".join(f"line {n}" for n in range(99)) + f"\n{name} ends" for name in "pqrst"]
    with open_store(tmp_path / "labels.db") as store:
        store.add_items("ranks", "ranking", [NewItem("question?", tuple(long))])
    async with opened(tmp_path, size=size, pane="label", pairs="ranks") as pilot:
        text = await ready(pilot, "question?")
        assert all(f"{name} begins" in text for name in "pqrst") and "ends" not in text
        await pilot.press("end", "right", "end")
        text = await shows(pilot, "ends")
        assert "question?" in text
        await pilot.press("left")
        text = await shows(pilot, "p begins")
        assert pilot.app.screen.query_one(RankedView).is_closer is False


async def test_hostile_text_is_shown_and_does_nothing(opened: Opened, tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07[/] [bold]x[/bold] \u202eevil\x9b31m"
    with open_store(tmp_path / "labels.db") as store:
        store.make_set("c", "classes", [evil])
        store.add_items("c", "classes", [NewItem(evil, guess=Guess(evil, 0.5)), NewItem("b")])
        store.add_items("r", "ranking", [NewItem(evil, (evil, evil * 900, "z"))])
    for name, key in (("c", "enter"), ("r", "equals_sign")):
        async with opened(tmp_path, size=(80, 24), pane="label", pairs=name) as pilot:
            await ready(pilot, "[bold]x[/bold]")
            await pilot.press(key)
            await pilot.press("ctrl+p", *"class")
            await pilot.pause(0.3)
            text = screen_text(pilot)
            assert "\x1b" not in text and "\u202e" not in text and "\x9b" not in text


async def test_the_app_comes_back_to_the_same_row(opened: Opened, tmp_path: Path) -> None:
    make_single(tmp_path)
    async with opened(tmp_path, pane="label", pairs="kto") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("g")
        await ready(pilot, "question 1?")
        await pilot.press("n", *"half a thought", "escape", "q")
    async with opened(tmp_path) as pilot:
        await shows(pilot, "half a thought")
        assert "2/3" in await shows(pilot, "question 1?")


async def test_a_ranking_that_is_not_stored_yet_is_there_again(opened: Opened, tmp_path: Path) -> None:
    make_rankings(tmp_path)
    async with opened(tmp_path, pane="label", pairs="ranks") as pilot:
        first, second, *rest = top_down(await ready(pilot, "question 0?"))
        await pilot.press("minus", "q")
    async with opened(tmp_path) as pilot:
        await ready(pilot, "question 0?")
        assert top_down(await shows(pilot, "reply four")) == [second, first, *rest]
        await pilot.press("enter")
        assert top_down(await ready(pilot, "question 1?"))
    place = tmp_path / ".workbench" / "place.json"
    place.write_text(json.dumps({"pane": "label", "pairs": "ranks", "panes": {
        "label": {"set": "ranks", "pair": 2, "order": "9>8"}}}))  # fmt: skip
    async with opened(tmp_path) as pilot:
        await ready(pilot, "question 1?")
        await pilot.press("enter")
        await shows(pilot, "drawn by lot")


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40)])
async def test_many_classes_leave_room_for_the_row(opened: Opened, tmp_path: Path, size: tuple[int, int]) -> None:
    names = [f"{n} of many classes with a name" for n in range(40)]
    with open_store(tmp_path / "labels.db") as store:
        store.make_set("mood", "classes", names)
        store.add_items("mood", "classes", [NewItem("this row\nhas lines", guess=Guess(names[30], 0.4))])
    async with opened(tmp_path, size=size, pane="label", pairs="mood") as pilot:
        text = await ready(pilot, "this row")
        assert "has lines" in text and "Enter 30 of" in text and "a 0 of" in text and "more: + and the name" in text
        await pilot.press("plus", *"39 of", "right", "enter")
        await shows(pilot, "all 1 row labelled")
    assert choices(tmp_path) == [(1, names[39])]


def test_lines_are_shared_by_what_texts_need() -> None:
    assert shared_out([1, 9, 9], 11) == [1, 5, 5]
    assert shared_out([2, 3], 10) == [2, 3]
    assert shared_out([9, 9, 9], 2) == [1, 1, 1]


@pytest.mark.parametrize(("make", "name", "keys", "shown"), [
    (make_single, "kto", "g", "saved ✓ #1 good"),
    (make_classes, "mood", "\r", "saved ✓ #1 sad"),
    (make_rankings, "ranks", "-\r", "saved ✓ #1 B>A>C>D"),
])  # fmt: skip
def test_kill_9_after_a_vote_loses_none(bench: Bench, make, name: str, keys: str, shown: str) -> None:
    make(bench.folder)
    (bench.folder / ".workbench").mkdir()
    (bench.folder / ".workbench" / "place.json").write_text(json.dumps({"pane": "label", "pairs": name}))
    with Terminal(bench.command(), bench.folder, (80, 24), WORKBENCH_LOCKS=str(bench.locks)) as terminal:
        terminal.wait("1/")
        terminal.settle()
        terminal.write(keys)
        terminal.wait(shown)
        terminal.kill()
    assert len(votes(bench.folder)) == 1


async def test_i_imports_whatever_a_file_gives_to_label(opened: Opened, tmp_path: Path) -> None:
    rows = [{"text": f"row {n}", "guess": "glad", "probability": 0.5 + n / 10} for n in range(3)]
    (tmp_path / "mood.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    async with opened(tmp_path, pane="label") as pilot:
        await shows(pilot, "No pairs yet")
        await pilot.press("i", *"mood.jsonl", "enter")
        assert "▸a glad" in await ready(pilot, "row 0")
        await pilot.press("enter")
        await ready(pilot, "row 1")
    assert choices(tmp_path) == [(1, "glad")]


async def test_what_is_written_beside_an_item_outlasts_an_import_and_so_does_what_that_said(
    opened: Opened, tmp_path: Path
) -> None:
    make_single(tmp_path)
    rows = [{"prompt": f"more {n}?", "completion": "a", "label": True} for n in range(2)] + [{"prompt": "x"}]
    (tmp_path / "kto.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    async with opened(tmp_path, pane="label", pairs="kto") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("n", *"half a thought", "enter", "i", *"nothing", "escape")
        assert "half a thought" in screen_text(pilot)
        await pilot.press("i", *"kto.jsonl", "enter")
        await shows(pilot, "1/5")
        text = await ready(pilot, "question 0?")
        assert "half a thought" in text and "2 answers added to kto · 1 row left out" in text
        await pilot.press("g")
        assert "half a thought" not in await ready(pilot, "question 1?")
    assert votes(tmp_path)[-1][3] == "half a thought"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_agreement_on_classes_is_behind_tab_and_what_is_disputed_is_gone_to(
    opened: Opened, tmp_path: Path, size: tuple[int, int]
) -> None:
    make_classes(tmp_path)
    with open_store(tmp_path / "labels.db") as store:
        for item in store.items("mood"):
            store.judge(item.id, GivenVote("bob", "glad"))
    async with opened(tmp_path, size=size, pane="label", pairs="mood") as pilot:
        await ready(pilot, "meh")
        await pilot.press("tab")
        assert "vote first" in await shows(pilot, "a vote of your own")
        await pilot.press("enter")
        await ready(pilot, "rain again")
        await pilot.press("tab")
        text = await shows(pilot, "1 to adjudicate")
        assert "mood · 3 rows · 4 votes of 2 annotators" in text and "row 2     ana sad · bob glad" in text
        assert "accepts the guess" in text
        await pilot.press("pagedown", "pagedown", "pagedown")
        assert "ana ↓ bob →" in await shows(pilot, "corrected")
        await pilot.press("enter")
        await ready(pilot, "meh")
        await pilot.press("a")
        await ready(pilot, "rain again")
    assert choices(tmp_path)[-2:] == [(2, "sad"), (2, "glad")]


async def test_agreement_on_rankings_is_behind_tab(opened: Opened, tmp_path: Path) -> None:
    make_rankings(tmp_path)
    with open_store(tmp_path / "labels.db") as store:
        for item in store.items("ranks"):
            for who in ("ana", "bob"):
                store.judge(item.id, GivenVote(who, "1>2>3>4" if who == "ana" else "1>2>4>3"))
    async with opened(tmp_path, size=(80, 24), pane="label", pairs="ranks") as pilot:
        await shows(pilot, "all 2 rankings labelled")
        await pilot.press("tab")
        text = await shows(pilot, "tau-b")
        assert "0.67" in text and "2 to adjudicate" in text  # of 6 pairs 5 alike and 1 not: (5 − 1) / 6
        await pilot.press("enter")
        await ready(pilot, "question 0?")


async def test_the_order_of_a_set_is_chosen_and_kept(opened: Opened, tmp_path: Path) -> None:
    make_classes(tmp_path)
    async with opened(tmp_path, size=(80, 24), pane="label", pairs="mood") as pilot:
        await ready(pilot, "meh")
        await pilot.press("O")
        assert "the least sure guess" in await shows(pilot, "What comes first in this set")
        await pilot.press(*"added", "enter")
        assert "gone through in this order from now on: added" in await ready(pilot, "so happy")
        await pilot.press("q")
    async with opened(tmp_path, pane="label", pairs="mood") as pilot:
        await ready(pilot, "so happy")
    make_single(tmp_path)
    async with opened(tmp_path, pane="label", pairs="kto") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("O")
        assert "least-sure" not in await shows(pilot, "What comes first in this set")


async def test_an_order_that_cannot_be_had_is_refused_and_not_kept(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("O", *"least", "enter")
        await shows(pilot, "no run here has scores")
        await ready(pilot, "question 0?")
    with open_store(tmp_path / "labels.db") as store:
        assert store.set_named("geo").order is None


async def test_a_repeated_ranking_is_shown_the_other_way_round_and_stored_as_it_is_seen(
    opened: Opened, tmp_path: Path
) -> None:
    make_rankings(tmp_path, count=24)
    with open_store(tmp_path / "labels.db") as store:
        store.go_through("ranks", "added", 0.5)
        for item in store.items("ranks")[:22]:
            store.judge(item.id, GivenVote("ana", "1>2>3>4", seconds=4.0))
        plan = Plan("added", Repeats(0.5))
        session = ItemSession(store, "ranks", "ana", plan)
        shown = session.begin()
        while not shown.is_repeat and shown.item is not None:
            shown = session.say(shown, "1>2>3>4", seconds=4.0)
        assert shown.item is not None
        first = drawn_by_lot(shown.item, "ana")
    async with opened(tmp_path, size=(80, 24), pane="label", pairs="ranks") as pilot:
        text = await ready(pilot, shown.item.prompt)
        words = {place: word for word, place in PLACES.items()}
        seen = [words[str(place + 1)] for (place,) in reversed(first)]
        assert top_down(text) == seen
        await pilot.press("enter", "enter")
        await pilot.pause(0.3)
        await pilot.press("enter")
        assert "saved ✓" in await shows(pilot, "A>B>C>D")
    with open_store(tmp_path / "labels.db") as store:
        (again,) = (each for each in store.judgements("ranks") if each.repeat)
        assert (again.item_id, again.choice) == (shown.item.id, ">".join(PLACES[word] for word in seen))
        assert again.shown_left is None and again.seconds is not None


async def test_a_single_answer_is_judged_by_the_rubrics_criteria(opened: Opened, tmp_path: Path) -> None:
    make_single(tmp_path)
    (tmp_path / "rubric.md").write_text("# Rubric\n\n## Criteria\n\n- helpful: it does\n- honest: it is true\n")
    async with opened(tmp_path, pane="label", pairs="kto") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("c")
        await shows(pilot, "By each criterion")
        await pilot.press("g", "x", "enter")
        await shows(pilot, "kept: helpful, honest")
        assert "1/3" in screen_text(pilot)
    with open_store(tmp_path / "labels.db") as store:
        assert [(each.criterion, each.choice) for each in store.judgements("kto")] == [
            ("helpful", "good"),
            ("honest", "bad"),
        ]
