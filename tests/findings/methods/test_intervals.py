"""Intervals: published limits, symmetry, and no collapse with empty or full boxes."""

from math import inf, isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmstats.findings.methods.intervals import (
    difference_interval,
    odds_ratio_interval,
    paired_difference_interval,
    ratio_interval,
    share_interval,
)

counted = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
TWO_GROUPS = [
    (difference_interval, "miettinen-nurminen"),
    (difference_interval, "newcombe"),
    (ratio_interval, "koopman"),
    (odds_ratio_interval, "conditional"),
]


@pytest.mark.parametrize(
    ("method", "low", "high"),
    [("newcombe", 0.0524, 0.3339), ("miettinen-nurminen", 0.0528, 0.3382)],
)
def test_newcombe_1998_worked_example(method, low, high):
    """56 of 70 against 48 of 80: Newcombe, Statistics in Medicine 17:873, table II, example a."""
    found = difference_interval(56, 70, 48, 80, method=method)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(counted, st.sampled_from(["wilson", "clopper-pearson", "jeffreys"]))
def test_share_intervals_mirror(table, method):
    """The interval for those out of the box is the mirror of that for those in it."""
    count, n = table
    inside = share_interval(count, n, method=method)
    outside = share_interval(n - count, n, method=method)
    assert inside.low == pytest.approx(1 - outside.high, abs=1e-12)
    assert 0 <= inside.low <= inside.value <= inside.high <= 1
    assert inside.low < inside.high


@given(counted, counted, st.sampled_from(["newcombe", "miettinen-nurminen"]))
def test_swapping_groups_flips_the_difference(group, comparator, method):
    """The comparator's difference is the group's with its sign and limits exchanged."""
    found = difference_interval(*group, *comparator, method=method)
    swapped = difference_interval(*comparator, *group, method=method)
    assert found.value == pytest.approx(-swapped.value)
    assert found.low == pytest.approx(-swapped.high, abs=1e-9)
    assert found.low <= found.value <= found.high
    assert found.low < found.high


@given(counted, counted)
@settings(deadline=None)
def test_swapping_groups_inverts_the_ratios(group, comparator):
    """A ratio's limits are the reciprocals of the other way round."""
    for interval in (ratio_interval, odds_ratio_interval):
        found, swapped = interval(*group, *comparator), interval(*comparator, *group)
        assert found.low * swapped.high == pytest.approx(1) or found.low == 0
        assert found.low <= found.high


@given(counted, counted)
@settings(deadline=None)
def test_more_of_the_same_narrows(group, comparator):
    """Four times the people with the same shares never widen an interval."""
    for interval, method in TWO_GROUPS[:2]:
        once = interval(*group, *comparator, method=method)
        four = interval(*(4 * each for each in (*group, *comparator)), method=method)
        assert four.value == pytest.approx(once.value)
        assert four.high - four.low <= once.high - once.low + 1e-9


@pytest.mark.parametrize(("interval", "method"), TWO_GROUPS)
@pytest.mark.parametrize(
    "table", [(0, 0, 1, 9), (1, 1, 0, 0), (0, 5, 0, 9), (5, 5, 9, 9), (0, 5, 9, 9), (1, 1, 0, 1)]
)
def test_degenerate_tables_keep_an_interval(interval, method, table):
    """An empty group or box leaves limits that hold, wide, and never a warning."""
    found = interval(*table, method=method)
    assert found.low <= found.high
    assert not isnan(found.low)
    assert isnan(found.value) or found.low <= found.value <= found.high


def test_nobody_is_the_whole_range():
    """Without people every share, difference and ratio is possible."""
    assert (share_interval(0, 0).low, share_interval(0, 0).high) == (0, 1)
    assert (difference_interval(0, 0, 1, 2).low, difference_interval(0, 0, 1, 2).high) == (-1, 1)
    assert (ratio_interval(0, 5, 0, 7).low, ratio_interval(0, 5, 0, 7).high) == (0, inf)


def test_fisher_interval_to_full_precision():
    """9 of 10 against 3 of 10: the upper limit is 1047.84; R's coarse search prints 1039."""
    assert odds_ratio_interval(9, 10, 3, 10).high == pytest.approx(1047.84, abs=0.005)


def test_tango_limits_leave_z_standard_errors():
    """Each of Tango's limits (1998) is 1.96 restricted standard errors from the estimate."""
    count, other, n = 12, 2, 44
    found = paired_difference_interval(count, other, n)
    for limit in (found.low, found.high):
        linear = (2 * n - count + other) * limit - count - other
        constant = -other * limit * (1 - limit)
        restricted = ((linear**2 - 8 * n * constant) ** 0.5 - linear) / (4 * n)
        error = ((2 * restricted + limit * (1 - limit)) / n) ** 0.5
        assert abs(found.value - limit) / error == pytest.approx(1.959964, abs=1e-5)


@pytest.mark.parametrize(
    "call",
    [
        lambda: share_interval(1, 2, method="wald"),
        lambda: difference_interval(1, 2, 1, 2, method="wald"),
        lambda: ratio_interval(1, 2, 1, 2, method="log"),
        lambda: odds_ratio_interval(1, 2, 1, 2, method="woolf"),
    ],
)
def test_unknown_methods_list_the_known(call):
    """Asking for an interval we do not offer names those we do."""
    with pytest.raises(ValueError, match="is not one of: "):
        call()
