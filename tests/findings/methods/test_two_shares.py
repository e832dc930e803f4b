"""Tests of two shares: brute force over tables and over both binomials, and where they agree."""

from itertools import product
from math import comb, isnan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import barnard_exact, binom

from pmstats.findings.methods.score import score_p_values, score_statistic
from pmstats.findings.methods.two_shares import TWO_PROPORTIONS, two_proportions_test

small = st.integers(1, 12)


@st.composite
def two_groups(draw):
    """Counts of two small groups: (count, n, comparator's count, its n)."""
    n_group, n_comparator = draw(small), draw(small)
    counts = draw(st.integers(0, n_group)), draw(st.integers(0, n_comparator))
    return counts[0], n_group, counts[1], n_comparator


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
    assert two_proportions_test(*table, method="mid-p").p_value == pytest.approx(mid_p, rel=1e-9)


@given(two_groups(), st.sampled_from(sorted(TWO_PROPORTIONS)))
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
@pytest.mark.parametrize("method", sorted(TWO_PROPORTIONS))
def test_degenerate_tables_are_named(table, method):
    """With one group, or nobody or everybody in the box, the answer is why there is none."""
    test = two_proportions_test(*table, method=method)
    assert isnan(test.p_value)
    assert test.method.startswith("nothing to test: ")


def score_by_hand(count_group, n_group, count_comparator, n_comparator):
    """The largest chance, near the pooled share, of shares as far apart in standard errors."""
    everyone, total = n_group + n_comparator, count_group + count_comparator
    x, y = np.arange(n_group + 1)[:, np.newaxis], np.arange(n_comparator + 1)
    inside = x + y
    spread = np.maximum(inside * (everyone - inside), 1e-300)
    squared = np.where(inside % everyone, (x / n_group - y / n_comparator) ** 2 / spread, 0.0)
    extreme = squared >= squared[count_group, count_comparator] * (1 - 1e-9)
    pooled = total / everyone
    error = sqrt(pooled * (1 - pooled) / everyone)
    return max(
        float((binom.pmf(x, n_group, share) * binom.pmf(y, n_comparator, share))[extreme].sum())
        for share in np.clip([pooled - error, pooled, pooled + error], 0, 1)
    )


@given(two_groups())
@settings(deadline=None)
def test_the_score_test_agrees_with_adding_up_outcomes(table):
    """The default p is the sum over both binomials, worked out one outcome at a time."""
    found = two_proportions_test(*table).p_value
    assert isnan(found) or found == pytest.approx(score_by_hand(*table), rel=1e-9)


@pytest.mark.parametrize("table", [(7, 12, 5, 17), (2, 5, 2, 55), (3, 20, 9, 40)])
def test_the_score_test_is_at_most_barnards(table):
    """Barnard's test takes the largest chance over every share, ours over three near the pooled."""
    count, n, other, m = table
    barnard = barnard_exact([[count, other], [n - count, m - other]], pooled=True, n=64).pvalue
    assert two_proportions_test(*table).p_value <= barnard + 1e-9


def test_the_statistic_has_no_evidence_in_a_full_or_empty_box():
    """Nobody or everybody in the box is no standard error away from no difference."""
    assert score_statistic(0, 5, 0, 9) == score_statistic(5, 5, 9, 9) == 0


def test_unknown_method_lists_the_known():
    """A misspelt method names those there are."""
    with pytest.raises(ValueError, match="score, mid-p, fisher, boschloo"):
        two_proportions_test(1, 2, 3, 4, method="midp")


def test_large_groups_stay_exact_and_fast():
    """The Department for Work and Pensions' size in 2013-14 (91,950 people) is exact to Fisher."""
    test = two_proportions_test(11_000, 55_000, 7_000, 36_950, method="mid-p")
    assert 0 <= test.p_value < 1e-3


def test_the_largest_groups_take_the_normal_law():
    """Above 2,000 in both groups the score test's p is the normal law's, and says nothing else."""
    test = two_proportions_test(11_000, 55_000, 7_000, 36_950)
    assert test.p_value == pytest.approx(4.9e-5, rel=1)


def test_many_tables_at_once_are_each_as_alone():
    """Groups of any sizes side by side; nan where a group is empty or one box holds everyone."""
    tables = [(3, 10, 2, 55), (0, 0, 1, 4), (9, 9, 4, 4), (0, 7, 0, 7), (5, 2100, 90, 2500)]
    together = score_p_values(np.array(tables))
    for table, p_value in zip(tables, together, strict=True):
        alone = two_proportions_test(*table).p_value
        assert p_value == pytest.approx(alone, abs=1e-14, nan_ok=True)
    assert np.isnan(together).tolist() == [False, True, True, True, False]
