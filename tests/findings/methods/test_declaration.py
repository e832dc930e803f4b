"""What the undeclared could do, and how few people decide a comparison."""

from itertools import product
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmstats.findings.methods.declaration import declaration_bounds, tipping_point
from pmstats.findings.methods.flips import flips_with
from pmstats.findings.methods.two_shares import two_proportions_test


def significant(table):
    """Whether the p of a table is at or below 5%."""
    p_value = two_proportions_test(*table).p_value
    return not isnan(p_value) and p_value <= 0.05


@given(st.data())
def test_bounds_hold_every_assignment(data):
    """No way to share the undeclared between the two groups goes beyond the bounds."""
    n_group, n_other = data.draw(st.integers(1, 8)), data.draw(st.integers(1, 8))
    inside, outside = data.draw(st.integers(0, 4)), data.draw(st.integers(0, 4))
    count, other = data.draw(st.integers(0, n_group)), data.draw(st.integers(0, n_other))
    bounds = declaration_bounds(
        count, n_group, other, n_other, count_undeclared=inside, n_undeclared=inside + outside
    )
    differences = [
        (count + i) / (n_group + i + o)
        - (other + inside - i) / (n_other + inside - i + outside - o)
        for i, o in product(range(inside + 1), range(outside + 1))
    ]
    assert bounds.low == pytest.approx(min(differences))
    assert bounds.high == pytest.approx(max(differences))
    assert bounds.low - 1e-12 <= bounds.value <= bounds.high + 1e-12


def test_an_empty_group_could_be_anything():
    """A group nobody has declared for has no difference, and bounds of -1 and 1 or nearly."""
    bounds = declaration_bounds(0, 0, 10, 40, count_undeclared=0, n_undeclared=0)
    assert isnan(bounds.value)
    assert (bounds.low, bounds.high) == (-1, 1)


def test_the_tipping_point_tips():
    """At the point the evidence turns, and with one person fewer it does not."""
    table, undeclared = (9, 20, 40, 180), {"count_undeclared": 12, "n_undeclared": 30}
    point = tipping_point(*table, **undeclared)
    assert point is not None
    moved = (
        table[0] + point.group_in,
        table[1] + point.group_in + point.group_out,
        table[2] + point.comparator_in,
        table[3] + point.comparator_in + point.comparator_out,
    )
    assert significant(moved) != significant(table)
    one_less = (moved[0] - 1, moved[1] - 1, *moved[2:])
    if point.group_out:
        one_less = (moved[0], moved[1] - 1, *moved[2:])
    assert significant(one_less) == significant(table)


def test_no_undeclared_no_tipping_point():
    """With everyone declared nothing can tip."""
    assert tipping_point(9, 20, 40, 180, count_undeclared=0, n_undeclared=0) is None


@given(st.integers(0, 12), st.integers(0, 20))
def test_flips_is_the_smallest_number(count, other):
    """No smaller move turns the evidence, and the one given does, for 12 people against 20."""
    table = (count, 12, other, 20)
    turning = [
        abs(moved - count)
        for moved in range(13)
        if significant((moved, 12, other, 20)) != significant(table)
    ]
    assert flips_with(*table) == min(turning, default=None)


def test_flips_do_not_depend_on_how_they_are_found(monkeypatch):
    """Table by table, as for large groups, the number is that of marking every outcome."""
    tables = [(3, 12, 9, 40), (0, 40, 7, 33), (20, 40, 2, 9), (6, 6, 5, 30)]
    marked = [flips_with(*table) for table in tables]
    monkeypatch.setattr("pmstats.findings.methods.flips.OUTCOMES_LIMIT", 0)
    assert marked == [flips_with(*table) for table in tables]


def test_two_people_cannot_be_turned():
    """A pair against two others can never be significant, so no number flips it."""
    assert flips_with(1, 2, 1, 2) is None
