"""The same rows come back from every format, from first to last and by position, whoever wrote them."""

import bz2
import csv
import gzip
import io
import json
import lzma
import pickle
import sqlite3
from decimal import Decimal
from itertools import count

import duckdb
import pandas
import pyarrow
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.data.rows import open_rows

COLUMNS = ("prompt", "n", "share", "yes")
SCHEMA = pyarrow.schema(
    [("prompt", pyarrow.string()), ("n", pyarrow.int64()), ("share", pyarrow.float64()), ("yes", pyarrow.bool_())]
)
TYPES = ["text", "integer", "number", "boolean"]


def zstd(content):
    packed = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(packed, "zstd") as out:
        out.write(content)
    return packed.getvalue().to_pybytes()


PACKED = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstd}


def as_lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def as_array(rows):
    return json.dumps(rows).encode()


def as_table(delimiter):
    def written(rows):
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerow(COLUMNS)
        writer.writerows(
            [json.dumps(value) if name != "prompt" else value for name, value in row.items()] for row in rows
        )
        return out.getvalue().encode()

    return written


def as_arrow(opener, **options):
    def written(rows):
        out = pyarrow.BufferOutputStream()
        with opener(out, SCHEMA, **options) as writer:
            for batch in pyarrow.Table.from_pylist(rows, SCHEMA).to_batches(max_chunksize=2):
                writer.write_batch(batch)
        return out.getvalue().to_pybytes()

    return written


def as_parquet(rows):
    out = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, SCHEMA), out, row_group_size=2)
    return out.getvalue().to_pybytes()


def as_feather(rows):
    out = pyarrow.BufferOutputStream()
    pyarrow.feather.write_feather(pyarrow.Table.from_pylist(rows, SCHEMA), out, chunksize=2)
    return out.getvalue().to_pybytes()


FORMATS = {
    "jsonl": ("jsonl", as_lines),
    "json": ("json", as_array),
    "csv": ("csv", as_table(",")),
    "tsv": ("csv", as_table("\t")),
    "parquet": ("parquet", as_parquet),
    "arrow": ("arrow", as_arrow(pyarrow.ipc.new_file)),
    "stream": ("arrow", as_arrow(pyarrow.ipc.new_stream)),
    "feather": ("arrow", as_feather),
    "pickle": ("pickle", lambda rows: pickle.dumps(pandas.DataFrame(rows))),
}

text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
row = st.tuples(
    text.map(lambda said: f"say {said}!"),
    st.integers(-(2**31), 2**31),
    st.integers(-999, 999).map(lambda n: n + 0.5),
    st.booleans(),
).map(lambda values: dict(zip(COLUMNS, values, strict=True)))
tables = st.lists(row, min_size=2, max_size=7)
number = count()
quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)


def same(opened, rows):
    """Whether these are the rows, however they are asked for."""
    assert list(opened) == list(opened.each()) == rows
    assert [opened[index] for index in reversed(range(len(opened)))] == rows[::-1]
    assert opened.slice(1, 99) == rows[1:]
    return True


@pytest.mark.parametrize("name", FORMATS)
@quick
@given(rows=tables, packing=st.sampled_from(["", *PACKED]))
def test_rows_are_what_was_written_packed_or_not(tmp_path, name, rows, packing):
    format, written = FORMATS[name]
    path = tmp_path / f"rows{next(number)}.{name}{packing}"
    path.write_bytes(PACKED.get(packing, bytes)(written(rows)))
    opened = open_rows(path, trust_pickle=name == "pickle")
    assert opened.format == format
    assert opened.path == path
    assert [column.type for column in opened.columns] == TYPES
    assert same(opened, rows)


@quick
@given(rows=tables, gaps=st.sets(st.integers(0, 6), max_size=3))
def test_the_rows_of_a_database_are_those_that_are_left_in_the_order_of_their_ids(tmp_path, rows, gaps):
    values = [tuple(row.values()) for row in rows]
    left = [row for place, row in enumerate(rows) if place not in gaps] or rows
    deleted = gaps if len(left) < len(rows) else set()
    lite, duck = tmp_path / f"{next(number)}.db", tmp_path / f"{next(number)}.duckdb"
    with sqlite3.connect(lite) as connection:
        connection.execute("CREATE TABLE t (prompt TEXT, n INTEGER, share REAL, yes INTEGER)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", values)
        connection.executemany("DELETE FROM t WHERE rowid = ?", [(place + 1,) for place in deleted])
    connection.close()
    with duckdb.connect(str(duck)) as connection:
        connection.execute("CREATE TABLE t (prompt TEXT, n BIGINT, share DOUBLE, yes BOOLEAN)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", values)
        for place in deleted:
            connection.execute("DELETE FROM t WHERE rowid = ?", [place])
    assert same(open_rows(lite), left)
    assert same(open_rows(duck), left)
    assert [column.type for column in open_rows(duck).columns] == TYPES


def test_arrow_batches_are_read_in_any_order_also_with_dictionaries(tmp_path):
    rows = [{"turns": [{"role": "user", "content": str(n)}], "kind": "ab"[n % 2]} for n in range(9)]
    table = pyarrow.Table.from_pylist(rows)
    coded = table.set_column(1, "kind", table["kind"].dictionary_encode())
    for name, each in (("plain", table), ("coded", coded)):
        path = tmp_path / name
        with path.open("wb") as out, pyarrow.ipc.new_stream(out, each.schema) as writer:
            writer.write_table(each, max_chunksize=2)
        opened = open_rows(path)
        assert [opened[index] for index in (8, 0, 5, 5, 2)] == [rows[index] for index in (8, 0, 5, 5, 2)]
        assert [column.type for column in opened.columns] == ["list", "text"]


def test_an_arrow_stream_that_is_cut_off_says_how_much_is_whole(tmp_path):
    rows = [{"prompt": "a", "n": 1, "share": 0.5, "yes": True}] * 6
    content = FORMATS["stream"][1](rows)
    path = tmp_path / "cut.arrow"
    path.write_bytes(content[: len(content) * 3 // 4])
    with pytest.raises(ValueError, match=r"cut\.arrow: the Arrow stream is cut off or damaged after [24] whole rows"):
        open_rows(path)


def test_decimals_keep_their_digits_and_bytes_are_told_of(tmp_path):
    path = tmp_path / "d.parquet"
    exact = pyarrow.array([Decimal("12345678901234567890.12"), Decimal("1.50"), Decimal("3.00")])
    pyarrow.parquet.write_table(pyarrow.table({"d": exact, "b": [b"ab", None, b"c"], "t": ["x", "y", "z"]}), path)
    rows = open_rows(path)
    assert [row["d"] for row in rows] == ["12345678901234567890.12", 1.5, 3]
    assert rows.notes == ["bytes are read as their number, and no text can be made of them: b"]


@pytest.mark.parametrize("first", [b'{"n": "caf\xe9"}', b'{"n": ' + b"[" * 2000 + b"]" * 2000 + b"}", b'{"n": 1'])
def test_a_first_line_that_cannot_be_read_costs_its_row_only(tmp_path, first):
    path = tmp_path / "a.jsonl"
    path.write_bytes(first + b'\n{"n": 2}\n{"n": 3}\n')
    rows = open_rows(path)
    assert [row["n"] for row in rows.readable()] == [2, 3]
    assert len(rows) == 3
