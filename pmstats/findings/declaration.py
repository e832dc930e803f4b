"""What those who did not declare a characteristic could do to a difference between its groups."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from pmstats.findings.flips import is_significant


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationBounds:
    """The difference of shares as declared, and the least and greatest it could be.

    `value` leaves the undeclared out. `low` puts all of them outside the box into the group and
    all inside it into the comparator; `high` the reverse: no other assignment goes further.
    """

    value: float
    low: float
    high: float
    undeclared: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TippingPoint:
    """The fewest undeclared people whose belonging would turn the evidence, and who they are.

    In or out is of the box; each number belongs to the group or to the comparator.
    """

    people: int
    undeclared: int
    group_in: int = 0
    group_out: int = 0
    comparator_in: int = 0
    comparator_out: int = 0


def declaration_bounds(
    count_group: int,
    n_group: int,
    count_comparator: int,
    n_comparator: int,
    *,
    count_undeclared: int,
    n_undeclared: int,
) -> DeclarationBounds:
    """The worst and best case of the difference of shares over the rated but undeclared.

    Where a group could be empty, its share could be anything and the limit is -1 or 1.

    >>> declaration_bounds(2, 10, 20, 50, count_undeclared=1, n_undeclared=10).low
    -0.3065015479876161
    """
    outside = n_undeclared - count_undeclared
    return DeclarationBounds(
        value=_difference(count_group, n_group, count_comparator, n_comparator, nan),
        low=_difference(
            count_group,
            n_group + outside,
            count_comparator + count_undeclared,
            n_comparator + count_undeclared,
            -1.0,
        ),
        high=_difference(
            count_group + count_undeclared,
            n_group + count_undeclared,
            count_comparator,
            n_comparator + outside,
            1.0,
        ),
        undeclared=n_undeclared,
    )


def tipping_point(
    count_group: int,
    n_group: int,
    count_comparator: int,
    n_comparator: int,
    *,
    count_undeclared: int,
    n_undeclared: int,
    significance: float = 0.05,
) -> TippingPoint | None:
    """The fewest undeclared people whose belonging would turn the evidence.

    They all push one way (down: out of the box into the group, then in the box into the
    comparator; up: the reverse), the smaller group filling first since a person weighs more
    there; the rest of the undeclared stay out. None if not even all of them would do it.
    """
    table = (count_group, n_group, count_comparator, n_comparator)
    significant = is_significant(*table, significance=significance)
    outside = n_undeclared - count_undeclared
    group_first = n_group <= n_comparator
    for people in range(1, n_undeclared + 1):
        for up in (False, True):
            for_group, for_comparator = (
                (count_undeclared, outside) if up else (outside, count_undeclared)
            )
            first = min(people, for_group if group_first else for_comparator)
            to_group, to_comparator = (
                (first, people - first) if group_first else (people - first, first)
            )
            if to_group > for_group or to_comparator > for_comparator:
                continue
            moved = (
                count_group + (to_group if up else 0),
                n_group + to_group,
                count_comparator + (0 if up else to_comparator),
                n_comparator + to_comparator,
            )
            if is_significant(*moved, significance=significance) != significant:
                return TippingPoint(
                    people=people,
                    undeclared=n_undeclared,
                    group_in=to_group if up else 0,
                    group_out=0 if up else to_group,
                    comparator_in=0 if up else to_comparator,
                    comparator_out=to_comparator if up else 0,
                )
    return None


def _difference(
    count_group: int, n_group: int, count_comparator: int, n_comparator: int, undefined: float
) -> float:
    if n_group == 0 or n_comparator == 0:
        return undefined
    return count_group / n_group - count_comparator / n_comparator
