"""Whether moderation moved groups differently from the same starting box (paras 79-82).

One identical rule moves groups that start in different boxes by different amounts, so
everything here is conditional on the starting box.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pmstats.errors import ParameterError
from pmstats.findings.conditional import Conditional, Strata, conditional_disparities
from pmstats.findings.methods.moderation import differential_movement

if TYPE_CHECKING:
    from pmstats.counts.movement import Movement, MovementBreakdown
    from pmstats.findings.disparity import Disparities
    from pmstats.scheme import Scheme

LOWERED = "Lowered, from the same starting box"
RAISED = "Raised, from the same starting box"


def differential_movements(
    breakdowns: Iterable[MovementBreakdown], *, scheme: Scheme
) -> Disparities:
    """For each characteristic, whether its groups moved alike from the same starting box.

    The primary test is the stratified exact test of the whole scale, the effect beside it the
    difference in the share lowered, of those who could be, at the same mix of starting boxes.
    Raises `ParameterError` for a scheme without moderation.
    """
    if scheme.moderation is None:
        raise ParameterError(f"scheme {scheme.name}: says nothing of moderation.")
    return conditional_disparities(
        [_conditional(each) for each in breakdowns],
        scheme=scheme,
        margin=scheme.moderation.margin,
        paragraph=scheme.moderation.paragraph,
    )


def _conditional(each: MovementBreakdown) -> Conditional:
    comparator = each[each.groups.reference].worst_first
    return Conditional(
        groups=each.groups,
        n={name: moved.n for name, moved in each.rows},
        counts={
            LOWERED: {name: _lowered(moved) for name, moved in each.rows},
            RAISED: {name: _raised(moved) for name, moved in each.rows},
        },
        tests={
            row.name: differential_movement(each[row.name].worst_first, comparator)
            for row in each.groups.others
            if each[row.name].n
        },
    )


def _lowered(moved: Movement) -> Strata:
    """Of each starting box but the worst: people lowered, and all of them."""
    return tuple((sum(row[place + 1 :]), sum(row)) for place, row in enumerate(moved.table[:-1]))


def _raised(moved: Movement) -> Strata:
    """Of each starting box but the best: people raised, and all of them."""
    return tuple((sum(row[:place]), sum(row)) for place, row in enumerate(moved.table) if place)
