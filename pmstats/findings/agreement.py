"""How far two ratings of the same things agree: kappa, the share alike, and who is higher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from pmstats.errors import ParameterError
from pmstats.findings.finding import Interval
from pmstats.findings.methods.intervals import normal_quantile, share_interval
from pmstats.findings.methods.power import detectable_mean
from pmstats.findings.sentences import percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.counts.movement import Movement
    from pmstats.scheme import Scheme
    from pmstats.scheme.raters import Raters

#: Weights of agreement: what a disagreement of d boxes out of K - 1 costs.
WEIGHTS = {"unweighted": None, "linear": 1, "quadratic": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Two ratings of the same things side by side: `movement` is their cross-table.

    `gap` is the mean of the second rating less the first, in boxes, positive where the second
    is higher. `reason` says why nothing is worked out for too few.
    """

    title: str
    movement: Movement
    paragraph: str
    alike: Interval | None = None
    within_one: Interval | None = None
    linear: Interval | None = None
    quadratic: Interval | None = None
    gap: Interval | None = None
    reason: str = ""
    sentence: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it comes to, in words."""
        return (self.sentence or self.reason,)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Agreements:
    """The agreement of each pair of raters of a scheme."""

    each: tuple[Agreement, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What each comes to, in words."""
        return tuple(sentence for each in self.each for sentence in each.sentences)

    def __repr__(self) -> str:
        return f"<Agreements: {len(self.each)}>"


def agreements(movements: Sequence[Movement], *, scheme: Scheme) -> Agreements:
    """How far each pair of raters of the scheme agrees, from the cross-table of each pair.

    Raises `ParameterError` for a cross-table of stages that the scheme does not pair.
    """
    pairs = {(raters.first, raters.second): raters for raters in scheme.raters}
    found = []
    for movement in movements:
        if (movement.start, movement.end) not in pairs:
            known = "; ".join(f"{first} and {second}" for first, second in pairs) or "none"
            raise ParameterError(
                f"The scheme pairs no raters at {movement.start!r} and {movement.end!r}; "
                f"it pairs: {known}."
            )
        raters = pairs[movement.start, movement.end]
        found.append(agreement(movement, raters=raters, scheme=scheme))
    return Agreements(each=tuple(found))


def agreement(movement: Movement, *, raters: Raters, scheme: Scheme) -> Agreement:
    """How far two ratings agree, with intervals, where enough things are rated by both."""
    if movement.n < raters.smallest:
        one, many = scheme.counted.one, scheme.counted.many
        counted = one if movement.n == 1 else many
        return Agreement(
            title=raters.title,
            movement=movement,
            paragraph=raters.paragraph,
            reason=(
                f"{raters.title}: {movement.n:,} {counted} rated by both, fewer than the "
                f"{raters.smallest} an agreement asks for ({raters.smallest_source})."
            ),
        )
    confidence, table = scheme.practice.confidence, movement.worst_first
    near = sum(
        count for i, row in enumerate(table) for j, count in enumerate(row) if abs(i - j) <= 1
    )
    found = Agreement(
        title=raters.title,
        movement=movement,
        paragraph=raters.paragraph,
        alike=share_interval(movement.n - movement.changed, movement.n, confidence=confidence),
        within_one=share_interval(near, movement.n, confidence=confidence),
        linear=kappa(table, weights="linear", confidence=confidence),
        quadratic=kappa(table, weights="quadratic", confidence=confidence),
        gap=mean_gap(table, confidence=confidence),
        sentence="",
    )
    return _in_words(found, scheme)


def kappa(
    table: Sequence[Sequence[int]], *, weights: str = "quadratic", confidence: float = 0.95
) -> Interval:
    """Cohen's kappa of a square table, with the interval of its large-sample standard error.

    `weights` are "unweighted", "linear" or "quadratic" (Cohen 1968); the standard error is that
    of Fleiss, Cohen and Everitt (1969) where kappa need not be 0. nan where all things stand in
    one box by both. Raises `KeyError` for other weights.

    >>> found = kappa([[20, 5], [10, 15]], weights="unweighted")
    >>> round(found.value, 3)
    0.4
    """
    shares = np.asarray(table, dtype=float)
    n = shares.sum()
    method = f"Cohen's kappa, {weights} weights; Fleiss, Cohen and Everitt standard error"
    undefined = Interval(value=nan, low=-1.0, high=1.0, method=method, confidence=confidence)
    if not n:
        return undefined
    shares /= n
    weight = _weights(len(shares), WEIGHTS[weights])
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed = float((weight * shares).sum())
    expected = float(rows @ weight @ columns)
    if expected > 1 - 1e-12:
        return undefined
    value = (observed - expected) / (1 - expected)
    mean = (weight @ columns)[:, None] + (rows @ weight)[None, :]
    spread = float((shares * (weight - mean * (1 - value)) ** 2).sum())
    variance = max(spread - (value - expected * (1 - value)) ** 2, 0.0)
    half = normal_quantile(confidence) * sqrt(variance / n) / (1 - expected)
    return Interval(
        value=value,
        low=max(value - half, -1.0),
        high=min(value + half, 1.0),
        method=method,
        confidence=confidence,
    )


def mean_gap(table: Sequence[Sequence[int]], *, confidence: float = 0.95) -> Interval:
    """The mean of column less row in boxes, rows and columns worst first, with its t interval.

    nan below two things; where all gaps are alike the interval is that one value.
    """
    counts = np.asarray(table, dtype=float)
    n = counts.sum()
    places = np.arange(len(counts))
    gaps = places[None, :] - places[:, None]
    method = "mean difference in boxes; t interval"
    if n < 2:
        return Interval(value=nan, low=-np.inf, high=np.inf, method=method, confidence=confidence)
    mean = float((counts * gaps).sum() / n)
    variance = float((counts * (gaps - mean) ** 2).sum() / (n - 1))
    half = float(stdtrit(n - 1, (1 + confidence) / 2)) * sqrt(variance / n)
    return Interval(
        value=mean, low=mean - half, high=mean + half, method=method, confidence=confidence
    )


def _weights(boxes: int, power: int | None) -> NDArray[np.float64]:
    if power is None:
        return np.eye(boxes)
    apart = np.abs(np.subtract.outer(np.arange(boxes), np.arange(boxes)))
    weights: NDArray[np.float64] = 1 - (apart / max(boxes - 1, 1)) ** power
    return weights


def _in_words(found: Agreement, scheme: Scheme) -> Agreement:
    assert found.alike is not None
    assert found.gap is not None
    assert found.quadratic is not None
    movement = found.movement
    first, second = (scheme.stage(name).title for name in (movement.start, movement.end))
    way = (
        f"{second} is higher"
        if found.gap.low > 0
        else f"{second} is lower"
        if found.gap.high < 0
        else "neither is clearly higher"
    )
    smallest = detectable_mean(found.gap, power=scheme.practice.power)
    seen = "" if smallest is None else f" Detectable: from {smallest:.2f} boxes."
    return replace(
        found,
        sentence=(
            f"{first} and {second.lower()}: alike for {movement.n - movement.changed:,} of "
            f"{movement.n:,} {scheme.counted.many} ({percent(found.alike.value)}); the second is "
            f"higher for {movement.raised:,} and lower for {movement.lowered:,}. On average the "
            f"second stands {found.gap.value:+.2f} boxes from the first "
            f"({100 * found.gap.confidence:.4g}% interval {found.gap.low:+.2f} to "
            f"{found.gap.high:+.2f}): {way}.{seen} Weighted kappa is {_shown(found.quadratic)}."
        ),
    )


def _shown(interval: Interval) -> str:
    if interval.value != interval.value:
        return "not defined: both used one box only"
    return f"{interval.value:.2f} ({interval.low:.2f} to {interval.high:.2f})"
