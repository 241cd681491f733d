"""A nested value is read as a tree, and two answers by where they differ."""

import pytest

from workbench.data.differences import differences
from workbench.data.tree import tree


def test_keys_and_places_stand_before_what_they_hold():
    value = {"id": 7, "turns": [{"q": "a\nb", "ok": True}, None], "empty": [], "last": {"x": 1.5}}
    assert tree(value, 1000) == (
        "├ id  7\n├ turns\n│ ├ 1\n│ │ ├ q  a\n│ │ │   b\n│ │ └ ok  true\n│ └ 2  null\n├ empty  []\n└ last\n  └ x  1.5",
        True,
    )


def test_a_huge_or_deep_value_is_cut():
    text, is_whole = tree({"a": ["x" * 100] * 1000}, 500)
    assert (len(text), is_whole) == (500, False)
    deep = []
    for _ in range(500):
        deep = [deep]
    assert "…" in tree(deep, 10_000)[0]


@pytest.mark.parametrize(
    ("one", "other", "marked", "other_marked"),
    [
        ("the cat sat", "the dog sat", ["cat"], ["dog"]),
        ("same", "same", [], []),
        ("a b c", "a c", ["b"], []),
        ("", "all new", [], ["all new"]),
        ("x a b y", "x c d y", ["a b"], ["c d"]),
        ("one two three four", "one 2 three 4", ["two", "four"], ["2", "4"]),
    ],
)
def test_words_that_the_other_lacks_are_marked(one, other, marked, other_marked):
    left, right = differences(one, other)
    assert [one[start:stop] for start, stop in left] == marked
    assert [other[start:stop] for start, stop in right] == other_marked


def test_two_answers_of_some_hundred_words_are_compared_word_by_word():
    words = [f"w{n}" for n in range(700)]
    other = ["Well,", *words[:300], "no", *words[301:], "indeed"]
    left, right = differences(" ".join(words), " ".join(other))
    assert [" ".join(words)[start:stop] for start, stop in left] == ["w300"]
    assert [" ".join(other)[start:stop] for start, stop in right] == ["Well,", "no", "indeed"]


def test_long_texts_are_marked_from_the_first_difference_to_the_last():
    words = [f"w{n}" for n in range(2000)]
    other = [word if n % 2 else word.upper() for n, word in enumerate(words)]
    ((start, stop),), _ = differences(" ".join(["same", *words, "end"]), " ".join(["same", *other, "end"]))
    assert " ".join(["same", *words, "end"])[start:stop] == " ".join(words[:1999])
