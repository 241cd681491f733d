"""A text in another language than nearly all others is noted; code, names and short texts are in none."""

import pytest

from workbench.data.check.languages import LanguageOf
from workbench.data.check.run import check
from workbench.data.rows import open_rows

ENGLISH = "The {} that we saw in the garden was not the one which they had told us about."
GERMAN = "Der {}, den wir gestern im Garten gesehen haben, war nicht der, von dem sie erzählten."
CHINESE = "我们昨天在花园里看到的{}不是他们告诉我们的那个。因为今天的天气很好，所以大家都出去了。"
SPANISH = "El {} que vimos ayer en el jardín no era el que nos habían contado durante la cena."
THINGS = ("fox", "tree", "house", "dog", "letter", "stone", "bird")


def outliers(path):
    *_, found = check(open_rows(path), near=False)
    return {problem.rows: problem.message for problem in found.problems if problem.code == "language-outlier"}


@pytest.mark.parametrize(("usual", "name"), [(ENGLISH, "en"), (GERMAN, "de"), (CHINESE, "zh")])
def test_the_language_is_known_before_and_after_it_was_learned(usual, name):
    language_of = LanguageOf()
    texts = [usual.format(f"{THINGS[number % 7]} {number}") for number in range(400)]
    assert {language_of(text) for text in texts} == {name}
    assert language_of(SPANISH.format("zorro")) == "es"
    assert language_of("def add(a, b):\n    return a + b\n\nprint(add(1, 2))") == ""
    assert language_of("x^2 + 3x = 10, so x = 2 or x = -5") == ""
    assert language_of("Ja.") == ""


def test_rows_in_another_language_are_noted_where_nearly_all_are_in_one(write):
    rows = [{"prompt": f"Row {n}?", "completion": ENGLISH.format(f"{THINGS[n % 7]} {n}")} for n in range(300)]
    rows[120]["completion"] = GERMAN.format("Fuchs")
    rows[280]["completion"] = SPANISH.format("zorro")
    found = outliers(write("mostly.jsonl", rows))
    assert list(found) == [(121, 281)]
    assert "completion: de" in found[121, 281]
    mixed = [row if n % 10 else {**row, "completion": GERMAN.format(n)} for n, row in enumerate(rows)]
    assert outliers(write("mixed.jsonl", mixed)) == {}
