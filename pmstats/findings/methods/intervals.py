"""Confidence intervals for a share, a difference, a ratio and an odds ratio of two shares.

All take integer counts, hold their coverage with empty and full boxes, and never warn: where
the data carry no estimate the value is nan and the limits are the whole range.
"""

from __future__ import annotations

from collections.abc import Callable
from math import acos, copysign, cos, exp, inf, log, nan, pi, sqrt

import numpy as np
from scipy.special import betaincinv, ndtri

from pmstats.findings.finding import Interval
from pmstats.findings.methods.exact import Floats, log_choose

SHARE = {
    "wilson": "Wilson score",
    "clopper-pearson": "Clopper-Pearson exact",
    "jeffreys": "Jeffreys",
}
DIFFERENCE = {
    "miettinen-nurminen": "Miettinen-Nurminen score",
    "newcombe": "Newcombe hybrid score (method 10)",
}
RATIO = {"koopman": "Koopman score"}
ODDS_RATIO = {"conditional": "conditional exact"}

#: Steps of a search for a limit: halvings alone reach the last digit of a double in these.
STEPS = 80

#: A bracket this narrow has found its limit.
NARROW = 1e-14


def share_interval(
    count: int, n: int, *, method: str = "wilson", confidence: float = 0.95
) -> Interval:
    """The interval for a share: "wilson" (default), "clopper-pearson" or "jeffreys".

    Jeffreys limits are 0 at a count of 0 and 1 at a count of n (Brown, Cai and DasGupta 2001).
    Raises `ValueError` for another method.

    >>> interval = share_interval(2, 40)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.014, 0.165)
    """
    name = _named(method, SHARE, "share")
    if n == 0:
        return Interval(value=nan, low=0.0, high=1.0, method=name, confidence=confidence)
    tail = (1 - confidence) / 2
    if method == "wilson":
        low, high = wilson_limits(count, n, confidence)
    else:
        added = 0.5 if method == "jeffreys" else 0.0  # Clopper-Pearson adds one, on the far side
        far = 1.0 - added
        low = 0.0 if count == 0 else float(betaincinv(count + added, n - count + far, tail))
        high = 1.0 if count == n else float(betaincinv(count + far, n - count + added, 1 - tail))
    return Interval(value=count / n, low=low, high=high, method=name, confidence=confidence)


def wilson_limits(count: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The Wilson score limits of count out of n (Wilson 1927)."""
    z = normal_quantile(confidence)
    centre = count + z * z / 2
    spread = z * sqrt(count * (n - count) / n + z * z / 4)
    low = 0.0 if count == 0 else (centre - spread) / (n + z * z)
    high = 1.0 if count == n else (centre + spread) / (n + z * z)
    return low, high


def normal_quantile(confidence: float) -> float:
    """Standard errors either side of the estimate for a two-sided interval."""
    return float(ndtri((1 + confidence) / 2))


def difference_interval(
    count_group: int,
    n_group: int,
    count_comparator: int,
    n_comparator: int,
    *,
    method: str = "miettinen-nurminen",
    confidence: float = 0.95,
) -> Interval:
    """The interval for the group's share minus the comparator's.

    "miettinen-nurminen" (default): their score interval of 1985, with the factor N/(N-1), which
    keeps its coverage where Newcombe's is too wide (calibration). "newcombe": Newcombe (1998)
    method 10. Raises `ValueError` for another method.

    >>> interval = difference_interval(56, 70, 48, 80)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.0528, 0.3382)
    """
    name = _named(method, DIFFERENCE, "difference")
    if n_group == 0 or n_comparator == 0:
        return Interval(value=nan, low=-1.0, high=1.0, method=name, confidence=confidence)
    group, comparator = count_group / n_group, count_comparator / n_comparator
    difference = group - comparator
    if method == "newcombe":
        group_low, group_high = wilson_limits(count_group, n_group, confidence)
        low_comparator, high_comparator = wilson_limits(count_comparator, n_comparator, confidence)
        low = difference - sqrt((group - group_low) ** 2 + (high_comparator - comparator) ** 2)
        high = difference + sqrt((group_high - group) ** 2 + (comparator - low_comparator) ** 2)
    else:
        z = normal_quantile(confidence)

        def excess(candidate: float) -> float:
            """How far the estimate lies from this difference, less z standard errors."""
            variance = difference_variance(
                count_group, n_group, count_comparator, n_comparator, candidate
            )
            return abs(difference - candidate) - z * sqrt(variance)

        low = crossing(excess, outside=-1.0, inside=difference)
        high = crossing(excess, outside=1.0, inside=difference)
    return Interval(value=difference, low=low, high=high, method=name, confidence=confidence)


def ratio_interval(
    count_group: int,
    n_group: int,
    count_comparator: int,
    n_comparator: int,
    *,
    method: str = "koopman",
    confidence: float = 0.95,
) -> Interval:
    """The interval for the group's share over the comparator's: "koopman" (1984) score.

    The value is infinite when nobody in the comparator is in the box, nan when nobody at all is.
    Raises `ValueError` for another method.
    """
    name = _named(method, RATIO, "ratio")
    total, everyone = count_group + count_comparator, n_group + n_comparator
    if n_group == 0 or n_comparator == 0 or total == 0:
        return Interval(value=nan, low=0.0, high=inf, method=name, confidence=confidence)
    group, comparator = count_group / n_group, count_comparator / n_comparator
    z = normal_quantile(confidence)

    def excess(candidate_log: float) -> float:
        """How far the estimate lies from this ratio, less z standard errors."""
        ratio = exp(candidate_log)
        linear = n_group * ratio + count_group + n_comparator + count_comparator * ratio
        restricted = 2 * total / (linear + sqrt(max(0.0, linear**2 - 4 * everyone * ratio * total)))
        scaled = min(1.0, ratio * restricted)
        restricted = scaled / ratio
        variance = (
            scaled * (1 - scaled) / n_group
            + ratio**2 * restricted * (1 - restricted) / n_comparator
        )
        return abs(group - ratio * comparator) - z * sqrt(max(0.0, variance))

    ratio = group / comparator if count_comparator else inf
    inside = log(ratio) if 0 < ratio < inf else copysign(40.0, ratio - 1)
    low = 0.0 if count_group == 0 else exp(crossing(excess, outside=-40.0, inside=inside))
    high = inf if count_comparator == 0 else exp(crossing(excess, outside=40.0, inside=inside))
    return Interval(value=ratio, low=low, high=high, method=name, confidence=confidence)


def odds_ratio_interval(
    count_group: int,
    n_group: int,
    count_comparator: int,
    n_comparator: int,
    *,
    method: str = "conditional",
    confidence: float = 0.95,
) -> Interval:
    """The conditional maximum likelihood odds ratio with its exact (central) interval.

    Matches Fisher's exact test by doubled tails, as R's `fisher.test` does, to full precision.
    Raises `ValueError` for another method.
    """
    name = _named(method, ODDS_RATIO, "odds ratio")
    return conditional_odds_ratio(
        ((count_group, n_group, count_comparator, n_comparator),), name, confidence
    )


def conditional_odds_ratio(
    strata: tuple[tuple[int, int, int, int], ...], name: str, confidence: float
) -> Interval:
    """The exact common odds ratio of strata (count, n, comparator's count, its n).

    The group's total over strata, given every margin, is a convolution of noncentral
    hypergeometrics; strata that leave nothing to learn drop out of it.
    """
    first, logs, observed = 0, np.zeros(1), 0
    for count_group, n_group, count_comparator, n_comparator in strata:
        total = count_group + count_comparator
        start, end = max(0, total - n_comparator), min(n_group, total)
        possible = np.arange(start, end + 1)
        logs = _convolved(
            logs, log_choose(n_group, possible) + log_choose(n_comparator, total - possible)
        )
        first, observed = first + start, observed + count_group
    counts = np.arange(first, first + logs.size)
    if counts.size == 1:
        return Interval(value=nan, low=0.0, high=inf, method=name, confidence=confidence)
    tail = (1 - confidence) / 2

    def probability(log_odds: float) -> Floats:
        tilted = logs + counts * log_odds
        p = np.exp(tilted - tilted.max())
        return np.asarray(p / p.sum())

    value, low, high = 0.0, 0.0, inf
    if observed > counts[0]:
        low = exp(_root(lambda odds: float(probability(odds)[counts >= observed].sum()) - tail))
        value = inf
    if observed < counts[-1]:
        high = exp(_root(lambda odds: tail - float(probability(odds)[counts <= observed].sum())))
    if counts[0] < observed < counts[-1]:
        value = exp(_root(lambda odds: float(probability(odds) @ counts) - observed))
    return Interval(value=value, low=low, high=high, method=name, confidence=confidence)


def paired_difference_interval(
    count: int, other: int, n: int, *, confidence: float = 0.95
) -> Interval:
    """The interval for the difference of two shares of one set of people, (count - other) / n.

    Two boxes of one distribution, or the discordant pairs of two ratings of the same people:
    the score interval of Tango (1998).
    """
    method = "Tango score"
    if n == 0:
        return Interval(value=nan, low=-1.0, high=1.0, method=method, confidence=confidence)
    difference, z = (count - other) / n, normal_quantile(confidence)

    def excess(candidate: float) -> float:
        """How far the estimate lies from this difference, less z standard errors."""
        linear = (2 * n - count + other) * candidate - count - other
        constant = -other * candidate * (1 - candidate)
        restricted = (sqrt(max(0.0, linear**2 - 8 * n * constant)) - linear) / (4 * n)
        variance = max(0.0, 2 * restricted + candidate * (1 - candidate)) / n
        return abs(difference - candidate) - z * sqrt(variance)

    return Interval(
        value=difference,
        low=crossing(excess, outside=-1.0, inside=difference),
        high=crossing(excess, outside=1.0, inside=difference),
        method=method,
        confidence=confidence,
    )


def _named(method: str, known: dict[str, str], what: str) -> str:
    if method not in known:
        raise ValueError(f"{what} method {method!r} is not one of: {', '.join(known)}")
    return known[method]


def crossing(excess: Callable[[float], float], *, outside: float, inside: float) -> float:
    """Where `excess` falls to zero between a point outside the interval and one inside it.

    Chandrupatla (1997): inverse quadratic interpolation where it is safe, else a halving.
    """
    newest, value = outside, excess(outside)
    if value <= 0:
        return outside
    other, other_value = inside, excess(inside)
    if other_value >= 0:  # an estimate without error is inside, whatever its rounding says
        other_value = -1.0
    share = 0.5
    for _ in range(STEPS):
        point = newest + share * (other - newest)
        found = excess(point)
        if (found > 0) == (value > 0):
            third, third_value = newest, value
        else:
            third, third_value = other, other_value
            other, other_value = newest, value
        newest, value = point, found
        width = abs(other - newest)
        least = NARROW * max(1.0, abs(newest)) / width if width else 1.0
        if value == 0 or least > 0.5:
            break
        place = (newest - other) / (third - other)
        rise = (value - other_value) / (third_value - other_value)
        if rise**2 < place and (1 - rise) ** 2 < 1 - place:
            to_other = value / (other_value - value) * third_value / (other_value - third_value)
            to_third = value / (third_value - value) * other_value / (third_value - other_value)
            share = to_other + (third - newest) / (other - newest) * to_third
        else:
            share = 0.5
        share = min(1 - least, max(least, share))
    return newest if value <= 0 else other


def _root(increasing: Callable[[float], float], bound: float = 60.0) -> float:
    """Where an increasing function of the log odds ratio crosses zero."""
    low, high = -bound, bound
    for _ in range(STEPS):
        middle = (low + high) / 2
        if increasing(middle) > 0:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def _convolved(logs: Floats, others: Floats) -> Floats:
    """The logarithm of the convolution of two sequences given by their logarithms."""
    if logs.size == 1:
        return np.asarray(others - others.max())
    product = np.convolve(np.exp(logs), np.exp(others - others.max()))
    smallest = np.finfo(float).tiny
    return np.asarray(np.log(np.maximum(product, smallest)) - np.log(product.max()))


def difference_variance(
    count_group: int, n_group: int, count_comparator: int, n_comparator: int, difference: float
) -> float:
    """The variance of the difference of two shares, were it truly this one.

    Miettinen and Nurminen's (1985), at the likeliest shares that differ by it, with their factor
    N/(N-1).
    """
    everyone = n_group + n_comparator
    comparator = _restricted_share(count_group, n_group, count_comparator, n_comparator, difference)
    group = comparator + difference
    variance = group * (1 - group) / n_group + comparator * (1 - comparator) / n_comparator
    return max(0.0, variance) * everyone / (everyone - 1)


def _restricted_share(
    count_group: int, n_group: int, count_comparator: int, n_comparator: int, difference: float
) -> float:
    """The likeliest comparator share when the shares differ by exactly `difference`.

    The closed root of Miettinen and Nurminen's cubic, kept inside what is possible.
    """
    everyone, total = n_group + n_comparator, count_group + count_comparator
    # x^3 + 3bx^2 + 3cx + 2d = 0
    b = ((n_group + 2 * n_comparator) * difference - everyone - total) / (3 * everyone)
    c = (n_comparator * difference - everyone - 2 * count_comparator) * difference + total
    c /= 3 * everyone
    d = count_comparator * difference * (1 - difference) / (2 * everyone)
    v = b**3 - 1.5 * b * c + d
    u = copysign(sqrt(max(0.0, b * b - c)), v)
    root = 2 * u * cos((pi + acos(min(1.0, v / u**3))) / 3) - b if u else -b
    return min(1.0, 1.0 - difference, max(0.0, -difference, root))
