"""An interval and a test of the same two groups never contradict one another."""

from itertools import product
from math import isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmstats.findings.finding import Interval
from pmstats.findings.methods.intervals import difference_interval
from pmstats.findings.methods.reconcile import compare_scales, compare_shares, reconciled

counted = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counted, counted, st.sampled_from([0.9, 0.95, 0.99]))
@settings(deadline=None)
def test_the_interval_excludes_nothing_just_when_the_test_is_significant(group, other, confidence):
    """No difference lies outside the interval where p is at or below its level, inside else."""
    interval, test = compare_shares(*group, *other, confidence=confidence)
    if not isnan(test.p_value):
        assert (0.0 not in interval) == (test.p_value <= 1 - confidence)
    assert -1 <= interval.low <= interval.value <= interval.high <= 1


def test_a_limit_that_jumps_is_still_brought_to_the_test():
    """One person below 36 others (p = 1/37): the upper limit leaps past a half, and is held back.

    Between 2.2 and 8 errors it goes from below a half to nearly 1 at once, so that only halving
    the errors on whether a half is inside finds where.
    """
    interval, test = compare_scales((1, 0, 0, 0), (0, 15, 16, 5))
    assert test.p_value == pytest.approx(1 / 37)
    assert 0.5 not in interval


def test_where_they_agree_the_interval_is_miettinen_and_nurminens():
    """Of every table of 10 and 50 people few need scaling, and they say so."""
    scaled = 0
    for count, other in product(range(11), range(51)):
        interval, _ = compare_shares(count, 10, other, 50)
        plain = difference_interval(count, 10, other, 50)
        scaled += interval.method.endswith("scaled to agree with the test")
        assert (interval == plain) != interval.method.endswith("scaled to agree with the test")
    assert 0 < scaled < 0.05 * 11 * 51


def test_the_scale_is_that_of_the_p_value():
    """A z-interval of 2.2 errors with p = 0.06 widens by 2.2 over the 1.88 errors of that p."""

    def interval_at(confidence: float) -> Interval:
        from scipy.special import ndtri

        reach = float(ndtri((1 + confidence) / 2))
        return Interval(value=2.2, low=2.2 - reach, high=2.2 + reach, method="z")

    found = reconciled(interval_at, 0.06, null=0.0, confidence=0.95)
    assert found.high - found.value == pytest.approx(1.959964 * 2.2 / 1.880794, abs=1e-5)
    assert found.low < 0
    assert found.confidence == 0.95


def test_without_a_p_value_the_interval_stands():
    """Nothing to test leaves the interval as it is."""
    interval, test = compare_shares(0, 5, 0, 9)
    assert isnan(test.p_value)
    assert interval == difference_interval(0, 5, 0, 9)
