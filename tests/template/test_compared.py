"""Two encodings of a row: every difference is found once, in both, and what is equal is matched."""

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Bench
from workbench.template.compared import Compared, Difference, compare
from workbench.template.seen import Token


def tokens(ids: str, *, trained: str = "", cut: str = "") -> list[Token]:
    """A token a letter; the letters in `trained` are trained, those in `cut` are behind max_length."""
    return [Token(ord(each), each, "user", 1, each in trained, "", is_cut=each in cut) for each in ids]


def test_other_tokens_and_other_training_are_told_apart() -> None:
    found = compare(tokens("<u>Hi<a>Yes.", trained="Yes."), tokens("[u]Hi[a]Yes.", trained="Yes"))
    assert all(each.first == each.second for each in found.differences)
    assert [(each.first, each.what) for each in found.differences] == [
        ((0, 1), "tokens"), ((2, 3), "tokens"), ((5, 6), "tokens"), ((7, 8), "tokens"), ((11, 12), "trained"),
    ]  # fmt: skip


def test_what_only_one_has_is_an_empty_stretch_of_the_other() -> None:
    found = compare(tokens("xyz"), tokens("xABz"))
    assert found.differences == (Difference((1, 2), (1, 3), "tokens"),)
    found = compare(tokens("xz"), tokens("xABz"))
    assert found.differences == (Difference((1, 1), (1, 3), "tokens"),)
    assert found.places == frozenset() and found.turned().places == {1, 2}
    assert found.differences[0].as_json() == {"first": [1, 1], "second": [1, 3], "what": "tokens"}


def test_what_is_cut_in_one_only_is_a_difference() -> None:
    found = compare(tokens("abcd", trained="bc"), tokens("abcd", trained="b", cut="cd"))
    assert [(each.first, each.what) for each in found.differences] == [((2, 3), "trained"), ((3, 4), "cut")]


def test_the_cursor_goes_to_the_same_token_or_to_what_stands_instead_or_before() -> None:
    found = compare(tokens("<>abc<>def"), tokens("[]abcdef"))
    assert [found.partner(place) for place in range(10)] == [0, 1, 2, 3, 4, 4, 4, 5, 6, 7]
    assert [found.turned().partner(place) for place in range(8)] == [0, 1, 2, 3, 4, 7, 8, 9]
    found = compare(tokens("abcdz"), tokens("xyz"))
    assert [found.partner(place) for place in range(5)] == [0, 0, 1, 1, 2]
    assert compare([], tokens("ab")).partner(0) == 0


@given(st.text("ab<>", max_size=30), st.text("ab<>", max_size=30), st.text("ab<>", max_size=2))
def test_any_two_rows_are_told_apart_exactly(one: str, other: str, trained: str) -> None:
    """The first becomes the second where its differing stretches are replaced, and nothing else is left over."""
    first, second = tokens(one, trained=trained), tokens(other)
    found = compare(first, second)
    built, done = "", 0
    for each in found.differences:
        built += one[done : each.first[0]] + other[slice(*each.second)]
        done = each.first[1]
    assert built + one[done:] == other
    matched = {match.first + n for match in found.matches for n in range(match.size)}
    unmatched = {place for each in found.differences if each.what == "tokens" for place in range(*each.first)}
    assert matched | unmatched == set(range(len(one))) and not matched & unmatched
    only_trained = {p for each in found.differences if each.what == "trained" for p in range(*each.first)}
    assert only_trained == {place for place in matched if one[place] in trained}
    assert compare(first, first) == Compared(compare(first, first).matches, ())


def test_long_rows_of_few_different_tokens_are_compared_at_once() -> None:
    """Every token equals thousands of others, so that an exact alignment would take minutes."""
    first, second = tokens("ab" * 6_000), tokens("x" + "ba" * 6_000 + "y")
    found = compare(first, second)
    assert found.differences and found.differences[0].second[0] == 0


def test_the_command_shows_a_row_under_two_policies(bench: Bench) -> None:
    show = ["template", "show", "rows.jsonl", "--model", "tiny"]
    answer = bench(*show, "--against-train-on", "all", "--json").json
    alone = bench(*show, "--json").json
    assert {name: answer[name] for name in alone} == alone
    against, trained = answer["against"], [token["trained"] for token in answer["tokens"]]
    assert set(against) == set(alone) and all(token["trained"] for token in against["tokens"])
    told = [place for each in answer["differences"] for place in range(*each["first"])]
    assert told == [place for place, is_trained in enumerate(trained) if not is_trained]
    assert all(each["what"] == "trained" and each["first"] == each["second"] for each in answer["differences"])
    for turn in answer["turns"]:
        members = [token for token in answer["tokens"] if token["turn"] == turn["turn"]]
        assert (turn["tokens"], turn["trained"]) == (len(members), sum(token["trained"] for token in members))
    text = bench(*show, "--against-train-on", "all").out
    assert "train: assistant" in text and "train: all" in text and "═" in text and "╌" in text
    assert "2 differences, marked ═ where trained and ╌ where not" in text


def test_the_model_s_own_template_stands_against_a_file(bench: Bench) -> None:
    (bench.folder / "own.jinja").write_text("{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}")
    show = ["template", "show", "rows.jsonl", "--model", "tiny", "--train-on", "all"]
    answer = bench(*show, "--template", "own.jinja", "--against-template", "own", "--json").json
    assert answer["against"]["text"] == bench(*show, "--json").json["text"] != answer["text"]
    assert bench(*show, "--against-template", "absent.jinja").code == 3
