"""Permutation tests of an ordinal table: exact where that is cheap, and named either way."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, nan, prod, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pmstats.findings.finding import TestResult
from pmstats.findings.methods.exact import TIE, Floats, log_ways, split_tails
from pmstats.findings.methods.sampling import sampled
from pmstats.findings.methods.tables import (
    Counts,
    all_tables,
    drawn_tables,
    log_probabilities,
    without_empty,
)

#: Terms an exact two-group test may add up (about a tenth of a second).
TERMS_LIMIT = 2_000_000

#: The smaller group from which a normal approximation replaces drawing tables.
LARGE_GROUP = 200

MIDRANKS = "permutation of midranks, two-sided by distance from expectation"
KRUSKAL_WALLIS = "permutation of the Kruskal-Wallis statistic"


def permutation_test(table: Sequence[Sequence[int]]) -> TestResult:
    """Whether groups (rows) differ over ordered boxes (columns), by permuting people.

    Two groups: the midrank sum of one of them (Wilcoxon), two-sided by its distance from
    expectation; `statistic` is that distance in standard deviations. More groups: the
    Kruskal-Wallis statistic. Exact, by summing over the tables with the same margins, while
    that is cheap; else a sample of tables, or for two large groups the normal
    approximation. `method` says which.

    >>> permutation_test([(8, 90, 10), (36, 1031, 373)]).method
    'exact permutation of midranks, two-sided by distance from expectation'
    """
    counts = without_empty(table)
    if len(counts) < 2:
        return TestResult(p_value=nan, method="nothing to test: fewer than two groups are rated")
    if counts.shape[1] < 2:
        return TestResult(p_value=nan, method="nothing to test: everyone is in one box")
    return _two_groups(counts) if len(counts) == 2 else _several_groups(counts)


def doubled_midranks(columns: Counts) -> Counts:
    """Twice the midrank of each box: whole numbers, so that equal sums are exactly equal."""
    return np.asarray(2 * np.cumsum(columns) - columns + 1)


def rank_sum_law(
    columns: Counts, scores: Floats, n: int, limit: int
) -> tuple[Floats, Floats] | None:
    """Each value the score sum of n of these people can take, and its probability.

    None when more than `limit` tables would have to be listed.
    """
    if prod(int(each) for each in (np.minimum(np.sort(columns), n) + 1)[:-1]) > limit:
        return None
    by_size = np.argsort(columns, kind="stable")
    left, sums, logs = _spread_over(columns, scores, by_size[:-1], n)
    last = by_size[-1]
    keep = left <= columns[last]
    left, sums, logs = left[keep], sums[keep] + left[keep] * scores[last], logs[keep]
    logs = logs + log_ways(int(columns[last]))[left] - log_ways(int(columns.sum()))[n]
    return added_up(sums, np.exp(logs))


def added_up(values: Floats, p: Floats) -> tuple[Floats, Floats]:
    """Each value once, increasing, with its probabilities added up; rounding parts none."""
    order = np.argsort(values, kind="stable")
    values = np.round(values[order], 10)
    first = np.flatnonzero(np.append(True, values[1:] > values[:-1]))
    return values[first], np.add.reduceat(p[order], first)


def _two_groups(counts: Counts) -> TestResult:
    small = counts[0] if counts[0].sum() <= counts[1].sum() else counts[1]
    columns, n = counts.sum(axis=0), int(small.sum())
    everyone, scores = int(columns.sum()), doubled_midranks(columns)
    # everyone x sum - n x total is the distance from expectation, kept in whole numbers
    expected = n * int(columns @ scores)
    distance = abs(everyone * int(small @ scores) - expected)
    spread = float(columns @ (scores * everyone - int(columns @ scores)).astype(float) ** 2)
    deviation = sqrt(n * (everyone - n) * spread / (everyone * (everyone - 1)))
    statistic = distance / deviation
    if _terms(columns, n) <= TERMS_LIMIT:
        return TestResult(
            p_value=_exact_tails(columns, scores, n, distance),
            statistic=statistic,
            method=f"exact {MIDRANKS}",
        )
    if n >= LARGE_GROUP:
        return TestResult(
            p_value=erfc(statistic / sqrt(2)),
            statistic=statistic,
            method=f"{MIDRANKS}, normal approximation with the exact variance",
        )
    rows = np.array([n, everyone - n])

    def as_far(draws: int, generator: np.random.Generator) -> NDArray[np.bool_]:
        sums = drawn_tables(rows, columns, draws, generator)[:, 0, :] @ scores
        return np.asarray(np.abs(everyone * sums - expected) >= distance)

    found = sampled(as_far)
    return TestResult(
        p_value=found.p_value,
        statistic=statistic,
        method=f"{MIDRANKS}, {found.draws:,} tables drawn",
        simulation_error=found.error,
    )


def _several_groups(counts: Counts) -> TestResult:
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    everyone, scores = int(columns.sum()), doubled_midranks(columns)
    centred = scores - (everyone + 1.0)
    scale = (everyone - 1) / float(columns @ centred**2)

    def kruskal_wallis(tables: Counts) -> Floats:
        rank_sums = np.einsum("...rc,c->...r", tables, centred)
        return np.asarray(scale * (rank_sums**2 / rows).sum(axis=-1))

    observed = float(kruskal_wallis(counts))
    threshold = observed * (1 - TIE)
    tables = all_tables(rows, columns)
    if tables is not None:
        p = np.exp(log_probabilities(tables))
        return TestResult(
            p_value=min(1.0, float(p[kruskal_wallis(tables) >= threshold].sum())),
            statistic=observed,
            method=f"exact {KRUSKAL_WALLIS}",
        )
    found = sampled(
        lambda draws, generator: (
            kruskal_wallis(drawn_tables(rows, columns, draws, generator)) >= threshold
        )
    )
    return TestResult(
        p_value=found.p_value,
        statistic=observed,
        method=f"{KRUSKAL_WALLIS}, {found.draws:,} tables drawn",
        simulation_error=found.error,
    )


def _terms(columns: Counts, n: int) -> int:
    """What `_exact_tails` would add up: enumerated boxes, and the table for the other two."""
    reach = np.minimum(np.sort(columns), n) + 1
    return prod(int(each) for each in reach[:-2]) + (n + 1) * int(reach[-2])


def _exact_tails(columns: Counts, scores: Counts, n: int, distance: int) -> float:
    """The probability of a midrank sum at least this far from expectation.

    The group's counts in all boxes but the two fullest are enumerated; what is left over
    splits between those two hypergeometrically, and the sum is linear in that split.
    """
    if distance == 0:
        return 1.0
    everyone = int(columns.sum())
    by_size = np.argsort(columns, kind="stable")
    lower, upper = sorted(int(column) for column in by_size[-2:])
    left, sums, logs = _spread_over(columns, scores, by_size[:-2], n)
    keep = left <= columns[lower] + columns[upper]
    left, sums, logs = left[keep], sums[keep], logs[keep]
    logs = logs + log_ways(int(columns[lower] + columns[upper]))[left] - log_ways(everyone)[n]
    step = everyone * int(scores[upper] - scores[lower])
    offset = everyone * (sums + left * scores[lower]) - n * int(columns @ scores)
    highest_low = (-distance - offset) // step  # at most this many in the upper box: low tail
    lowest_high = -((offset - distance) // step)  # at least this many: high tail
    below, above = split_tails(int(columns[lower]), int(columns[upper]), n)
    width = below.shape[1] - 1
    tails = (
        below[left, np.clip(highest_low + 1, 0, width)]
        + above[left, np.clip(lowest_high, 0, width)]
    )
    return min(1.0, float(np.exp(logs) @ tails))


def _spread_over(
    columns: Counts, scores: NDArray[Any], enumerated: Counts, n: int
) -> tuple[Counts, NDArray[Any], Floats]:
    """Each way to put some of n people in these boxes: those left over, midrank sum, log ways."""
    left, logs = np.array([n]), np.zeros(1)
    sums: NDArray[Any] = np.zeros(1, dtype=scores.dtype)
    for column in enumerated:
        width = np.minimum(left, columns[column]) + 1
        source = np.repeat(np.arange(left.size), width)
        cell = np.arange(width.sum()) - np.repeat(np.cumsum(width) - width, width)
        left, sums, logs = (
            left[source] - cell,
            sums[source] + cell * scores[column],
            logs[source] + log_ways(int(columns[column]))[cell],
        )
    return left, sums, logs
