"""What those who did not declare a characteristic could do to a difference between its groups."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np

from pmstats.findings.methods.flips import first_turned


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
    outside = n_undeclared - count_undeclared
    people = np.arange(1, n_undeclared + 1)[:, np.newaxis]
    for_group = np.array([outside, count_undeclared])  # pushing down, then up
    for_comparator = for_group[::-1]
    if n_group <= n_comparator:
        to_group = np.minimum(people, for_group)
        to_comparator = people - to_group
    else:
        to_comparator = np.minimum(people, for_comparator)
        to_group = people - to_comparator
    up = np.array([False, True])
    possible = (to_group <= for_group) & (to_comparator <= for_comparator)
    tables = np.stack(
        [
            count_group + np.where(up, to_group, 0),
            n_group + to_group,
            count_comparator + np.where(up, 0, to_comparator),
            n_comparator + to_comparator,
        ],
        axis=-1,
    )[possible]
    observed = (count_group, n_group, count_comparator, n_comparator)
    turned = first_turned(observed, tables, significance=significance)
    if turned is None:
        return None
    joined = tables[turned] - observed
    group_in, to_its_group, comparator_in, to_its_comparator = (int(each) for each in joined)
    return TippingPoint(
        people=to_its_group + to_its_comparator,
        undeclared=n_undeclared,
        group_in=group_in,
        group_out=to_its_group - group_in,
        comparator_in=comparator_in,
        comparator_out=to_its_comparator - comparator_in,
    )


def _difference(
    count_group: int, n_group: int, count_comparator: int, n_comparator: int, undefined: float
) -> float:
    if n_group == 0 or n_comparator == 0:
        return undefined
    return count_group / n_group - count_comparator / n_comparator
