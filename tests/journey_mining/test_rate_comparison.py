"""Comparing rates: difference, interval, p-value, and the correction for many comparisons."""

from itertools import permutations
from math import nan

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from journey_mining import ArgumentError, adjusted, difference
from tests.journey_mining.reference import benjamini_hochberg


def test_two_proportions_give_the_unpooled_z_test():
    """120 of 400 against 90 of 400."""
    a, b = 0.3, 0.225
    found = difference(a, (a * (1 - a) / 400) ** 0.5, b, (b * (1 - b) / 400) ** 0.5).iloc[0]
    z = (a - b) / (a * (1 - a) / 400 + b * (1 - b) / 400) ** 0.5
    assert found["difference"] == pytest.approx(0.075)
    assert found["p_value"] == pytest.approx(2 * (1 - norm.cdf(z)))
    assert found["difference_low"] == pytest.approx(0.075 - 1.959963984540054 * 0.075 / z)
    assert found["difference_high"] == pytest.approx(0.075 + 1.959963984540054 * 0.075 / z)


def test_turning_the_comparison_round_turns_the_sign_and_nothing_else():
    one, other = difference(0.5, 0.1, 0.3, 0.05).iloc[0], difference(0.3, 0.05, 0.5, 0.1).iloc[0]
    assert other["difference"] == -one["difference"]
    assert (other["difference_low"], other["difference_high"]) == (-one["difference_high"], -one["difference_low"])
    assert other["p_value"] == one["p_value"]


def test_the_interval_just_touches_0_where_p_is_5_percent():
    found = difference(1.959963984540054 * 0.05, 0.03, 0.0, 0.04).iloc[0]
    assert found["difference_low"] == pytest.approx(0, abs=1e-15)
    assert found["p_value"] == pytest.approx(0.05)


def test_many_groups_are_compared_with_one_on_their_own_index():
    rates = pd.Series([0.5, None, 0.2], index=["new", "rare", "loyal"])
    found = difference(rates, pd.Series([0.1, None, 0.1], index=rates.index), 0.2, 0.0)
    assert [*found.index] == ["new", "rare", "loyal"]
    assert found.loc["rare"].isna().all()
    assert found.loc["loyal", ["difference", "p_value"]].tolist() == [0.0, 1.0]


@pytest.mark.parametrize("missing", [None, nan, pd.NA, np.float64("nan")])
def test_a_missing_number_of_any_kind_gives_a_missing_answer(missing):
    found = difference([0.5, missing], [0.1, 0.1], [0.4, 0.4], [0.1, 0.1])
    assert found["p_value"].isna().tolist() == [False, True]


def test_without_any_error_there_is_nothing_to_judge_by():
    assert difference(1.0, 0.0, 0.5, 0.0).iloc[0].isna().tolist() == [False, True, True, True]


def test_series_of_different_rows_are_not_paired_by_accident():
    with pytest.raises(ArgumentError, match="different indexes"):
        difference(pd.Series([0.5], index=["new"]), 0.1, pd.Series([0.4], index=["loyal"]), 0.1)


@pytest.mark.parametrize("order", [*permutations([0.001, 0.01, 0.02, 0.03, 0.9])][::7])
def test_correction_agrees_with_benjamini_and_hochberg_by_hand_in_any_order(order):
    assert adjusted(order).tolist() == pytest.approx(benjamini_hochberg(order))


def test_a_missing_p_stays_missing_and_does_not_count():
    assert adjusted(pd.Series([0.02, nan, 0.03, None])).tolist() == pytest.approx([0.03, nan, 0.03, nan], nan_ok=True)
    assert adjusted([]).tolist() == []
    assert np.isnan(adjusted([nan])).all()


def test_correction_leaves_its_input_alone():
    p_values = np.array([0.5, 0.01])
    adjusted(p_values)
    assert p_values.tolist() == [0.5, 0.01]
