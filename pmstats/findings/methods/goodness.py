"""How a distribution of ratings compares with a guide: exact tests and distances, never targets."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, log, nan

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from pmstats.findings.finding import Interval, TestResult
from pmstats.findings.methods.exact import TIE, Floats, binomial_probabilities
from pmstats.findings.methods.intervals import paired_difference_interval, share_interval
from pmstats.findings.methods.sampling import sampled
from pmstats.findings.methods.tables import Counts

#: Outcomes (of all boxes but two) listed before a sample is drawn instead.
OUTCOMES_LIMIT = 1_000_000


def goodness_of_fit(counts: Sequence[int], guide: Sequence[float]) -> TestResult:
    """Whether counts by box are compatible with a guide's shares: exact multinomial.

    Adds every outcome no more likely than the one observed; beyond a million outcomes, a
    sample of them with its error. `statistic` is the total variation distance. Shares
    are scaled to sum to 1.

    >>> round(goodness_of_fit((3, 2, 4, 1), (0.20, 0.25, 0.50, 0.05)).p_value, 3)
    0.534
    """
    n, shares = sum(counts), np.asarray(guide, dtype=float) / sum(guide)
    if n == 0:
        return TestResult(p_value=nan, method="nothing to test: nobody is rated")
    observed = np.asarray(counts, dtype=np.int64)
    distance = total_variation(counts, guide)
    if observed[shares == 0].any():
        return TestResult(
            p_value=0.0, statistic=distance, method="people in a box the guide says is never used"
        )
    observed, shares = observed[shares > 0], shares[shares > 0]
    if shares.size == 1:
        return TestResult(p_value=nan, method="nothing to test: the guide has one box")
    logs = np.log(shares)
    limit = _log_multinomial(observed[np.newaxis], logs)[0] + np.log1p(TIE)
    if comb(n + shares.size - 2, shares.size - 2) <= OUTCOMES_LIMIT:
        return TestResult(
            p_value=min(1.0, _exact_at_most(n, shares, float(limit))),
            statistic=distance,
            method="exact multinomial, outcomes ordered by probability",
        )
    found = sampled(
        lambda draws, generator: (
            _log_multinomial(generator.multinomial(n, shares, size=draws), logs) <= limit
        )
    )
    return TestResult(
        p_value=found.p_value,
        statistic=distance,
        method=f"multinomial, outcomes ordered by probability, {found.draws:,} drawn",
        simulation_error=found.error,
    )


def total_variation(first: Sequence[float], second: Sequence[float]) -> float:
    """The share of people (0 to 1) in a different box under the other distribution.

    Counts or shares, each scaled to sum to 1.
    """
    return float(np.abs(_shares(first) - _shares(second)).sum() / 2)


def earth_mover(first: Sequence[float], second: Sequence[float]) -> float:
    """The average number of boxes a person is apart between two distributions (ordered boxes)."""
    return float(np.abs(np.cumsum(_shares(first) - _shares(second)))[:-1].sum())


def too_good_fit(panels: Sequence[Sequence[int]], guide: Sequence[float]) -> TestResult:
    """Whether panels together sit closer to a guide than chance allows (paras 79, 86-87).

    The deviance of each panel's counts from the guide, summed; p is how often panels drawn
    from the guide itself come as close or closer (one-sided, from a sample).
    """
    shares = _shares(guide)
    used = [np.asarray(panel, dtype=np.int64) for panel in panels if sum(panel) > 0]
    if not used or (shares > 0).sum() < 2:
        return TestResult(p_value=nan, method="nothing to test: no rated panel, or one box")
    observed = sum(float(_deviance(panel[np.newaxis], shares)[0]) for panel in used)
    sizes = [int(panel.sum()) for panel in used]

    def as_close(draws: int, generator: np.random.Generator) -> NDArray[np.bool_]:
        deviance = np.zeros(draws)
        for n in sizes:
            deviance += _deviance(generator.multinomial(n, shares, size=draws), shares)
        return deviance <= observed * (1 + TIE)

    found = sampled(as_close)
    return TestResult(
        p_value=found.p_value,
        statistic=observed,
        method=f"summed deviance over {len(used)} panels, lower tail, {found.draws:,} drawn",
        simulation_error=found.error,
    )


def simultaneous_intervals(
    counts: Sequence[int], *, confidence: float = 0.95
) -> tuple[Interval, ...]:
    """An interval for the share in each box, all of which hold together (Goodman 1965).

    Wilson intervals with the error shared over the boxes (Bonferroni).
    """
    n, each = sum(counts), 1 - (1 - confidence) / max(1, len(counts))
    method = "Goodman simultaneous (Wilson, Bonferroni)"
    return tuple(
        Interval(value=one.value, low=one.low, high=one.high, method=method, confidence=confidence)
        for one in (share_interval(count, n, confidence=each) for count in counts)
    )


def most_used(
    counts: Sequence[int], box: int, *, confidence: float = 0.95
) -> tuple[bool | None, Interval]:
    """Whether this box (its place in `counts`) is the most used one, and its lead in share.

    True or False where the interval settles it, None where it spans 0. The lead is over the
    most used of the other boxes, with Tango's score interval for two boxes of one
    distribution, the error shared over the other boxes.

    >>> most_used((2, 9, 7, 3), 1)[0] is None
    True
    """
    others = [count for place, count in enumerate(counts) if place != box]
    shared = 1 - (1 - confidence) / max(1, len(others))
    lead = paired_difference_interval(
        counts[box], max(others, default=0), sum(counts), confidence=shared
    )
    if lead.low > 0:
        return True, lead
    return (False if lead.high < 0 else None), lead


def _shares(weights: Sequence[float]) -> Floats:
    array = np.asarray(weights, dtype=float)
    return np.asarray(array / array.sum()) if array.sum() > 0 else np.full(array.size, nan)


def _log_multinomial(outcomes: Counts, log_shares: Floats) -> Floats:
    n = int(outcomes[0].sum())
    factorials = gammaln(np.arange(n + 1) + 1.0)
    return np.asarray(factorials[n] - factorials[outcomes].sum(axis=1) + outcomes @ log_shares)


def _exact_at_most(n: int, shares: Floats, limit: float) -> float:
    """The probability of every outcome whose log probability is at most `limit`.

    All boxes but the two fullest are enumerated; whoever is left splits between those two
    binomially, and the unlikely splits are a sorted prefix.
    """
    order = np.argsort(shares, kind="stable")
    others, pair = shares[order[:-2]], shares[order[-2:]]
    factorials = gammaln(np.arange(n + 1) + 1.0)
    left, logs = np.array([n]), factorials[[n]]
    for share in others:
        width = left + 1
        source = np.repeat(np.arange(left.size), width)
        cell = np.arange(width.sum()) - np.repeat(np.cumsum(width) - width, width)
        left, logs = left[source] - cell, logs[source] + cell * log(share) - factorials[cell]
    logs = logs + left * log(pair.sum()) - factorials[left]
    order = np.argsort(left, kind="stable")
    bounds = np.searchsorted(left[order], np.arange(n + 2))
    total = 0.0
    for people in range(n + 1):
        mine = order[bounds[people] : bounds[people + 1]]
        splits = np.sort(binomial_probabilities(people, float(pair[1] / pair.sum())))
        below = np.append(0.0, np.cumsum(splits))
        with np.errstate(over="ignore"):  # a limit far above any split is simply all of them
            unlikely = np.searchsorted(splits, np.exp(limit - logs[mine]), side="right")
        total += float(np.exp(logs[mine]) @ below[unlikely])
    return total


def _deviance(outcomes: Counts, shares: Floats) -> Floats:
    n = int(outcomes[0].sum())
    counts = np.arange(n + 1.0)
    entropy = counts * np.log(np.maximum(counts, 1.0))
    with np.errstate(divide="ignore"):
        weights = np.log(shares)
    used = shares > 0
    expected = n * log(n) + outcomes[:, used] @ weights[used]
    value = 2 * (entropy[outcomes].sum(axis=1) - expected)
    return np.asarray(np.where(outcomes[:, ~used].sum(axis=1) > 0, np.inf, np.maximum(value, 0.0)))
