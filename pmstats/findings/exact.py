"""Exact tests of one share and of two shares: right at any n, named when there is nothing to test.

Outcomes are equally likely when their probabilities agree to a relative 1e-7, so that
rounding in the last digit never decides a p-value.
"""

from __future__ import annotations

from functools import lru_cache
from math import nan

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, gammaln, xlog1py, xlogy

from pmstats.findings.finding import TestResult

Floats = NDArray[np.float64]

TWO_PROPORTIONS = {
    "mid-p": "exact conditional mid-p, two-sided by minimum likelihood",
    "fisher": "Fisher's exact test, two-sided by minimum likelihood",
    "boschloo": "Boschloo's exact unconditional test on Fisher's two-sided p",
}

#: Relative slack within which two probabilities or two statistics count as tied.
TIE = 1e-7

#: Pairs of counts an unconditional test may enumerate before it is refused as too large.
UNCONDITIONAL_LIMIT = 250_000


def log_choose(n: object, k: object) -> Floats:
    """The logarithm of n choose k, elementwise; -inf where k is outside 0 to n."""
    whole, part = np.asarray(n, dtype=float), np.asarray(k, dtype=float)
    rest = whole - part
    inside = (part >= 0) & (rest >= 0)
    safe_part, safe_rest = np.where(inside, part, 0.0), np.where(inside, rest, 0.0)
    value = gammaln(whole + 1) - gammaln(safe_part + 1) - gammaln(safe_rest + 1)
    return np.asarray(np.where(inside, value, -np.inf))


def binomial_probabilities(n: int, share: float) -> Floats:
    """The probability of 0, 1, ... n people, each with this share."""
    counts = np.arange(n + 1)
    if share <= 0 or share >= 1:
        return np.asarray(counts == (n if share >= 1 else 0), dtype=float)
    logs = log_choose(n, counts) + counts * np.log(share) + (n - counts) * np.log1p(-share)
    return np.asarray(np.exp(logs))


def hypergeometric(n_group: int, n_comparator: int, total: int) -> tuple[int, Floats]:
    """The smallest possible count of the group, and the probability of it and of each next one.

    `total` people of both groups are in the box; the margins of the table are fixed.
    """
    first, last = max(0, total - n_comparator), min(n_group, total)
    counts = np.arange(first, last + 1)
    logs = log_choose(n_group, counts) + log_choose(n_comparator, total - counts)
    return first, np.exp(logs - log_choose(n_group + n_comparator, total))


def binomial_test(count: int, n: int, *, share: float) -> TestResult:
    """Whether `count` of `n` is compatible with a true `share`: exact, two-sided.

    Adds every outcome no more likely than the one observed (minimum likelihood).

    >>> round(binomial_test(0, 40, share=0.05).p_value, 3)
    0.267
    """
    if n == 0:
        return TestResult(p_value=nan, method="nothing to test: nobody is rated")
    p = binomial_probabilities(n, share)
    return TestResult(
        p_value=_at_most(p, p[count]),
        method="exact binomial, two-sided by minimum likelihood",
        statistic=count / n,
    )


def binomial_range(n: int, *, share: float, coverage: float = 0.95) -> tuple[int, int]:
    """The central range of counts that a true `share` gives among `n` people.

    Each tail beyond the range holds at most half of what `coverage` leaves.

    >>> binomial_range(40, share=0.05)
    (0, 5)
    """
    tail = (1 - coverage) / 2
    return _quantile(n, share, tail), _quantile(n, share, 1 - tail)


def two_proportions_test(
    count_group: int,
    n_group: int,
    count_comparator: int,
    n_comparator: int,
    *,
    method: str = "mid-p",
) -> TestResult:
    """Whether two shares differ: exact, two-sided, by one of three methods.

    "mid-p" (default) is Fisher's minimum-likelihood p less half the probability of the table
    observed (Hirji 2006): its size is nearer to nominal for small groups than doubling the
    smaller mid-tail. "fisher" is the minimum-likelihood bound, never above nominal.
    "boschloo" is unconditional, with that p as its statistic (Boschloo 1970).
    Raises `ValueError` for another method.

    >>> round(two_proportions_test(9, 10, 3, 10).p_value, 4)
    0.015
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
    else:
        first, p = hypergeometric(n_group, n_comparator, total)
        observed = float(p[count_group - first])
        p_value = _at_most(p, observed) - (observed / 2 if method == "mid-p" else 0.0)
    return TestResult(p_value=p_value, method=TWO_PROPORTIONS[method], statistic=difference)


def _at_most(p: Floats, observed: float) -> float:
    """The probability of every outcome no more likely than the one observed."""
    return min(1.0, float(p[p <= observed * (1 + TIE)].sum()))


def _quantile(n: int, share: float, level: float) -> int:
    """The smallest count whose cumulative probability reaches `level`."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if bdtr(middle, n, share) >= level - 1e-12:
            high = middle
        else:
            low = middle + 1
    return low


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
        group, comparator = _at_each(n_group, shares), _at_each(n_comparator, shares)
        probability = np.einsum("ij,ij->i", group @ extreme, comparator)
        top = int(np.argmax(probability))
        best = max(best, float(probability[top]))
        low, high = shares[max(0, top - 1)], shares[min(shares.size - 1, top + 1)]
    return min(1.0, best)


def _at_each(n: int, shares: Floats) -> Floats:
    """Binomial probabilities (shares x counts); xlogy keeps the shares 0 and 1 exact."""
    counts, column = np.arange(n + 1), shares[:, np.newaxis]
    logs = log_choose(n, counts) + xlogy(counts, column) + xlog1py(n - counts, -column)
    return np.asarray(np.exp(logs))
