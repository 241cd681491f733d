"""A sample has the rows that were asked for, in the file's order, the same for the same seed."""

from collections import Counter

import pytest

from workbench.data.rows import open_rows
from workbench.data.sample import sample
from workbench.errors import WrongUse

LINES = [{"n": n, "kind": kind} for n, kind in enumerate("aaaaaaaabbbbc")]


def numbers(path):
    return [row["n"] for row in open_rows(path)]


def test_a_sample_overall_is_of_that_many_rows_in_order_byte_for_byte(write, tmp_path):
    source = write("in.jsonl", "".join(f'{{"n":   {n}}}\n' for n in range(100)))
    done = sample(open_rows(source), tmp_path / "out.jsonl", 10)
    drawn = (tmp_path / "out.jsonl").read_bytes().splitlines()
    assert (done.classes.rows, done.rows_out, len(set(drawn))) == (100, 10, 10)
    assert drawn == [line for line in source.read_bytes().splitlines() if line in drawn]


def test_each_class_gives_so_many_and_a_small_one_all(write, tmp_path):
    done = sample(open_rows(write("in.jsonl", LINES)), tmp_path / "out.jsonl", 3, by="kind")
    assert done.classes.sizes == {"a": 8, "b": 4, "c": 1}
    assert (done.taken, done.rows_out) == ({"a": 3, "b": 3, "c": 1}, 7)
    assert Counter(row["kind"] for row in open_rows(tmp_path / "out.jsonl")) == {"a": 3, "b": 3, "c": 1}
    assert numbers(tmp_path / "out.jsonl") == sorted(numbers(tmp_path / "out.jsonl"))


def test_the_same_seed_draws_the_same_rows_and_another_seed_others(write, tmp_path):
    rows = open_rows(write("in.jsonl", [{"n": n} for n in range(1000)]))
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        sample(rows, tmp_path / f"{name}.jsonl", 20, seed=seed)
    assert numbers(tmp_path / "a.jsonl") == numbers(tmp_path / "b.jsonl") != numbers(tmp_path / "c.jsonl")


def test_every_row_is_drawn_equally_often(write, tmp_path):
    # 300 draws of 3 of 10 rows: each row 90 times on average, with a standard deviation of 8.
    rows = open_rows(write("in.jsonl", [{"n": n} for n in range(10)]))
    seen = Counter()
    for seed in range(300):
        sample(rows, tmp_path / "out.jsonl", 3, seed=seed)
        seen.update(numbers(tmp_path / "out.jsonl"))
    assert seen.total() == 900
    assert all(90 - 40 < seen[n] < 90 + 40 for n in range(10))


def test_classes_are_told_apart_whatever_their_values_are(write, tmp_path):
    values = ["a", 1, True, None, "", {"x": 1}, "\ud800", "y" * 600 + "1", "y" * 600 + "2"]
    rows = open_rows(write("in.jsonl", [{"n": n, "of": {"kind": value}} for n, value in enumerate(values)]))
    done = sample(rows, tmp_path / "out.jsonl", 1, by="of.kind")
    assert done.classes.sizes["∅"] == 2
    assert done.taken == dict.fromkeys(
        ["∅", "a", "1", "true", '{"x": 1}', "\ud800", "y" * 600 + "1", "y" * 600 + "2"], 1
    )


def test_broken_rows_are_told_and_never_drawn(write, tmp_path):
    source = write("in.jsonl", '{"n": 1}\n{"n": \n{"n": 3}\n[]\n')
    done = sample(open_rows(source), tmp_path / "out.jsonl", 10)
    assert (done.classes.rows, done.rows_out, done.classes.unreadable.numbers) == (4, 2, [2, 4])
    assert numbers(tmp_path / "out.jsonl") == [1, 3]


def test_a_table_becomes_the_format_that_its_new_name_says(write, tmp_path):
    source = write("in.csv", "n,kind\n1,a\n2,b\n3,a\n")
    sample(open_rows(source), tmp_path / "out.csv", 1, by="kind")
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("count", "by", "told"),
    [(0, None, "a sample of 0 rows"), (1, "king", "no column king"), (1, "n.x", "no column n.x")],
)
def test_what_cannot_be_drawn_is_refused(write, tmp_path, count, by, told):
    with pytest.raises(WrongUse, match=told):
        sample(open_rows(write("in.jsonl", LINES)), tmp_path / "out.jsonl", count, by)
    assert not (tmp_path / "out.jsonl").exists()
