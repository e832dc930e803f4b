"""Reference lines other people draw, for comparison only: never a pass or a fail here."""

from __future__ import annotations


def below_four_fifths(count_group: int, n_group: int, count_best: int, n_best: int) -> bool:
    """Whether a group's share is below four fifths of the best group's, in whole numbers.

    The United States' Uniform Guidelines of 1978 (29 CFR 1607.4D). A ratio of exactly 0.8 is
    not below it, which division in floating point gets wrong.

    >>> below_four_fifths(48, 100, 60, 100), (2 / 3) / (5 / 6) < 0.8
    (False, True)
    """
    return 5 * count_group * n_best < 4 * count_best * n_group
