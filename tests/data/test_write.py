"""Rows are written whole or not at all, and never over what they come from."""

import json

import pytest

from workbench.data.rows import open_rows
from workbench.data.write import copy_rows, write_rows
from workbench.errors import WorkbenchError, WrongUse

ROWS = [{"q": "a,b", "n": 1, "l": [1, "x"]}, {"q": 'say "hi"\n', "n": None, "l": []}]


@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson", ".json"])
def test_json_holds_the_rows_as_they_were(tmp_path, suffix):
    out = tmp_path / f"out{suffix}"
    assert write_rows(out, ROWS, []) == 2
    assert list(open_rows(out)) == ROWS


def test_parquet_is_read_back_by_pyarrow(tmp_path):
    import pyarrow.parquet as parquet

    rows = [{"q": "a", "n": 1, "l": ["x"]}, {"q": "b", "n": None, "l": []}]
    write_rows(tmp_path / "out.parquet", rows, [])
    assert parquet.read_table(tmp_path / "out.parquet").to_pylist() == rows


@pytest.mark.parametrize(("suffix", "delimiter"), [(".csv", ","), (".tsv", "\t")])
def test_a_table_is_read_back_by_csv_with_nested_values_as_json(tmp_path, suffix, delimiter):
    import csv

    out = tmp_path / f"out{suffix}"
    write_rows(out, ROWS, [])
    with out.open(newline="") as file:
        found = list(csv.DictReader(file, delimiter=delimiter))
    assert found == [
        {"q": "a,b", "n": "1", "l": '[1, "x"]'},
        {"q": 'say "hi"\n', "n": "", "l": "[]"},
    ]


def test_what_json_cannot_say_is_written_as_what_it_can(tmp_path):
    out = tmp_path / "out.jsonl"
    write_rows(out, [{"n": float("nan"), "t": "\ud800"}], [])
    assert json.loads(out.read_text()) == {"n": None, "t": "\ud800"}


def test_a_copied_line_stays_the_line_that_it_is(write, tmp_path):
    source = write("in.jsonl", b'\xef\xbb\xbf{"a":  1.0}\r\n\n{"a": broken\n{"b":"\\u00e9"}')
    assert copy_rows(open_rows(source), [3, 1, 2], tmp_path / "out.jsonl") == 3
    assert (tmp_path / "out.jsonl").read_bytes() == b'{"b":"\\u00e9"}\n{"a":  1.0}\n{"a": broken\n'


def test_the_file_that_is_read_is_never_written(write, tmp_path):
    source = write("in.jsonl", ROWS)
    link = tmp_path / "link.jsonl"
    link.symlink_to(source)
    before = source.read_bytes()
    with pytest.raises(WrongUse, match="is the file that is read"):
        copy_rows(open_rows(source), [1], link)
    assert source.read_bytes() == before


def test_a_name_without_a_format_is_refused(tmp_path):
    with pytest.raises(WrongUse, match="says no format"):
        write_rows(tmp_path / "out.xyz", ROWS, [])


def test_what_was_there_stays_when_writing_fails(tmp_path):
    out = tmp_path / "out.parquet"
    out.write_bytes(b"before")
    with pytest.raises(WorkbenchError, match="mixed types"):
        write_rows(out, [{"a": 1}, {"a": "x"}], [])
    assert out.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [out]


def test_a_parquet_file_cannot_take_a_column_that_comes_late(tmp_path):
    rows = [{"a": 1}] * 10_000 + [{"a": 1, "b": 2}]
    with pytest.raises(WorkbenchError, match="no column b"):
        write_rows(tmp_path / "out.parquet", rows, [])


def test_no_file_of_a_set_is_ever_written(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.jsonl").write_text(f'{{"text": "{name}"}}\n')
    rows = open_rows(folder)
    assert len(rows) == 2
    for out in (folder / "a.jsonl", folder / "b.jsonl"):
        with pytest.raises(WrongUse, match="is the file that is read"):
            copy_rows(rows, [2], out)
    assert copy_rows(rows, [2], tmp_path / "c.jsonl") == 1
    assert (tmp_path / "c.jsonl").read_text() == '{"text": "b"}\n'
    assert (folder / "a.jsonl").read_text() == '{"text": "a"}\n'


def test_parquet_that_cannot_be_written_names_the_rows_that_there_are(tmp_path):
    with pytest.raises(WorkbenchError, match="rows 1 to 2 are of mixed types"):
        write_rows(tmp_path / "out.parquet", [{"n": 1}, {"n": "x"}], [])


def test_an_empty_map_of_arrow_is_an_object_like_the_others(tmp_path):
    import pyarrow
    from pyarrow import parquet

    column = pyarrow.array([[("k", 1)], [], None], pyarrow.map_(pyarrow.string(), pyarrow.int64()))
    parquet.write_table(pyarrow.table({"m": column}), tmp_path / "m.parquet")
    assert list(open_rows(tmp_path / "m.parquet")) == [{"m": {"k": 1}}, {"m": {}}, {"m": None}]
