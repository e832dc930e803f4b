"""Tests of two shares: right at any n, named when there is nothing to test."""

from __future__ import annotations

from functools import lru_cache
from math import nan

import numpy as np

from pmstats.findings.finding import TestResult
from pmstats.findings.methods.exact import TIE, Floats, at_most, binomial_law, hypergeometric
from pmstats.findings.methods.score import score_p

TWO_PROPORTIONS = {
    "score": "score test, its tail added up over both binomials near the pooled share",
    "mid-p": "exact conditional mid-p, two-sided by minimum likelihood",
    "fisher": "Fisher's exact test, two-sided by minimum likelihood",
    "boschloo": "Boschloo's exact unconditional test on Fisher's two-sided p",
}

#: Pairs of counts an unconditional test may enumerate before it is refused as too large.
UNCONDITIONAL_LIMIT = 250_000


def two_proportions_test(
    count_group: int,
    n_group: int,
    count_comparator: int,
    n_comparator: int,
    *,
    method: str = "score",
) -> TestResult:
    """Whether two shares differ: two-sided, by one of four methods.

    "score" (default) is the statistic that Miettinen and Nurminen's interval inverts, its tail
    added up over both binomials (`score.py`): of all these its size is nearest to nominal
    (calibration). "fisher" is the minimum-likelihood bound, never above nominal; "mid-p" is
    that less half the probability of the table observed (Hirji 2006); "boschloo" is
    unconditional, with Fisher's p as its statistic (Boschloo 1970). Raises `ValueError` for
    another method.

    >>> round(two_proportions_test(9, 10, 3, 10).p_value, 4)
    0.008
    """
    if method not in TWO_PROPORTIONS:
        known = ", ".join(TWO_PROPORTIONS)
        raise ValueError(f"two-proportions method {method!r} is not one of: {known}")
    total, everyone = count_group + count_comparator, n_group + n_comparator
    if n_group == 0 or n_comparator == 0:
        return TestResult(p_value=nan, method="nothing to test: a group has nobody rated")
    if total in (0, everyone):
        where = "nobody" if total == 0 else "everyone"
        return TestResult(p_value=nan, method=f"nothing to test: {where} is in the box")
    difference = count_group / n_group - count_comparator / n_comparator
    if method == "boschloo":
        if (n_group + 1) * (n_comparator + 1) > UNCONDITIONAL_LIMIT:
            return TestResult(
                p_value=nan,
                statistic=difference,
                method="nothing to test: groups too large for Boschloo's test by enumeration",
            )
        p_value = _boschloo(count_group, n_group, count_comparator, n_comparator)
    elif method == "score":
        p_value = score_p(count_group, n_group, count_comparator, n_comparator)
    else:
        first, p = hypergeometric(n_group, n_comparator, total)
        observed = float(p[count_group - first])
        p_value = at_most(p, observed) - (observed / 2 if method == "mid-p" else 0.0)
    return TestResult(p_value=p_value, method=TWO_PROPORTIONS[method], statistic=difference)


@lru_cache(maxsize=8)
def _fisher_grid(n_group: int, n_comparator: int) -> Floats:
    """Fisher's two-sided p for every pair of counts, group in rows."""
    grid = np.ones((n_group + 1, n_comparator + 1))
    for total in range(n_group + n_comparator + 1):
        first, p = hypergeometric(n_group, n_comparator, total)
        increasing = np.sort(p)
        cumulative = np.cumsum(increasing)
        last = np.searchsorted(increasing, p * (1 + TIE), side="right") - 1
        counts = np.arange(first, first + p.size)
        grid[counts, total - counts] = cumulative[last]
    return grid


def _boschloo(count_group: int, n_group: int, count_comparator: int, n_comparator: int) -> float:
    """The largest probability, over the common share, of a Fisher p as small as observed."""
    fisher = _fisher_grid(n_group, n_comparator)
    extreme = (fisher <= fisher[count_group, count_comparator] * (1 + TIE)).astype(float)
    low, high, best = 0.0, 1.0, 0.0
    for _ in range(3):  # a grid of shares, then two finer ones round its highest point
        shares = np.linspace(low, high, 401)
        group, comparator = binomial_law(n_group, shares), binomial_law(n_comparator, shares)
        probability = np.einsum("ij,ij->i", group @ extreme, comparator)
        top = int(np.argmax(probability))
        best = max(best, float(probability[top]))
        low, high = shares[max(0, top - 1)], shares[min(shares.size - 1, top + 1)]
    return min(1.0, best)
