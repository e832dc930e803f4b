"""Superiority and permutation over the whole scale: brute force, symmetry, coverage, limits."""

from itertools import permutations
from math import erfc, isnan, sqrt

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pmstats.findings.methods.intervals import difference_interval
from pmstats.findings.methods.ordinal import permutation_test, superiority

#: Box shares of a department as the methods are tuned for: PM, A, HP, E (our simulation).
SHARES = (0.05, 0.60, 0.22, 0.13)


@st.composite
def two_rows(draw, most=6):
    """Two groups' counts over the same three or four boxes, neither group empty."""
    boxes = draw(st.integers(3, 4))
    row = st.lists(st.integers(0, most), min_size=boxes, max_size=boxes)
    table = draw(row), draw(row)
    assume(sum(table[0]) and sum(table[1]))
    return table


def brute_force(table):
    """The two-sided p of the midrank sum over every way to choose the group's people."""
    people = [
        (row, box)
        for row, counts in enumerate(table)
        for box, n in enumerate(counts)
        for _ in range(n)
    ]
    boxes = sorted(box for _, box in people)
    rank = {box: np.mean([i for i, b in enumerate(boxes) if b == box]) for box in set(boxes)}
    own = [row for row, _ in people]
    ranks = np.array([rank[box] for _, box in people])
    centre = ranks.mean() * own.count(0)
    sums = [
        abs(sum(r for r, who in zip(ranks, labels, strict=True) if who == 0) - centre)
        for labels in set(permutations(own))
    ]
    observed = abs(sum(r for r, who in zip(ranks, own, strict=True) if who == 0) - centre)
    return np.mean(np.array(sums) >= observed - 1e-9)


@pytest.mark.parametrize(
    "table", [((1, 2, 0), (0, 1, 3)), ((2, 0, 0, 1), (0, 2, 1, 2)), ((0, 4, 0), (1, 1, 1))]
)
def test_exact_permutation_agrees_with_permuting_people(table):
    """Summing over tables gives what listing every arrangement of the people gives."""
    assert permutation_test(table).p_value == pytest.approx(brute_force(table), rel=1e-12)


@given(two_rows(most=30))
@settings(deadline=None)
def test_permutation_symmetries(table):
    """Swapping groups, reversing the scale and adding an unused box change no p-value."""
    p_value = permutation_test(table).p_value
    group, comparator = table
    for other in (
        (comparator, group),
        (group[::-1], comparator[::-1]),
        ((*group, 0), (*comparator, 0)),
    ):
        assert permutation_test(other).p_value == pytest.approx(p_value, rel=1e-9, nan_ok=True)


@given(two_rows(most=30))
@settings(deadline=None)
def test_superiority_symmetries(table):
    """Swapping groups or reversing the scale mirrors the interval about one half."""
    group, comparator = table
    found = superiority(group, comparator)
    for other in (superiority(comparator, group), superiority(group[::-1], comparator[::-1])):
        assert other.value == pytest.approx(1 - found.value)
        assert other.low == pytest.approx(1 - found.high, abs=1e-7)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high


@given(two_rows(most=12))
@settings(deadline=None)
def test_more_of_the_same_narrows_superiority(table):
    """Four times the people with the same shares keep the estimate and narrow the interval."""
    once = superiority(*table)
    four = superiority(*([4 * each for each in row] for row in table))
    assert four.value == pytest.approx(once.value)
    assert four.high - four.low < once.high - once.low


def test_one_box_does_not_collapse():
    """Five people in one box: the interval keeps a width a group of five deserves."""
    found = superiority((0, 5, 0, 0), (2, 30, 8, 5))
    assert found.high - found.low > 0.3
    assert found.low < 0.5 < found.high


def test_two_boxes_agree_with_the_difference_of_shares():
    """On two boxes superiority is half the difference, and its limits nearly Newcombe's."""
    found, difference = superiority((30, 20), (60, 40)), difference_interval(20, 50, 40, 100)
    assert found.value == pytest.approx(0.5 + difference.value / 2)
    assert found.low == pytest.approx(0.5 + difference.low / 2, abs=0.01)
    assert found.high == pytest.approx(0.5 + difference.high / 2, abs=0.01)


@pytest.mark.parametrize(("n_group", "n_comparator"), [(5, 55), (10, 140), (20, 130), (50, 350)])
def test_superiority_covers(n_group, n_comparator):
    """No gap, 1,500 departments: coverage between 92% and 99% (goal 93 to 98, see calibration)."""
    generator = np.random.default_rng(5)
    groups = generator.multinomial(n_group, SHARES, 1500)
    comparators = generator.multinomial(n_comparator, SHARES, 1500)
    held = [
        0.5 in superiority(group, comparator)
        for group, comparator in zip(groups, comparators, strict=True)
    ]
    assert 0.92 <= np.mean(held) <= 0.99


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ([(3, 4, 0), (0, 0, 0)], "fewer than two groups"),
        ([(0, 4, 0), (0, 9, 0)], "everyone is in one box"),
        ([(0, 0), (0, 0)], "fewer than two groups"),
        ([], "fewer than two groups"),
        ([(1, 1)], "fewer than two groups"),
    ],
)
def test_nothing_to_permute(table, why):
    """One group or one box is a named answer, not a warning."""
    test = permutation_test(table)
    assert isnan(test.p_value)
    assert test.method.startswith(f"nothing to test: {why}")


@pytest.mark.parametrize(
    ("group", "comparator", "confidence", "low", "high"),
    [
        ((0, 0, 0, 1, 0), (1, 1, 1, 0, 0), 0.5, 0.731713074098, 1.0),
        ((1, 0, 0, 0, 0), (252, 197, 603, 1221, 2), 0.999999, 0.051167880374, 0.857791210690),
    ],
)
def test_the_limit_is_the_one_furthest_out(group, comparator, confidence, low, high):
    """Where one person makes the distance in errors fall and rise again, the outer limit counts.

    Limits by 33 evenly spaced tilts of -400 to 400, narrowed nine times from outside.
    """
    found = superiority(group, comparator, confidence=confidence)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-10)


def test_nobody_in_a_group():
    """Superiority over nobody is unknown, with the whole range for an interval."""
    found = superiority((0, 0, 0), (1, 2, 3))
    assert isnan(found.value)
    assert (found.low, found.high) == (0, 1)


def test_drawn_tables_agree_with_listed_ones(monkeypatch):
    """The drawn p of three groups lies within 4.5 of its errors of the exact one."""
    table = [(4, 12, 4), (0, 12, 8), (8, 8, 4)]
    exact = permutation_test(table)
    assert exact.method.startswith("exact")
    monkeypatch.setattr("pmstats.findings.methods.permutation.all_tables", lambda *_: None)
    drawn = permutation_test(table)
    assert drawn.simulation_error is not None
    assert abs(drawn.p_value - exact.p_value) < 4.5 * drawn.simulation_error
    assert drawn == permutation_test(table)


def test_the_path_taken_is_named():
    """700 people are exact; 91,950 use the normal law with the exact variance, and say so."""
    assert permutation_test([(15, 210, 77, 45), (20, 210, 77, 46)]).method.startswith("exact")
    large = permutation_test([(9_000, 30_000, 11_000), (8_000, 24_950, 9_000)])
    assert "normal approximation" in large.method


def test_normal_path_agrees_with_exact():
    """Where both are affordable the normal law is within 0.002 of the exact p."""
    test = permutation_test([(30, 330, 120, 70), (25, 300, 130, 75)])
    assert test.method.startswith("exact")
    assert test.p_value == pytest.approx(erfc(test.statistic / sqrt(2)), abs=0.002)
