"""Files open by what they hold; rows come as they are in the file."""

import csv
import io
import json
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.data.rows import BadFile, BadRow, Column, locate, open_rows
from workbench.errors import Missing, WrongUse

TWO = [{"prompt": "a", "completion": "b"}, {"prompt": "c", "completion": "d"}]


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("array.jsonl", json.dumps(TWO, indent=2), "json"),
        ("array.txt", json.dumps(TWO), "json"),
        ("held.json", json.dumps({"version": 1, "data": TWO}), "json"),
        ("lines.json", "\n".join(map(json.dumps, TWO)), "jsonl"),
        ("lines.csv", "\n\n".join(map(json.dumps, TWO)) + "\n", "jsonl"),
        ("bom.jsonl", b"\xef\xbb\xbf" + "\r\n".join(map(json.dumps, TWO)).encode(), "jsonl"),
        ("table.csv", "prompt,completion\na,b\nc,d\n", "csv"),
        ("table.txt", "prompt\tcompletion\na\tb\nc\td\n", "csv"),
        ("semicolons.csv", "prompt;completion\r\na;b\r\nc;d\r\n", "csv"),
        ("bom.csv", b"\xef\xbb\xbfprompt,completion\na,b\nc,d\n", "csv"),
    ],
)
def test_the_same_two_rows_open_from_every_layout_whatever_the_name(write, name, content, format):
    rows = open_rows(write(name, content))
    assert rows.format == format
    assert list(rows) == TWO
    assert rows.columns == [Column("prompt", "text"), Column("completion", "text")]


def test_positions_and_slices_count_from_zero(write):
    rows = open_rows(write("n.jsonl", [{"n": n} for n in range(5)]))
    assert (len(rows), rows[0], rows[-1]) == (5, {"n": 0}, {"n": 4})
    assert rows.slice(3, 99) == [{"n": 3}, {"n": 4}]
    with pytest.raises(WrongUse, match="has 5 rows; there is no row 6"):
        rows[5]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.dictionaries(st.text(), json_values, max_size=4), min_size=2, max_size=8),
    ends=st.lists(st.sampled_from(["\n", "\r\n", "\n\n", "\r\n \t\r\n"]), min_size=8, max_size=8),
    ascii_only=st.booleans(),
)
def test_json_lines_are_what_the_json_parser_makes_of_each_line_that_is_not_blank(tmp_path, rows, ends, ascii_only):
    text = "".join(json.dumps(row, ensure_ascii=ascii_only) + end for row, end in zip(rows, ends, strict=False))
    path = tmp_path / "property.jsonl"
    path.write_bytes(text.encode())
    opened = open_rows(path)
    assert opened.format == "jsonl"
    assert list(opened) == rows
    assert [opened[index] for index in range(len(opened))] == rows
    assert opened.slice(0, len(opened)) == rows


def test_a_broken_line_deep_in_json_lines_is_an_error_only_when_it_is_reached(write):
    path = write("deep.jsonl", '{"a": 1}\n\n{"a": 2}\n{"a": }\n{"a": 4}\n')
    rows = open_rows(path)
    assert len(rows) == 4
    assert rows[1] == {"a": 2}
    assert rows[3] == {"a": 4}
    assert rows.columns == [Column("a", "integer")]
    with pytest.raises(BadRow) as caught:
        rows[2]
    assert caught.value.row == 3
    assert caught.value.what == f"{path}, row 3: line 4: malformed JSON at column 7: Expecting value"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"a": 1}\n[1, 2]\n', "row 2: line 2: a JSON list, not an object"),
        (b'{"a": 1}\n{"a": "\xff"}\n', "row 2: line 2: not UTF-8 at byte 8"),
        (b'{"a": 1}\n' + b"[" * 100_000 + b"\n", "row 2: line 2: JSON that cannot be read"),
        (b'{"a" 1}\n{"a": 2}\n', "row 1: line 1: malformed JSON at column 6"),
        (b'[{"a": 1}, 7]', "row 2: a JSON integer, not an object"),
    ],
)
def test_a_row_that_is_no_object_is_named(write, content, told):
    with pytest.raises(BadRow) as caught:
        list(open_rows(write("rows.jsonl", content)))
    assert told in caught.value.what


def test_types_are_told_in_words_and_null_says_nothing(write):
    row = {"t": "x", "i": 1, "n": 1.5, "b": True, "l": [1], "o": {}, "m": 1, "none": None}
    rows = open_rows(write("types.jsonl", [{**row, "i": None, "n": 2, "m": "x"}, row]))
    types = {column.name: column.type for column in rows.columns}
    assert types == {
        "t": "text",
        "i": "integer",
        "n": "number",
        "b": "boolean",
        "l": "list",
        "o": "object",
        "m": "mixed",
        "none": "text",
    }


def test_squad_becomes_a_row_per_question(write):
    paragraph = {
        "context": "Ann has a cat.",
        "qas": [
            {"id": "1", "question": "Who?", "answers": [{"text": "Ann", "answer_start": 0}]},
            {"id": "2", "question": "Why?", "answers": []},
        ],
    }
    rows = open_rows(write("squad.json", json.dumps({"data": [{"title": "T", "paragraphs": [paragraph]}]})))
    assert rows[0] == {
        "id": "1",
        "title": "T",
        "context": "Ann has a cat.",
        "question": "Who?",
        "answers": {"text": ["Ann"], "answer_start": [0]},
    }
    assert rows[1]["answers"] == {"text": [], "answer_start": []}


def test_one_line_with_one_chat_is_a_row_and_not_a_holder_of_rows(write):
    chat = {"messages": [{"role": "user", "content": "hi"}]}
    assert list(open_rows(write("one.json", [chat]))) == [chat]


def test_csv_is_what_the_csv_module_reads(write):
    text = 'a,b\r\n"x, y","line 1\nline 2"\r\n"say ""hi""",z\r\n'
    expected = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(open_rows(write("quotes.csv", text))) == expected


def test_a_csv_number_that_would_not_be_written_the_same_way_again_stays_text(write):
    rows = open_rows(write("n.csv", "id,share,price,zip,flag,empty\n1,0.5,3.10,007,true,\n2,,3.25,010,false,\n"))
    assert [column.type for column in rows.columns] == ["integer", "number", "number", "text", "boolean", "text"]
    assert rows[0] == {"id": 1, "share": 0.5, "price": "3.10", "zip": "007", "flag": True, "empty": ""}
    assert rows[1]["share"] is None


def test_a_csv_cell_may_be_longer_than_the_csv_module_allows_by_default(write):
    rows = open_rows(write("long.csv", f"a,b\n{'x' * 200_000},y\n"))
    assert len(rows[0]["a"]) == 200_000


def test_uneven_csv_is_said_aloud(write):
    rows = open_rows(write("uneven.csv", "a,b\n1,x\n2\n3,y,z\n4,w\n"))
    assert rows.notes == ["cells are missing at the end of row 2; taken for empty"]
    assert (rows[1], rows[3]) == ({"a": 2, "b": ""}, {"a": 4, "b": "w"})
    with pytest.raises(BadRow, match="row 3: 3 cells, but the header has 2"):
        rows[2]


@pytest.mark.parametrize(
    ("text", "told"),
    [("a,a\n1,2\n", "names the column 'a' twice"), ('"a,b\nx,1\ny,2\n', "line 1: unexpected end of data")],
)
def test_a_csv_broken_as_a_whole_is_refused(write, text, told):
    with pytest.raises(BadFile, match=told):
        open_rows(write("broken.csv", text))


def test_windows_text_is_read_and_said_aloud(write):
    rows = open_rows(write("cp.csv", "a,b\ncafé,1\n".encode("cp1252")))
    assert rows[0] == {"a": "café", "b": 1}
    assert rows.notes == ["not UTF-8 (line 2); read as Windows-1252"]
    with pytest.raises(BadFile, match="line 2: neither UTF-8 nor Windows-1252"):
        open_rows(write("bad.txt", b"fine\nbad \x81\xff\n"))


def test_text_is_paragraphs_or_lines(write):
    assert list(open_rows(write("p.txt", "one\r\ntwo\r\n\r\n\r\nthree\r\n"))) == [
        {"text": "one\ntwo"},
        {"text": "three"},
    ]
    assert [row["text"] for row in open_rows(write("l.txt", "Hello, you.\nGood, bye.\n"))] == [
        "Hello, you.",
        "Good, bye.",
    ]
    assert open_rows(write("link.md", "[link](there)\n")).format == "text"


def test_parquet_rows_are_what_pyarrow_wrote(tmp_path):
    rows = [{"n": n, "who": f"p{n}", "turns": [{"role": "user", "content": str(n)}]} for n in range(7)]
    path = tmp_path / "data.bin"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=3)
    opened = open_rows(path)
    assert opened.format == "parquet"
    assert list(opened) == rows
    assert (len(opened), opened[6], opened.slice(2, 4)) == (7, rows[6], rows[2:4])
    assert [column.type for column in opened.columns] == ["integer", "text", "list"]


def test_parquet_cut_off_is_named(tmp_path):
    path = tmp_path / "cut.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": [1, 2]}), path)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(BadFile, match="a broken Parquet file"):
        open_rows(path)


def test_locate_knows_the_home_folder():
    assert locate("~/x.jsonl") == Path.home() / "x.jsonl"


def test_a_broken_row_says_its_line_and_keeps_what_stands_there(write):
    path = write("rows.jsonl", b'\n{"a": 1}\n\n\n{"a": \xff}\n[1]\n\n{"a": 2}\n{"a" 3}')
    rows = open_rows(path)
    broken = [row for row in rows.each() if isinstance(row, BadRow)]
    assert [(error.row, error.detail.partition(":")[0], error.raw) for error in broken] == [
        (2, "line 5", '{"a": \ufffd}'),
        (3, "line 6", "[1]"),
        (5, "line 9", '{"a" 3}'),
    ]
    for error in broken:
        with pytest.raises(BadRow) as found:
            rows[error.row - 1]
        assert str(found.value) == str(error)


def test_a_link_to_nothing_is_called_that(tmp_path):
    (tmp_path / "a.jsonl").symlink_to("gone.jsonl")
    with pytest.raises(Missing, match=r"a link to gone\.jsonl"):
        open_rows(tmp_path / "a.jsonl")
