"""Adjusting p-values for the number of comparisons made."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """The p-values adjusted for the false discovery rate (Benjamini and Hochberg 1995).

    A nan is not a comparison: it stays nan and the others are adjusted as if it were absent.

    >>> benjamini_hochberg((0.01, 0.04, 0.03))
    (0.03, 0.04, 0.04)
    """
    order = _ascending(p_values)
    adjusted, smallest = [nan] * len(p_values), 1.0
    for rank in range(len(order), 0, -1):
        place = order[rank - 1]
        smallest = min(smallest, p_values[place] * (len(order) / rank))
        adjusted[place] = smallest
    return tuple(adjusted)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """The p-values adjusted for the chance of any false alarm (Holm 1979); nan stays nan.

    >>> holm((0.01, 0.04, 0.03))
    (0.03, 0.06, 0.06)
    """
    order = _ascending(p_values)
    adjusted, largest = [nan] * len(p_values), 0.0
    for rank, place in enumerate(order):
        largest = min(1.0, max(largest, p_values[place] * (len(order) - rank)))
        adjusted[place] = largest
    return tuple(adjusted)


def _ascending(p_values: Sequence[float]) -> list[int]:
    """The places of the p-values that are there, smallest first."""
    there = [place for place, p_value in enumerate(p_values) if not isnan(p_value)]
    return sorted(there, key=lambda place: p_values[place])
