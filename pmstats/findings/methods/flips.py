"""How few people decide a comparison: the smallest change of rating that would turn it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pmstats.findings.methods.outcomes import OUTCOMES_LIMIT, significant_outcomes
from pmstats.findings.methods.score import score_p_values

#: Tables tested at first, the one observed among them; then twice as many each time.
FIRST = 17


def flips_with(
    count_group: int,
    n_group: int,
    count_comparator: int,
    n_comparator: int,
    *,
    significance: float = 0.05,
) -> int | None:
    """The smallest number of the group whose different rating would turn the evidence.

    In or out of the box, all the same way: from significant to not, or from not to
    significant. None when no such number does. A table with nothing to test is not significant.

    >>> flips_with(4, 10, 9, 90)
    1
    """
    if (n_group + 1) * (n_comparator + 1) <= OUTCOMES_LIMIT:
        evidence = significant_outcomes(n_group, n_comparator, significance)[:, count_comparator]
        others = np.flatnonzero(evidence != evidence[count_group])
        return int(np.abs(others - count_group).min()) if others.size else None
    moved = np.arange(1, max(count_group, n_group - count_group) + 1)
    counts = np.stack([count_group - moved, count_group + moved], axis=1).ravel()
    possible = (counts >= 0) & (counts <= n_group)
    tables = np.column_stack(np.broadcast_arrays(counts, n_group, count_comparator, n_comparator))[
        possible
    ]
    observed = (count_group, n_group, count_comparator, n_comparator)
    turned = first_turned(observed, tables, significance=significance)
    return None if turned is None else abs(int(tables[turned, 0]) - count_group)


def first_turned(
    observed: tuple[int, int, int, int], tables: NDArray[np.int64], *, significance: float
) -> int | None:
    """The place of the first table whose evidence is not that of the one observed, or None.

    A table is a row of (count, n) of the group and (count, n) of the comparator.
    """
    if not len(tables):
        return None
    asked = np.vstack([observed, tables])
    start, chunk = 0, FIRST
    significant = None
    while start < len(asked):
        answers = _significant(asked[start : start + chunk], significance)
        if significant is None:
            significant = answers[0]
        turned = answers != significant
        if turned.any():
            return start + int(turned.argmax()) - 1
        start, chunk = start + chunk, 2 * chunk
    return None


def _significant(tables: NDArray[np.int64], significance: float) -> NDArray[np.bool_]:
    """Whether the test of two shares is significant; never with nothing to test."""
    return np.asarray(score_p_values(tables) <= significance)
