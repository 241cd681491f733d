"""A check in a process of its own says what the check says, and ends when it is not wanted."""

import queue
import time

import pytest

from workbench.data.check.run import check
from workbench.data.checking import Checking
from workbench.data.rows import open_rows

ROWS = [{"prompt": f"Question {n}?", "completion": f"Answer {n}." if n % 7 else ""} for n in range(1, 50)]


@pytest.fixture
def told():
    return queue.Queue()


def test_the_last_word_is_what_the_check_says(write, told):
    path = write("a.jsonl", [*ROWS, ROWS[0]])
    Checking(str(path), {}, None, told.put)
    last = told.get(timeout=30)
    while not last.is_done:
        last = told.get(timeout=30)
    *_, whole = check(open_rows(path))
    assert last.problems == whole.problems
    assert {problem.code for problem in last.problems} == {"empty-answer", "exact-copy"}


def test_a_file_that_cannot_be_checked_is_told_with_the_fix(write, told):
    Checking(str(write("a.jsonl", ROWS)), {"prompt": "nothing"}, None, told.put)
    error = told.get(timeout=30).error
    assert "no column nothing" in error.what and error.fix


def test_a_stopped_check_tells_nothing_more(write, told):
    checking = Checking(str(write("a.jsonl", ROWS * 20_000)), {}, None, told.put)
    told.get(timeout=30)
    checking.stop()
    time.sleep(0.2)
    while not told.empty():
        told.get()
    time.sleep(1.0)
    assert told.empty()
