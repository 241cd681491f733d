"""Accuracy, calibration and spread of reward differences, by hand."""

import math

import pytest

from workbench.metrics.preferences import accuracy, calibration, mean_and_spread, sigmoid


def test_a_difference_above_0_is_right_and_equal_scores_are_not() -> None:
    found = accuracy([0.5, -1.0, 0.0, 2.0])
    assert (found.accuracy, found.votes) == (0.5, 4)
    assert (found.low, found.high) == pytest.approx((0.150, 0.850), abs=0.001)  # Wilson, 2 of 4


def test_calibration_weighs_each_bin_by_its_votes() -> None:
    sure, unsure = math.log(0.95 / 0.05), math.log(0.55 / 0.45)  # σ of them is 0.95 and 0.55
    found = calibration([sure, sure, -sure, unsure])
    assert [(each.low, each.high, each.votes) for each in found.bins] == [(0.5, 0.6, 1), (0.9, 1.0, 3)]
    assert found.bins[1].accuracy == pytest.approx(2 / 3) and found.bins[1].confidence == pytest.approx(0.95)
    assert found.error == pytest.approx(1 / 4 * abs(1 - 0.55) + 3 / 4 * abs(2 / 3 - 0.95))


def test_scores_of_any_size_have_a_probability() -> None:
    assert (sigmoid(1e6), sigmoid(-1e6), sigmoid(0)) == (1.0, 0.0, 0.5)
    assert calibration([1e6, -1e6]).error == pytest.approx(0.5)
    assert mean_and_spread([1.0, 3.0]) == (2.0, 1.0)
