"""A column's profile says what a person would count by hand."""

import statistics

import pytest

from workbench.data.profile import profile, spread_of, texts_of
from workbench.data.rows import open_rows


def whole(path, column, **options):
    *_, last = profile(open_rows(path), column, **options)
    assert last.is_done
    return last


def test_texts_are_counted_and_measured(write):
    values = ["a", "bb", "bb", "", "  ", None, "bb", "cccc"]
    path = write("rows.jsonl", [{"t": value} for value in values] + [{"other": 1}])
    found = whole(path, "t", bins=5)
    assert (found.rows, found.types, found.absent, found.empty, found.distinct) == (9, {"text": 7}, 2, 2, 5)
    assert found.frequent == (("bb", 3),)
    lengths = [len(value) for value in values if value is not None]
    assert found.measure == "characters"
    assert (found.spread.least, found.spread.greatest) == (0, 4)
    assert found.spread.median == statistics.median(lengths)
    assert found.spread.mean == pytest.approx(statistics.mean(lengths))
    assert (found.spread.bins, found.spread.width) == ((1, 1, 4, 0, 1), 1)


def test_numbers_are_measured_themselves_and_lists_by_their_items(write):
    path = write("rows.jsonl", [{"n": n, "l": [0] * n} for n in (1, 2, 3, 10)])
    numbers, lists = whole(path, "n"), whole(path, "l")
    assert (numbers.measure, numbers.spread.median, numbers.spread.greatest) == ("numbers", 2.5, 10)
    assert (lists.measure, lists.types, lists.spread.greatest) == ("items", {"list": 4}, 10)


def test_mixed_types_have_no_lengths_and_unreadable_rows_are_counted(write):
    found = whole(write("rows.jsonl", '{"a": 1}\n{"a": "x"}\n{"a"\n'), "a")
    assert (found.types, found.spread, found.unreadable) == ({"integer": 1, "text": 1}, None, 1)


def test_one_and_true_and_their_texts_are_different_values(write):
    assert whole(write("rows.jsonl", [{"a": value} for value in (1, True, "1", 1.0)]), "a").distinct == 4


def test_a_long_pass_is_told_on_the_way_and_the_sample_covers_the_file(write):
    rows = open_rows(write("rows.jsonl", [{"a": f"t{n}"} for n in range(5_000)]))
    assert [found.rows for found in profile(rows, "a")] == [1_000, 2_000, 3_000, 4_000, 5_000, 5_000]
    texts = texts_of(rows, "a")
    assert (len(texts), texts[0], texts[-1]) == (1667, "t0", "t4998")


def test_numbers_that_are_none_have_no_spread():
    assert spread_of([float("nan")], 3) is None
