"""Tables are read by what is in them: the header, the delimiter, the quotes; a broken record is one bad row."""

import pytest

from workbench.data.rows import BadRow, open_rows


@pytest.mark.parametrize(
    ("name", "text", "first"),
    [
        ("labels.csv", "positive,great film\nnegative,bad film\npositive,good\n", ["positive", "great film"]),
        ("numbers.csv", "1,2.5\n3,4.5\n", [1, 2.5]),
        ("one.csv", "1,2,3\n", [1, 2, 3]),
        ("long.csv", f"{'word ' * 20}\n{'more ' * 20}\n", ["word " * 20]),
        ("mail", 'ham\tGo now\nspam\t"Win\nham\tYes\nham\tNo\nspam\tFree\n', ["ham", "Go now"]),
    ],
)
def test_a_table_without_a_header_keeps_its_first_row(write, name, text, first):
    rows = open_rows(write(name, text))
    assert list(rows[0].values()) == first
    assert rows.column_names == [f"column{place}" for place in range(1, len(first) + 1)]
    assert any(note.startswith("no header: ") for note in rows.notes)


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("text,label", "text,label\nlabel,1\ntext,2\n"),
        ("country,2019,2020", "country,2019,2020\nA,1,2\nB,3,4\n"),
        ("a,b", "a,b\nx,y\na,b\nz,w\n"),
        ("who,score", "who,score\nwho,1\nann,2\n"),
        ("x,y", "x,y\n"),
        (
            "How long did you wait for the doctor to come?,n",
            "How long did you wait for the doctor to come?,n\nyes,no\n",
        ),
    ],
)
def test_a_header_is_no_row(write, header, text):
    rows = open_rows(write("t.csv", text))
    assert rows.column_names == header.split(",")
    assert rows.notes == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("semicolon.csv", 'text;n\r\n"a; b";1\r\nc;2\r\n'),
        ("bar.csv", "text|n\na; b|1\nc|2\n"),
        ("tab.csv", "text\tn\na; b\t1\nc\t2\n"),
        ("single.csv", "'text','n'\n'a; b','1'\n'c','2'\n"),
        ("mac.csv", "text,n\ra; b,1\rc,2\r"),
    ],
)
def test_delimiters_and_quotes_are_found(write, name, text):
    assert list(open_rows(write(name, text))) == [{"text": "a; b", "n": 1}, {"text": "c", "n": 2}]


def test_a_quote_may_be_escaped_or_plain_text_where_that_fits_the_whole_file(write):
    escaped = open_rows(write("e.csv", 'text,n\n"say \\"hi\\", you",1\n"b",2\n'))
    assert [row["text"] for row in escaped] == ['say "hi", you', "b"]
    plain = open_rows(write("p.tsv", 'text\tn\n"He said\t1\nb" c\t2\n'))
    assert [row["text"] for row in plain] == ['"He said', 'b" c']


@pytest.mark.parametrize(
    ("record", "why"),
    [('"broken,5', "malformed CSV"), ('"a" b,5', "',' expected after '\"'"), ('"two\nlines" b,5', "malformed CSV")],
)
@pytest.mark.parametrize("after", ["x,7\ny,8\n", '"x",7\ny,8\n'])
def test_one_broken_quote_costs_one_row(write, record, why, after):
    rows = open_rows(write("q.csv", f'text,n\n"a\nb",1\n{record}\n{after}'))
    found = list(rows.each())
    assert [row for row in found if not isinstance(row, BadRow)] == [
        {"text": "a\nb", "n": 1},
        {"text": "x", "n": 7},
        {"text": "y", "n": 8},
    ]
    assert why in found[1].what and found[1].what.startswith(f"{rows.path}, row 2: line 4: ")
    assert (found[1].row, found[1].raw) == (2, record)
    assert [column.type for column in rows.columns] == ["text", "integer"]


def test_odd_characters_are_text(write):
    rows = open_rows(write("odd.csv", 'text,n\n"a\u2028b\x0cc\x00",1\nd\x85e,2\n'))
    assert [row["text"] for row in rows] == ["a\u2028b\x0cc\x00", "d\x85e"]


def test_a_row_of_4_mb_and_a_hundred_thousand_columns_open(write):
    names = [f"c{n}" for n in range(100_000)]
    rows = open_rows(write("wide.csv", ",".join(names) + "\n" + ",".join("7" for _ in names) + "\n"))
    assert (rows.column_names, rows[0]["c99999"]) == (names, 7)
    tall = open_rows(write("tall.jsonl", [{"a": "x" * 4_000_000}, {"a": "y"}]))
    assert [len(row["a"]) for row in tall] == [4_000_000, 1]
