"""Whether groups and boxes are associated at all, the order of the boxes aside."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
from scipy.special import gammaincc

from pmstats.findings.finding import TestResult
from pmstats.findings.methods.exact import TIE
from pmstats.findings.methods.sampling import sampled
from pmstats.findings.methods.tables import (
    all_tables,
    drawn_tables,
    log_probabilities,
    without_empty,
)

#: The smallest expected count for which the chi-square law is used.
EXPECTED_COUNT = 5


def fisher_freeman_halton(table: Sequence[Sequence[int]]) -> TestResult:
    """Whether groups (rows) and boxes (columns) are associated: exact for any table.

    Adds every table with the same margins that is no more likely than the one observed
    (Freeman and Halton 1951); a sample of such tables where listing them costs too much.
    """
    counts = without_empty(table)
    if min(counts.shape) < 2:
        return TestResult(p_value=nan, method="nothing to test: one group or one box is used")
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    limit = float(log_probabilities(counts[np.newaxis])[0]) + np.log1p(TIE)
    tables = all_tables(rows, columns)
    if tables is not None:
        logs = log_probabilities(tables)
        return TestResult(
            p_value=min(1.0, float(np.exp(logs[logs <= limit]).sum())),
            method="exact Fisher-Freeman-Halton",
        )
    found = sampled(
        lambda draws, generator: (
            log_probabilities(drawn_tables(rows, columns, draws, generator)) <= limit
        )
    )
    return TestResult(
        p_value=found.p_value,
        method=f"Fisher-Freeman-Halton, {found.draws:,} tables drawn",
        simulation_error=found.error,
    )


def chi_square(table: Sequence[Sequence[int]]) -> TestResult:
    """Pearson's chi-square where every expected count is at least 5; otherwise it says why not."""
    counts = without_empty(table)
    if min(counts.shape) < 2:
        return TestResult(p_value=nan, method="nothing to test: one group or one box is used")
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    statistic = float(((counts - expected) ** 2 / expected).sum())
    if expected.min() < EXPECTED_COUNT:
        return TestResult(
            p_value=nan,
            statistic=statistic,
            method="nothing to test: an expected count is below 5, use the exact test",
        )
    freedom = (len(counts) - 1) * (counts.shape[1] - 1)
    return TestResult(
        p_value=float(gammaincc(freedom / 2, statistic / 2)),
        statistic=statistic,
        method=f"Pearson chi-square, {freedom} degrees of freedom",
    )
