"""The smallest difference that this many people could show, worked out before looking at theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import inf, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit, logit, ndtr, ndtri

from pmstats.findings.methods.exact import (
    TIE,
    Floats,
    binomial_law,
    binomial_probabilities,
    log_choose,
)
from pmstats.findings.methods.intervals import crossing, normal_quantile
from pmstats.findings.methods.ordinal import superiority_variance
from pmstats.findings.methods.outcomes import OUTCOMES_LIMIT, significant_outcomes

if TYPE_CHECKING:
    from pmstats.findings.finding import Interval

#: The tests whose power is known.
TESTS = ("score", "mid-p", "fisher")

#: Steps of the group's share in which the first one that is detectable is sought.
COARSE = 0.01

#: From shares of the group to power, or to how far power lies beyond what is asked.
Curve = Callable[[Floats], Floats]

#: The strongest shift of the whole scale tried, as a log odds ratio.
STRONGEST_SHIFT = 12.0


@lru_cache(maxsize=512)
def detectable_difference(
    n_group: int,
    n_comparator: int,
    *,
    share_comparator: float,
    significance: float = 0.05,
    power: float = 0.80,
    method: str = "score",
) -> float | None:
    """The smallest difference of shares that the two-sided test would show.

    With `power` at least, if the comparator's true share is `share_comparator`; the group's
    share is tried above and below it and the smaller distance given: any smaller difference
    could go unseen in either direction, a larger one in the other direction still may. Power
    is exact, over both binomials (above 250,000 pairs of counts, by the normal approximation).
    None if no share of the group is far enough away. `method` is "score" (default), "mid-p"
    or "fisher".

    >>> round(detectable_difference(10, 90, share_comparator=0.35), 2)
    0.34
    """
    if not (0 <= share_comparator <= 1) or min(n_group, n_comparator) < 1:
        return None
    curve = _power_curve(n_group, n_comparator, share_comparator, significance, method)
    above = _first(lambda step: curve(share_comparator + step) - power, 1 - share_comparator)
    furthest = share_comparator if above is None else min(share_comparator, above)
    below = _first(lambda step: curve(share_comparator - step) - power, furthest)
    return above if below is None else below


def power_of_difference(
    n_group: int,
    n_comparator: int,
    *,
    share_group: float,
    share_comparator: float,
    significance: float = 0.05,
    method: str = "score",
) -> float:
    """The chance that a two-sided test shows this difference: "score", "mid-p" or "fisher"."""
    curve = _power_curve(n_group, n_comparator, share_comparator, significance, method)
    return float(curve(np.array([share_group]))[0])


def _power_curve(
    n_group: int, n_comparator: int, share_comparator: float, significance: float, method: str
) -> Curve:
    """Power as a function of the group's shares."""
    if method not in TESTS:
        raise ValueError(f"power method {method!r} is not one of: {', '.join(TESTS)}")
    if (n_group + 1) * (n_comparator + 1) > OUTCOMES_LIMIT:
        z = normal_quantile(1 - significance)
        return lambda shares: _normal_power(shares, n_group, share_comparator, n_comparator, z)
    rejected = (
        significant_outcomes(n_group, n_comparator, significance)
        if method == "score"
        else _conditional_outcomes(n_group, n_comparator, significance, method)
    )
    chance = rejected @ binomial_probabilities(n_comparator, share_comparator)
    return lambda shares: np.asarray(binomial_law(n_group, shares) @ chance)


@lru_cache(maxsize=512)
def detectable_superiority(
    n_group: int,
    comparator_counts: tuple[int, ...],
    *,
    significance: float = 0.05,
    power: float = 0.80,
) -> float | None:
    """The smallest distance of the probability of superiority from one half that would show.

    The group's true shares are the comparator's (counts, worst box first) moved by a common
    odds ratio, up and down; the smaller distance counts, as for `detectable_difference`. Power
    is that of the permutation test of midranks by its normal approximation, with the variances
    of both groups under the shift and the permutation variance under it for the critical
    value. None if even the strongest shift would not show.
    """
    counts = np.asarray(comparator_counts, dtype=float)
    n_comparator = float(counts.sum())
    if n_group < 1 or n_comparator < 1 or (counts > 0).sum() < 2:
        return None
    counts = counts[counts > 0]
    comparator = counts / n_comparator
    shifts = np.linspace(-STRONGEST_SHIFT, STRONGEST_SHIFT, 1_201)
    cumulative = expit(logit(np.cumsum(comparator)[:-1])[:, np.newaxis] - shifts)
    group = np.diff(cumulative, axis=0, prepend=0.0, append=1.0)  # boxes x shifts
    value, variance = superiority_variance(group, comparator, n_group, n_comparator)
    everyone = n_group + n_comparator
    pooled = (n_group * group + counts[:, np.newaxis]) / everyone
    untied = 1 - (pooled**3).sum(axis=0)
    under_null = untied * (everyone + 1) / (12 * n_group * n_comparator)
    distance = np.abs(value - 0.5)
    critical = normal_quantile(1 - significance) * np.sqrt(under_null)
    reach = (distance - critical) / np.sqrt(np.maximum(variance, 1e-12))
    seen = distance[ndtr(reach) >= power]
    return float(seen.min()) if seen.size else None


def detectable_shares(
    n: int, low: int, high: int, *, power: float = 0.80
) -> tuple[float | None, float | None]:
    """The true shares that a count outside `low` to `high` shows: up to the first, from the second.

    With `power` at least, exact (the inverse of the binomial tail). None on a side where no
    count lies outside.

    >>> below, above = detectable_shares(564, 19, 39)
    >>> round(below, 3), round(above, 3)
    (0.027, 0.08)
    """
    below = float(betaincinv(low, n - low + 1, 1 - power)) if low > 0 else None
    above = float(betaincinv(high + 1, n - high, power)) if high < n else None
    return below, above


def detectable_lead(
    count: int, n: int, *, significance: float = 0.05, power: float = 0.80
) -> float | None:
    """The smallest lead in share of one of two boxes over the other that the score test shows.

    `count` of `n` people stand in either box, and split evenly if nothing differs. By the normal
    approximation to McNemar's test; None where even all of them in one box would not show.

    >>> round(detectable_lead(456, 564), 3)
    0.106
    """
    if not count:
        return None
    both, power_reach = count / n, float(ndtri(power)) ** 2 / n
    critical = normal_quantile(1 - significance) * sqrt(both / n)
    within = critical**2 - (1 + power_reach) * (critical**2 - power_reach * both)
    if within < 0:
        return None
    lead = (critical + sqrt(within)) / (1 + power_reach)
    return lead if lead <= both else None


def detectable_mean(interval: Interval, *, power: float = 0.80) -> float | None:
    """The smallest true value that an interval of this width tells from 0, either way.

    By the normal approximation; None where the interval has no width, or no limits.
    """
    half = (interval.high - interval.low) / 2
    if not 0 < half < inf:
        return None
    return half * (1 + float(ndtri(power)) / normal_quantile(interval.confidence))


def _first(beyond: Curve, limit: float) -> float | None:
    """The smallest step up to `limit` whose power is not `beyond` reach (0 or more)."""
    steps = np.append(np.arange(COARSE, limit, COARSE), limit)
    reached = np.flatnonzero(beyond(steps) >= 0)
    if not reached.size:
        return None
    last = reached[0]
    return crossing(
        lambda step: -float(beyond(np.array([step]))[0]),
        outside=float(steps[last - 1]) if last else 0.0,
        inside=float(steps[last]),
    )


def _normal_power(
    shares: Floats, n_group: int, share_comparator: float, n_comparator: int, z: float
) -> Floats:
    pooled = (n_group * shares + n_comparator * share_comparator) / (n_group + n_comparator)
    under_null = pooled * (1 - pooled) * (1 / n_group + 1 / n_comparator)
    variance = shares * (1 - shares) / n_group
    variance += share_comparator * (1 - share_comparator) / n_comparator
    reach = np.abs(shares - share_comparator) - z * np.sqrt(under_null)
    return np.asarray(ndtr(reach / np.sqrt(np.maximum(variance, 1e-12))))


@lru_cache(maxsize=32)
def _conditional_outcomes(
    n_group: int, n_comparator: int, significance: float, method: str
) -> NDArray[np.float32]:
    """`significant_outcomes` of the two tests that keep the table's margins."""
    if n_group > n_comparator:
        return _conditional_outcomes(n_comparator, n_group, significance, method).T
    group, comparator = np.arange(n_group + 1), np.arange(n_comparator + 1)
    total = group[:, np.newaxis] + comparator
    everyone = n_group + n_comparator
    logs = (
        log_choose(n_group, group)[:, np.newaxis]
        + log_choose(n_comparator, comparator)
        - log_choose(everyone, np.arange(everyone + 1))[total]
    )
    by_total = np.zeros((everyone + 1, n_group + 1))
    places = total * (n_group + 1) + group[:, np.newaxis]
    p = np.exp(logs)
    by_total.ravel()[places] = p
    increasing = np.sort(by_total, axis=1)
    cumulative = np.cumsum(increasing, axis=1)
    # an outcome with an equally likely partner (at most one, the law has one mode) counts it too
    partner = increasing[:, 1:] <= increasing[:, :-1] * (1 + TIE)
    cumulative[:, :-1] = np.where(partner, cumulative[:, 1:], cumulative[:, :-1])
    own = 0.5 if method == "mid-p" else 0.0
    significant = cumulative - own * increasing <= significance
    likeliest = np.where(significant, increasing, -1.0).max(axis=1)
    return np.asarray(p <= likeliest[total] * (1 + TIE), dtype=np.float32)
