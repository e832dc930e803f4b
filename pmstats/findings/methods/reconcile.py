"""Intervals that agree with the test beside them, so that a reader meets one answer.

An interval and an exact test of the same two groups can fall either side of the line when the
evidence lies on it. Then the interval's standard error is scaled until both say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import isnan

from scipy.special import ndtr

from pmstats.findings.finding import Interval, TestResult
from pmstats.findings.methods.intervals import difference_interval, normal_quantile
from pmstats.findings.methods.ordinal import superiority
from pmstats.findings.methods.permutation import permutation_test
from pmstats.findings.methods.stratified import (
    Stratum,
    mantel_haenszel_difference,
    stratified_permutation_test,
)
from pmstats.findings.methods.two_shares import two_proportions_test

#: The widest and the narrowest interval tried, in standard errors, and halvings between them.
REACH, HALVINGS = 8.0, 40

#: The smallest p that scales an interval: any smaller never disagrees with one.
SMALLEST_P = 1e-12


def compare_shares(
    count_group: int,
    n_group: int,
    count_comparator: int,
    n_comparator: int,
    *,
    confidence: float = 0.95,
) -> tuple[Interval, TestResult]:
    """The difference of two shares with its interval, and the test that agrees with it.

    >>> interval, test = compare_shares(2, 5, 2, 55)
    >>> test.p_value <= 0.05, 0.0 in interval
    (True, False)
    """
    table = (count_group, n_group, count_comparator, n_comparator)
    test = two_proportions_test(*table)
    interval = reconciled(
        lambda level: difference_interval(*table, confidence=level),
        test.p_value,
        null=0.0,
        confidence=confidence,
    )
    return interval, test


def compare_scales(
    group_counts: Sequence[int],
    comparator_counts: Sequence[int],
    *,
    test: TestResult | None = None,
    confidence: float = 0.95,
) -> tuple[Interval, TestResult]:
    """The probability of superiority (counts worst box first) and the permutation test.

    The test of the two may be given where it has been made already.
    """
    test = test or permutation_test((group_counts, comparator_counts))
    interval = reconciled(
        lambda level: superiority(group_counts, comparator_counts, confidence=level),
        test.p_value,
        null=0.5,
        confidence=confidence,
    )
    return interval, test


def compare_within(
    strata: Sequence[Stratum], *, confidence: float = 0.95
) -> tuple[Interval, TestResult]:
    """The difference of shares within strata, and the test that permutes people inside each."""
    tables = [
        (
            (each.n_group - each.count_group, each.count_group),
            (each.n_comparator - each.count_comparator, each.count_comparator),
        )
        for each in strata
    ]
    test = stratified_permutation_test(tables, mid=True)
    interval = reconciled(
        lambda level: mantel_haenszel_difference(strata, confidence=level),
        test.p_value,
        null=0.0,
        confidence=confidence,
    )
    return interval, test


def reconciled(
    interval_at: Callable[[float], Interval], p_value: float, *, null: float, confidence: float
) -> Interval:
    """The interval at this confidence, scaled where it and the p-value disagree about `null`.

    `interval_at` gives the interval at any confidence. The scale makes the interval reach
    `null` exactly where the p-value would be one minus the confidence; `method` says so.
    """
    found = interval_at(confidence)
    if isnan(p_value) or isnan(found.value):
        return found
    if (p_value <= 1 - confidence) == (null not in found):
        return found
    low, high = 0.0, REACH
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if null in interval_at(_confidence(middle)) else (middle, high)
    needed = normal_quantile(1 - max(p_value, SMALLEST_P))
    scale = high / needed if needed else 1.0
    scaled = interval_at(_confidence(normal_quantile(confidence) * scale))
    return replace(
        scaled, confidence=confidence, method=f"{scaled.method}, scaled to agree with the test"
    )


def _confidence(errors: float) -> float:
    """The confidence of an interval that reaches this many standard errors either way."""
    return float(1 - 2 * ndtr(-errors))
