"""Shares and their intervals, against hand-worked values and scipy."""

from scipy.stats import binomtest

from workbench.metrics.exact import exact_match, wilson_interval


def test_exact_match_ignores_case_outer_space_and_a_full_stop() -> None:
    assert exact_match([" Bel. ", "Aa", "no"], ["bel", "aa.", "yes"]) == 2 / 3


def test_the_interval_is_wilson_s() -> None:
    for successes, trials in ((0, 10), (8, 10), (50, 50), (37, 120)):
        low, high = wilson_interval(successes, trials)
        theirs = binomtest(successes, trials).proportion_ci(method="wilson")
        assert abs(low - theirs.low) < 1e-4 and abs(high - theirs.high) < 1e-4
    assert wilson_interval(0, 0) == (0.0, 1.0)
