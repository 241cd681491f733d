"""A condition finds rows, and can do nothing else."""

import duckdb
import pytest

from workbench.data.query import select
from workbench.data.rows import BadRow, open_rows
from workbench.errors import WrongUse

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


def test_a_broken_row_is_named_instead_of_left_out(write):
    with pytest.raises(BadRow, match="row 2"):
        select(open_rows(write("rows.jsonl", '{"n": 1}\n{"n": \n{"n": 3}\n')), "n = 3")
