"""A text is found in whatever column it stands, and rows keep their numbers."""

import pytest

from workbench.data.find import find, nearest
from workbench.data.rows import open_rows


def found(rows, text):
    return [number for looked in find(rows, text) for number in looked.numbers]


def test_a_text_is_found_in_any_column_in_lists_and_objects_whatever_its_case(write):
    rows = open_rows(
        write(
            "a.jsonl",
            [
                {"q": "The Otter", "a": None},
                {"q": "nothing"},
                {"q": "-", "a": {"turns": [{"content": "two OTTERS"}]}},
                {"q": 17, "a": True},
                {"otter": "a name of a column is not its text"},
            ],
        )
    )
    assert found(rows, "otter") == [1, 3]
    assert found(rows, "17") == [4]
    assert found(rows, "true") == [4]
    assert found(rows, "STRASSE") == []


def test_case_is_folded_as_unicode_says(write):
    rows = open_rows(write("a.csv", "text\nStraße\nÉTÉ\n"))
    assert found(rows, "STRASSE") == [1]
    assert found(rows, "été") == [2]


def test_broken_rows_are_passed_over_and_counted(write):
    lines = ['{"a": "otter"}', '{"a": "otter', "[1]", '{"a": "otter"}']
    rows = open_rows(write("a.jsonl", "\n".join(lines)))
    assert found(rows, "otter") == [1, 4]


def test_each_piece_says_how_far_it_came(write):
    rows = open_rows(write("a.jsonl", [{"a": str(number)} for number in range(150)]))
    looked = list(find(rows, "9"))
    assert [each.upto for each in looked] == [64, 128, 150]
    assert [number for each in looked for number in each.numbers] == [n + 1 for n in range(150) if "9" in str(n)]


def test_a_file_that_vanished_ends_the_search(write):
    path = write("a.jsonl", [{"a": "x"}, {"a": "y"}])
    rows = open_rows(path)
    assert len(rows) == 2
    path.unlink()
    with pytest.raises(OSError, match=r"a\.jsonl"):
        found(rows, "x")


@pytest.mark.parametrize(
    ("number", "place"), [(1, 0), (10, 0), (14, 0), (15, 1), (20, 1), (24, 1), (26, 2), (30, 2), (99, 2)]
)
def test_the_nearest_row_is_the_one_with_the_closest_number(number, place):
    assert nearest([10, 20, 30], number) == place
    assert nearest([], number) == 0
