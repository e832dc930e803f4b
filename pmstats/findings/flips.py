"""How few people decide a comparison: the smallest change of rating that would turn it."""

from __future__ import annotations

from math import isnan

from pmstats.findings.two_shares import two_proportions_test


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
    significant = is_significant(
        count_group, n_group, count_comparator, n_comparator, significance=significance
    )
    for moved in range(1, max(count_group, n_group - count_group) + 1):
        for count in (count_group - moved, count_group + moved):
            if 0 <= count <= n_group and significant != is_significant(
                count, n_group, count_comparator, n_comparator, significance=significance
            ):
                return moved
    return None


def is_significant(
    count_group: int,
    n_group: int,
    count_comparator: int,
    n_comparator: int,
    *,
    significance: float,
) -> bool:
    """Whether the test of two shares is significant; never with nothing to test."""
    test = two_proportions_test(count_group, n_group, count_comparator, n_comparator)
    return not isnan(test.p_value) and test.p_value <= significance
