"""Blind votes: sides by lot but always the same, and a tally checked by hand."""

from workbench.compare.blind import is_swapped, tally


def test_the_sides_are_drawn_by_lot_and_stay() -> None:
    prompts = [f"prompt {number}" for number in range(400)]
    swapped = [is_swapped("run", prompt) for prompt in prompts]
    assert 160 < sum(swapped) < 240  # 400 throws of a fair coin: 200 ± 4 standard deviations
    assert swapped == [is_swapped("run", prompt) for prompt in prompts]
    assert swapped != [is_swapped("another", prompt) for prompt in prompts]


def test_the_tally_counts_by_answer_and_by_side() -> None:
    votes = [("second", False), ("second-clearly", True), ("first", True), ("tie", False), ("bad", True)]
    found = tally([*votes, ("skip", False)])
    assert (found.base, found.tuned, found.ties, found.bad, found.votes) == (1, 2, 1, 1, 5)
    assert found.left == 1  # only the second vote chose what stood to the left: tuned, swapped
    share, low, high = found.win_rate
    assert round(share, 3) == 0.667 and round(low, 3) == 0.208 and round(high, 3) == 0.939  # Wilson, 2 of 3
    assert tally([("tie", False)]).win_rate is None
