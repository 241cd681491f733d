"""What several annotators say together, worked out by hand."""

from typing import Any

import pytest

from workbench.errors import WrongUse
from workbench.label.judged import Counts, Judged, Wanted, judge_pairs
from workbench.label.records import Choice, Pair, Vote

PAIR = Pair(1, "geo", "p", "a", "b", "", "digest")


def votes(*choices: Choice, **more: Any) -> list[Vote]:
    return [Vote(n, 1, f"annotator {n}", choice, None, "", 0.0, **more) for n, choice in enumerate(choices)]


def judged(*choices: Choice) -> Judged:
    ((found,), _) = judge_pairs([PAIR], votes(*choices), Wanted(ties="both"), keeps_bad=True)
    return found


@pytest.mark.parametrize(
    "choices, verdict, agreement, margin, grade",
    [
        (("first",), "first", 1, 1, "slightly"),
        (("second-clearly",), "second", 1, 2, "clearly"),
        (("first", "first-clearly"), "first", 1, 1.5, "clearly"),
        (("first", "first", "second-clearly"), "first", 2 / 3, 0, "slightly"),  # 1 + 1 - 2
        (("first", "first-clearly", "tie"), "first", 2 / 3, 1, "clearly"),
        (("first", "second"), "tie", 1 / 2, 0, None),
        (("first", "second", "tie"), "tie", 1 / 3, 0, None),
        (("bad", "bad", "first"), "bad", 2 / 3, 0, None),
        (("bad", "first"), "tie", 1 / 2, 0, None),
        (("skip", "second"), "second", 1, 1, "slightly"),
    ],
)
def test_the_majority_decides(
    choices: tuple[Choice, ...], verdict: str, agreement: float, margin: float, grade: str | None
) -> None:
    found = judged(*choices)
    assert (found.verdict, found.agreement, found.margin) == (verdict, pytest.approx(agreement), pytest.approx(margin))
    assert grade is None or found.grade == grade


def test_repeats_and_criteria_have_no_part_in_it() -> None:
    said = [*votes("first"), *votes("second", "second", repeat=True), *votes("second", "second", criterion="honest")]
    ((found,), _) = judge_pairs([PAIR], said, Wanted())
    assert (found.verdict, found.agreement) == ("first", 1)


def test_what_is_left_out_is_counted_and_told() -> None:
    pairs = [Pair(n, "geo", f"p{n}", "a", "b", "", f"{n}") for n in range(1, 7)]
    said: dict[int, tuple[Choice, ...]] = {
        1: ("first-clearly",), 2: ("tie",), 3: ("bad",), 4: ("first",), 5: ("first-clearly", "first-clearly", "second"),
    }  # fmt: skip
    given = [
        Vote(0, pair, f"annotator {n}", choice, None, "", 0.0)
        for pair, choices in said.items()
        for n, choice in enumerate(choices)
    ]
    kept, counts = judge_pairs(pairs, given, Wanted(min_grade="clearly", min_agreement=0.7))
    assert [each.pair.id for each in kept] == [1]
    assert counts == Counts(6, without_votes=1, ties=1, bad=1, below_grade=1, below_agreement=1)
    assert counts.words() == (
        "6 pairs, 1 without a vote, 1 tie left out, 1 with two bad answers left out, 1 below the grade,"
        " 1 below agreement"
    )
    assert Counts(312, ties=12, below_agreement=3).words() == "312 pairs, 12 ties left out, 3 below agreement"


def test_only_the_wanted_annotators_count() -> None:
    said = votes("first", "second", "second")
    ((found,), _) = judge_pairs([PAIR], said, Wanted(annotators=("annotator 0",)))
    assert found.verdict == "first"
    with pytest.raises(WrongUse, match="nobody has given no vote here"):
        judge_pairs([PAIR], said, Wanted(annotators=("nobody",)))
    with pytest.raises(WrongUse, match="is no share"):
        judge_pairs([PAIR], said, Wanted(min_agreement=70))


def test_ties_go_nowhere_both_ways_or_half_each_way() -> None:
    tie = judged("tie")
    assert (tie.better("drop"), tie.better("both")) == ((), ("first", "second"))
    drawn = [
        Judged(Pair(n, "", "", "", "", "", f"{n}"), tie.votes, "tie", 1.0, 0.0).better("half") for n in range(2000)
    ]
    assert 900 < drawn.count(("first",)) < 1100 and set(drawn) == {("first",), ("second",)}
    assert judged("bad").better("both") == ()
