"""Time and cost: numbers that can be worked out by hand."""

from workbench.lora.cost import flops_per_token, price, work
from workbench.lora.count import Count, Trained


def test_six_operations_a_parameter_and_token_in_full_tuning():
    """2 forward, 2 for what passes, 2 for the weights; two more when the forward pass runs again."""
    full = Count((Trained("all", (10, 100), 1000),), 1000, is_adapter=False)
    assert flops_per_token(full, checkpointing=False) == 6 * 1000
    assert flops_per_token(full, checkpointing=True) == 8 * 1000


def test_frozen_weights_need_no_gradients_of_their_own():
    """4 · (1000 + 50) + 2 · 50: all are passed forward and backward, 50 are trained."""
    adapters = Count((Trained("q", (10, 15), 50, rank=2, how="lora"),), 1000, is_adapter=True)
    assert flops_per_token(adapters, checkpointing=False) == 4 * 1050 + 2 * 50


def test_hours_and_price():
    """8 rows of 1,000 tokens on 2 devices, 90 steps: 1,440,000 tokens; at 400 a second one hour."""
    full = Count((), 1000, is_adapter=False)
    todo = work(full, rows=8, length=1000, devices=2, steps=90, checkpointing=False)
    assert (todo.tokens_per_step, todo.tokens, todo.flops) == (16_000, 1_440_000, 4_000 * 1_440_000)
    assert todo.hours(400) == 1.0
    assert price(1.5, 2.0, 2) == 6.0


def test_what_is_not_known_is_not_made_up():
    todo = work(Count((), 1, is_adapter=False), rows=1, length=1, devices=1, steps=None, checkpointing=False)
    assert (todo.tokens, todo.flops, todo.hours(100), price(None, 1.0, 1), price(1.0, None, 1)) == (None,) * 5
