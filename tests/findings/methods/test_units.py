"""Units: limits that flag nobody unfairly, standardisation by grade, over-dispersion."""

from math import isnan

import numpy as np
import pytest

from pmstats.findings.methods.units import funnel_limits, overdispersion, standardised_ratio


@pytest.mark.parametrize("n", [5, 10, 20, 50, 200])
@pytest.mark.parametrize("coverage", [0.95, 0.998])
def test_funnel_limits_hold_what_they_say(n, coverage):
    """At a true 5% a unit falls outside with at most the chance promised, each side half."""
    from scipy.stats import binom

    low, high = funnel_limits(n, share=0.05, coverage=coverage)
    assert binom.cdf(round(low * n) - 1, n, 0.05) <= (1 - coverage) / 2
    assert binom.sf(round(high * n), n, 0.05) <= (1 - coverage) / 2 + 1e-12


def test_none_of_twenty_is_not_low():
    """0 of 20 Partially Met lies inside the limits; the arcsine limits flag it in 36% of units."""
    assert funnel_limits(20, share=0.05)[0] == 0
    assert funnel_limits(0, share=0.05) == (0, 1)


def test_a_unit_at_standard_has_a_ratio_of_one():
    """What its grades give on average is a ratio of 1, inside its interval, also when exact."""
    found = standardised_ratio(14, (40, 20), (0.2, 0.3))
    assert found.value == pytest.approx(1)
    assert found.low < 1 < found.high


def test_one_grade_is_clopper_pearson():
    """With a single grade the interval is the exact binomial one over the standard share."""
    from pmstats.findings.methods.intervals import share_interval

    found = standardised_ratio(7, (30,), (0.2,))
    exact = share_interval(7, 30, method="clopper-pearson")
    assert found.low == pytest.approx(exact.low / 0.2, rel=1e-9)
    assert found.high == pytest.approx(exact.high / 0.2, rel=1e-9)


@pytest.mark.parametrize(
    ("count", "people", "standard", "value"),
    [
        (0, (30, 5), (0.2, 0.1), 0),
        (35, (30, 5), (0.2, 0.1), 35 / 6.5),
        (5, (5,), (1.0,), 1),
        (0, (5,), (0.0,), None),
        (0, (0, 0), (0.2, 0.1), None),
    ],
)
def test_standardisation_at_the_edges(count, people, standard, value):
    """Nobody, everybody, certain and impossible grades keep limits round the ratio."""
    found = standardised_ratio(count, people, standard)
    if value is None:
        assert isnan(found.value)
    else:
        assert found.value == pytest.approx(value)
        assert found.low <= found.value <= found.high


def test_overdispersion_needs_fifteen_units():
    """Fourteen units are too few; fifteen that vary by chance give a ratio near one."""
    assert overdispersion([1] * 14, [20] * 14).method == "nothing to test: fewer than 15 units"
    generator = np.random.default_rng(6)
    even = overdispersion(generator.binomial(40, 0.3, 40).tolist(), [40] * 40)
    assert even.p_value > 0.01
    shares = generator.choice([0.1, 0.5], 40)
    uneven = overdispersion(generator.binomial(40, shares).tolist(), [40] * 40)
    assert uneven.statistic > 2
    assert isnan(overdispersion([0] * 20, [9] * 20).p_value)
