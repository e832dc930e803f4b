"""The four words: what each needs, and that none contradicts the interval beside it."""

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmstats.findings.finding import Interval, Verdict
from pmstats.findings.methods.verdict import verdict


def judge(low, high, p_value, adjusted_p):
    """The verdict on a difference with a margin of 10 points at the 5% level."""
    interval = Interval(value=(low + high) / 2, low=low, high=high, method="made up")
    return verdict(
        p_value=p_value,
        adjusted_p=adjusted_p,
        interval=interval,
        null=0.0,
        margin=0.1,
        significance=0.05,
    )


@pytest.mark.parametrize(
    ("low", "high", "p_value", "adjusted_p", "expected"),
    [
        (0.05, 0.30, 0.001, 0.01, Verdict.GAP),
        (0.05, 0.30, 0.001, 0.05, Verdict.GAP),  # at 5% itself
        (-0.01, 0.30, 0.05, 0.20, Verdict.POSSIBLE_GAP),
        (0.02, 0.30, 0.02, 0.20, Verdict.POSSIBLE_GAP),
        (-0.01, 0.30, 0.04, 0.04, Verdict.POSSIBLE_GAP),
        (0.01, 0.30, 0.06, 0.30, Verdict.POSSIBLE_GAP),
        (-0.05, 0.08, 0.60, 0.90, Verdict.NO_MATERIAL_GAP),
        (0.01, 0.08, 0.001, 0.01, Verdict.NO_MATERIAL_GAP),
        (-0.1, 0.1, 0.60, 0.90, Verdict.NO_MATERIAL_GAP),
        (-0.20, 0.25, 0.60, 0.90, Verdict.CANNOT_TELL),
        (-0.20, 0.25, nan, nan, Verdict.CANNOT_TELL),
        (-0.05, 0.08, nan, nan, Verdict.NO_MATERIAL_GAP),
    ],
)
def test_each_verdict(low, high, p_value, adjusted_p, expected):
    """The words of methods annex section 2, and the two cases where p and interval disagree."""
    assert judge(low, high, p_value, adjusted_p) is expected


def test_an_unknown_effect_cannot_tell():
    """Without an estimate there is no verdict, whatever the interval's range."""
    unknown = Interval(value=nan, low=-0.05, high=0.05, method="made up")
    answer = verdict(
        p_value=nan, adjusted_p=nan, interval=unknown, null=0.0, margin=0.1, significance=0.05
    )
    assert answer is Verdict.CANNOT_TELL


unit = st.floats(-1, 1)


@given(st.tuples(unit, unit).map(sorted), st.floats(0, 1), st.floats(0, 1))
def test_a_verdict_never_contradicts_its_interval(limits, p_value, adjusted_p):
    """Gap never stands beside an interval with no difference in it, nor the reverse."""
    low, high = limits
    answer = judge(low, high, p_value, max(p_value, adjusted_p))
    if answer is Verdict.GAP:
        assert low > 0 or high < 0
    if answer is Verdict.CANNOT_TELL:
        assert low <= 0 <= high
