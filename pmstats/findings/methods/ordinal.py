"""Two groups over the whole scale: the probability of superiority, and whether it is chance."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np

from pmstats.findings.finding import Interval
from pmstats.findings.methods.exact import Floats
from pmstats.findings.methods.intervals import normal_quantile
from pmstats.findings.methods.permutation import permutation_test

__all__ = ["permutation_test", "superiority", "superiority_of"]

METHOD = "score interval on tilted shares"

#: People's worth of the pooled shares lent to each group, so that none sits in one box.
LENT = 2.0

#: People added to each box of the pooled shares, so that an unused box stays possible.
ADDED = 0.1

#: The strongest tilt tried, and how the search for a limit narrows.
TILT, POINTS, ROUNDS = 400.0, 33, 9
STEPS = np.linspace(0, 1, POINTS)


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
    group: Floats, comparator: Floats, n_group: float, n_comparator: float
) -> tuple[Floats, Floats]:
    """The superiority of shares (last axis) and the variance of its estimate at these n.

    The exact variance of the Mann-Whitney statistic of two multinomials, ties counted half.
    """
    beaten = np.cumsum(comparator, axis=-1) - comparator / 2
    beating = 1 - np.cumsum(group, axis=-1) + group / 2
    value = (group * beaten).sum(axis=-1)
    of_group = (group * beaten**2).sum(axis=-1) - value**2
    of_comparator = (comparator * beating**2).sum(axis=-1) - value**2
    of_pair = value - (group * comparator).sum(axis=-1) / 4 - value**2
    total = (n_comparator - 1) * of_group + (n_group - 1) * of_comparator + of_pair
    return value, np.maximum(total, 0.0) / (n_group * n_comparator)


def _limits(group: Floats, comparator: Floats, estimate: float, z: float) -> tuple[float, float]:
    n_group, n_comparator = float(group.sum()), float(comparator.sum())
    everyone = n_group + n_comparator
    pooled = group + comparator + ADDED
    pooled /= pooled.sum()
    scores = np.cumsum(pooled) - pooled / 2
    starts = np.log(
        [
            (group + LENT * pooled) / (n_group + LENT),
            (comparator + LENT * pooled) / (n_comparator + LENT),
        ]
    )[:, np.newaxis, np.newaxis]
    weights = np.array([n_comparator / everyone, -n_group / everyone])[:, np.newaxis, np.newaxis]
    small_sample = 1 + 1 / (min(n_group, n_comparator) - 1 + LENT)
    towards = np.array([[1.0], [-1.0]])  # the low limit's search runs up, the high limit's down

    def inside(tilt: Floats) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.bool_]], Floats]:
        tilted = starts + (weights * (towards * tilt))[..., np.newaxis] * scores
        p = np.exp(tilted - tilted.max(axis=-1, keepdims=True))
        shares = p / p.sum(axis=-1, keepdims=True)
        value, variance = superiority_variance(shares[0], shares[1], n_group, n_comparator)
        reach = z * np.sqrt(variance * small_sample)
        return towards * (estimate - value) <= reach, value

    low, high = np.full((2, 1), -TILT), np.full((2, 1), TILT)
    value = np.zeros((2, POINTS))
    first, both = np.zeros(2, dtype=np.int64), np.arange(2)
    for _ in range(ROUNDS):
        tilt = low + (high - low) * STEPS
        within, value = inside(tilt)
        first = within.argmax(axis=1)
        high = tilt[both, first][:, np.newaxis]
        low = tilt[both, np.maximum(first - 1, 0)][:, np.newaxis]
    limits = value[both, first]
    return float(limits[0]), float(limits[1])
