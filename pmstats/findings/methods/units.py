"""Units beside each other without a ranking: what chance alone allows at each one's size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import floor, inf, nan

import numpy as np
from scipy.special import expit, gammaincc, logit

from pmstats.findings.finding import Interval, TestResult
from pmstats.findings.methods.exact import Floats, binomial_probabilities, binomial_range

#: Units below which over-dispersion cannot be told from chance.
LEAST_UNITS = 15

#: The part of units pulled in at each end before over-dispersion is measured.
WINSORISED = 0.1

HALVINGS = 80


def funnel_limits(n: int, *, share: float, coverage: float = 0.95) -> tuple[float, float]:
    """The shares between which a unit of n people falls by chance, exact (0.95 and 0.998).

    Whole counts, divided by n: a unit is beyond the limits only when its count is. The
    arcsine and normal limits in common use go below 0 or flag none of 20 as low.

    >>> funnel_limits(20, share=0.05)
    (0.0, 0.15)
    """
    if n == 0:
        return 0.0, 1.0
    low, high = binomial_range(n, share=share, coverage=coverage)
    return low / n, high / n


def standardised_ratio(
    count: int,
    people: Sequence[int],
    standard: Sequence[float],
    *,
    confidence: float = 0.95,
) -> Interval:
    """The unit's count over what its own mix (of grades) would give at the standard shares.

    `people` and `standard` are by grade. The interval is exact: the count is a sum of
    binomials whose odds all move by one factor until the tail is half of what is left over.
    Nan where nobody is expected in the box.
    """
    method = "indirect standardisation, exact interval"
    used = [(n, share) for n, share in zip(people, standard, strict=True) if n and 0 < share < 1]
    certain = sum(n for n, share in zip(people, standard, strict=True) if n and share >= 1)
    expected = certain + sum(n * share for n, share in used)
    if expected == 0:
        return Interval(value=nan, low=0.0, high=inf, method=method, confidence=confidence)
    most = certain + sum(n for n, _ in used)
    moved, tail = count - certain, (1 - confidence) / 2

    def law(shift: float) -> Floats:
        p = np.ones(1)
        for n, share in used:
            p = np.convolve(p, binomial_probabilities(n, float(expit(logit(share) + shift))))
        return p

    def at(shift: float) -> float:
        return certain + sum(n * float(expit(logit(share) + shift)) for n, share in used)

    low, high = certain / expected, most / expected
    if moved > 0 and used:
        low = at(_crossing(lambda shift: float(law(shift)[moved:].sum()) >= tail)) / expected
    if count < most:
        high = at(_crossing(lambda shift: float(law(shift)[: moved + 1].sum()) < tail)) / expected
    return Interval(
        value=count / expected, low=low, high=high, method=method, confidence=confidence
    )


def overdispersion(
    counts: Sequence[int], people: Sequence[int], *, share: float | None = None
) -> TestResult:
    """Whether units vary more than chance: `statistic` is the winsorised dispersion ratio.

    Squared distances from the target share (the pooled one if none is given) in standard
    errors, the most extreme tenth at each end pulled in (Spiegelhalter 2005). p is the
    chi-square's, over all units. Needs 15 units.
    """
    inside = np.asarray(counts, dtype=float)
    everyone = np.asarray(people, dtype=float)
    inside, everyone = inside[everyone > 0], everyone[everyone > 0]
    if inside.size < LEAST_UNITS:
        return TestResult(p_value=nan, method=f"nothing to test: fewer than {LEAST_UNITS} units")
    target = share if share is not None else float(inside.sum() / everyone.sum())
    if not 0 < target < 1:
        return TestResult(p_value=nan, method="nothing to test: everyone is in or out of the box")
    z = (inside / everyone - target) / np.sqrt(target * (1 - target) / everyone)
    pulled = np.sort(z)
    ends = floor(WINSORISED * z.size)
    pulled = np.clip(pulled, pulled[ends], pulled[-1 - ends])
    freedom = z.size - (share is None)
    return TestResult(
        p_value=float(gammaincc(freedom / 2, float(z @ z) / 2)),
        statistic=float(pulled @ pulled / z.size),
        method=f"dispersion of {z.size} units, winsorised by a tenth at each end",
    )


def _crossing(passed: Callable[[float], bool]) -> float:
    """The log odds shift at which a condition that fails below starts to hold."""
    low, high = -60.0, 60.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if passed(middle) else (middle, high)
    return high
