"""Every pair of counts that the score test of two shares finds significant, before any is seen.

Given how many people of both groups are in the box, how they split between the groups has a
chance that no share changes. So the tail of the statistic is worked out once for each total,
and the p-value at a share is the mean of these tails over the totals that the share makes.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, ndtri

from pmstats.findings.methods.exact import TIE, Floats, log_ways, split_tails
from pmstats.findings.methods.score import CHANCES, EDGE, NEIGHBOURS

Whole = NDArray[np.int64]

#: Pairs of counts up to which every outcome is marked; more would take seconds and megabytes.
OUTCOMES_LIMIT = 250_000

#: How far totals lie that still have a chance, in square roots of everyone. At the pooled share
#: and its neighbours those further away have 1e-10 together (Hoeffding 1963).
REACH = 4.0


@lru_cache(maxsize=32)
def significant_outcomes(
    n_group: int, n_comparator: int, significance: float
) -> NDArray[np.float32]:
    """1 for each pair of counts (group in rows) whose `score_p` is significant, else 0.

    Shared between calls, so not to be written to: what could be shown and what would turn the
    evidence are asked of the same two groups in every framing.
    """
    if n_group > n_comparator:
        return significant_outcomes(n_comparator, n_group, significance).T
    outcomes = np.zeros((n_group + 1, n_comparator + 1), dtype=np.float32)
    everyone = n_group + n_comparator
    # who is out of the box mirrors who is in it; beside nobody there is nothing to test
    half = everyone // 2 + 1 if n_group else 0
    splits = _Splits(n_group, n_comparator)
    chunk = max(1, CHANCES // (NEIGHBOURS.size * splits.width))
    for start in range(1, half, chunk):
        totals = np.arange(start, min(start + chunk, half))
        squared = splits.squared(totals)
        critical = _critical(np.sort(squared, axis=1), _Near(splits, totals), significance)
        row, count = np.nonzero(squared >= critical[:, np.newaxis] * (1 - TIE))
        outcomes[count, totals[row] - count] = 1.0
    outcomes = np.maximum(outcomes, outcomes[::-1, ::-1])
    outcomes.flags.writeable = False
    return outcomes


class _Splits:
    """How each total in the box splits between two groups, the smaller one first."""

    def __init__(self, n: int, others: int) -> None:
        self.n, self.others, self.everyone = n, others, n + others
        totals = np.arange(self.everyone + 1)
        self.fewer, self.more = split_tails(others, n, self.everyone)
        # nobody or everybody of both groups in the box is no evidence
        self.fewer[[0, -1]] = self.more[[0, -1]] = 0.0
        self.expected = n * totals / max(self.everyone, 1)
        spread = self.expected * others * (self.everyone - totals)
        self.deviation = np.sqrt(spread / max(self.everyone * (self.everyone - 1), 1))
        self.width = min(self.everyone + 1, 2 * int(REACH * np.sqrt(self.everyone)) + 3)

    def squared(self, totals: Whole) -> Floats:
        """The squared statistic for each count of the smaller group; -1 where it cannot be."""
        count = np.arange(self.n + 1)
        other = totals[:, np.newaxis] - count
        distance = (count - self.expected[totals, np.newaxis]) / self.deviation[totals, np.newaxis]
        return np.asarray(np.where((other >= 0) & (other <= self.others), distance**2, -1.0))


class _Near:
    """The chances of the totals around each of some totals, at its pooled share and neighbours."""

    def __init__(self, splits: _Splits, totals: Whole) -> None:
        everyone, width = splits.everyone, splits.width
        pooled = totals / everyone
        errors = np.sqrt(pooled * (1 - pooled) / everyone)
        shares = pooled[:, np.newaxis] + NEIGHBOURS * errors[:, np.newaxis]
        first = np.clip(totals - width // 2, 0, everyone + 1 - width)
        self.splits, self.around = splits, first[:, np.newaxis] + np.arange(width)
        logs = logit(shares)[..., np.newaxis] * self.around[:, np.newaxis]
        logs += (everyone * np.log1p(-shares))[..., np.newaxis]
        logs += log_ways(everyone)[self.around][:, np.newaxis]
        self.chances = np.exp(logs, out=logs)

    def p_values(self, squared: Floats, rows: Whole) -> Floats:
        """The score test's p at each of these rows' squared statistic (above 0)."""
        splits, around = self.splits, self.around[rows]
        expected = splits.expected[around]
        reach = np.sqrt(squared)[:, np.newaxis] * splits.deviation[around]
        low = np.maximum(np.floor(expected - reach + EDGE), -1.0).astype(np.int64) + 1
        high = np.minimum(np.ceil(expected + reach - EDGE), splits.n + 1.0).astype(np.int64)
        place = around * (splits.n + 2)
        tails = splits.fewer.take(place + low) + splits.more.take(place + high)
        return np.asarray(np.einsum("rst,rt->rs", self.chances[rows], tails).max(axis=1))


def _critical(squared: Floats, near: _Near, significance: float) -> Floats:
    """For each total, the smallest of its squared statistics (increasing) that is significant.

    Infinite where none is. The search steps up or down from the critical value of the normal
    law, which is seldom more than two outcomes away.
    """
    width = squared.shape[1]
    # the places below `low` are not significant, those from `high` on are
    low, high = (squared <= TIE).sum(axis=1), np.full(len(squared), width)
    place = np.clip((squared < ndtri(significance / 2) ** 2).sum(axis=1), low, width - 1)
    left = np.flatnonzero(low < high)
    while left.size:
        tried = place[left]
        seen = near.p_values(squared[left, tried], left) <= significance
        high[left[seen]], low[left[~seen]] = tried[seen], tried[~seen] + 1
        place[left] = np.where(seen, tried - 1, tried + 1)
        left = left[low[left] < high[left]]
    found = squared[np.arange(len(squared)), np.minimum(high, width - 1)]
    return np.asarray(np.where(high < width, found, np.inf))
