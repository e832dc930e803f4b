"""Within grade and unit: pooled effects, the permutation test, and tables too small to pool."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmstats.findings.finding import Interval, Verdict
from pmstats.findings.methods.intervals import difference_interval
from pmstats.findings.methods.permutation import permutation_test
from pmstats.findings.methods.simpson import simpson_sentence
from pmstats.findings.methods.stratified import (
    Stratum,
    common_odds_ratio,
    homogeneity,
    mantel_haenszel_difference,
    mantel_haenszel_odds_ratio,
    stratified_permutation_test,
)

#: Admissions to Berkeley by department, women then men (Bickel and others, Science 1975).
BERKELEY = [
    (89, 108, 512, 825),
    (17, 25, 353, 560),
    (202, 593, 120, 325),
    (131, 375, 138, 417),
    (94, 393, 53, 191),
    (24, 341, 22, 373),
]


def strata(rows):
    """Strata from (count, n, comparator's count, its n)."""
    names = ("count_group", "n_group", "count_comparator", "n_comparator")
    return [Stratum(**dict(zip(names, row, strict=True))) for row in rows]


def test_berkeley_reverses():
    """Women are admitted 14 points less overall, and slightly more within departments."""
    crude = strata([tuple(sum(column) for column in zip(*BERKELEY, strict=True))])
    overall = mantel_haenszel_difference(crude)
    within = mantel_haenszel_difference(strata(BERKELEY))
    assert overall.value == pytest.approx(-0.1416, abs=1e-4)
    assert within.value > 0
    sentence = simpson_sentence(
        crude=overall,
        adjusted=within,
        crude_verdict=Verdict.GAP,
        adjusted_verdict=Verdict.CANNOT_TELL,
        null=0.0,
        stratum="department",
    )
    assert sentence.startswith("The direction reverses within department")


def test_no_sentence_when_nothing_changes():
    """Crude and adjusted of one direction and one verdict need no explanation."""
    same = Interval(value=0.1, low=-0.1, high=0.3, method="made up")
    verdict = Verdict.CANNOT_TELL
    assert not simpson_sentence(
        crude=same, adjusted=same, crude_verdict=verdict, adjusted_verdict=verdict, null=0.0
    )


def test_a_change_of_verdict_is_said():
    """One direction but another verdict names both."""
    same = Interval(value=0.1, low=-0.1, high=0.3, method="made up")
    sentence = simpson_sentence(
        crude=same,
        adjusted=same,
        crude_verdict=Verdict.GAP,
        adjusted_verdict=Verdict.CANNOT_TELL,
        null=0.0,
    )
    assert "gap" in sentence
    assert "cannot tell" in sentence


def test_strata_without_both_groups_drop_out():
    """A grade with one group only changes nothing."""
    added = strata([*BERKELEY, (0, 0, 5, 9), (3, 4, 0, 0), (0, 0, 0, 0)])
    for pooled in (mantel_haenszel_difference, mantel_haenszel_odds_ratio, common_odds_ratio):
        assert pooled(added) == pooled(strata(BERKELEY))
    assert homogeneity(added) == homogeneity(strata(BERKELEY))


@pytest.mark.parametrize("rows", [[], [(0, 0, 1, 5)], [(0, 4, 0, 9)], [(4, 4, 9, 9), (1, 1, 2, 2)]])
def test_nothing_to_pool(rows):
    """No stratum with both groups and both answers: wide limits and a named non-test."""
    assert (
        mantel_haenszel_difference(strata(rows)).low
        <= mantel_haenszel_difference(strata(rows)).high
    )
    assert isnan(mantel_haenszel_odds_ratio(strata(rows)).value)
    assert isnan(common_odds_ratio(strata(rows)).value)
    assert homogeneity(strata(rows)).method.startswith("nothing to test: too small")


def test_sparse_strata_say_so():
    """An expected count below one is named, beside the p-value it makes doubtful."""
    assert "too small to rely on" in homogeneity(strata([(1, 2, 0, 20), (0, 2, 1, 20)])).method


def test_one_stratum_is_the_plain_test():
    """Within one stratum the stratified permutation p is the ordinary one."""
    table = [(2, 9, 3, 1), (4, 30, 12, 8)]
    assert stratified_permutation_test([table]).p_value == pytest.approx(
        permutation_test(table).p_value, rel=1e-9
    )


row = st.lists(st.integers(0, 3), min_size=3, max_size=3)


@given(st.lists(st.tuples(row, row), min_size=1, max_size=3))
@settings(deadline=None)
def test_stratified_symmetries(tables):
    """Swapping groups, reversing the scale or reordering strata changes no p-value."""
    p_value = stratified_permutation_test(tables).p_value
    for other in (
        [(b, a) for a, b in tables],
        [(a[::-1], b[::-1]) for a, b in tables],
        tables[::-1],
    ):
        assert stratified_permutation_test(other).p_value == pytest.approx(
            p_value, rel=1e-7, nan_ok=True
        )


def test_listed_drawn_and_normal_paths_agree(monkeypatch):
    """The three ways to the stratified p-value give one answer, to their errors."""
    tables = [[(3, 20, 9, 4), (5, 40, 12, 10)], [(1, 9, 5, 5), (4, 22, 6, 3)]]
    exact = stratified_permutation_test(tables)
    assert exact.method.startswith("exact")
    monkeypatch.setattr("pmstats.findings.methods.stratified.LAW_LIMIT", 1)
    drawn = stratified_permutation_test(tables)
    assert drawn.simulation_error is not None
    assert abs(drawn.p_value - exact.p_value) < 4.5 * drawn.simulation_error
    monkeypatch.setattr("pmstats.findings.methods.stratified.LARGE_GROUP", 1)
    normal = stratified_permutation_test(tables)
    assert "normal" in normal.method
    assert normal.p_value == pytest.approx(exact.p_value, abs=0.01)


def test_no_stratum_has_both_groups():
    """Grades that never hold both groups leave nothing to permute."""
    tables = [[(1, 2), (0, 0)], [(0, 0), (3, 1)], [(0, 4), (0, 2)]]
    assert stratified_permutation_test(tables).method.startswith("nothing to test")


def test_pooled_interval_covers_where_sato_does_not():
    """Six people of 60 over three grades, no gap: ours holds 0 in 93% or more, Sato's in less."""
    generator = np.random.default_rng(3)
    ours, sato = [], []
    for _ in range(800):
        grades = generator.multinomial(60, (0.80, 0.16, 0.04))
        groups = generator.binomial(grades, 0.1)
        own = generator.binomial(groups, (0.3, 0.4, 0.5))
        other = generator.binomial(grades - groups, (0.3, 0.4, 0.5))
        table = strata(
            [tuple(map(int, row)) for row in zip(own, groups, other, grades - groups, strict=True)]
        )
        ours.append(0.0 in mantel_haenszel_difference(table))
        sato.append(0.0 in mantel_haenszel_difference(table, method="sato"))
    assert 0.93 <= np.mean(ours) <= 0.99
    assert np.mean(sato) < 0.88


def test_one_stratum_pools_to_miettinen_nurminen():
    """Within a single stratum the pooled score interval is Miettinen and Nurminen's."""
    pooled = mantel_haenszel_difference(strata([(56, 70, 48, 80)]))
    alone = difference_interval(56, 70, 48, 80, method="miettinen-nurminen")
    assert (pooled.low, pooled.high) == pytest.approx((alone.low, alone.high))


def test_unknown_pooling_lists_the_known():
    """A misspelt method names the two there are."""
    with pytest.raises(ValueError, match="score, sato"):
        mantel_haenszel_difference(strata(BERKELEY), method="wald")
