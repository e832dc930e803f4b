"""What people without an answer could do to a comparison, if their answers were known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pmstats.counts.breakdown import Answer
from pmstats.findings.declaration import (
    DeclarationBounds,
    TippingPoint,
    declaration_bounds,
    tipping_point,
)
from pmstats.findings.sentences import signed_points

if TYPE_CHECKING:
    from pmstats.counts import Breakdown, GroupRow
    from pmstats.scheme import Framing, Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """One framing of one pair of groups, at the mercy of those without an answer.

    `tipping` is the fewest of them whose belonging would turn the evidence; None when not even
    all of them would. No person's answer is ever guessed.
    """

    group: str
    comparator: str
    question: str
    bounds: DeclarationBounds
    tipping: TippingPoint | None
    sentence: str


def sensitivity(
    each: Breakdown, row: GroupRow, comparator: GroupRow, framing: Framing, *, scheme: Scheme
) -> Sensitivity:
    """The least and the greatest difference, and the tipping point, for one framing.

    The undeclared and the unknown count together: either could belong to either group.
    """
    silent = [other for other in each.rows if other.answer is not Answer.DECLARED]
    table = (
        row.distribution.count(*framing.ratings),
        row.distribution.n,
        comparator.distribution.count(*framing.ratings),
        comparator.distribution.n,
    )
    count_undeclared = sum(other.distribution.count(*framing.ratings) for other in silent)
    n_undeclared = sum(other.distribution.n for other in silent)
    bounds = declaration_bounds(
        *table, count_undeclared=count_undeclared, n_undeclared=n_undeclared
    )
    tipping = tipping_point(
        *table,
        count_undeclared=count_undeclared,
        n_undeclared=n_undeclared,
        significance=scheme.practice.significance,
    )
    return Sensitivity(
        group=row.name,
        comparator=comparator.name,
        question=framing.name,
        bounds=bounds,
        tipping=tipping,
        sentence=_sentence(framing.name, bounds, tipping),
    )


def _sentence(question: str, bounds: DeclarationBounds, tipping: TippingPoint | None) -> str:
    if not bounds.undeclared:
        return f"{question}: everyone rated has an answer (n = 0 without one)."
    turn = (
        "not even all of them would turn the evidence"
        if tipping is None
        else f"{tipping.people:,} of them, placed where they weigh most, would turn the evidence"
    )
    return (
        f"{question}: whatever the {bounds.undeclared:,} people without an answer would have "
        f"said, the difference lies between {signed_points(bounds.low)} and "
        f"{signed_points(bounds.high)} (n = {bounds.undeclared:,}); {turn}."
    )
