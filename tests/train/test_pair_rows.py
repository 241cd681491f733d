"""What a reward run trains on: prompts on one side of the split, votes as they were given."""

from dataclasses import replace

import pytest

from workbench.data.preference import digest_of
from workbench.data.spec import DataSpec, VotesSpec
from workbench.runs.task import RewardTask
from workbench.train.pair_rows import Judged, Sides, _preferred, of_pairs, parted


def sides(number: int, prompt: str = "p") -> Sides:
    return Sides(number, f"digest {number}", prompt, [1, 2], [1, 3])


@pytest.mark.parametrize("seed", range(5))
def test_all_preferences_on_a_prompt_go_to_one_side_of_the_split(seed: int) -> None:
    judged = [Judged(sides(number, f"p{number % 7}"), is_first=True) for number in range(40)]
    kept, held_out = parted(judged, 0.25, seed)
    prompts = [{each.sides.prompt for each in part} for part in (kept, held_out)]
    assert len(kept) + len(held_out) == 40 and not prompts[0] & prompts[1]
    assert 10 <= len(held_out) <= 16  # a prompt has 5 or 6
    assert parted(judged, 0.25, seed) == (kept, held_out)


def test_the_only_prompt_is_trained_on() -> None:
    judged = [Judged(sides(1), is_first=True)]
    assert parted(judged, 0.5, 0) == (judged, [])


def test_a_vote_prefers_an_answer_with_its_grade_and_a_tie_draws_both_near() -> None:
    votes = [{"annotator": name, "choice": choice} for name, choice in (
        ("ana", "second-clearly"), ("ben", "first"), ("cyn", "tie"), ("dan", "bad"), ("eve", "skip"),
    )]  # fmt: skip
    asked = VotesSpec(votes="set")
    found = list(_preferred(sides(1), votes, asked))
    assert [(each.annotator, each.is_first, each.grade) for each in found] == [
        ("ana", False, "clearly"),
        ("ben", True, "slightly"),
    ]
    both = list(_preferred(sides(1), votes[2:3], asked.model_copy(update={"ties": "both"})))
    assert [(each.is_first, each.is_tie) for each in both] == [(True, True), (False, True)]
    assert [each.is_first for each in _preferred(sides(1), None, DataSpec(train="file"))] == [True]


def test_the_margin_is_a_third_for_an_answer_that_is_only_better() -> None:
    task = RewardTask(margin=0.9)
    rows = [Judged(sides(1), False, "ana", grade).row(task) for grade in ("clearly", "slightly", None)]
    assert [row["margin"] for row in rows] == pytest.approx([0.9, 0.3, 0.0])
    assert (rows[0]["chosen_ids"], rows[0]["rejected_ids"]) == ([1, 3], [1, 2])
    assert "margin" not in Judged(sides(1), is_first=True, grade="clearly").row(RewardTask())


def test_the_pairs_of_a_smaller_number_are_among_those_of_a_larger_one() -> None:
    digests = [digest_of("p", str(number), "b") for number in range(40)]
    judged = [
        Judged(replace(sides(number), digest=digest), is_first=True, annotator=name)
        for number, digest in enumerate(digests)
        for name in ("ana", "ben")
    ]
    taken = [{each.sides.digest for each in of_pairs(judged, most)} for most in (10, 20, 40, 99)]
    assert [len(each) for each in taken] == [10, 20, 40, 40]
    assert taken[0] < taken[1] < taken[2]
    assert len(of_pairs(judged, 10)) == 20  # with both votes on each
    assert {digests.index(each) for each in taken[0]} != set(range(10))
    assert of_pairs(judged[::-1], 10) == of_pairs(judged, 10)[::-1]
