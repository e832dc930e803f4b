"""Comparisons within grade or unit: pooled over strata, and whether pooling is fair (para 84).

A `Stratum` is two groups' counts in one framing; an ordinal stratum is a table of two rows
(group, comparator) by boxes, worst first. Strata without both groups carry no information
and drop out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import erfc, exp, inf, log, nan, sqrt

import numpy as np
from scipy.special import gammaincc

from pmstats.findings.finding import Interval, TestResult
from pmstats.findings.methods.exact import TIE, Floats
from pmstats.findings.methods.intervals import (
    conditional_odds_ratio,
    crossing,
    difference_variance,
    normal_quantile,
)
from pmstats.findings.methods.permutation import (
    LARGE_GROUP,
    added_up,
    doubled_midranks,
    rank_sum_law,
)
from pmstats.findings.methods.sampling import sampled
from pmstats.findings.methods.tables import Counts, drawn_tables

DIFFERENCE = {
    "score": "Mantel-Haenszel difference (stratified score interval)",
    "sato": "Mantel-Haenszel difference (Sato variance)",
}
VAN_ELTEREN = "permutation of midranks within strata (van Elteren)"

#: Terms the exact law of one stratum, or of all but the largest together, may have.
LAW_LIMIT = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """Two groups in one stratum: how many are in the box, of how many."""

    count_group: int
    n_group: int
    count_comparator: int
    n_comparator: int

    @property
    def informative(self) -> bool:
        """Whether both groups are there."""
        return self.n_group > 0 and self.n_comparator > 0

    @property
    def table(self) -> tuple[int, int, int, int]:
        """Count and n of the group, then of the comparator: what methods of two shares take."""
        return self.count_group, self.n_group, self.count_comparator, self.n_comparator


def mantel_haenszel_difference(
    strata: Iterable[Stratum], *, method: str = "score", confidence: float = 0.95
) -> Interval:
    """The difference of shares within strata, pooled with Mantel-Haenszel weights.

    "score" (default): the limits leave the estimate z standard errors away, each stratum's
    variance being Miettinen and Nurminen's (1985) at that difference. "sato": the variance of
    Sato, Greenland and Robins (1989), which software prints and which is too narrow when a
    group is small in every stratum (calibration). Raises `ValueError` for another method.
    """
    if method not in DIFFERENCE:
        raise ValueError(f"method {method!r} is not one of: {', '.join(DIFFERENCE)}")
    name = DIFFERENCE[method]
    used = [each for each in strata if each.informative]
    if not used:
        return Interval(value=nan, low=-1.0, high=1.0, method=name, confidence=confidence)
    z = normal_quantile(confidence)
    a, n1, c, n0 = _arrays(used)
    weights = n1 * n0 / (n1 + n0)
    value = float((a / n1 - c / n0) @ weights / weights.sum())
    if method == "sato":
        reach = z * _sato_error(used, value)
        low, high = max(-1.0, value - reach), min(1.0, value + reach)
    else:
        shares = (weights / weights.sum()).tolist()
        terms = [(share**2, each.table) for share, each in zip(shares, used, strict=True)]

        def excess(candidate: float) -> float:
            """How far the estimate lies from this difference, less z standard errors."""
            variance = sum(
                weight * difference_variance(*table, candidate) for weight, table in terms
            )
            return abs(value - candidate) - z * sqrt(variance)

        low = crossing(excess, outside=-1.0, inside=value)
        high = crossing(excess, outside=1.0, inside=value)
    return Interval(value=value, low=low, high=high, method=name, confidence=confidence)


def mantel_haenszel_odds_ratio(strata: Iterable[Stratum], *, confidence: float = 0.95) -> Interval:
    """The odds ratio within strata, pooled by Mantel and Haenszel.

    Variance of Robins, Breslow and Greenland (1986). Where a zero makes the ratio 0 or
    infinite the limits are the whole range; `common_odds_ratio` is exact there.
    """
    method = "Mantel-Haenszel odds ratio (Robins-Breslow-Greenland variance)"
    used = [each for each in strata if each.informative]
    a, n1, c, n0 = _arrays(used)
    b, d, n = n1 - a, n0 - c, n1 + n0
    numerator, denominator = a * d / n, b * c / n
    r, s = float(numerator.sum()), float(denominator.sum())
    if r == 0 or s == 0:
        value = nan if r == s else (inf if r else 0.0)
        return Interval(value=value, low=0.0, high=inf, method=method, confidence=confidence)
    agree, differ = (a + d) / n, (b + c) / n
    variance = (
        float(agree @ numerator) / (2 * r * r)
        + float(agree @ denominator + differ @ numerator) / (2 * r * s)
        + float(differ @ denominator) / (2 * s * s)
    )
    reach = normal_quantile(confidence) * sqrt(variance)
    return Interval(
        value=r / s,
        low=exp(log(r / s) - reach),
        high=exp(log(r / s) + reach),
        method=method,
        confidence=confidence,
    )


def common_odds_ratio(strata: Iterable[Stratum], *, confidence: float = 0.95) -> Interval:
    """The conditional maximum likelihood odds ratio over strata, with its exact interval."""
    return conditional_odds_ratio(
        tuple(each.table for each in strata if each.informative),
        "conditional exact, common to the strata",
        confidence,
    )


def homogeneity(strata: Iterable[Stratum]) -> TestResult:
    """Whether one odds ratio fits every stratum: Breslow-Day with Tarone's correction (1985).

    Asked before pooling. Nothing to test with fewer than two strata that have people in and
    out of the box, or without a finite common odds ratio; with an expected count below 1 the
    method says that it is too small to rely on.
    """
    used = [
        each
        for each in strata
        if each.informative
        and 0 < each.count_group + each.count_comparator < each.n_group + each.n_comparator
    ]
    common = mantel_haenszel_odds_ratio(used).value
    if len(used) < 2 or not 0 < common < inf:
        return TestResult(p_value=nan, method="nothing to test: too small to test homogeneity")
    a, n1, c, n0 = _arrays(used)
    expected = _expected_counts(a + c, n1, n0, common)
    cells = expected, n1 - expected, a + c - expected, n0 - a - c + expected
    variance = 1 / np.sum([1 / cell for cell in cells], axis=0)
    statistic = float(((a - expected) ** 2 / variance).sum())
    statistic -= float((a - expected).sum()) ** 2 / float(variance.sum())
    freedom = len(used) - 1
    smallest = min(float(cell.min()) for cell in cells)
    reliance = ", too small to rely on (an expected count below 1)" if smallest < 1 else ""
    return TestResult(
        p_value=float(gammaincc(freedom / 2, max(0.0, statistic) / 2)),
        statistic=statistic,
        method=f"Breslow-Day-Tarone, {freedom} degrees of freedom{reliance}",
    )


def stratified_permutation_test(
    tables: Iterable[Sequence[Sequence[int]] | Counts], *, mid: bool = False
) -> TestResult:
    """Whether two groups differ over ordered boxes within strata, permuting inside each.

    Each stratum's midrank sum counts with weight 1 / (people + 1) (van Elteren 1960);
    two-sided by distance from expectation, and `statistic` is that distance in standard
    deviations. Exact by convolving the strata while that is cheap, otherwise a sample
    of tables, or the normal approximation for large groups. With `mid` what is exactly as far
    counts half (mid-p), which two boxes need: there the plain p is far too large.
    """
    used = [_RankStratum.of(table) for table in map(np.asarray, tables)]
    strata = [each for each in used if each is not None]
    if not strata:
        return TestResult(p_value=nan, method="nothing to test: no stratum has both groups rated")
    deviation = sqrt(sum(each.variance for each in strata))
    distance = abs(sum(each.observed for each in strata))
    statistic = distance / deviation
    edges = [distance - TIE * deviation] + mid * [distance + TIE * deviation]
    kind = f"{VAN_ELTEREN}, mid-p" if mid else VAN_ELTEREN
    tails = _exact_tails(strata, edges)
    if tails is not None:
        p_value = sum(tails) / len(tails)
        return TestResult(p_value=p_value, statistic=statistic, method=f"exact {kind}")
    if sum(each.n for each in strata) >= LARGE_GROUP:
        return TestResult(
            p_value=erfc(statistic / sqrt(2)),
            statistic=statistic,
            method=f"{VAN_ELTEREN}, normal approximation with the exact variance",
        )

    def as_far(draws: int, generator: np.random.Generator) -> Floats:
        sums = np.abs(np.sum([each.drawn(draws, generator) for each in strata], axis=0))
        return np.asarray(np.mean([sums >= edge for edge in edges], axis=0))

    found = sampled(as_far)
    return TestResult(
        p_value=found.p_value,
        statistic=statistic,
        method=f"{kind}, {found.draws:,} tables drawn",
        simulation_error=found.error,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _RankStratum:
    """One stratum's midranks, weighted and centred so that strata add up."""

    columns: Counts
    scores: Floats
    n: int
    observed: float
    variance: float

    @classmethod
    def of(cls, table: Counts) -> _RankStratum | None:
        """The stratum, or None when it holds one group or one box only."""
        columns = table.sum(axis=0)
        used = columns > 0
        n, everyone = int(table[0].sum()), int(columns.sum())
        if n in (0, everyone) or used.sum() < 2:
            return None
        columns = columns[used]
        scores = (doubled_midranks(columns) / 2 - (everyone + 1) / 2) / (everyone + 1)
        spread = float(columns @ scores**2)
        return cls(
            columns=columns,
            scores=scores,
            n=n,
            observed=float(table[0][used] @ scores),
            variance=n * (everyone - n) * spread / (everyone * (everyone - 1)),
        )

    def drawn(self, draws: int, generator: np.random.Generator) -> Floats:
        """Drawn values of the stratum's statistic."""
        rows = np.array([self.n, int(self.columns.sum()) - self.n])
        tables = drawn_tables(rows, self.columns, draws, generator)
        return np.asarray(tables[:, 0, :] @ self.scores)


def _exact_tails(strata: Sequence[_RankStratum], edges: Sequence[float]) -> list[float] | None:
    """The probability that the summed statistic is as far from 0 as each edge; None if too costly.

    All strata but the one with most values are convolved; that one only needs its tails.
    """
    laws = []
    for each in strata:
        law = rank_sum_law(each.columns, each.scores, each.n, LAW_LIMIT)
        if law is None:
            return None
        laws.append(law)
    *others, (last_sums, last_p) = sorted(laws, key=lambda law: law[0].size)
    sums: Floats = np.zeros(1)
    p: Floats = np.ones(1)
    for other_sums, other_p in others:
        if other_sums.size * sums.size > LAW_LIMIT:
            return None
        sums, p = added_up(
            np.add.outer(sums, other_sums).ravel(), np.multiply.outer(p, other_p).ravel()
        )
    below = np.append(0.0, np.cumsum(last_p))
    above = np.append(np.cumsum(last_p[::-1])[::-1], 0.0)
    tails = []
    for edge in edges:
        low = below[np.searchsorted(last_sums, -edge - sums, side="right")]
        high = above[np.searchsorted(last_sums, edge - sums, side="left")]
        tails.append(min(1.0, float(p @ (low + high))))
    return tails


def _sato_error(strata: Sequence[Stratum], difference: float) -> float:
    a, n1, c, n0 = _arrays(strata)
    n = n1 + n0
    first = (n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2
    second = (a * (n0 - c) + c * (n1 - a)) / (2 * n)
    variance = float(difference * first.sum() + second.sum())
    return sqrt(max(0.0, variance)) / float((n1 * n0 / n).sum())


def _expected_counts(totals: Floats, n1: Floats, n0: Floats, odds_ratio: float) -> Floats:
    """The group's counts in the box that the margins and this odds ratio imply."""
    if abs(odds_ratio - 1) < 1e-12:
        return np.asarray(totals * n1 / (n1 + n0))
    linear = (n1 + totals) * odds_ratio + n0 - totals
    root = np.sqrt(linear**2 - 4 * odds_ratio * (odds_ratio - 1) * n1 * totals)
    # the stable form of the quadratic's smaller root
    return np.asarray(2 * odds_ratio * n1 * totals / (linear + root))


def _arrays(strata: Sequence[Stratum]) -> tuple[Floats, Floats, Floats, Floats]:
    a, n1, c, n0 = np.array([each.table for each in strata], dtype=float).reshape(-1, 4).T
    return a, n1, c, n0
