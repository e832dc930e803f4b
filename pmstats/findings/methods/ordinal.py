"""Two groups over the whole scale: the probability of superiority, and whether it is chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import exp, nan, sqrt
from typing import Any

import numpy as np

from pmstats.findings.finding import Interval
from pmstats.findings.methods.exact import Floats
from pmstats.findings.methods.intervals import crossing, normal_quantile
from pmstats.findings.methods.permutation import permutation_test

__all__ = ["permutation_test", "superiority", "superiority_of"]

METHOD = "score interval on tilted shares"

#: People's worth of the pooled shares lent to each group, so that none sits in one box.
LENT = 2.0

#: People added to each box of the pooled shares, so that an unused box stays possible.
ADDED = 0.1

#: Tilts tried before a limit is sought between two of them, closest where limits mostly lie.
TILTS = 400.0 * np.linspace(-1.0, 1.0, 257) ** 3

#: A value this near to a limit is within it: rounding never decides.
ROUNDING = 1e-13


def superiority(
    group_counts: Sequence[int], comparator_counts: Sequence[int], *, confidence: float = 0.95
) -> Interval:
    """The chance that a person of the group is rated above one of the comparator, ties half.

    Counts are by box, worst first; 0.5 means no difference. A limit is the value whose
    distance from the estimate is z standard errors, the error being that of two multinomials
    tilted along the scale until they have that value: the score interval of Miettinen and
    Nurminen (1985) carried to ordered boxes. The multinomials start from each group's own
    shares with two people's worth of the pooled shares added, so the interval neither
    collapses when a group sits in one box nor assumes that both groups spread alike.

    >>> interval = superiority((0, 5, 0, 0), (2, 30, 8, 5))
    >>> round(interval.value, 2), round(interval.low, 2), round(interval.high, 2)
    (0.38, 0.24, 0.62)
    """
    group = np.asarray(group_counts, dtype=float)
    comparator = np.asarray(comparator_counts, dtype=float)
    if group.sum() == 0 or comparator.sum() == 0:
        return Interval(value=nan, low=0.0, high=1.0, method=METHOD, confidence=confidence)
    estimate = superiority_of(group, comparator)
    low, high = _limits(group, comparator, estimate, normal_quantile(confidence))
    return Interval(
        value=estimate,
        low=min(low, estimate),
        high=max(high, estimate),
        method=METHOD,
        confidence=confidence,
    )


def superiority_of(group: Floats, comparator: Floats) -> float:
    """The probability of superiority of one set of counts or shares over another."""
    below = np.cumsum(comparator) - comparator / 2
    return float(group @ below / (group.sum() * comparator.sum()))


def superiority_variance(
    group: Iterable[Any], comparator: Iterable[Any], n_group: float, n_comparator: float
) -> tuple[Any, Any]:
    """The superiority of shares by box, worst first, and the variance of its estimate at these n.

    The exact variance of the Mann-Whitney statistic of two multinomials, ties counted half;
    rounding may take it below 0. A box's share is a number, or an array of many at once.
    """
    below: Any = 0.0
    above: Any = 1.0
    value: Any = 0.0
    of_group: Any = 0.0
    of_comparator: Any = 0.0
    tied: Any = 0.0
    for own, other in zip(group, comparator, strict=True):
        beaten, beating = below + other / 2, above - own / 2
        value = value + own * beaten
        of_group = of_group + own * beaten * beaten
        of_comparator = of_comparator + other * beating * beating
        tied = tied + own * other
        below, above = below + other, above - own
    square = value * value
    total = (n_comparator - 1) * (of_group - square) + (n_group - 1) * (of_comparator - square)
    return value, (total + value - tied / 4 - square) / (n_group * n_comparator)


def _limits(group: Floats, comparator: Floats, estimate: float, z: float) -> tuple[float, float]:
    n_group, n_comparator = float(group.sum()), float(comparator.sum())
    everyone = n_group + n_comparator
    pooled = group + comparator + ADDED
    pooled /= pooled.sum()
    scores = (np.cumsum(pooled) - pooled / 2).tolist()
    own = np.log((group + LENT * pooled) / (n_group + LENT)).tolist()
    other = np.log((comparator + LENT * pooled) / (n_comparator + LENT)).tolist()
    small_sample = 1 + 1 / (min(n_group, n_comparator) - 1 + LENT)

    def at(tilt: float | Floats, exp: Callable[[Any], Any] = exp) -> tuple[Any, Any]:
        """The value of the shares tilted so far, and the variance of its estimate there."""
        return superiority_variance(
            _tilted(own, scores, tilt * n_comparator / everyone, exp),
            _tilted(other, scores, -tilt * n_group / everyone, exp),
            n_group,
            n_comparator,
        )

    values, variances = at(TILTS, np.exp)
    reaches = z * np.sqrt(np.maximum(variances, 0.0) * small_sample) + ROUNDING

    def limit(towards: int) -> float:
        """The first value from outside, going up (1) or down (-1), that is z errors away."""
        tilts, inside = TILTS[::towards], (towards * (estimate - values) <= reaches)[::towards]

        def excess(tilt: float) -> float:
            value, variance = at(tilt)
            reach = z * sqrt(max(0.0, variance) * small_sample) + ROUNDING
            return float(towards * (estimate - value) - reach)

        first = int(inside.argmax())
        outside = float(tilts[max(first - 1, 0)])
        return float(at(crossing(excess, outside=outside, inside=float(tilts[first])))[0])

    return limit(1), limit(-1)


def _tilted(
    logs: Sequence[float],
    scores: Sequence[float],
    tilt: float | Floats,
    exp: Callable[[Any], Any],
) -> list[Any]:
    """Shares given by their logarithms, tilted along the scale: once, or by many tilts."""
    shares = [exp(log + tilt * score) for log, score in zip(logs, scores, strict=True)]
    total = sum(shares)
    return [share / total for share in shares]
