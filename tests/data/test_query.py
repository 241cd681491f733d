"""A condition finds rows, and can do nothing else."""

import json

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.data import query
from workbench.data.formats.jsonl import JsonlRows
from workbench.data.query import Order, Query
from workbench.data.rows import open_rows
from workbench.errors import Interrupted, WrongUse


def select(rows, where="", order=None):
    return list(query.select(rows, where, order).numbers)


ROWS = [
    {"n": 1, "text": "one", "turns": [{"role": "user"}], "info": {"id": "x"}, "mixed": 1, "score": 0.5},
    {"n": 2, "text": "it's", "turns": [], "info": None, "mixed": "two", "score": 2},
    {"n": 3, "text": "\ud800 three", "turns": [{"role": "user"}, {"role": "tool"}], "info": {"id": "y"}},
]


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        ("n >= 2", [2, 3]),
        ("text = 'it''s'", [2]),
        ("text LIKE '%three'", [3]),
        ("len(turns) > 1", [3]),
        ("turns[1]->>'role' = 'user'", [1, 3]),
        ("info->>'id' = 'y'", [3]),
        ("mixed = '\"two\"'", [2]),
        ("score IS NULL OR score > 1", [2, 3]),
        ("true -- all", [1, 2, 3]),
        ("n > 9", []),
    ],
)
def test_rows_that_meet_a_condition_are_numbered_from_one(write, where, numbers):
    assert select(open_rows(write("rows.jsonl", ROWS)), where) == numbers


def test_many_rows_are_found_as_duckdb_finds_them(write):
    path = write("many.jsonl", [{"n": n, "odd": n % 2 == 1} for n in range(25_000)])
    table = duckdb.sql(f"SELECT n + 1 FROM read_json('{path}') WHERE odd AND n % 1000 < 3 ORDER BY n")
    assert select(open_rows(path), "odd AND n % 1000 < 3") == [number for (number,) in table.fetchall()]


def test_a_column_whose_type_changes_late_is_compared_as_json(write):
    rows = open_rows(write("late.jsonl", [{"n": 1}] * 1500 + [{"n": "x"}]))
    assert rows.columns[0].type == "integer"
    assert select(rows, "n = '\"x\"'") == [1501]


def test_numbers_that_are_kept_as_text_compare_as_numbers(write):
    assert select(open_rows(write("n.csv", "name,price\na,1.50\nb,\nc,10.00\n")), "price > 9") == [3]


@pytest.mark.parametrize(
    "where",
    [
        "nope = 1",
        "n ==",
        "n = 1; DROP TABLE batch",
        "n = 1) UNION SELECT 1 FROM batch WHERE (1 = 1",
        "EXISTS (SELECT * FROM read_text('/etc/passwd'))",
        "n IN (select n FROM batch)",
        "n IN (FROM read_csv('/etc/passwd'))",
        "n = 1 ORDER BY n",
        "repeat('x', 1000000000000) = ''",
        "",
    ],
)
def test_anything_but_a_condition_over_the_row_is_wrong_use(write, where):
    with pytest.raises(WrongUse):
        select(open_rows(write("rows.jsonl", ROWS)), where)


def test_duckdb_says_what_is_wrong(write):
    with pytest.raises(WrongUse, match='Referenced column "nope" not found'):
        select(open_rows(write("rows.jsonl", ROWS)), "nope = 1")


def test_columns_of_any_name_do_no_harm(write):
    rows = open_rows(write("names.jsonl", [{"": 1, "\ud800": 2, 'a "b"': 3, "__row__": 4, "n": 5}]))
    assert select(rows, """n = 5 AND "a ""b\""" = 3""") == [1]


def test_a_broken_row_is_never_found_but_counted(write):
    found = query.select(open_rows(write("rows.jsonl", '{"n": 1}\n{"n": \n{"n": 3}\n')), "n = 3 OR n IS NULL")
    assert (list(found.numbers), list(found.unreadable)) == ([3], [2])


def test_a_column_that_is_read_as_json_is_told(write):
    rows = open_rows(write("late.jsonl", [{"n": 1, "m": 2}] * 1500 + [{"n": "x"}]))
    assert query.select(rows, "n = '1'").as_json == ("n",)
    with pytest.raises(WrongUse, match="n has values of several types"):
        query.select(rows, "n = 1")
    assert query.select(rows, "m = 2").as_json == ()


def test_rows_are_put_in_the_order_of_a_column(write):
    rows = open_rows(write("rows.jsonl", [{"n": 2}, {"n": None}, {"n": 1}, {}, {"n": 2}]))
    assert select(rows, order=Order("n")) == [3, 1, 5, 2, 4]
    assert select(rows, "n > 1 OR n IS NULL", Order("n", is_descending=True)) == [1, 5, 2, 4]


def test_an_interrupted_search_ends(write):
    asked = Query(open_rows(write("rows.jsonl", ROWS)), "n = 1")
    asked.interrupt()
    with pytest.raises(Interrupted):
        asked.run()


_LINES = st.lists(
    st.one_of(
        st.builds(
            lambda value: json.dumps({"n": value}), st.one_of(st.integers(), st.text(), st.none(), st.booleans())
        ),
        st.builds(lambda value: json.dumps({"n": value}, ensure_ascii=False), st.text()),
        st.integers(-3, 3).map(lambda value: json.dumps({"n": value, "m": [value]})),
        st.sampled_from(['{"n": 1, "n": 2}', '{"m": 1}', "{}", "\ufeff"]),
        st.sampled_from(["", "  ", "\t", "\x0c", "\r"]),
        st.sampled_from(["null", "5", '"n"', "[1]", '{"n": }', '{"n": 1} x', "{", "NaN"]),
        st.sampled_from(
            ['{"n": NaN}', '{"n": 1e999}', '{"n": "\\ud800"}', '{"n": "\\u0000"}', '{"n": "a\x00b"}', '{"n"']
        ),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=_LINES, wanted=st.integers(-3, 3))
def test_row_numbers_are_those_of_the_non_blank_lines(tmp_path, lines, wanted):
    """The oracle counts lines and asks the json module; the column is JSON wherever it is not all integers."""
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"n": 1}\n' + "\n".join(lines).encode("utf-8", "surrogatepass"))
    kept = [line for line in path.read_bytes().split(b"\n") if line.strip() and line.strip() != b"\xef\xbb\xbf"]
    expected, broken = [], []
    for number, line in enumerate(kept, 1):
        try:
            row = json.loads(line.removeprefix(b"\xef\xbb\xbf").decode())
        except ValueError:
            row = None
        if not isinstance(row, dict):
            broken.append(number)
        elif type(row.get("n")) is int and row["n"] == wanted:
            expected.append(number)
    rows = JsonlRows(path)
    assert len(rows) == len(kept)
    found = query.select(
        rows, f"json_type(n::JSON) IN ('BIGINT', 'UBIGINT', 'DOUBLE') AND TRY_CAST(n AS DOUBLE) = {wanted}"
    )
    assert list(found.numbers) == expected
    everything = query.select(rows, "true")
    assert list(everything.numbers) == [number for number in range(1, len(kept) + 1) if number not in broken]
    assert list(everything.unreadable) == broken


def test_a_packed_file_is_searched_like_the_one_in_it(tmp_path):
    import gzip

    rows = [{"n": n, "t": f"t{n}"} for n in range(1, 40)] + [{"n": "x"}]
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    found = open_rows(tmp_path / "a.jsonl.gz")
    assert select(found, "t = 't38'") == [38]


def test_of_columns_that_differ_only_in_case_the_written_one_is_meant(write):
    rows = open_rows(write("case.jsonl", [{"a": n, "A": -n} for n in range(1, 4)]))
    assert select(rows, "a > 1") == [2, 3]
    assert select(rows, "A > -2") == [1]
    assert select(rows, "", Order("A")) == [3, 2, 1]
    with pytest.raises(WrongUse, match="a and A are one name in SQL"):
        select(rows, "a > 1", Order("A"))


@pytest.mark.parametrize("name", ["", "__row__"])
def test_a_column_that_sql_cannot_name_is_no_order(write, name):
    with pytest.raises(WrongUse, match="SQL has no word for"):
        select(open_rows(write("odd.jsonl", [{name: 1}])), "", Order(name))


def test_a_condition_with_half_a_character_is_refused_or_finds_nothing(write):
    assert select(open_rows(write("a.jsonl", [{"a": "x"}])), "a = '\ud800'") == []


@pytest.mark.parametrize("suffix", ["jsonl", "json"])
def test_a_column_of_numbers_and_texts_is_sorted_by_the_size_of_the_numbers_first(write, suffix):
    values = [10, 9, None, "b", 10**30, 2.5, "a"]
    rows = open_rows(write(f"mixed.{suffix}", [{"n": value} for value in values]))
    assert select(rows, "", Order("n")) == [6, 2, 1, 5, 7, 4, 3]
