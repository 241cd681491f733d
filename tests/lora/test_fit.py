"""Changes that make a run fit, the cheapest first, and the largest that fits: each checked by reckoning again."""

from dataclasses import replace

import pytest

from tests.lora.models import write_config
from tests.lora.test_count import shapes
from workbench.lora.fit import Largest, Plan, changes, largest, most, on_cards, reckon
from workbench.lora.parts import Load
from workbench.lora.spec import FullTuning, LoraTuning

LOAD = Load("bfloat16", 16, 2048, False, "cuda")
PLAN = Plan(LoraTuning(rank=16), LOAD, 16)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    sizes = {"hidden_size": 256, "intermediate_size": 1024, "num_hidden_layers": 12, "vocab_size": 32_000}
    return shapes(write_config(tmp_path_factory.mktemp("model"), "llama", **sizes))


def needs(model, plan: Plan) -> float:
    return reckon(model, plan)[1].high


def test_nothing_is_changed_where_it_fits(model):
    assert changes(model, PLAN, int(needs(model, PLAN)) + 1) == []


def test_three_changes_each_enough_alone_and_of_three_kinds(model):
    free = int(0.95 * needs(model, PLAN))
    found = changes(model, PLAN, free)
    assert [change.words for change in found] == [
        "8 rows at once, 2 passes a step", "gradient checkpointing", "weights in int8",
    ]  # fmt: skip
    assert all(change.fits and change.saves > 0 for change in found)
    before, after = (reckon(model, plan)[1] for plan in (PLAN, PLAN.loaded(micro_batch=8)))
    assert after.high < free
    assert found[0].saves == pytest.approx(before.expected - after.expected)


def test_where_none_is_enough_they_are_steps(model):
    one = PLAN.loaded(micro_batch=1)
    free = int(0.5 * (needs(model, one) + needs(model, one.loaded(checkpointing=True))))
    found = changes(model, PLAN, free)
    assert [change.words for change in found] == ["2 rows at once, 8 passes a step", "and gradient checkpointing"]
    assert [change.fits for change in found] == [False, True]
    again = PLAN.loaded(checkpointing=True)
    assert found[-1].plan == again.loaded(micro_batch=2)
    assert needs(model, again.loaded(micro_batch=2)) < free <= needs(model, again.loaded(micro_batch=4))


def test_rows_are_not_cut_while_something_cheaper_is_enough(model):
    """With the rows as short as they can be fewer changes would do, but the model would learn less."""
    cheaper = PLAN.loaded(micro_batch=1, checkpointing=True).tuned(quantise="nf4")
    found = changes(model, PLAN, int(needs(model, cheaper)) + 1)
    assert found[-1].fits
    assert found[-1].plan.load.length == PLAN.load.length


def test_full_tuning_can_become_lora(model):
    plan = Plan(FullTuning(), replace(LOAD, micro_batch=1, length=64, checkpointing=True), 1)
    free = int(needs(model, Plan(LoraTuning(), plan.load, 1))) + 1
    assert "LoRA, rank 16, all-linear" in [change.words for change in changes(model, plan, free)]


def test_the_largest_fits_and_one_more_does_not(model):
    free = int(needs(model, PLAN))
    found = largest(model, PLAN, free)
    assert found.batch is not None
    assert found.length is not None
    assert found.rank is not None
    for value, planned in (
        (found.batch, lambda rows: replace(PLAN, load=replace(LOAD, micro_batch=rows))),
        (found.length, lambda length: PLAN.loaded(length=length)),
        (found.rank, lambda rank: PLAN.tuned(rank=rank)),
    ):
        assert needs(model, planned(value)) < free <= needs(model, planned(value + 1))
    assert largest(model, PLAN, 1) == Largest(None, None, None, found.context)


def test_a_rank_goes_no_higher_than_its_matrices_and_a_row_no_further_than_the_context(model):
    found = largest(model, PLAN, 2**60)
    assert (found.rank, found.length, found.context) == (256, 2048, 2048)
    assert largest(replace(model, context=0), PLAN, 2**60).length == 2**20


def test_bisection_finds_the_edge():
    assert [most(lambda value, edge=edge: value <= edge, 100) for edge in (0, 1, 2, 63, 64, 99, 100, 500)] == [
        None, 1, 2, 63, 64, 99, 100, 100,
    ]  # fmt: skip


def test_a_larger_card_never_fits_less(model):
    """A run that fits on a card fits on every larger one."""
    verdicts = [verdict for _, verdict in on_cards(reckon(model, PLAN)[1])]
    order = ["does not fit", "tight", "fits"]
    assert [order.index(verdict) for verdict in verdicts] == sorted(order.index(verdict) for verdict in verdicts)
    assert [card.gigabytes for card, _ in on_cards(reckon(model, PLAN)[1])] == [8, 12, 16, 24, 32, 40, 48, 80, 96, 141]
