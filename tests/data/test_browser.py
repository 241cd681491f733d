"""A data set that is being looked at: counted, searched, and one stands where one stood."""

import queue
import threading

import pytest

from workbench.data.browser import Browser, Changed, SearchTold, SelectionTold
from workbench.data.lane import Lane
from workbench.data.opened import Failed, Opened, open_data, open_in
from workbench.data.query import Order
from workbench.data.search import Found
from workbench.errors import Missing


class Desk:
    """A browser whose events are heard one by one."""

    def __init__(self, path, row=1):
        self.events = queue.Queue()
        self.lane = Lane()
        self.browser = Browser(open_data(str(path), {}, print), self.lane, self.events.put, row)

    def hear_until(self, condition):
        while not condition():
            self.browser.hear(self.events.get(timeout=10))

    def search(self, text):
        self.browser.search_for(text)
        self.hear_until(lambda: not self.browser.is_searching)
        return list(self.browser.pages.numbers)


@pytest.fixture
def desk(write):
    made = []

    def make(rows, row=1):
        made.append(Desk(write("a.jsonl", rows), row))
        return made[-1]

    yield make
    for each in made:
        each.browser.close()


ROWS = [{"text": f"{'otter' if number % 10 == 0 else 'seal'} {number}"} for number in range(1, 101)]


def test_a_search_shows_the_rows_it_found_and_clearing_it_all_of_them(desk):
    one = desk(ROWS)
    assert one.search("OTTER") == list(range(10, 101, 10))
    one.browser.search_for("")
    assert list(one.browser.pages.numbers) == list(range(1, 101))


def test_one_stands_on_the_same_row_if_it_is_found_else_on_the_nearest_and_comes_back(desk):
    one = desk(ROWS, row=40)
    one.search("otter")
    assert (one.browser.row, one.browser.place) == (40, 3)
    one.search("seal 3")
    assert one.browser.row == 39
    one.browser.search_for("")
    assert one.browser.row == 40


def test_a_row_that_a_person_went_to_is_the_one_they_stand_on_afterwards(desk):
    one = desk(ROWS, row=40)
    one.search("otter")
    one.browser.stand_on(6)
    one.browser.search_for("")
    assert one.browser.row == 70


def test_nothing_found_is_no_row_and_the_place_is_not_lost(desk):
    one = desk(ROWS, row=40)
    assert one.search("walrus") == []
    assert one.browser.row == 0
    one.browser.search_for("")
    assert one.browser.row == 40


def test_a_search_that_was_given_up_is_not_heard(desk):
    one = desk(ROWS)
    one.browser.search_for("seal")
    old = one.browser.search
    one.search("otter")
    one.browser.hear(SearchTold(old, Found(100, [1, 2, 3], is_done=True)))
    assert list(one.browser.pages.numbers) == list(range(10, 101, 10))


def test_the_first_rows_are_there_before_all_are_counted(write, monkeypatch):
    monkeypatch.setattr("workbench.data.opened._COUNTED_AT_ONCE", 0)
    one = Desk(write("a.jsonl", ROWS * 5), row=400)
    assert one.browser.count is None
    assert (len(one.browser.pages), one.browser.pages.line(0)) == (128, ROWS[0])
    one.browser.hear(one.events.get(timeout=10))
    assert (one.browser.count, len(one.browser.pages), one.browser.row) == (500, 500, 400)
    one.browser.close()


def test_a_file_that_was_written_to_is_told_of(desk):
    one = desk(ROWS)
    one.browser.look_for_changes()
    one.browser.rows.path.write_text("other\n")
    one.browser.look_for_changes()
    one.lane.submit(int).result(10)
    assert one.events.get(timeout=10) == Changed()


def test_opening_tells_what_came_of_it(write, tmp_path):
    events = queue.Queue()
    lane = Lane()
    open_in(lane, str(write("a.csv", "prompt,completion\na,b\n")), {}, events.put)
    opened = events.get(timeout=10)
    assert isinstance(opened, Opened)
    assert (opened.count, opened.head) == (1, ({"prompt": "a", "completion": "b"},))
    assert opened.schema.name == "prompt-completion"
    open_in(lane, str(tmp_path / "b.csv"), {}, events.put)
    failed = events.get(timeout=10)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, Missing)
    assert "a.csv" in failed.error.fix
    lane.close()


def test_a_mapping_that_does_not_hold_is_doubted_and_the_rows_are_shown(write):
    opened = open_data(str(write("a.csv", "prompt,completion\na,b\n")), {"prompt": "question"}, print)
    assert "no column question" in opened.doubt
    assert opened.schema.name == "prompt-completion"


def test_rows_before_a_broken_one_are_the_head(write):
    opened = open_data(str(write("a.jsonl", '{"a": 1}\n{"a": 2}\n{"a": \n{"a": 4}\n')), {}, print)
    assert opened.head == ({"a": 1}, {"a": 2})
    assert opened.count == 4


def selected(one, where, order=None):
    one.browser.select(where, order)
    one.hear_until(lambda: not one.browser.is_selecting)
    return list(one.browser.pages.numbers)


def test_a_condition_shows_its_rows_and_a_search_goes_on_within_them(desk):
    one = desk([{"n": number, "text": f"otter {number % 3}"} for number in range(1, 31)])
    assert selected(one, "n > 20") == list(range(21, 31))
    assert one.search("otter 0") == [21, 24, 27, 30]
    one.browser.select("n > 24")
    one.hear_until(lambda: not one.browser.is_selecting and not one.browser.is_searching)
    assert list(one.browser.pages.numbers) == [27, 30]
    one.browser.search_for("")
    assert list(one.browser.pages.numbers) == list(range(25, 31))
    one.browser.select("")
    assert len(one.browser.pages) == 30


def test_in_another_order_one_stands_on_the_same_row(desk):
    one = desk([{"n": number % 4} for number in range(1, 9)], row=3)
    assert selected(one, "", Order("n", is_descending=True)) == [3, 7, 2, 6, 1, 5, 4, 8]
    assert (one.browser.place, one.browser.row) == (0, 3)
    one.browser.stand_on(4)
    one.browser.select("")
    assert (one.browser.place, one.browser.row) == (0, 1)


def test_a_wrong_condition_is_told_and_all_rows_stay(desk):
    one = desk(ROWS)
    one.browser.select("nope = 1")
    event = one.events.get(timeout=10)
    one.browser.hear(event)
    assert isinstance(event, SelectionTold) and "nope" in event.error.what
    assert len(one.browser.pages) == 100


def test_one_goes_from_found_row_to_found_row_among_all_others(desk):
    one = desk(ROWS, row=15)
    one.search("otter")
    assert one.browser.row == 20
    met = []
    for step in (1, 1, -1, -1, -1, -1):
        one.browser.seek(step)
        met.append(one.browser.row)
    assert met == [30, 40, 30, 20, 10, 100]
    assert len(one.browser.pages) == 100


def test_the_share_that_is_counted_is_told_and_leaving_ends_it(write, monkeypatch):
    monkeypatch.setattr("workbench.data.opened._COUNTED_AT_ONCE", 0)
    monkeypatch.setattr("workbench.data.browser._TELL_EVERY", -1)
    monkeypatch.setattr("workbench.data.formats.line_index._CHUNK", 256)
    one = Desk(write("a.jsonl", ROWS))
    shares = []
    while one.browser.count is None:
        event = one.events.get(timeout=10)
        shares.append(event.share)
        one.browser.hear(event)
    assert one.browser.count == 100
    assert shares == sorted(shares) and 0 < shares[0] < 0.5
    one.browser.close()


def test_counting_rests_while_nobody_looks_and_goes_on_after(write, monkeypatch):
    monkeypatch.setattr("workbench.data.opened._COUNTED_AT_ONCE", 0)
    lane, events, gate = Lane(), queue.Queue(), threading.Event()
    lane.submit(gate.wait)
    browser = Browser(open_data(str(write("a.jsonl", ROWS)), {}, print), lane, events.put)
    browser.rest()
    gate.set()
    lane.submit(lambda: events.put(None))
    while (event := events.get(timeout=10)) is not None:
        browser.hear(event)
    assert browser.count is None
    browser.go_on()
    while browser.count is None:
        browser.hear(events.get(timeout=10))
    assert browser.count == 100
    browser.close()
