"""A table of a database is rows; the database and what lies beside it stay as they are."""

import shutil
import sqlite3
from pathlib import Path

import duckdb
import pytest

from workbench.data.rows import BadFile, BadRow, open_rows
from workbench.errors import WrongUse


def sqlite(path, *statements):
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    return connection


def listed(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_one_table_needs_no_name_and_several_do(tmp_path):
    path = tmp_path / "rows.db"
    sqlite(
        path, "CREATE TABLE a (n)", "INSERT INTO a VALUES (1), (2)", "CREATE VIEW v AS SELECT n + 1 AS m FROM a"
    ).close()
    assert list(open_rows(path)) == [{"n": 1}, {"n": 2}]
    assert list(open_rows(Path(f"{path}:v"))) == [{"m": 2}, {"m": 3}]
    sqlite(path, 'CREATE TABLE "b: ""c""" (x)', 'INSERT INTO "b: ""c""" VALUES (NULL)').close()
    with pytest.raises(WrongUse, match='has 2 tables: a, b: "c"'):
        open_rows(path)
    rows = open_rows(Path(f'{path}:b: "c"'))
    assert (list(rows), rows.files) == ([{"x": None}], [path])
    with pytest.raises(WrongUse, match="has no table d: it has a, "):
        open_rows(Path(f"{path}:d"))


def test_a_table_without_row_ids_or_with_a_column_of_that_name_opens(tmp_path):
    path = tmp_path / "rows.db"
    sqlite(
        path,
        "CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID", "INSERT INTO w VALUES ('b', 2), ('a', 1)",
        "CREATE TABLE r (rowid TEXT, n)", "INSERT INTO r VALUES ('y', 1), ('x', 2)",
    ).close()  # fmt: skip
    assert [row["k"] for row in open_rows(Path(f"{path}:w"))] == ["a", "b"]
    assert list(open_rows(Path(f"{path}:r"))) == [{"rowid": "y", "n": 1}, {"rowid": "x", "n": 2}]


def test_rows_beyond_a_page_and_odd_values_come_as_they_are(tmp_path):
    path = tmp_path / "rows.db"
    sqlite(
        path,
        "CREATE TABLE t (n, v)",
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000)"
        " INSERT INTO t SELECT n, NULL FROM c",
        "UPDATE t SET v = x'00ff' WHERE n = 2",
        "UPDATE t SET v = CAST(x'61ff' AS TEXT) WHERE n = 3",
    ).close()
    rows = open_rows(path)
    assert (len(rows), rows[999]["n"], rows[255]["n"], rows[1]["v"]) == (1000, 1000, 256, "<2 bytes>")
    with pytest.raises(BadRow, match="row 3: v is not UTF-8 text"):
        rows[2]
    assert [row.raw for row in rows.each() if isinstance(row, BadRow)] == ["a\ufffd"]


def test_changes_in_a_write_ahead_log_are_seen_and_no_file_is_made_or_changed(tmp_path):
    live, left = tmp_path / "live", tmp_path / "left"
    live.mkdir()
    left.mkdir()
    writer = sqlite(live / "a.db", "PRAGMA journal_mode = WAL", "CREATE TABLE t (n)", "INSERT INTO t VALUES (7)")
    for name in ("a.db", "a.db-wal"):
        shutil.copy(live / name, left / name)  # as after a crash: nobody has it open, and the log is not in the file
    names, before = set(listed(live)), listed(left)
    assert list(open_rows(live / "a.db")) == list(open_rows(left / "a.db")) == [{"n": 7}]
    assert (set(listed(live)), listed(left)) == (names, before)
    writer.close()
    before = listed(live)
    assert list(open_rows(live / "a.db")) == [{"n": 7}]
    assert listed(live) == before
    assert set(before) == {"a.db"}


def test_a_broken_database_is_named(tmp_path):
    path = tmp_path / "cut.db"
    sqlite(path, "CREATE TABLE t (n)", *["INSERT INTO t VALUES (zeroblob(900))"] * 20).close()
    path.write_bytes(path.read_bytes()[:6000])
    with pytest.raises(BadFile, match="SQLite cannot read it"):
        list(open_rows(path))
    path.write_bytes(b"\0" * 8 + b"DUCK" + b"\0" * 9000)
    with pytest.raises(BadFile, match="DuckDB cannot read it"):
        open_rows(path)


def test_sql_in_a_duckdb_file_reaches_no_other_file(tmp_path):
    path, secret = tmp_path / "rows.duckdb", tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE VIEW v AS SELECT * FROM read_csv('{secret}')")
    with pytest.raises(BadFile, match="DuckDB cannot read it: Permission Error"):
        list(open_rows(Path(f"{path}:v")))


def test_duckdb_values_are_plain(tmp_path):
    path = tmp_path / "rows.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT DATE '2024-02-03' d, 1.50::DECIMAL(4, 2) m, {'a': [1, 2]} s, MAP {1: 'x'} p"
        )
    assert list(open_rows(path)) == [{"d": "2024-02-03", "m": 1.5, "s": {"a": [1, 2]}, "p": {"1": "x"}}]
    assert {path.name for path in tmp_path.iterdir()} == {"rows.duckdb"}
