"""Moderation: who moved, exactly, and only ever compared from the same start."""

from itertools import product
from math import isnan

import numpy as np
import pytest

from pmstats.findings.methods.moderation import (
    Moves,
    differential_movement,
    marginal_homogeneity,
    moves,
    symmetry,
    up_down_test,
)

STILL = [[3, 0, 0], [0, 9, 0], [0, 0, 4]]


def test_ups_and_downs():
    """Boxes worst first: above the diagonal went up, below it came down."""
    assert moves([[1, 2, 0], [3, 9, 4], [0, 1, 5]]) == Moves(raised=6, lowered=4, unchanged=15)
    assert up_down_test([[1, 8, 0], [0, 9, 1], [0, 0, 5]]).p_value == pytest.approx(2 / 2**9)


def test_nobody_moved():
    """Without a move there is nothing to test, and every test says so."""
    for test in (up_down_test(STILL), marginal_homogeneity(STILL), symmetry(STILL)):
        assert test.method == "nothing to test: nobody moved"
        assert isnan(test.p_value)


def test_marginal_homogeneity_agrees_with_exchanging_people():
    """The exact p is what exchanging the two stages of each mover in turn gives."""
    table = np.array([[2, 3, 0], [1, 4, 2], [0, 0, 3]])
    movers = [(i, j) for i in range(3) for j in range(3) if i != j for _ in range(table[i, j])]

    def statistic(pairs):
        change = np.zeros(3)
        spread = np.zeros((3, 3))
        for start, end in pairs:
            step = np.zeros(3)
            step[start], step[end] = 1, -1
            change, spread = change + step, spread + np.outer(step, step)
        return change @ np.linalg.pinv(spread) @ change

    observed = statistic(movers)
    ways = [
        statistic([(j, i) if swap else (i, j) for (i, j), swap in zip(movers, swaps, strict=True)])
        for swaps in product([False, True], repeat=len(movers))
    ]
    wanted = np.mean([each >= observed * (1 - 1e-7) for each in ways])
    assert marginal_homogeneity(table.tolist()).p_value == pytest.approx(wanted)


def test_an_empty_box_is_no_obstacle():
    """A box nobody used, where Stuart-Maxwell is undefined, changes nothing."""
    table = [[2, 5, 0], [1, 9, 2], [0, 1, 3]]
    padded = [[*row, 0] for row in table] + [[0, 0, 0, 0]]
    assert marginal_homogeneity(padded).p_value == pytest.approx(
        marginal_homogeneity(table).p_value
    )


def test_many_movers_are_drawn():
    """Too many ways to list are drawn, and agree with the chi-square law to 0.02."""
    from scipy.stats import chi2

    table = [[900, 60, 20, 5], [45, 800, 70, 12], [15, 60, 700, 40], [4, 9, 45, 300]]
    test = marginal_homogeneity(table)
    assert test.simulation_error is not None
    assert test.p_value == pytest.approx(chi2.sf(test.statistic, 3), abs=0.02)


def test_symmetry_is_two_exact_sign_tests_by_hand():
    """6 of 6 up between two boxes, 1 of 1 down between two others: Bowker's statistic is 6 + 1.

    Only all six one way, whichever the last goes, is as far from balance: 2 of 64 ways.
    """
    table = [[1, 6, 0], [0, 9, 0], [0, 1, 5]]
    test = symmetry(table)
    assert test.statistic == pytest.approx(7)
    assert test.p_value == pytest.approx(2 / 2**6)


def test_moves_round_in_a_ring_are_seen_by_symmetry_alone():
    """Six people from each box to the next and round again leave every box as it was."""
    table = [[9, 6, 0], [0, 9, 6], [6, 0, 9]]
    assert marginal_homogeneity(table).p_value == pytest.approx(1.0)
    assert symmetry(table).p_value == pytest.approx((2 / 2**6) ** 3)


def test_many_movers_are_drawn_for_symmetry_too():
    """Unaided vision of 3,242 men (Stuart 1953): Bowker's chi-square law gives 0.5746."""
    table = [[821, 112, 85, 35], [116, 494, 145, 27], [72, 151, 583, 87], [43, 34, 106, 331]]
    test = symmetry(table)
    assert test.statistic == pytest.approx(4.76248801151815)
    assert test.p_value == pytest.approx(0.574616649059709, abs=0.01)


def test_one_rule_for_everyone_is_no_difference():
    """Half of every box lowered, groups starting differently: mean shifts differ, p is 1."""
    group = [[0, 0, 0], [2, 2, 0], [0, 8, 8]]
    comparator = [[4, 0, 0], [20, 20, 0], [0, 4, 4]]
    assert differential_movement(group, comparator).p_value == pytest.approx(1)


def test_a_harsher_rule_for_one_group_is_found():
    """From the same box half of one group and none of the other lowered is evidence."""
    group, comparator = [[0, 0], [10, 10]], [[0, 0], [0, 40]]
    test = differential_movement(group, comparator)
    assert test.p_value < 1e-4
    assert "strata are starting boxes" in test.method


def test_groups_that_never_share_a_start():
    """Groups with no starting box in common cannot be compared."""
    assert isnan(differential_movement([[1, 2], [0, 0]], [[0, 0], [3, 1]]).p_value)
