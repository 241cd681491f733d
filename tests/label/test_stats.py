"""What the votes say about the votes: consistency, sides, pace, and only of votes that stand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from workbench.errors import Missing, WrongUse
from workbench.label.bootstrap import Estimate
from workbench.label.consistency import Share, chance_of, self_consistency, to_the_left
from workbench.label.facts import Facts, ItemFact, VoteFact
from workbench.label.stats import document_of, stats
from workbench.label.stats_words import (
    ALPHA,
    KAPPA,
    agreement_lines,
    annotator_rows,
    disagreement_lines,
    figure,
    head,
    verdict,
    warnings,
)  # fmt: skip
from workbench.label.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "labels.db") as opened:
        for n in range(4):
            opened.add_pair("geo", f"prompt {n}", f"yes {n}", f"no {n}", f"rows.jsonl:{n + 1}")
        yield opened


def test_the_binomial_test_is_scipys_and_that_by_hand() -> None:
    # 8 of 10: 2 · (1 + 10 + 45) / 1024
    assert chance_of(Share(8, 10)) == chance_of(Share(2, 10)) == pytest.approx(0.109375)
    assert chance_of(Share(5, 10)) == 1 and chance_of(Share(0, 0)) is None
    assert chance_of(Share(5200, 10_000)) == pytest.approx(binomtest(5200, 10_000).pvalue, rel=1e-6)


@given(st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_binomial_test_is_scipys(found: tuple[int, int]) -> None:
    assert chance_of(Share(*found)) == pytest.approx(binomtest(*found).pvalue, rel=1e-6)


def test_sides_count_where_a_vote_was_decided_on_a_screen() -> None:
    votes = [
        VoteFact(1, "ana", "first", "first"),
        VoteFact(2, "ana", "second-clearly", "second"),
        VoteFact(3, "ana", "first", "second"),
        VoteFact(3, "ana", "first", "first", is_repeat=True),
        VoteFact(4, "ana", "tie", "first"),
        VoteFact(5, "ana", "bad", "first"),
        VoteFact(6, "ana", "first"),  # from a file
    ]
    assert to_the_left(votes) == Share(3, 4)


def test_a_repeat_is_consistent_when_it_names_the_same_answer() -> None:
    votes = [
        VoteFact(1, "ana", "first", "first"),
        VoteFact(2, "ana", "first", "first"),
        VoteFact(3, "ana", "tie", "first"),
        VoteFact(1, "ana", "first-clearly", "second", is_repeat=True),
        VoteFact(2, "ana", "second", "second", is_repeat=True),
        VoteFact(3, "ana", "skip", "second", is_repeat=True),
        VoteFact(9, "ana", "first", "second", is_repeat=True),  # its first vote was taken back
    ]
    assert self_consistency(votes) == Share(1, 2)


def test_facts_are_the_votes_that_stand_with_repeats_beside_them(store: Store) -> None:
    one, two, three, _ = (pair.id for pair in store.pairs("geo"))
    store.vote(one, "ana", "first", shown_left="first")
    store.vote(one, "bob", "tie")
    store.vote(one, "bob", "bad")  # the last stands
    store.vote(two, "ana", "skip", shown_left="second")
    store.vote(two, "ana", "second", shown_left="second")
    store.vote(three, "ana", "first", shown_left="first")
    store.undo("ana", "geo")
    store.vote(one, "ana", "second", shown_left="second", repeat=True, seconds=4.5)
    store.vote(one, "ana", "tie", criterion="honest")
    facts = store.facts("geo")
    assert [(vote.item_id, vote.annotator, vote.choice, vote.is_repeat) for vote in facts.votes] == [
        (one, "ana", "first", False),
        (one, "bob", "bad", False),
        (two, "ana", "second", False),
        (one, "ana", "second", True),
    ]
    assert [(vote.item_id, vote.choice) for vote in store.facts("geo", "honest").votes] == [(one, "tie")]
    assert [vote.seconds for vote in facts.votes] == [None, None, None, 4.5]
    assert [(pair.number, pair.source) for pair in facts.items][:2] == [(1, "rows.jsonl:1"), (2, "rows.jsonl:2")]
    assert [pair.digest for pair in facts.items] == [pair.digest for pair in store.pairs("geo")]
    with pytest.raises(Missing, match="no set of pairs named nowhere"):
        store.facts("nowhere")
    store.make_set("cities", "classes", ["north", "south"])
    with pytest.raises(WrongUse, match="cities holds no pairs"):
        store.facts("cities")


def test_a_lean_to_one_side_is_said_when_chance_would_not_do_it() -> None:
    pairs = tuple(ItemFact(n, n, str(n), "") for n in range(1, 21))
    votes = [VoteFact(n, "ana", "first", "first", at=10.0 * n) for n in range(1, 21)]
    votes += [VoteFact(n, "bob", "first", "first" if n % 2 else "second", at=10.0 * n, seconds=3) for n in range(1, 21)]
    found = stats("geo", Facts(pairs, tuple(votes)))
    assert head(found) == "geo · 20 pairs · 40 votes of 2 annotators"
    assert warnings(found) == ["⚠ ana leans to the left: 20/20, 100 % [84–100] to the left, p < 0.001"]
    assert annotator_rows(found) == [
        ("ana", "20", "–", "20/20, 100 % [84–100]", "10 s"),
        ("bob", "20", "–", "10/20, 50 % [30–70]", "3 s"),
    ]
    document = document_of(found)
    assert document["position_bias"] == 0.75 and document["annotators"][0]["position_bias"] == 1
    assert document["agreement"]["observed"] == 1 and document["agreement"]["kappa"] == pytest.approx(1)


def test_what_people_disagree_on_is_listed_by_number() -> None:
    pairs = tuple(ItemFact(10 * n, n, str(n), "") for n in range(1, 4))
    votes = (VoteFact(20, "bob", "second-clearly"), VoteFact(20, "ana", "first"), VoteFact(30, "ana", "tie"))
    found = stats("geo", Facts(pairs, votes))
    assert disagreement_lines(found) == ["pair 2     ana first · bob second-clearly"]
    assert document_of(found)["disagreements"] == [
        {"pair": 2, "disagreement": 1.0, "votes": {"ana": "first", "bob": "second-clearly"}}
    ]
    assert agreement_lines(found)[0].startswith("agreement  0 %  on 1 pair")
    assert [verdict(value, KAPPA) for value in (0.81, 0.5, 0.0)] == [
        "almost perfect",
        "moderate",
        "no better than chance",
    ]
    assert [verdict(value, ALPHA) for value in (0.7, 0.6)] == ["for tentative conclusions", "too low to rely on"]
    assert head(stats("geo", Facts(pairs, ()))) == "geo · 3 pairs · 0 votes yet"


def test_an_interval_below_zero_can_be_read() -> None:
    assert figure(Estimate(0.614, 0.52, 0.7)) == "0.61 [0.52–0.70]"
    assert figure(Estimate(-0.19, -0.42, -0.004)) == "-0.19 [-0.42 to 0.00]"
