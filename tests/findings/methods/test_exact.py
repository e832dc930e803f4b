"""The exact test of one share: worked numbers, brute force, and the range a true share gives."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmstats.findings.methods.exact import binomial_range, binomial_test


@pytest.mark.parametrize(
    ("n", "expected"),
    [(20, (0, 3)), (30, (0, 4)), (40, (0, 5)), (100, (1, 10)), (200, (4, 16)), (350, (10, 26))],
)
def test_range_of_counts_at_five_percent(n, expected):
    """A true 5% gives these counts 95% of the time (our calculation from the binomial law)."""
    assert binomial_range(n, share=0.05) == expected


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_range_of_a_certain_share(share):
    """A share of nobody or everybody allows one count only."""
    assert binomial_range(9, share=share) == (9 * share, 9 * share)


@given(st.integers(1, 15), st.data())
def test_binomial_test_agrees_with_enumeration(n, data):
    """The p-value is the sum of the outcomes no more likely than the one seen."""
    count, tenths = data.draw(st.integers(0, n)), data.draw(st.integers(1, 9))
    weights = [comb(n, k) * tenths**k * (10 - tenths) ** (n - k) for k in range(n + 1)]
    wanted = sum(w for w in weights if w <= weights[count]) / 10**n
    assert binomial_test(count, n, share=tenths / 10).p_value == pytest.approx(wanted, rel=1e-10)


def test_no_one_rated():
    """A share of nobody has no p-value, and says so."""
    assert binomial_test(0, 0, share=0.05).method == "nothing to test: nobody is rated"
