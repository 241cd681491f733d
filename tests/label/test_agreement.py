"""Agreement equals the published tables and scikit-learn, and says why where there is none to tell."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from workbench.label.agreement import agreement, agreement_of_two, disagreements, disputed
from workbench.label.alpha import alpha
from workbench.label.bootstrap import Estimate, resampled_sums
from workbench.label.facts import VoteFact
from workbench.label.kappa import cohen, fleiss, observed
from workbench.label.ratings import ANSWERS, NONE, Codes, ratings

FLEISS_1971 = (  # Table 1: 30 patients, 6 psychiatrists; depression, personality, schizophrenia, neurosis, other
    "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 "
    "00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"
)
KRIPPENDORFF_2011 = (  # section C: four observers, twelve units, . where a value is missing
    "123321412...",
    "12332241 25.3".replace(" ", ""),
    ".333234225 1.".replace(" ", ""),
    "123324412 51.".replace(" ", ""),
)


def from_counts(table: list[list[int]]) -> Codes:
    return np.array([np.repeat(np.arange(len(row)), row) for row in table])


def from_observers(rows: tuple[str, ...]) -> Codes:
    return np.array([[NONE if said == "." else int(said) - 1 for said in row] for row in rows]).T


def from_cells(table: list[list[int]]) -> tuple[Codes, Codes]:
    cells = [(row, column) for row, counts in enumerate(table) for column, n in enumerate(counts) for _ in range(n)]
    one, other = np.array(cells).T
    return one, other


def value(found: Estimate) -> float:
    assert found.value is not None, found.why
    return found.value


def vote(pair: int, annotator: str, choice: str) -> VoteFact:
    return VoteFact(pair, annotator, choice)  # type: ignore[arg-type]


def test_cohen_is_that_of_his_own_table() -> None:
    # Cohen (1960), Table 1, of 200 cases: 0.25 0.13 0.12 / 0.12 0.02 0.16 / 0.03 0.15 0.02. Observed 0.29,
    # by chance 0.5·0.4 + 0.3·0.3 + 0.2·0.3 = 0.35, so (0.29 − 0.35) / (1 − 0.35).
    one, other = from_cells([[50, 26, 24], [24, 4, 32], [6, 30, 4]])
    assert value(cohen(one, other, 3)) == pytest.approx((0.29 - 0.35) / (1 - 0.35))
    assert value(observed(np.column_stack([one, other]), 3)) == pytest.approx(0.29)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=60))
def test_cohen_is_scikit_learns_with_every_weight(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs).T
    for weights in ("none", "linear", "quadratic"):
        found = cohen(one, other, 5, weights, resamples=0)
        if len(set(one) | set(other)) == 1:  # scikit-learn returns NaN with a warning
            assert found.value is None and "chance" in found.why
        else:
            theirs = cohen_kappa_score(one, other, labels=range(5), weights=None if weights == "none" else weights)
            assert value(found) == pytest.approx(theirs, abs=1e-12)


def test_fleiss_is_that_of_his_own_table_and_of_the_textbook_one() -> None:
    table = [[int(count) for count in row] for row in FLEISS_1971.split()]
    assert [len(table), {sum(row) for row in table}] == [30, {6}]
    assert value(fleiss(from_counts(table), 5)) == pytest.approx(0.430, abs=5e-4)
    textbook = "0000E 02642 00356 03920 22811 77000 32630 25322 65210 02237"  # 10 subjects, 14 raters (Wikipedia)
    table = [[int(count, 16) for count in row] for row in textbook.split()]
    assert value(fleiss(from_counts(table), 5)) == pytest.approx(0.210, abs=5e-4)


def test_alpha_is_that_of_krippendorffs_example_with_missing_values() -> None:
    codes = from_observers(KRIPPENDORFF_2011)
    assert codes.shape == (12, 4) and (codes == NONE).sum() == 7
    assert value(alpha(codes, 5, "nominal")) == pytest.approx(0.743, abs=5e-4)
    assert value(alpha(codes, 5, "ordinal")) == pytest.approx(0.815, abs=5e-4)
    assert value(alpha(codes, 5, "interval")) == pytest.approx(0.849, abs=5e-4)


@given(st.lists(st.lists(st.integers(-1, 3), min_size=3, max_size=3), min_size=2, max_size=30))
def test_alpha_is_one_less_the_ratio_of_disagreements_among_all_pairs_of_votes(rows: list[list[int]]) -> None:
    units = [kept for row in rows if len(kept := [code for code in row if code >= 0]) > 1]
    everything = [code for unit in units for code in unit]

    def mean_squared_steps(values: list[int]) -> float:
        return sum((a - b) ** 2 for i, a in enumerate(values) for b in values[i + 1 :])

    within = sum(mean_squared_steps(unit) * 2 / (len(unit) - 1) for unit in units)
    overall = mean_squared_steps(everything) * 2 / (len(everything) - 1) if everything else 0
    found = alpha(np.array(rows), 4, "interval", resamples=0)
    if overall:
        assert value(found) == pytest.approx(1 - within / overall)
    else:
        assert found.value is None and found.why


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    random = np.random.default_rng(3)
    hits = 0
    for _ in range(100):  # two annotators who agree on a pair with probability 0.7, by chance on 0.5: kappa 0.4
        one = random.integers(0, 2, 200)
        other = np.where(random.random(200) < 0.7, one, 1 - one)
        interval = cohen(one, other, 2, resamples=400).interval
        assert interval is not None
        hits += interval[0] <= 0.4 <= interval[1]
    assert 88 <= hits <= 99
    few = cohen(np.array([0, 1, 1]), np.array([0, 1, 0]), 2)
    assert few.value is not None and few.interval is None


def test_resamples_are_the_same_each_time_and_draw_as_many_items_as_there_are() -> None:
    patterns, times = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 5.0]]), np.array([10, 30, 10])
    sums = resampled_sums(patterns, times, 4000)
    assert (sums[:, 0] == 50).all() and (sums == resampled_sums(patterns, times, 4000)).all()
    # of one item: mean 80 / 50, variance (30 + 250) / 50 − 1.6², and fifty of them
    assert sums[:, 1].mean() == pytest.approx(80, rel=0.01)
    assert sums[:, 1].std() == pytest.approx((50 * (5.6 - 1.6**2)) ** 0.5, rel=0.05)


def test_what_cannot_be_told_has_a_reason_and_no_value() -> None:
    alone = agreement([vote(1, "ana", "first"), vote(2, "ana", "tie")])
    assert (alone.kappa.value, alone.pairs) == (None, 0) and "it takes two" in alone.kappa.why
    assert agreement([]).observed.why.startswith("no annotator")
    apart = agreement([vote(1, "ana", "first"), vote(2, "bob", "first")])
    assert apart.alpha.value is None and apart.observed.why == "no pair has the votes of two annotators"
    same = agreement([vote(pair, who, "first") for pair in range(3) for who in ("ana", "bob")])
    assert same.observed.value == 1 and same.kappa.value is None and "chance would agree" in same.kappa.why
    assert agreement_of_two([vote(1, "ana", "first")], "ana", "judge").kappa.value is None


def test_grades_count_in_steps_and_not_in_which_answer_is_better() -> None:
    votes = [vote(pair, "ana", choice) for pair, choice in enumerate(("first", "second", "tie", "first"))]
    votes += [vote(pair, "bob", choice) for pair, choice in enumerate(("first-clearly", "second", "tie", "second"))]
    found = agreement(votes)
    (two,) = found.each_two
    assert (found.kappa_is, found.pairs, found.observed.value) == ("Cohen", 4, 0.75)
    assert (
        value(found.kappa)
        == value(two.kappa)
        == pytest.approx(cohen_kappa_score(["f", "s", "t", "f"], ["f", "s", "t", "s"]))
    )
    assert value(two.in_steps) == pytest.approx(cohen_kappa_score([1, 3, 2, 1], [0, 3, 2, 3], weights="quadratic"))


def test_the_most_disputed_pairs_come_first() -> None:
    said = {1: ("first", "first", "tie"), 2: ("first", "first-clearly", "first"), 3: ("first", "tie", "second")}
    votes = [vote(p, who, c) for p, choices in said.items() for who, c in zip("abc", choices, strict=True)]
    votes.append(vote(4, "a", "bad"))
    assert disputed(votes) == {1: pytest.approx(2 / 3), 2: 0, 3: 1}
    assert [(each.item_id, each.votes[1]) for each in disagreements(votes)] == [(3, ("b", "tie")), (1, ("b", "first"))]


def test_of_two_votes_of_one_annotator_on_an_item_the_last_counts() -> None:
    table = ratings([(7, "bob", "tie"), (7, "ana", "first"), (7, "bob", "bad"), (8, "bob", "nonsense")], ANSWERS)
    assert (table.items, table.annotators, table.codes.tolist()) == ((7,), ("ana", "bob"), [[0, 3]])


def test_llmbars_judges_agree_with_its_people_and_with_themselves_as_a_count_by_hand_says(shared: Path) -> None:
    """Each judge answered 100 rows in both orders; `label` is what two people agreed on."""
    folder = shared / "llmbar" / "LLMBar" / "Natural" / "evaluators"
    judges = {
        "ChatGPT": folder / "ChatGPT/Vanilla",
        "GPT-4": folder / "GPT-4/Vanilla",
        "GPT-4 Swap": folder / "GPT-4/Swap",
    }
    names = {"1": "first", "2": "second", 1: "first", 2: "second"}
    votes, same = [], {}
    for name, place in judges.items():
        rows = json.loads((place / "result.json").read_text())
        both = [[row["results"][0][f"swap = {swap}"]["winner"] for swap in (False, True)] for row in rows]
        same[name] = sum(one == other for one, other in both)
        votes += [vote(at, name, names[one]) for at, (one, _) in enumerate(both)]
        if name == "ChatGPT":
            votes += [vote(at, "people", names[row["label"]]) for at, row in enumerate(rows)]
    assert (same["ChatGPT"], same["GPT-4"]) == (71, 95)
    people = [each.choice for each in votes if each.annotator == "people"]
    for name in judges:
        judge = [each.choice for each in votes if each.annotator == name]
        two = agreement_of_two(votes, name, "people")
        assert value(two.kappa) == pytest.approx(cohen_kappa_score(judge, people))
        assert value(two.observed) == sum(one == other for one, other in zip(judge, people, strict=True)) / 100
    found = agreement(votes)
    assert (found.kappa_is, found.pairs, len(found.each_two)) == ("Fleiss", 100, 6)
    assert found.kappa.interval is not None and found.kappa.interval[0] > 0.4
