"""Adjusted p-values: missing ones are left out, order does not matter."""

from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmstats.findings.methods.multiplicity import benjamini_hochberg, holm


@pytest.mark.parametrize("adjust", [benjamini_hochberg, holm])
@given(p_values=st.lists(st.floats(0, 1), max_size=12))
def test_missing_p_values_are_not_comparisons(adjust, p_values):
    """A nan stays nan and does not make the others any less significant."""
    alone = adjust(p_values)
    with_gap = adjust([nan, *p_values, nan])
    assert isnan(with_gap[0])
    assert isnan(with_gap[-1])
    assert with_gap[1:-1] == alone


@pytest.mark.parametrize("adjust", [benjamini_hochberg, holm])
@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusting_only_raises_and_keeps_order(adjust, p_values):
    """No adjusted p is below its own p or above 1, and smaller stay smaller."""
    adjusted = adjust(p_values)
    assert all(own <= new <= 1 for own, new in zip(p_values, adjusted, strict=True))
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    assert sorted(adjusted) == [adjusted[place] for place in order]


def test_holm_is_at_least_benjamini_hochberg():
    """Guarding against any false alarm costs at least what guarding their rate costs."""
    p_values = (0.001, 0.02, 0.03, 0.2)
    pairs = zip(benjamini_hochberg(p_values), holm(p_values), strict=True)
    assert all(rate <= familywise for rate, familywise in pairs)
