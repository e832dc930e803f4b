"""Every method on every degenerate department: an answer or a named reason, never a warning.

The suite turns warnings into errors, so that calling is the test; what comes back must also
be a p-value between 0 and 1 or nan with a reason, and limits in order.
"""

from itertools import product
from math import isnan

import pytest

from pmstats.counts import breakdowns, distribution
from pmstats.findings import compare_to_curve, disparities, given_grade_and_unit, within_grade
from pmstats.findings.finding import Interval, TestResult, Verdict
from pmstats.findings.methods import (
    association,
    declaration,
    flips,
    goodness,
    intersection,
    intervals,
    moderation,
    ordinal,
    power,
    proportional_odds,
    reconcile,
    shrinkage,
    stratified,
    trajectory,
    two_shares,
    units,
)

NOBODY, ONE, ONE_BOX, GAP_IN_SCALE, MANY = (
    (0, 0, 0, 0),
    (0, 1, 0, 0),
    (0, 7, 0, 0),
    (0, 4, 0, 3),
    (3, 30, 11, 6),
)
ROWS = (NOBODY, ONE, ONE_BOX, GAP_IN_SCALE, MANY)
PAIRS = list(product(ROWS, repeat=2))
SHARES = [(0, 0), (0, 1), (1, 1), (0, 6), (6, 6), (2, 9)]
GUIDE = (0.05, 0.60, 0.22, 0.13)


def sound(result):
    """Whether a test is a p-value or a reason, and an interval has its limits in order."""
    if isinstance(result, TestResult):
        named = result.method.startswith(("nothing to test", "people in a box"))
        return named or 0 <= result.p_value <= 1
    assert isinstance(result, Interval)
    return result.low <= result.high and (
        isnan(result.value) or result.low <= result.value <= result.high
    )


@pytest.mark.parametrize(("group", "comparator"), PAIRS)
def test_two_distributions(group, comparator):
    """Any two distributions over four boxes, empty or in one box."""
    table = [group, comparator]
    for result in (
        ordinal.permutation_test(table),
        ordinal.permutation_test([*table, ONE]),
        *reconcile.compare_scales(group, comparator),
        association.fisher_freeman_halton(table),
        association.chi_square(table),
        stratified.stratified_permutation_test([table, [NOBODY, MANY], [ONE_BOX, ONE_BOX]]),
        proportional_odds.proportional_odds_test(table, [(0.0,), (1.0,)]),
        proportional_odds.proportional_odds(table, [(0.0,), (1.0,)], names=("g",)).odds_ratio("g"),
        goodness.too_good_fit(table, GUIDE),
        goodness.goodness_of_fit(group, GUIDE),
        goodness.most_used(group, 1)[1],
        *goodness.simultaneous_intervals(group),
    ):
        assert sound(result), result
    assert len(proportional_odds.odds_ratios_by_cut(table, [(0.0,), (1.0,)], names=("g",))) < 4
    detectable = power.detectable_superiority(sum(group), comparator)
    assert detectable is None or 0 < detectable <= 0.5
    for distance in (goodness.total_variation, goodness.earth_mover):
        assert isnan(distance(group, comparator)) == (not sum(group) or not sum(comparator))


@pytest.mark.parametrize(("group", "comparator"), list(product(SHARES, repeat=2)))
def test_two_shares(group, comparator):
    """Any two shares: nobody, one person, none, all."""
    table = (*group, *comparator)
    strata = [
        stratified.Stratum(count_group=a, n_group=n, count_comparator=c, n_comparator=m)
        for a, n, c, m in (table, (0, 0, 1, 2), (1, 1, 0, 3))
    ]
    results = [
        two_shares.two_proportions_test(*table, method=name) for name in two_shares.TWO_PROPORTIONS
    ]
    results += [*reconcile.compare_shares(*table), *reconcile.compare_within(strata)]
    results += [intervals.difference_interval(*table, method=m) for m in intervals.DIFFERENCE]
    results += [intervals.share_interval(*group, method=name) for name in intervals.SHARE]
    results += [
        stratified.mantel_haenszel_difference(strata, method=m) for m in stratified.DIFFERENCE
    ]
    results += [
        intervals.ratio_interval(*table),
        intervals.odds_ratio_interval(*table),
        intervals.paired_difference_interval(*sorted(group), group[1] * 2),
        stratified.mantel_haenszel_odds_ratio(strata),
        stratified.common_odds_ratio(strata),
        stratified.homogeneity(strata),
        trajectory.confidence_sequence(*group),
        units.standardised_ratio(*group[:1], (group[1],), (0.3,)),
        units.overdispersion([group[0]] * 15, [group[1]] * 15),
    ]
    for result in results:
        assert sound(result), result
    bounds = declaration.declaration_bounds(*table, count_undeclared=1, n_undeclared=3)
    assert bounds.low <= bounds.high
    declaration.tipping_point(*table, count_undeclared=1, n_undeclared=3)
    moved = flips.flips_with(*table)
    assert moved is None or 1 <= moved <= group[1]
    share = comparator[0] / comparator[1] if comparator[1] else float("nan")
    found = power.detectable_difference(group[1], comparator[1], share_comparator=share)
    assert found is None or 0 < found <= 1


@pytest.mark.parametrize("rows", [[], [NOBODY] * 3, [ONE] * 4, [ONE_BOX] * 4, [GAP_IN_SCALE] * 4])
def test_many_groups(rows):
    """Groups that are empty, single people, or all in one box."""
    if rows:
        shrunk = shrinkage.shrunken_shares(rows)
        assert all(sound(each) for row in shrunk.shares for each in row)
        shrinkage.likeliest_prior(rows)
    counts = [[0, 0], [0, 0]]
    for people in ([[0, 0], [0, 0]], [[1, 0], [0, 9]], [[9, 9], [9, 9]]):
        found = intersection.intersection(counts, people)
        assert all(sound(each) for row in found.shares for each in row)


@pytest.mark.parametrize(
    "table",
    [
        [[0, 0], [0, 0]],
        [[5, 0], [0, 0]],
        [[0, 3], [0, 0]],
        [[0, 1, 0], [0, 0, 0], [2, 0, 0]],
    ],
)
def test_square_tables(table):
    """Nobody, nobody moved, everyone moved one way, an empty box."""
    for result in (
        moderation.up_down_test(table),
        moderation.marginal_homogeneity(table),
        moderation.differential_movement(table, table),
    ):
        assert sound(result), result


#: Departments best box first, the unrated last: what a small export can come to.
DEPARTMENTS = {
    "one person": {"Female": (0, 0, 1, 0, 0)},
    "one group": {"Female": (2, 9, 30, 3, 1)},
    "one box": {"Female": (0, 0, 20, 0, 0), "Male": (0, 0, 30, 0, 0)},
    "an empty box": {"Female": (0, 9, 30, 3, 0), "Male": (0, 12, 33, 1, 0)},
    "nobody rated": {"Female": (0, 0, 0, 0, 20), "Male": (0, 0, 0, 0, 30)},
    "all undeclared": {"Undeclared": (3, 9, 30, 2, 0)},
    "nobody": {"Unknown": (0, 0, 0, 0, 0)},
}


@pytest.mark.parametrize("name", DEPARTMENTS)
def test_whole_departments(name, cohort_of, scs):
    """Curve, groups, grades, shares and units of such a department: a verdict or a reason."""
    cohort = cohort_of(DEPARTMENTS[name])
    overall = distribution(cohort, stage="mid-year")
    curve = compare_to_curve(overall, scheme=scs)
    assert (curve is None) == (overall.n == 0)
    found = disparities(breakdowns(cohort, stage="mid-year"), scheme=scs)
    for each in found.each:
        assert bool(each.primary) != bool(each.reason)
        for finding in each.findings:
            assert finding.verdict in Verdict
            assert finding.sentence
    assert within_grade(cohort, found, stage="mid-year").grades <= 1
    compared = [each for each in found.each if each.primary]
    given = given_grade_and_unit(cohort, found, stage="mid-year")
    assert [bool(one.reason) for one in given.each] == [True] * len(compared)
