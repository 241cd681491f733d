"""A split loses no row, keeps copies together, holds out the same share of each class, and can be repeated."""

from collections import Counter

import pytest

from workbench.data.rows import open_rows
from workbench.data.split import split
from workbench.errors import WorkbenchError, WrongUse

WORDS = [f"w{n}" for n in range(40)]


def parted(tmp_path, rows, **options):
    parts = split(rows, tmp_path / "train.jsonl", tmp_path / "validation.jsonl", **options)
    return parts, *(list(open_rows(tmp_path / f"{name}.jsonl")) for name in ("train", "validation"))


def varied(number, change):
    """Texts of 41 words: two of the same number share 36 of 38 shingles, others none."""
    return " ".join([*(f"{number}.{word}" for word in WORDS), change])


def test_every_row_is_in_one_part_in_the_order_of_the_file(write, tmp_path):
    source = write("in.jsonl", "".join(f'{{"text":  "row {n} of many"}}\n' for n in range(100)))
    parts, train, validation = parted(tmp_path, open_rows(source))
    assert (parts.train, parts.validation, parts.moved_together) == (90, 10, 0)
    lines = source.read_bytes().splitlines()
    for name, found in (("train", train), ("validation", validation)):
        written = (tmp_path / f"{name}.jsonl").read_bytes().splitlines()
        assert len(written) == len(found)
        assert written == [line for line in lines if line in written]
    assert len({row["text"] for row in train + validation}) == 100


@pytest.mark.parametrize("seed", range(5))
def test_copies_exact_and_near_are_in_one_part(write, tmp_path, seed):
    texts = [varied(n, change) for n in range(30) for change in ("one", "two", "two")]
    rows = open_rows(write("in.jsonl", [{"text": text} for text in texts]))
    parts, train, validation = parted(tmp_path, rows, seed=seed)
    families = [{row["text"].split(".")[0] for row in part} for part in (train, validation)]
    assert families[0].isdisjoint(families[1])
    assert (parts.moved_together, parts.train, parts.validation) == (90, 81, 9)


def test_the_same_share_of_each_class_is_held_out(write, tmp_path):
    texts = [
        {"text": f"{kind}{n}", "label": kind} for kind, size in (("a", 60), ("b", 30), ("c", 10)) for n in range(size)
    ]
    parts, _, validation = parted(tmp_path, open_rows(write("in.jsonl", texts)), fraction=0.2, by="label")
    assert Counter(row["label"] for row in validation) == parts.held_out == {"a": 12, "b": 6, "c": 2}


def test_shares_that_are_no_whole_numbers_add_up_to_the_fraction(write, tmp_path):
    # 20 % of 13 rows is 2.6, so 3; of 5, 4 and 4 rows that is 1.15, 0.92 and 0.92, so one each.
    rows = [{"text": f"{kind}{n}", "label": kind} for kind, size in (("a", 5), ("b", 4), ("c", 4)) for n in range(size)]
    parts, _, _ = parted(tmp_path, open_rows(write("in.jsonl", rows)), fraction=0.2, by="label")
    assert parts.held_out == {"a": 1, "b": 1, "c": 1}


def test_copies_of_different_classes_stay_together_and_each_class_gives_its_share(write, tmp_path):
    rows = [{"text": f"t{n // 2}", "label": "ab"[n % 2]} for n in range(40)]
    parts, train, validation = parted(tmp_path, open_rows(write("in.jsonl", rows)), fraction=0.25, by="label")
    assert {row["text"] for row in train}.isdisjoint(row["text"] for row in validation)
    assert parts.held_out == {"a": 5, "b": 5}


def test_the_same_seed_parts_alike_and_another_one_otherwise(write, tmp_path):
    rows = open_rows(write("in.jsonl", [{"text": f"row {n}"} for n in range(200)]))
    held = [parted(tmp_path, rows, seed=seed)[2] for seed in (1, 1, 2)]
    assert held[0] == held[1] != held[2]


@pytest.mark.parametrize(("fraction", "validation"), [(0.01, 1), (0.99, 3)])
def test_no_part_is_empty(write, tmp_path, fraction, validation):
    rows = open_rows(write("in.jsonl", [{"text": text} for text in "abcd"]))
    parts, _, _ = parted(tmp_path, rows, fraction=fraction)
    assert (parts.train, parts.validation) == (4 - validation, validation)


def test_a_group_far_larger_than_validation_is_trained_on(write, tmp_path):
    rows = [{"text": "the same"}] * 50 + [{"text": f"row {n}"} for n in range(50)]
    parts, _, validation = parted(tmp_path, open_rows(write("in.jsonl", rows)))
    assert (parts.moved_together, parts.validation) == (50, 10)
    assert all(row["text"] != "the same" for row in validation)


def test_groups_that_fit_nowhere_exactly_are_held_out_as_nearly_as_can_be(write, tmp_path):
    rows = [{"text": f"t{n // 3}"} for n in range(12)]
    parts, _, _ = parted(tmp_path, open_rows(write("in.jsonl", rows)), fraction=0.17)
    assert (parts.train, parts.validation) == (9, 3)  # 2 rows were asked for: 3 is nearer than none


def test_rows_that_are_all_copies_cannot_be_parted(write, tmp_path):
    with pytest.raises(WorkbenchError, match="the largest has 10 of 10 rows"):
        parted(tmp_path, open_rows(write("in.jsonl", [{"text": "a"}] * 10)))
    assert not (tmp_path / "train.jsonl").exists()


def test_rows_without_text_are_parted_and_broken_ones_told(write, tmp_path):
    source = write("in.jsonl", '{"text": "a"}\n{"text": null}\n{"text": \n{"text": "b"}\n')
    parts, train, validation = parted(tmp_path, open_rows(source), fraction=0.5)
    assert (parts.train + parts.validation, parts.copies.unreadable.numbers) == (3, [3])
    assert {row["text"] for row in train + validation} == {"a", None, "b"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"fraction": 0}, "--fraction 0"),
        ({"fraction": 1}, "--fraction 1"),
        ({"near": 0}, "--near 0"),
        ({"by": "lable"}, "no column lable"),
        ({"on": "txet"}, "no column txet"),
    ],
)
def test_wrong_use_writes_nothing(write, tmp_path, options, told):
    rows = open_rows(write("in.jsonl", [{"text": text} for text in "abcd"]))
    with pytest.raises(WrongUse, match=told):
        parted(tmp_path, rows, **options)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_both_parts_in_one_file_is_refused(write, tmp_path):
    rows = open_rows(write("in.jsonl", [{"text": text} for text in "abcd"]))
    with pytest.raises(WrongUse, match="both parts"):
        split(rows, tmp_path / "a.jsonl", tmp_path / "." / "a.jsonl")
