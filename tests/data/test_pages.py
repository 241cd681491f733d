"""Rows are read page by page in their own thread; who asks never waits for a slow one."""

import threading
from concurrent.futures import Future

import pytest

from workbench.data.lane import Lane
from workbench.data.pages import PAGE, Pages, Unreadable
from workbench.data.rows import open_rows


@pytest.fixture
def lane():
    lane = Lane()
    yield lane
    lane.close()


def pages_of(path, lane, numbers=None, arrived=lambda: None, head=()):
    rows = open_rows(path)
    return Pages(rows, lane, range(1, len(rows) + 1) if numbers is None else numbers, arrived, head)


def test_what_was_asked_for_is_there_and_nothing_else(write, lane):
    pages = pages_of(write("a.jsonl", [{"n": n} for n in range(1, 301)]), lane)
    assert pages.line(70) is None
    pages.ask(70, 80, seconds=10)
    assert (pages.line(70), pages.line(79)) == ({"n": 71}, {"n": 80})
    assert pages.line(0) is None


def test_rows_that_a_search_found_are_read_by_their_numbers_while_more_are_found(write, lane):
    numbers = [3, 7]
    pages = pages_of(write("a.jsonl", [{"n": n} for n in range(1, 11)]), lane, numbers)
    pages.ask(0, 2, seconds=10)
    assert [pages.line(place) for place in range(2)] == [{"n": 3}, {"n": 7}]
    numbers.append(10)
    pages.ask(0, 3, seconds=10)
    assert [pages.line(place) for place in range(3)] == [{"n": 3}, {"n": 7}, {"n": 10}]


def test_a_broken_row_says_why_and_its_neighbours_are_there(write, lane):
    pages = pages_of(write("a.jsonl", '{"n": 1}\n{"n": \n{"n": 3}\n'), lane)
    pages.ask(0, 3, seconds=10)
    broken = pages.line(1)
    assert isinstance(broken, Unreadable)
    assert broken.reason.startswith("line 2: malformed JSON")
    assert (pages.line(0), pages.line(2)) == ({"n": 1}, {"n": 3})


def test_a_file_that_vanishes_or_shrinks_makes_rows_unreadable(write, lane):
    path = write("a.jsonl", [{"n": n} for n in range(1, 201)])
    pages = pages_of(path, lane)
    path.write_text('{"n": 1}\n')
    pages.ask(0, 10, seconds=10)
    assert pages.line(0) == {"n": 1}
    assert isinstance(pages.line(1), Unreadable)
    path.unlink()
    pages.ask(100, 110, seconds=10)
    gone = pages.line(100)
    assert isinstance(gone, Unreadable)
    assert gone.reason == "no such file or directory"


def test_who_asks_does_not_wait_for_a_slow_disk_and_is_called_when_it_answered(write, lane):
    go_on, arrived = threading.Event(), threading.Event()
    pages = pages_of(write("a.jsonl", [{"n": 1}]), lane, arrived=arrived.set)
    lane.submit(go_on.wait)
    pages.ask(0, 1, seconds=0.001)
    assert pages.line(0) is None
    go_on.set()
    assert arrived.wait(10)
    assert pages.line(0) == {"n": 1}


def test_pages_that_nobody_waits_for_any_more_are_not_read(write, lane):
    go_on = threading.Event()
    pages = pages_of(write("a.jsonl", [{"n": n} for n in range(PAGE * 40)]), lane)
    lane.submit(go_on.wait)
    for page in range(40):
        pages.ask(page * PAGE, page * PAGE + 1)
    go_on.set()
    pages.ask(39 * PAGE, 40 * PAGE, seconds=10)
    assert pages.line(39 * PAGE) == {"n": 39 * PAGE}
    assert [page for page in range(39) if pages.line(page * PAGE) is not None] == []


def test_only_the_pages_of_late_are_kept(write, lane):
    pages = pages_of(write("a.jsonl", [{"n": n} for n in range(PAGE * 20)]), lane)
    for page in range(20):
        pages.ask(page * PAGE, page * PAGE + 1, seconds=10)
    kept = [page for page in range(20) if pages.line(page * PAGE) is not None]
    assert kept == list(range(12, 20))


def test_a_lane_does_jobs_in_order_and_none_after_it_is_closed():
    lane, done = Lane(), []
    first: Future[None] = lane.submit(done.append, 1)
    lane.submit(done.append, 2).result(10)
    assert (done, first.result()) == ([1, 2], None)
    with pytest.raises(ZeroDivisionError):
        lane.submit(lambda: 1 / 0).result(10)
    lane.close()
    assert lane.submit(done.append, 3).cancelled()
