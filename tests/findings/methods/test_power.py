"""What could have been shown: exact power by brute force, and by simulated departments."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from pmstats.findings.finding import Interval
from pmstats.findings.methods.ordinal import permutation_test
from pmstats.findings.methods.power import (
    detectable_difference,
    detectable_lead,
    detectable_mean,
    detectable_shares,
    detectable_superiority,
    power_of_difference,
)
from pmstats.findings.methods.two_shares import two_proportions_test

COMPARATOR = (5, 60, 22, 13)


@pytest.mark.parametrize("method", ["score", "mid-p", "fisher"])
@pytest.mark.parametrize(("n_group", "n_comparator"), [(5, 21), (12, 12), (20, 7)])
def test_power_agrees_with_testing_every_outcome(n_group, n_comparator, method):
    """Exact power is the probability of all the pairs of counts that our own test rejects."""
    wanted = sum(
        binom.pmf(x, n_group, 0.7) * binom.pmf(y, n_comparator, 0.2)
        for x in range(n_group + 1)
        for y in range(n_comparator + 1)
        if two_proportions_test(x, n_group, y, n_comparator, method=method).p_value <= 0.05
    )
    found = power_of_difference(
        n_group, n_comparator, share_group=0.7, share_comparator=0.2, method=method
    )
    assert found == pytest.approx(wanted, rel=1e-6)


def test_the_detectable_difference_is_the_first():
    """At the difference given power is 80%, and a little nearer it is not, either way."""
    found = detectable_difference(20, 180, share_comparator=0.35)
    assert found is not None
    powers = [
        power_of_difference(20, 180, share_group=0.35 + sign * step, share_comparator=0.35)
        for sign in (1, -1)
        for step in (found, found - 1e-4)
    ]
    assert max(powers[0], powers[2]) >= 0.8
    assert max(powers[1], powers[3]) < 0.8


@pytest.mark.parametrize(
    ("n_group", "n_comparator", "share"), [(2, 38, 0.35), (0, 50, 0.3), (5, 0, 0.3), (1, 1, 0.5)]
)
def test_nothing_is_detectable_with_too_few(n_group, n_comparator, share):
    """Two people against 38 at 35% could show nothing; nor could nobody."""
    assert detectable_difference(n_group, n_comparator, share_comparator=share) is None


def test_large_groups_use_the_normal_law_without_a_jump():
    """Either side of the exact limit the detectable difference is the same to 1%."""
    exact = detectable_difference(495, 500, share_comparator=0.35)
    normal = detectable_difference(505, 500, share_comparator=0.35)
    assert exact is not None
    assert normal == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize("n_group", [5, 10, 20, 50])
def test_detectable_superiority_is_shown_in_simulation(n_group):
    """At the shift named, the permutation test is significant in 80% of departments, within 6."""
    distance = detectable_superiority(n_group, COMPARATOR)
    assert distance is not None
    generator = np.random.default_rng(11)
    comparator = np.array(COMPARATOR) / sum(COMPARATOR)
    best = []
    for sign in (1, -1):
        group = shifted(comparator, distance, sign)
        if group is None:
            continue
        tables = zip(
            generator.multinomial(n_group, group, 800),
            generator.multinomial(sum(COMPARATOR), comparator, 800),
            strict=True,
        )
        best.append(np.mean([permutation_test(table).p_value <= 0.05 for table in tables]))
    assert 0.74 <= max(best) <= 0.90


def shifted(comparator, distance, sign):
    """The comparator moved by odds until its superiority over itself is this far from half."""
    cumulative = np.cumsum(comparator)[:-1]
    for shift in np.linspace(0, 12, 2401):
        odds = cumulative / (1 - cumulative) * np.exp(-sign * shift)
        group = np.diff(odds / (1 + odds), prepend=0.0, append=1.0)
        below = np.cumsum(comparator) - comparator / 2
        if abs(group @ below - 0.5) >= distance:
            return group
    return None


def test_whole_scale_with_nothing_to_show():
    """One box, or nobody, leaves nothing to detect."""
    assert detectable_superiority(10, (0, 40, 0, 0)) is None
    assert detectable_superiority(0, COMPARATOR) is None
    assert detectable_superiority(10, (0, 0, 0, 0)) is None


@pytest.mark.parametrize(("n", "low", "high"), [(564, 19, 39), (50, 0, 6), (20, 3, 20)])
def test_a_detectable_share_lies_beyond_the_range_four_times_in_five(n, low, high):
    """The binomial tail beyond the range holds the power at the limit, by scipy's own law."""
    below, above = detectable_shares(n, low, high)
    assert (below is None) is (low == 0)
    assert (above is None) is (high == n)
    if below is not None:
        assert binom.cdf(low - 1, n, below) == pytest.approx(0.80)
    if above is not None:
        assert binom.sf(high, n, above) == pytest.approx(0.80)


@pytest.mark.parametrize(("count", "n"), [(456, 564), (44, 50), (20, 25)])
@pytest.mark.parametrize("significance", [0.05, 0.05 / 3])
def test_a_detectable_lead_is_shown_four_times_in_five(count, n, significance):
    """Adding up every split of every number in the two boxes gives the power, within 2 points."""
    both = count / n
    lead = detectable_lead(count, n, significance=significance)
    z = norm.isf(significance / 2)
    power = 0.0
    for people in range(1, n + 1):
        first = np.arange(people + 1)
        shown = np.abs(2 * first - people) > z * np.sqrt(people)
        split = binom.pmf(first[shown], people, (both + lead) / 2 / both)
        power += binom.pmf(people, n, both) * split.sum()
    assert power == pytest.approx(0.80, abs=0.025)


@pytest.mark.parametrize(("count", "n"), [(0, 30), (1, 1), (3, 3), (5, 400)])
def test_no_lead_shows_among_a_handful(count, n):
    """Of so few in two boxes even all in one could be chance."""
    assert detectable_lead(count, n) is None


def test_a_detectable_mean_is_the_critical_value_and_the_power_in_standard_errors():
    """1.960 + 0.842 standard errors (Cohen 1988); nothing without a width or a limit."""
    known = Interval(value=0.3, low=0.3 - 1.959964, high=0.3 + 1.959964, method="")
    assert detectable_mean(known) == pytest.approx(1.959964 + 0.841621, abs=1e-6)
    assert detectable_mean(Interval(value=0.3, low=0.3, high=0.3, method="")) is None
    assert detectable_mean(Interval(value=0.3, low=-np.inf, high=np.inf, method="")) is None


def test_unknown_method_lists_the_known():
    """A misspelt test names those there are."""
    with pytest.raises(ValueError, match="score, mid-p, fisher"):
        detectable_difference(10, 20, share_comparator=0.3, method="barnard")
