"""The annual return to the Cabinet Office as numbers that reconcile to the rows (paras 89-92)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.eligibility import Standing, standing
from pmstats.counts.awards import awards
from pmstats.counts.coverage import coverage
from pmstats.counts.distribution import distribution
from pmstats.counts.quarters import support
from pmstats.counts.tally import rating_codes
from pmstats.errors import PmstatsError

if TYPE_CHECKING:
    from pmstats.cohort.cohort import Cohort
    from pmstats.counts.awards import Awards
    from pmstats.counts.distribution import Distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnualReturn:
    """What paragraphs 89 to 92 ask for, with every denominator a percentage may take.

    `in_scope` is everyone in a grade the framework covers, `eligible` those of them in the
    table of the final rating (paras 67-68), `rated` those with one. `awards` is None where the
    export came without them, `under_measures` where it does not hold the record. Raises
    `PmstatsError` when the parts do not add up.
    """

    department: str
    cycle: str
    stage: str
    in_scope: int
    eligible: int
    ratings: Distribution
    awards: Awards | None
    under_measures: int | None

    def __post_init__(self) -> None:
        _must_agree("people in the table", self.ratings.people, self.eligible)
        if not self.rated <= self.eligible <= self.in_scope:
            raise PmstatsError(
                "The return does not reconcile: more people rated than eligible, or more "
                "eligible than in scope. No return was made."
            )
        if self.awards:
            by_rating = sum(row.people for row in self.awards.rows)
            _must_agree("people in scope", by_rating, self.in_scope)

    @property
    def rated(self) -> int:
        """People with a final rating."""
        return self.ratings.n

    @property
    def denominators(self) -> tuple[tuple[str, int], ...]:
        """The three numbers of people a percentage may be of."""
        return (("rated", self.rated), ("eligible", self.eligible), ("in scope", self.in_scope))


def annual_return(cohort: Cohort) -> AnnualReturn:
    """The annual return of one department (R51), reconciled to the rows or refused.

    The stage is the one awards rest on, else the last. Raises `PmstatsError` for more than one
    department and for numbers that do not reconcile, `ParameterError` when the export holds no
    final ratings.
    """
    scheme = cohort.scheme
    if len(cohort.departments) != 1:
        raise PmstatsError("An annual return is of one department: choose it first.")
    stage = scheme.awards.rating_stage if scheme.awards else scheme.stages[-1].name
    ledger = coverage(cohort, stage=stage)
    ratings = distribution(cohort, stage=stage)
    _reconcile(cohort, stage, ratings)
    outside = int(
        cohort.people["count"]
        .to_numpy()[standing(cohort, stage=stage) == Standing.OUT_OF_SCOPE.code]
        .sum()
    )
    record = support(cohort)
    return AnnualReturn(
        department=cohort.departments[0],
        cycle=scheme.cycle,
        stage=stage,
        in_scope=ledger.in_export - outside,
        eligible=ledger.in_table,
        ratings=ratings,
        awards=awards(cohort) if cohort.awards is not None else None,
        under_measures=record.on_measures if record else None,
    )


def _reconcile(cohort: Cohort, stage: str, ratings: Distribution) -> None:
    """Count the rows again, one box at a time, and compare."""
    inside = standing(cohort, stage=stage) == Standing.IN_TABLE.code
    counts = cohort.people["count"].to_numpy()
    codes = rating_codes(cohort, stage)
    for place, (rating, count) in enumerate(zip(ratings.ratings, ratings.counts, strict=True)):
        _must_agree(f"people rated {rating}", count, int(np.sum(counts[inside & (codes == place)])))


def _must_agree(what: str, one: int, other: int) -> None:
    if one != other:
        raise PmstatsError(
            f"The return does not reconcile: {what} are {one:,} by one count and {other:,} by "
            "another. No return was made."
        )
