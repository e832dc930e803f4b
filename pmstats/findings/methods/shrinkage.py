"""Shares of many small groups, each lent strength by the others (empirical Bayes).

Groups' true shares are taken to vary about a common distribution by a Dirichlet law; how much
they vary is learnt from the counts, so that a group of three is hardly believed against the
rest and a group of three hundred nearly is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np
from scipy.special import betainc, betaln, digamma, gammaln, polygamma

from pmstats.findings.finding import Interval
from pmstats.findings.methods.exact import Floats

#: Shares of variance between groups that are weighed: even on the standard deviation scale.
BETWEEN = np.linspace(0.0, 0.75, 61) ** 2

#: Groups with people, and people per group, below which nothing can be learnt.
LEAST_GROUPS, LEAST_PEOPLE = 3, 5

#: Boxes of a framing: people are in it or out of it.
IN_AND_OUT = 2

#: Steps of a search, the change that ends the one for a quantile, and the least density.
STEPS, NARROW, SMALLEST = 200, 1e-13, 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrinkage:
    """The shrunken shares of each group in each box, and how much groups vary.

    `between` is the share of variance that lies between groups (the intraclass correlation,
    0: all alike). Every value is nan when `method` starts "too few to estimate".
    """

    shares: tuple[tuple[Interval, ...], ...]
    between: Interval
    method: str


def shrunken_shares(counts: Sequence[Sequence[int]], *, confidence: float = 0.95) -> Shrinkage:
    """Each group's share in each box, shrunk towards the pooled shares, with intervals.

    `counts` is groups x boxes (two columns, in and out, for one framing). The variance
    between groups is averaged over, weighing each value by its likelihood, with the pooled
    shares re-estimated and their own uncertainty carried for each; so intervals do not
    collapse when the best guess is that groups do not differ at all.

    >>> shrunk = shrunken_shares(((0, 3), (10, 20), (9, 21), (12, 25)))
    >>> round(shrunk.shares[0][0].value, 2)
    0.29
    """
    table = np.asarray(counts, dtype=float)
    people = table.sum(axis=1)
    groups = int((people > 0).sum())
    if groups < LEAST_GROUPS or people.sum() < LEAST_PEOPLE * groups:
        return _too_few(table.shape[0], table.shape[1], confidence)
    centre, spread = _centres(table, people)
    weights = _weights(table, people, centre)
    tail = (1 - confidence) / 2
    boxes = table.shape[1]
    shares = [
        _share_intervals(
            table[:, box],
            people,
            centre[:, box],
            spread[:, box],
            weights=weights,
            confidence=confidence,
        )
        for box in range(1 if boxes == IN_AND_OUT else boxes)
    ]
    if boxes == IN_AND_OUT:
        shares.append([_outside(each) for each in shares[0]])
    cumulative = np.cumsum(weights)
    between = Interval(
        value=float(weights @ BETWEEN),
        low=float(BETWEEN[int(np.searchsorted(cumulative, tail))]),
        high=float(BETWEEN[min(int(np.searchsorted(cumulative, 1 - tail)), BETWEEN.size - 1)]),
        method="share of variance between groups",
        confidence=confidence,
    )
    return Shrinkage(shares=tuple(zip(*shares, strict=True)), between=between, method=METHOD)


METHOD = "Dirichlet-multinomial shrinkage, variance between groups averaged over"


def likeliest_prior(counts: Sequence[Sequence[int]]) -> tuple[float, ...] | None:
    """The Dirichlet-multinomial's maximum likelihood weights, one per box.

    None when the groups vary no more than chance, where the weights run to infinity and
    every group is best given the pooled shares. Two boxes are the beta-binomial.
    """
    table = np.asarray(counts, dtype=float)
    table = table[:, table.sum(axis=0) > 0]
    people = table.sum(axis=1)
    if table.shape[1] < 2 or _excess_variation(table, people) <= 0:
        return None
    pooled = table.sum(axis=0) / people.sum()
    logs = np.log(pooled * 10)
    value = float(_log_likelihood(table, people, np.exp(logs)))
    for _ in range(STEPS):
        weights = np.exp(logs)
        slope, curvature = _derivatives(table, people, weights)
        slope, scaled = weights * slope, curvature * np.outer(weights, weights)
        if np.abs(slope).max() < 1e-10:
            break
        hessian = scaled + np.diag(slope)
        try:
            step = np.linalg.solve(-hessian, slope)
        except np.linalg.LinAlgError:
            step = slope
        if slope @ step <= 0:  # not near a maximum yet: climb
            step = slope / np.abs(slope).max()
        step = np.clip(step, -2.0, 2.0)
        for _ in range(40):
            candidate = float(_log_likelihood(table, people, np.exp(logs + step)))
            if candidate >= value - 1e-9:
                break
            step = step / 2
        logs, value = logs + step, max(value, candidate)
        if np.abs(step).max() < 1e-12:
            break
    return tuple(np.exp(logs).tolist())


def _too_few(groups: int, boxes: int, confidence: float) -> Shrinkage:
    why = "too few to estimate"
    unknown = Interval(value=nan, low=0.0, high=1.0, method=why, confidence=confidence)
    return Shrinkage(shares=((unknown,) * boxes,) * groups, between=unknown, method=why)


def _centres(table: Floats, people: Floats) -> tuple[Floats, Floats]:
    """The pooled shares (values of BETWEEN x boxes) and their standard errors.

    Groups count by the information they carry; half a person per box keeps unused boxes open.
    """
    rates = table / np.maximum(people, 1)[:, np.newaxis]
    weight = people / (1 + (np.maximum(people, 1) - 1) * BETWEEN[:, np.newaxis])
    total = weight.sum(axis=1, keepdims=True) + 1
    centre = (weight @ rates + 1 / table.shape[1]) / total
    return centre, np.sqrt(centre * (1 - centre) / total)


def _weights(table: Floats, people: Floats, centre: Floats) -> Floats:
    """The likelihood of each value of BETWEEN, scaled to sum to 1."""
    alike = (table * np.log(centre[0])).sum()
    prior = 1 / BETWEEN[1:, np.newaxis] - 1
    logs = np.append(alike, _log_likelihood(table, people, centre[1:] * prior))
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _share_intervals(
    counts: Floats,
    people: Floats,
    centre: Floats,
    spread: Floats,
    *,
    weights: Floats,
    confidence: float,
) -> list[Interval]:
    """The shrunken share of one box in every group: a mixture of betas over BETWEEN."""
    between = np.maximum(BETWEEN, 1e-12)[:, np.newaxis]
    prior = 1 / between - 1
    mean = (counts + centre[:, np.newaxis] * prior) / (people + prior)
    trust = prior / (people + prior)
    variance = mean * (1 - mean) / (people + prior + 1) + (trust * spread[:, np.newaxis]) ** 2
    size = np.maximum(mean * (1 - mean) / variance - 1, 0.05)
    first, second = mean * size, (1 - mean) * size

    tail = (1 - confidence) / 2
    return [
        Interval(
            value=float(value),
            low=float(low),
            high=float(high),
            method=METHOD,
            confidence=confidence,
        )
        for value, low, high in zip(
            weights @ mean,
            _quantile(tail, weights, first, second),
            _quantile(1 - tail, weights, first, second),
            strict=True,
        )
    ]


def _quantile(level: float, weights: Floats, first: Floats, second: Floats) -> Floats:
    """The quantile of each mixture (last axis) of betas with these parameters and weights.

    Newton's steps, and a halving of the bracket where one would leave it.
    """
    scale = betaln(first, second)
    low, high = np.zeros(first.shape[1]), np.ones(first.shape[1])
    value = weights @ (first / (first + second))
    for _ in range(STEPS):
        excess = weights @ betainc(first, second, value) - level
        density = weights @ np.exp(
            (first - 1) * np.log(value) + (second - 1) * np.log1p(-value) - scale
        )
        low, high = np.where(excess > 0, low, value), np.where(excess > 0, value, high)
        newton = value - excess / np.maximum(density, SMALLEST)
        inside = (low <= newton) & (newton <= high)
        previous, value = value, np.where(inside, newton, (low + high) / 2)
        if np.abs(value - previous).max() < NARROW:
            break
    return np.asarray(value)


def _outside(share: Interval) -> Interval:
    """The share of those who are not in the box."""
    return replace(share, value=1 - share.value, low=1 - share.high, high=1 - share.low)


def _excess_variation(table: Floats, people: Floats) -> float:
    """The slope of the likelihood in the variance between groups, where there is none."""
    pooled = table.sum(axis=0) / people.sum()
    return float((table * (table - 1) / pooled).sum() - (people * (people - 1)).sum())


def _log_likelihood(table: Floats, people: Floats, weights: Floats) -> Floats:
    """The log likelihood at each of these weights of the boxes (last axis)."""
    total = weights.sum(axis=-1)[..., np.newaxis]
    weights = weights[..., np.newaxis, :]
    each = gammaln(table + weights) - gammaln(weights)
    shared = gammaln(total) - gammaln(people + total)
    return np.asarray(each.sum(axis=(-1, -2)) + shared.sum(axis=-1))


def _derivatives(table: Floats, people: Floats, weights: Floats) -> tuple[Floats, Floats]:
    total = weights.sum()
    shared = (digamma(total) - digamma(people + total)).sum()
    slope = (digamma(table + weights) - digamma(weights)).sum(axis=0) + shared
    own = (polygamma(1, table + weights) - polygamma(1, weights)).sum(axis=0)
    common = (polygamma(1, total) - polygamma(1, people + total)).sum()
    return slope, np.diag(own) + common
