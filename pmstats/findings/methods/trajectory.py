"""Change over time: what came from the mix of people, and intervals that survive many looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import lgamma, log, log1p, nan

import numpy as np

from pmstats.findings.finding import Interval

HALVINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Decomposition:
    """A difference of two shares split in two parts that add up to it.

    `composition`: the strata make up different parts of the people. `rates`: people of the
    same stratum are rated differently. `standardised` is both shares at the pooled mix.
    """

    difference: float
    composition: float
    rates: float
    standardised: tuple[float, float]


def kitagawa(
    counts: Sequence[int],
    people: Sequence[int],
    counts_before: Sequence[int],
    people_before: Sequence[int],
) -> Decomposition:
    """The change in a share split into composition and re-rating, by stratum (Kitagawa 1955).

    Each part is weighed by the average of the two times, so there is no interaction. A
    stratum empty at one time has no rate then: it takes the other time's, and counts as
    composition. Nan when either time has nobody.
    """
    now, before = np.asarray(people, dtype=float), np.asarray(people_before, dtype=float)
    if now.sum() == 0 or before.sum() == 0:
        return Decomposition(difference=nan, composition=nan, rates=nan, standardised=(nan, nan))
    rate = np.asarray(counts) / np.maximum(now, 1)
    rate_before = np.asarray(counts_before) / np.maximum(before, 1)
    rate, rate_before = (
        np.where(now > 0, rate, rate_before),
        np.where(before > 0, rate_before, rate),
    )
    mix, mix_before = now / now.sum(), before / before.sum()
    pooled = (now + before) / (now.sum() + before.sum())
    return Decomposition(
        difference=float(mix @ rate - mix_before @ rate_before),
        composition=float((mix - mix_before) @ (rate + rate_before) / 2),
        rates=float((mix + mix_before) @ (rate - rate_before) / 2),
        standardised=(float(pooled @ rate), float(pooled @ rate_before)),
    )


def confidence_sequence(count: int, n: int, *, confidence: float = 0.95) -> Interval:
    """An interval for a share that stays valid however often it is looked at as n grows.

    The share p is kept while the likelihood averaged over a uniform prior is less than
    1 / (1 - confidence) times the likelihood at p (Ville's inequality; Robbins 1970): over
    all looks together, a true share is left out with probability at most 1 - confidence.

    >>> sequence = confidence_sequence(5, 100)
    >>> round(sequence.low, 3), round(sequence.high, 2)
    (0.007, 0.16)
    """
    method = "confidence sequence (uniform mixture)"
    if n == 0:
        return Interval(value=nan, low=0.0, high=1.0, method=method, confidence=confidence)
    mixture = lgamma(count + 1) + lgamma(n - count + 1) - lgamma(n + 2)
    bound = mixture + log(1 - confidence)

    def kept(share: float) -> bool:
        value = count * log(share) if count else 0.0
        return value + ((n - count) * log1p(-share) if n > count else 0.0) >= bound

    value = count / n
    return Interval(
        value=value,
        low=0.0 if count == 0 else _edge(kept, 0.0, value if count < n else 1.0 - 1e-15),
        high=1.0 if count == n else _edge(kept, 1.0, value if count else 1e-15),
        method=method,
        confidence=confidence,
    )


def _edge(kept: Callable[[float], bool], outside: float, inside: float) -> float:
    for _ in range(HALVINGS):
        middle = (outside + inside) / 2
        outside, inside = (outside, middle) if kept(middle) else (middle, inside)
    return inside
