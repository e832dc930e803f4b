"""How a comparison stands with other answers: of those without one, of another comparator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pmstats.counts.breakdown import Answer
from pmstats.findings.finding import WHOLE_SCALE, Interval
from pmstats.findings.methods.declaration import (
    DeclarationBounds,
    TippingPoint,
    declaration_bounds,
    tipping_point,
)
from pmstats.findings.methods.intervals import difference_interval
from pmstats.findings.methods.ordinal import superiority
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


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryoneElse:
    """One group beside all the other groups together, in one question.

    Without p and verdict: this comparator overlaps with the scheme's own, and overlapping
    comparators are never tested together. Shares are None for the whole scale, where `effect`
    is the probability of superiority.
    """

    group: str
    question: str
    n_group: int
    n_others: int
    effect: Interval
    share_group: float | None = None
    share_others: float | None = None


def everyone_else(rows: Sequence[GroupRow], *, name: str, scheme: Scheme) -> list[EveryoneElse]:
    """The named row beside all the other rows together: the whole scale, then each framing.

    Only rows that are shown belong among them, so that no small group follows by subtraction.
    """
    group = next(row.distribution for row in rows if row.name == name)
    others = [row.distribution for row in rows if row.name != name]

    def count(rating: str) -> int:
        return sum(each.count(rating) for each in others)

    confidence, n_others = scheme.practice.confidence, sum(each.n for each in others)
    found = [
        EveryoneElse(
            group=name,
            question=WHOLE_SCALE,
            n_group=group.n,
            n_others=n_others,
            effect=superiority(
                [group.count(rating) for rating in scheme.worst_first],
                [count(rating) for rating in scheme.worst_first],
                confidence=confidence,
            ),
        )
    ]
    for framing in scheme.framings:
        own, other = group.count(*framing.ratings), sum(map(count, framing.ratings))
        found.append(
            EveryoneElse(
                group=name,
                question=framing.name,
                n_group=group.n,
                n_others=n_others,
                effect=difference_interval(own, group.n, other, n_others, confidence=confidence),
                share_group=own / group.n,
                share_others=other / n_others,
            )
        )
    return found


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
