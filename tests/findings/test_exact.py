"""Exact tests of shares: worked numbers, brute force, and the range a true share gives."""

from itertools import product
from math import comb, isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmstats.findings.exact import binomial_range, binomial_test, two_proportions_test

small = st.integers(1, 12)


@st.composite
def two_groups(draw):
    """Counts of two small groups: (count, n, comparator's count, its n)."""
    n_group, n_comparator = draw(small), draw(small)
    counts = draw(st.integers(0, n_group)), draw(st.integers(0, n_comparator))
    return counts[0], n_group, counts[1], n_comparator


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


def brute_force(count_group, n_group, count_comparator, n_comparator):
    """Fisher's p and mid-p in whole numbers, over every table with the same margins."""
    total = count_group + count_comparator
    ways = [
        comb(n_group, k) * comb(n_comparator, total - k)
        for k in range(max(0, total - n_comparator), min(n_group, total) + 1)
    ]
    observed = comb(n_group, count_group) * comb(n_comparator, count_comparator)
    fisher = sum(way for way in ways if way <= observed)
    return fisher / sum(ways), (fisher - observed / 2) / sum(ways)


@given(two_groups())
def test_fisher_and_mid_p_agree_with_enumeration(table):
    """Both conditional p-values are what counting tables by hand gives."""
    fisher, mid_p = brute_force(*table)
    found = two_proportions_test(*table, method="fisher").p_value
    if isnan(found):
        assert fisher == 1
        return
    assert found == pytest.approx(fisher, rel=1e-9)
    assert two_proportions_test(*table).p_value == pytest.approx(mid_p, rel=1e-9)


@given(two_groups(), st.sampled_from(["mid-p", "fisher", "boschloo"]))
@settings(deadline=None)
def test_order_of_groups_and_boxes_does_not_matter(table, method):
    """Swapping the groups, or in and out of the box, leaves a two-sided p alone."""
    count, n, other, m = table
    p_value = two_proportions_test(*table, method=method).p_value
    for mirrored in ((other, m, count, n), (n - count, n, m - other, m)):
        again = two_proportions_test(*mirrored, method=method).p_value
        assert again == pytest.approx(p_value, rel=1e-9, nan_ok=True)


def test_boschloo_is_never_more_cautious_than_fisher():
    """Boschloo's p is at most Fisher's on every table of 6 and 9 people (Boschloo 1970)."""
    for count, other in product(range(7), range(10)):
        fisher = two_proportions_test(count, 6, other, 9, method="fisher").p_value
        boschloo = two_proportions_test(count, 6, other, 9, method="boschloo").p_value
        assert isnan(fisher) or boschloo <= fisher * (1 + 1e-7)


@pytest.mark.parametrize(
    "table", [(0, 0, 3, 9), (2, 4, 0, 0), (0, 5, 0, 7), (5, 5, 7, 7), (0, 0, 0, 0)]
)
@pytest.mark.parametrize("method", ["mid-p", "fisher", "boschloo"])
def test_degenerate_tables_are_named(table, method):
    """With one group, or nobody or everybody in the box, the answer is why there is none."""
    test = two_proportions_test(*table, method=method)
    assert isnan(test.p_value)
    assert test.method.startswith("nothing to test: ")


def test_no_one_rated():
    """A share of nobody has no p-value, and says so."""
    assert binomial_test(0, 0, share=0.05).method == "nothing to test: nobody is rated"


def test_unknown_method_lists_the_known():
    """A misspelt method names the three there are."""
    with pytest.raises(ValueError, match="mid-p, fisher, boschloo"):
        two_proportions_test(1, 2, 3, 4, method="midp")


def test_large_groups_stay_exact_and_fast():
    """The Department for Work and Pensions' size in 2013-14 (91,950 people) is still exact."""
    test = two_proportions_test(11_000, 55_000, 7_000, 36_950)
    assert 0 <= test.p_value < 1e-3
