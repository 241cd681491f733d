"""Agreement on rankings, single answers and classes: equal to SciPy's and scikit-learn's, or to what a hand counts."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau
from sklearn.metrics import cohen_kappa_score, confusion_matrix

from workbench.label.agreement import agreement, disputed
from workbench.label.by_class import by_class
from workbench.label.class_words import class_tables
from workbench.label.consistency import Share, self_consistency, to_the_left
from workbench.label.facts import Facts, ItemFact, VoteFact
from workbench.label.kappa import cohen, fleiss
from workbench.label.ranking import from_merits, order_in, ranks_in, written
from workbench.label.ranks import mean_tau, rank_agreement
from workbench.label.ratings import nominal
from workbench.label.scales import on_scale
from workbench.label.stats import document_of, stats
from workbench.label.stats_words import agreement_lines, annotator_rows, columns, head

CLASSES = ("glad", "sad", "angry")


def facts_of(kind, said: dict[str, list[str]], classes=(), guesses=()) -> Facts:  # type: ignore[no-untyped-def]
    """One item for each place in the lists of the annotators; "" is nothing said."""
    count = max(map(len, said.values()))
    guess = [*guesses, *[None] * (count - len(guesses))]
    items = tuple(ItemFact(n, n, f"digest {n}", "rows.jsonl:1", guess[n - 1], 0.5) for n in range(1, count + 1))
    votes = [VoteFact(n, who, each) for who, choices in said.items() for n, each in enumerate(choices, 1) if each]
    return Facts(items, tuple(votes), kind, tuple(classes))


merits = st.lists(st.integers(0, 3), min_size=4, max_size=4).map(lambda found: tuple(map(float, found)))


def test_tied_answers_share_the_mean_of_their_ranks() -> None:
    assert ranks_in(order_in("2>1=3>4")) == [2.5, 1, 2.5, 4]
    assert ranks_in(order_in("1=2=3")) == [2, 2, 2]


@given(st.lists(merits, min_size=3, max_size=3))
def test_tau_is_the_mean_of_scipys_over_each_two(said: list[tuple[float, ...]]) -> None:
    ranks = np.array([ranks_in(from_merits(each)) for each in said])
    taus = [kendalltau(one, other).statistic for one, other in combinations(said, 2)]
    taus = [tau for tau in taus if not np.isnan(tau)]  # of who ties everything there is none
    found = mean_tau(ranks)
    assert found == pytest.approx(np.mean(taus)) if taus else np.isnan(found)


def test_rankings_agree_from_1_for_the_same_order_to_minus_1_for_the_reverse() -> None:
    same = facts_of("ranking", {"ana": ["1>2>3"] * 12, "bob": ["1>2>3"] * 12})
    turned = facts_of("ranking", {"ana": ["1>2>3"] * 12, "bob": ["3>2>1"] * 12})
    assert rank_agreement(same.firsts()).tau.value == pytest.approx(1)
    assert rank_agreement(turned.firsts()).tau.value == pytest.approx(-1)
    assert rank_agreement(same.firsts()).alpha.value == pytest.approx(1)
    alone = rank_agreement(facts_of("ranking", {"ana": ["1>2"]}).firsts())
    assert alone.rankings == 0 and "two annotators" in alone.tau.why
    tied = rank_agreement(facts_of("ranking", {"ana": ["1=2"], "bob": ["1=2"]}).firsts())
    assert tied.tau.value is None and "no order to compare" in tied.tau.why


def test_alpha_of_ranks_is_one_less_the_ratio_of_disagreements_among_ranks() -> None:
    """Two annotators, two rankings of three answers; Krippendorff's ordinal metric written out."""
    said = {"ana": ["1>2>3", "1=2>3"], "bob": ["2>1>3", "1>2>3"]}
    found = rank_agreement(facts_of("ranking", said).firsts()).alpha
    units = [(1, 2), (2, 1), (3, 3), (1.5, 1), (1.5, 2), (3, 3)]  # each answer's ranks by ana and bob
    values = sorted({rank for unit in units for rank in unit})
    count = {value: sum(unit.count(value) for unit in units) for value in values}

    def apart(one: float, other: float) -> float:
        low, high = sorted((one, other))
        between = sum(count[value] for value in values if low <= value <= high)
        return (between - (count[low] + count[high]) / 2) ** 2 if one != other else 0.0

    everything = [rank for unit in units for rank in unit]
    pairs = [(a, b) for i, a in enumerate(everything) for j, b in enumerate(everything) if i != j]
    expected = sum(apart(a, b) for a, b in pairs) / len(pairs)
    observed = sum(apart(a, b) for a, b in units) / len(units)
    assert found.value == pytest.approx(1 - observed / expected)


def test_a_ranking_counts_as_a_vote_on_each_two_of_its_answers() -> None:
    facts = facts_of("ranking", {"ana": ["1>2>3", "1>2=3", "skip"], "bob": ["2>1>3", "1>2=3", "3>2>1"]})
    measured, scale = on_scale(facts)
    found = agreement(measured.firsts(), scale)
    assert found.pairs == 6 and found.observed.value == pytest.approx(5 / 6)  # they differ on 1 against 2 once
    assert disputed(measured.firsts(), scale) == {1: pytest.approx(1 / 3), 2: 0.0}
    listed = stats("ranks", facts).disagreements
    assert [(each.item_id, each.votes) for each in listed] == [(1, (("ana", "1>2>3"), ("bob", "2>1>3")))]


def test_where_the_better_answer_stands_in_the_file_does_not_pass_for_chance() -> None:
    """People who always agree on 1 > 2 do agree beyond chance, though they always say the same of places."""
    facts = facts_of("ranking", {who: ["1>2"] * 60 for who in ("ana", "bob")})
    measured, scale = on_scale(facts)
    assert agreement(measured.firsts(), scale).kappa.value == pytest.approx(1)


def test_kappa_of_pairs_is_the_same_whichever_answer_stands_first_in_the_file() -> None:
    """Two people name the same answer of 360 in 400 pairs: observed 0.9, by chance one half, so (0.9 − 0.5) / 0.5."""
    one, other = ["first"] * 380 + ["second-clearly"] * 20, ["first-clearly"] * 360 + ["second"] * 20 + ["first"] * 20
    assert cohen_kappa_score([each[:5] for each in one], [each[:5] for each in other]) < 0  # the paradox
    other_way = {"first": "second", "first-clearly": "second-clearly", "second": "first", "second-clearly": "first"}
    for mixed in (False, True):
        said = {
            who: [other_way[each] if mixed and at % 2 else each for at, each in enumerate(choices)]
            for who, choices in (("ana", one), ("bob", other))
        }
        found = stats("geo", facts_of("pairs", said)).agreement
        assert found.observed.value == pytest.approx(0.9)
        for figure in (found.kappa, found.alpha):
            assert figure.value == pytest.approx(0.8, abs=0.01)


def test_drawn_names_change_nothing_that_is_no_agreement() -> None:
    """Consistency, sides and what is listed are of the votes as they were given."""
    facts = facts_of("pairs", {"ana": ["first", "tie", "bad", "skip"] * 10, "bob": ["second-clearly"] * 40})
    seen = [replace(vote, shown_left="first") for vote in facts.votes]
    again = [replace(vote, shown_left="second", is_repeat=True) for vote in seen]
    facts = replace(facts, votes=(*seen, *again))
    measured, _ = on_scale(facts)
    turned = [one.choice != other.choice for one, other in zip(facts.votes, measured.votes, strict=True)]
    assert any(turned) and not all(turned)
    assert to_the_left(measured.votes) == to_the_left(facts.votes) == Share(50, 100)
    assert self_consistency(measured.votes) == self_consistency(facts.votes) == Share(70, 70)
    listed = stats("geo", facts).disagreements
    assert {each.votes for each in listed} == {
        (("ana", said), ("bob", "second-clearly")) for said in ("first", "tie", "bad")
    }


def test_intervals_resample_rankings_and_not_the_pairs_in_them() -> None:
    random = np.random.default_rng(5)
    codes = np.repeat(random.integers(0, 2, (40, 2)), 6, axis=0)  # all six pairs of a ranking are judged alike
    wholes = np.repeat(np.arange(40), 6)
    apart, together = fleiss(codes, 2), fleiss(codes, 2, of=wholes)
    assert apart.value == pytest.approx(together.value)
    assert apart.interval and together.interval
    wider = (together.interval[1] - together.interval[0]) / (apart.interval[1] - apart.interval[0])
    assert wider == pytest.approx(6**0.5, rel=0.15)  # as many items as rankings, a sixth of the pairs


def test_a_repeated_ranking_is_held_against_the_first_by_its_pairs() -> None:
    facts = facts_of("ranking", {"ana": ["1>2>3"]})
    again = VoteFact(1, "ana", "2>1>3", is_repeat=True)
    measured, scale = on_scale(Facts(facts.items, (*facts.votes, again), "ranking"))
    assert self_consistency(measured.votes, scale) == Share(2, 3)
    found = stats("ranks", Facts(facts.items, (*facts.votes, again), "ranking"))
    assert (found.votes, found.annotators[0].votes, found.annotators[0].repeats) == (1, 1, Share(2, 3))


def test_a_class_whose_name_ends_like_a_grade_is_a_class() -> None:
    facts = facts_of("classes", {"ana": ["sad", "sad-clearly"], "bob": ["sad", "sad"]}, ("sad", "sad-clearly"))
    assert stats("mood", facts).agreement.observed.value == 0.5


def test_confusion_is_scikit_learns_and_guesses_are_accepted_or_corrected() -> None:
    random = np.random.default_rng(2)
    ana, bob, guesses = (list(random.choice(CLASSES, 40)) for _ in range(3))
    facts = facts_of("classes", {"ana": ana, "bob": bob}, CLASSES, guesses)
    found = by_class(facts.items, facts.firsts(), nominal(CLASSES))
    assert found.confusion is not None and found.confusion.names == ("ana", "bob")
    table = [[found.confusion.cells.get((one, other), 0) for other in CLASSES] for one in CLASSES]
    assert table == confusion_matrix(ana, bob, labels=CLASSES).tolist()
    for said, accepted in zip((ana, bob), found.guesses, strict=True):
        assert accepted.share == Share(sum(one == other for one, other in zip(said, guesses, strict=True)), 40)
        assert accepted.kappa.value == pytest.approx(cohen_kappa_score(said, guesses))
    glad = found.counts[0]
    assert (glad.name, glad.votes) == ("glad", ana.count("glad") + bob.count("glad"))
    said_so = sum(guess == "glad" == said for each in (ana, bob) for guess, said in zip(guesses, each, strict=True))
    assert glad.accepted == Share(said_so, 2 * guesses.count("glad"))
    heads = [table.heads for table in class_tables(found)]
    assert heads == [("called", "votes", "guessed", "accepted", "corrected"), ("ana ↓ bob →", *_in_order(found))]


def _in_order(found) -> list[str]:  # type: ignore[no-untyped-def]
    return list(dict.fromkeys(name for cell in found.confusion.cells for name in cell))


def test_of_many_classes_the_commonest_confusions_are_listed() -> None:
    names = [f"class {n}" for n in range(100)]
    ana = [*names, "class 3", "class 3"]
    bob = [*names[:3], "class 9", *names[4:], "class 9", "class 4"]
    facts = facts_of("classes", {"ana": ana, "bob": bob}, names)
    found = stats("many", facts)
    assert found.by_class is not None
    _, confused = class_tables(found.by_class)
    assert confused.rows == (("class 3", "class 9", "2"), ("class 3", "class 4", "1"))
    assert found.agreement.kappa.value == pytest.approx(cohen_kappa_score(ana, bob))


@given(st.lists(st.tuples(*[st.integers(0, 39)] * 3), min_size=12, max_size=40))
def test_many_categories_do_not_fall_together(rows: list[tuple[int, int, int]]) -> None:
    """Three votes on forty categories: what rows are alike is no longer told by one number of 64 bits."""
    codes = np.array(rows)
    agreeing = [sum(a == b for a, b in combinations(row, 2)) / 3 for row in rows]
    shares = np.bincount(codes.ravel(), minlength=40) / codes.size
    by_chance = (shares**2).sum()
    found = fleiss(codes, 40, resamples=0)
    if by_chance < 1 - 1e-9:
        assert found.value == pytest.approx((np.mean(agreeing) - by_chance) / (1 - by_chance))


def test_single_answers_have_kappa_and_no_steps() -> None:
    said = {"ana": ["good", "bad", "good", "good"], "bob": ["good", "bad", "bad", "good"]}
    found = stats("kto", facts_of("single", said))
    assert found.agreement.kappa.value == pytest.approx(cohen_kappa_score(said["ana"], said["bob"]))
    assert found.agreement.alpha_in_steps is None and found.agreement.each_two[0].in_steps is None
    assert head(found) == "kto · 4 answers · 8 votes of 2 annotators"
    assert [line.split()[0] for line in agreement_lines(found)] == ["agreement", "kappa", "alpha"]
    assert columns(found) == ("annotator", "votes", "same again", "pace") and len(annotator_rows(found)[0]) == 4
    document = document_of(found)
    assert "alpha_ordinal" not in document["agreement"] and document["kind"] == "single"
    assert document["confusion"]["cells"] == [
        {"first": "good", "second": "good", "count": 2},
        {"first": "good", "second": "bad", "count": 1},
        {"first": "bad", "second": "bad", "count": 1},
    ]


@given(st.lists(st.tuples(merits, merits), min_size=1, max_size=6))
def test_cohen_of_parts_is_that_of_as_many_items(pairs: list[tuple[tuple[float, ...], tuple[float, ...]]]) -> None:
    said = {"ana": [written(from_merits(one)) for one, _ in pairs], "bob": [written(from_merits(o)) for _, o in pairs]}
    measured, scale = on_scale(facts_of("ranking", said))
    by = {who: {v.item_id: v.choice for v in measured.votes if v.annotator == who} for who in said}
    one, other = (np.array([scale.answers.index(by[who][n]) for n in scale.parts]) for who in said)
    found = agreement(measured.firsts(), scale, resamples=0)
    assert found.kappa.value == cohen(one, other, len(scale.answers), resamples=0).value
