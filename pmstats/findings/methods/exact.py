"""The laws of counts in a box, and the exact test of one share.

Outcomes are equally likely when their probabilities agree to a relative 1e-7, so that
rounding in the last digit never decides a p-value.
"""

from __future__ import annotations

from functools import lru_cache
from math import nan

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, gammaln, logit

from pmstats.findings.finding import TestResult

Floats = NDArray[np.float64]

#: Relative slack within which two probabilities or two statistics count as tied.
TIE = 1e-7


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
    logs = log_ways(n) + counts * np.log(share) + (n - counts) * np.log1p(-share)
    return np.asarray(np.exp(logs))


def binomial_law(n: int, shares: Floats) -> Floats:
    """Binomial probabilities (shares x counts), the shares 0 and 1 among them."""
    counts = np.arange(n + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.multiply.outer(np.log(shares), counts)
        outside = np.multiply.outer(np.log1p(-shares), n - counts)
    inside[:, 0] = outside[:, -1] = 0.0  # nobody, whatever the share
    return np.asarray(np.exp(log_ways(n) + inside + outside))


def binomial_laws(sizes: NDArray[np.int64], shares: Floats) -> Floats:
    """Binomial probabilities of a size for each row of shares (rows x shares x counts).

    Shares lie strictly inside 0 to 1. A law is 0 beyond its size.
    """
    counts = np.arange(sizes.max() + 1)
    rest = sizes[:, np.newaxis] - counts
    factorials = log_factorials(counts.size)
    ways = factorials[sizes][:, np.newaxis] - factorials[:-1] - factorials[rest]
    ways[rest < 0] = -np.inf
    odds, nobody = logit(shares), sizes[:, np.newaxis] * np.log1p(-shares)
    logs = odds[..., np.newaxis] * counts
    logs += nobody[..., np.newaxis]
    logs += ways[:, np.newaxis]
    return np.asarray(np.exp(logs, out=logs))


def log_factorials(n: int) -> Floats:
    """The logarithms of 0!, 1!, ... n!."""
    return np.asarray(gammaln(np.arange(n + 1) + 1.0))


@lru_cache(maxsize=256)
def log_ways(n: int) -> Floats:
    """The logarithms of n choose 0, 1, ... n; shared between calls, so not to be written to."""
    factorials = log_factorials(n)
    ways: Floats = factorials[-1] - factorials - factorials[::-1]
    ways.flags.writeable = False
    return ways


def split_tails(lower: int, upper: int, n: int) -> tuple[Floats, Floats]:
    """Tails of how many of m people (row) are in the upper of two boxes, for m up to n.

    Column x of the first: the probability of fewer than x; of the second: of x or more.
    """
    width = min(n, upper)
    people = np.arange(n + 1)[:, np.newaxis]
    outside = people - np.arange(width + 1)
    ways_outside = np.append(log_ways(lower), -np.inf)  # the last is what cannot be
    logs = log_ways(upper)[: width + 1] + ways_outside[np.clip(outside, -1, lower + 1)]
    total = log_ways(lower + upper)[np.minimum(people, lower + upper)]
    p = np.exp(logs - total)
    below, above = np.zeros((2, n + 1, width + 2))
    np.cumsum(p, axis=1, out=below[:, 1:])
    np.cumsum(p[:, ::-1], axis=1, out=above[:, -2::-1])
    return below, above


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
        p_value=at_most(p, p[count]),
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


def at_most(p: Floats, observed: float) -> float:
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
