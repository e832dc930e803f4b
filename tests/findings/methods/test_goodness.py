"""A distribution against a guide: exact by listing, distances, too good a fit, the mode."""

from itertools import product
from math import factorial, isnan, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmstats.findings.methods.association import chi_square, fisher_freeman_halton
from pmstats.findings.methods.goodness import (
    earth_mover,
    goodness_of_fit,
    most_used,
    simultaneous_intervals,
    too_good_fit,
    total_variation,
)
from pmstats.findings.methods.intervals import share_interval

GUIDE = (0.05, 0.60, 0.22, 0.13)
counts_of = st.lists(st.integers(0, 9), min_size=3, max_size=4).filter(lambda row: sum(row) > 0)


@given(st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(sum))
def test_exact_fit_agrees_with_listing(counts):
    """The p-value adds up every outcome no more likely than the one seen."""
    n, parts = sum(counts), (1, 3, 6)

    def ways(outcome):
        arrangements = factorial(n) // prod(factorial(each) for each in outcome)
        return arrangements * prod(p**x for p, x in zip(parts, outcome, strict=True))

    outcomes = [each for each in product(range(n + 1), repeat=3) if sum(each) == n]
    wanted = sum(ways(each) for each in outcomes if ways(each) <= ways(counts)) / 10**n
    assert goodness_of_fit(counts, parts).p_value == pytest.approx(wanted, rel=1e-9)


def test_exact_at_a_department_of_730():
    """The largest department of 2023 (730 people) is still exact, whatever its shares."""
    test = goodness_of_fit((30, 450, 160, 90), GUIDE)
    assert test.method.startswith("exact")
    assert 0 < test.p_value < 1


def test_beyond_listing_a_sample_is_drawn():
    """Too many outcomes to list: the p-value is drawn, the same each time, with its error."""
    test = goodness_of_fit((20,) * 9, (1,) * 9)
    assert test.simulation_error is not None
    assert test == goodness_of_fit((20,) * 9, (1,) * 9)


@pytest.mark.parametrize(
    ("counts", "guide", "p_value"), [((1, 5), (0, 1), 0.0), ((0, 5), (0, 1), None)]
)
def test_a_box_the_guide_never_uses(counts, guide, p_value):
    """People in a box of share nought refute the guide; nobody there leaves nothing to test."""
    found = goodness_of_fit(counts, guide).p_value
    assert isnan(found) if p_value is None else found == p_value


def test_nobody_to_fit():
    """Without people, or panels, there is nothing to test."""
    assert isnan(goodness_of_fit((0, 0), (1, 1)).p_value)
    assert isnan(too_good_fit([(0, 0)], (1, 1)).p_value)
    assert isnan(too_good_fit([], (1, 1)).p_value)


@given(counts_of, counts_of.map(tuple))
def test_distances_are_distances(first, second):
    """Both are 0 for a distribution and itself, symmetric, and unmoved by more of the same."""
    second = (second + (0,) * 4)[: len(first)]
    if not sum(second):
        return
    for distance in (total_variation, earth_mover):
        assert distance(first, first) == pytest.approx(0)
        assert distance(first, second) == pytest.approx(distance(second, first))
        assert distance([3 * each for each in first], second) == pytest.approx(
            distance(first, second)
        )


def test_earth_mover_counts_boxes():
    """Everyone one box further is a distance of one; everyone two further, of two."""
    assert earth_mover((1, 0, 0), (0, 1, 0)) == 1
    assert earth_mover((1, 0, 0), (0, 0, 1)) == 2


def test_panels_that_follow_the_guide_to_the_person_stand_out():
    """Six panels at exactly the guide's shares are closer than chance allows (p below 0.1%)."""
    assert too_good_fit([(1, 12, 4, 3)] * 6, (1, 12, 4, 3)).p_value < 0.001


def test_honest_panels_are_not_accused():
    """Of 60 sets of six panels drawn from the guide about 5% come below 5%, never over 15%."""
    generator = np.random.default_rng(2)
    low = [
        too_good_fit(generator.multinomial(20, GUIDE, 6), GUIDE).p_value < 0.05 for _ in range(60)
    ]
    assert np.mean(low) <= 0.15


def test_simultaneous_intervals_are_wider():
    """Intervals that hold together are each wider than one alone would be."""
    counts = (5, 60, 22, 13)
    for count, together in zip(counts, simultaneous_intervals(counts), strict=True):
        alone = share_interval(count, 100)
        assert together.low < alone.low < alone.high < together.high


@pytest.mark.parametrize(
    ("counts", "answer"),
    [
        ((2, 40, 10, 4), True),
        ((2, 10, 40, 4), False),
        ((2, 9, 7, 3), None),
        ((0, 0, 0, 0), None),
    ],
)
def test_is_achieving_the_mode(counts, answer):
    """Yes, no, or cannot tell, from the interval on its lead (paras 78 and 81)."""
    assert most_used(counts, 1)[0] is answer


@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=2, max_size=3))
@settings(deadline=None)
def test_relabelling_changes_no_association(table):
    """Groups and boxes in another order, or turned on their side, keep the exact p."""
    p_value = fisher_freeman_halton(table).p_value
    turned = [list(column) for column in zip(*table[::-1], strict=True)]
    again = fisher_freeman_halton(turned)
    slack = 5 * (again.simulation_error or 0) + 1e-9
    assert again.p_value == pytest.approx(p_value, abs=slack, nan_ok=True)


def test_chi_square_only_with_counts_enough():
    """Below five expected in any cell the chi-square says why it is not used."""
    assert isnan(chi_square([(1, 20), (3, 30)]).p_value)
    assert "below 5" in chi_square([(1, 20), (3, 30)]).method
    assert chi_square([(20, 20), (30, 10)]).p_value == pytest.approx(0.0209, abs=1e-4)
    assert isnan(chi_square([(0, 20), (0, 30)]).p_value)
