"""A folder, a pattern or a saved data set is one set of rows, or the splits that its README or its names tell."""

import json
from pathlib import Path

import datasets
import pytest
from datasets.data_files import DataFilesDict, get_data_patterns

from workbench.data.check.run import check, rows_held_out
from workbench.data.folder import held_out
from workbench.data.opened import stamp_of
from workbench.data.rows import BadFile, BadRow, open_rows
from workbench.data.splits import splits_of
from workbench.data.write import copy_rows
from workbench.errors import WorkbenchError, WrongUse


def fill(folder, **files):
    """Write each file's rows as JSON Lines; a row is {"n": …}."""
    for name, numbers in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps({"n": number}) + "\n" for number in numbers))
    return folder


def numbers(rows):
    return [row["n"] for row in rows]


def test_the_parts_of_a_split_follow_each_other_by_name(tmp_path):
    fill(tmp_path, **{"train-00001-of-00002.jsonl": [3, 4], "train-00000-of-00002.jsonl": [1, 2], "dev.jsonl": [9]})
    rows = open_rows(tmp_path)
    assert rows.notes == [f"the split train; others: {tmp_path}:validation"]
    assert (numbers(rows), len(rows), rows[2], rows[-1]) == ([1, 2, 3, 4], 4, {"n": 3}, {"n": 4})
    assert numbers(rows.slice(1, 3)) == [2, 3]
    for name in ("validation", "dev", "val", "dev.jsonl"):
        assert numbers(open_rows(Path(f"{tmp_path}:{name}"))) == [9]
    with pytest.raises(WrongUse, match="has no part test: it has train, validation"):
        open_rows(Path(f"{tmp_path}:test"))


def test_files_that_are_no_splits_are_one_set_without_prose_and_empty_ones_and_that_is_said(tmp_path):
    fill(tmp_path, **{"b.jsonl": [2], "a.jsonl": [1], "sub/c.jsonl": [3], "notes.txt": [0], "d.jsonl": []})
    rows = open_rows(tmp_path)
    assert numbers(rows) == [1, 2, 3]
    assert rows.notes == [
        "left aside: notes.txt",
        "4 files as one set: a.jsonl, b.jsonl, d.jsonl, sub/c.jsonl",
        "d.jsonl is empty",
    ]


def test_a_pattern_opens_the_files_that_fit_it(tmp_path):
    fill(tmp_path, **{"a-1.jsonl": [1], "a-2.jsonl": [2], "b-1.jsonl": [3], "odd[1].jsonl": [4], "x/y/a-3.jsonl": [5]})
    assert numbers(open_rows(tmp_path / "a-*.jsonl")) == [1, 2]
    assert numbers(open_rows(tmp_path / "**" / "a-?.jsonl")) == [1, 2, 5]
    assert numbers(open_rows(tmp_path / "odd[1].jsonl")) == [4]
    with pytest.raises(WorkbenchError, match="no file fits"):
        open_rows(tmp_path / "c-*.jsonl")


def test_a_broken_row_has_its_number_in_the_set_and_names_its_file_and_row(tmp_path):
    fill(tmp_path, **{"a.jsonl": [1, 2], "b.jsonl": [3]})
    (tmp_path / "b.jsonl").write_text('{"n": 3}\n[4]\n{"n": 5}\n')
    rows = open_rows(tmp_path)
    with pytest.raises(BadRow) as caught:
        rows[3]
    assert caught.value.row == 4
    assert (
        caught.value.what == f"{tmp_path}, row 4: b.jsonl, row 2: line 2: a JSON list, not an object with named fields"
    )
    assert [row.row for row in rows.each() if isinstance(row, BadRow)] == [4]
    with pytest.raises(BadRow):
        rows.slice(0, 5)
    assert copy_rows(rows, [5, 4, 1], tmp_path / "out.jsonl") == 3
    assert (tmp_path / "out.jsonl").read_text() == '{"n": 5}\n[4]\n{"n": 1}\n'


def test_a_set_is_another_one_when_one_of_its_files_changes(tmp_path):
    rows = open_rows(fill(tmp_path, **{"a.jsonl": [1], "b.jsonl": [2]}))
    before = stamp_of(rows)
    fill(tmp_path, **{"b.jsonl": [2, 3]})
    assert stamp_of(rows) != before
    assert [file.name for file in rows.files] == ["a.jsonl", "b.jsonl"]


def test_many_files_are_open_one_by_one(tmp_path):
    fill(tmp_path, **{f"{place:03}.jsonl": [place, place] for place in range(60)})
    rows = open_rows(tmp_path)
    assert numbers(rows) == [place for place in range(60) for _ in "ab"]
    assert [rows[index]["n"] for index in (119, 0, 61)] == [59, 0, 30]


def test_files_of_several_formats_and_columns_make_one_set(tmp_path):
    fill(tmp_path, **{"a.jsonl": [1]})
    (tmp_path / "b.csv").write_text("n,text\n2,x\n0.5,y\n")
    rows = open_rows(tmp_path)
    assert numbers(rows) == [1, 2, 0.5]
    assert rows.column_names == ["n", "text"]


def test_what_datasets_saved_opens_without_it(tmp_path):
    made = {split: datasets.Dataset.from_list([{"n": n} for n in count]) for split, count in
            {"train": range(5), "test": range(5, 7)}.items()}  # fmt: skip
    datasets.DatasetDict(made).save_to_disk(tmp_path / "dict", num_shards={"train": 2, "test": 1})
    made["test"].save_to_disk(tmp_path / "alone")
    (tmp_path / "alone" / "cache-0123.arrow").write_bytes(b"not part of the set")
    assert numbers(open_rows(tmp_path / "dict")) == [0, 1, 2, 3, 4]
    assert numbers(open_rows(Path(f"{tmp_path}/dict:test"))) == numbers(open_rows(tmp_path / "alone")) == [5, 6]


@pytest.mark.parametrize(
    "names",
    [
        ["train.csv", "valid.csv", "eval.csv"],
        ["my-train-1.jsonl", "my-train-2.jsonl", "my-dev.jsonl", "pretrain.jsonl"],
        ["data/train_sft-00000-of-00001.parquet", "data/test_sft-00000-of-00001.parquet", "train.csv"],
        ["training/a.json", "testing/b.json", "other/c.json"],
        ["x/val_2/a.csv", "x/train/b.csv"],
        ["a.csv", "b.csv"],
        ["rows.train.csv", "rows test.csv", "evaluation0.csv"],
    ],
)
def test_splits_are_those_that_datasets_finds(tmp_path, names):
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    found = DataFilesDict.from_patterns(get_data_patterns(str(tmp_path)), str(tmp_path))
    theirs = {
        str(split): sorted(str(Path(file).relative_to(tmp_path)) for file in files) for split, files in found.items()
    }
    assert (splits_of(names) or {"train": sorted(names)}) == theirs


README = """---
license: mit
configs:
- config_name: main
  data_files:
  - split: train
    path: main/train-*
  - split: test
    path: main/test-*
- config_name: socratic
  data_files: "socratic/*.jsonl"
---
# A set
"""


def test_a_readme_says_which_files_are_what(tmp_path):
    fill(tmp_path, **{"main/train-0.jsonl": [1], "main/test-0.jsonl": [2], "socratic/x.jsonl": [3], "stray.jsonl": [4]})
    (tmp_path / "README.md").write_text(README)
    rows = open_rows(tmp_path)
    assert numbers(rows) == [1]
    assert rows.notes[-1] == "in no split: stray.jsonl"
    assert numbers(open_rows(Path(f"{tmp_path}:main/test"))) == [2]
    assert numbers(open_rows(Path(f"{tmp_path}:socratic"))) == [3]
    (tmp_path / "README.md").write_text(README.replace("name: main", "name: first"))
    with pytest.raises(WrongUse, match="holds several sets: first/train, first/test, socratic/train"):
        open_rows(tmp_path)


@pytest.mark.parametrize(
    "front",
    [
        "configs: 7",
        "configs: [7, {config_name: [x]}, {data_files: {train: [1, null]}}, {data_files: [{path: {}}]}]",
        "a: &a [x, x]\nb: &b [*a, *a]\nconfigs: [{data_files: [{split: *b, path: *b}]}]",
        "configs: [",
    ],
)
def test_a_readme_that_says_nothing_useful_is_passed_over(tmp_path, front):
    fill(tmp_path, **{"train.jsonl": [1], "test.jsonl": [2]})
    (tmp_path / "README.md").write_text(f"---\n{front}\n---\n")
    assert numbers(open_rows(tmp_path)) == [1]


def test_a_folder_without_rows_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(WrongUse, match="is a folder without data files"):
        open_rows(tmp_path)
    fill(tmp_path, **{"a.csv": []})
    with pytest.raises(BadFile, match=r"a\.csv is empty"):
        open_rows(tmp_path)


def test_a_split_of_training_is_checked_against_those_that_are_held_out(tmp_path):
    fill(tmp_path, **{"train.jsonl": [1, 2, 3, 4], "validation.jsonl": [4], "test.jsonl": [2], "extra.jsonl": [1]})
    splits = [Path(f"{tmp_path}:validation"), Path(f"{tmp_path}:test")]
    assert held_out(tmp_path) == held_out(Path(f"{tmp_path}:train")) == splits
    assert held_out(Path(f"{tmp_path}:test")) == held_out(tmp_path / "train.jsonl") == []
    *_, found = check(open_rows(tmp_path), {"text": "n"}, held_out=rows_held_out(tmp_path, None, print))
    assert [problem.rows for problem in found.problems if problem.code == "in-validation"] == [(2, 4)]
