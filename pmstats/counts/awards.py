"""Awards counted to the penny: payments, people and pounds, by rating and by group."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.eligibility import Standing, out_of_scope, standing
from pmstats.cohort.mapping import Mapping
from pmstats.cohort.rules.awards import broken_award_rules
from pmstats.cohort.rules.rule import Records
from pmstats.counts.breakdown import breakdown
from pmstats.counts.tally import best_first_codes
from pmstats.errors import ParameterError, PmstatsError, Severity

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort
    from pmstats.counts.breakdown import Breakdown
    from pmstats.errors import Problem
    from pmstats.scheme.process import AwardRules

#: The two kinds of award, in the order in which a year has them.
KINDS = ("in_year", "end_year")
NOT_RATED = "Not rated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """How many payments were made, to how many people, and their sum in pence."""

    payments: int
    people: int
    pence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardRow:
    """The people with one rating and what they were paid, during the year and at its end."""

    rating: str
    people: int
    in_year: Payments
    end_year: Payments


@dataclass(frozen=True, slots=True, kw_only=True)
class Awards:
    """The awards of one year by rating; the rows add up to the totals, to the penny.

    `both` counts payments of either kind, and people who had one or more. Payments of another
    year and to people out of scope are in no row: `other_year` and `out_of_scope` count them.
    Raises `PmstatsError` with the difference when the rows do not add up.
    """

    rows: tuple[AwardRow, ...]
    in_year: Payments
    end_year: Payments
    both: Payments
    other_year: int
    out_of_scope: int

    def __post_init__(self) -> None:
        for kind, total in (("in_year", self.in_year), ("end_year", self.end_year)):
            parts = [getattr(row, kind) for row in self.rows]
            _must_agree(kind, "payments", sum(p.payments for p in parts), total.payments)
            _must_agree(kind, "people", sum(p.people for p in parts), total.people)
            _must_agree(kind, "pence", sum(p.pence for p in parts), total.pence)
        either = self.in_year.pence + self.end_year.pence
        _must_agree("both", "pence", either, self.both.pence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pot:
    """What was spent beside the part of the paybill that awards may come to (para 71; FAQ).

    A paybill of 0 is one that is not known.
    """

    paybill_pence: int
    spent_pence: int
    allowed_share: float

    @property
    def share(self) -> float:
        """Spent over paybill; nan where the paybill is not known."""
        return self.spent_pence / self.paybill_pence if self.paybill_pence else nan

    @property
    def within(self) -> bool:
        """Whether what was spent is no more than allowed, decided without rounding."""
        return self.spent_pence <= self.paybill_pence * Fraction(str(self.allowed_share))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AwardProblems:
    """What the check of awards finds: rules broken, and notes on what it could not check."""

    each: tuple[Problem, ...]

    @property
    def broken(self) -> tuple[Problem, ...]:
        """The rules broken, without the notes."""
        return tuple(each for each in self.each if each.severity is not Severity.INFORMATION)

    def __repr__(self) -> str:
        return f"<AwardProblems: {len(self.each)}>"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AwardBreakdown:
    """Who was paid in each group of one characteristic, rating by rating: (paid, people).

    `in_year` runs over the ratings, best first, and then those not rated; `end_year` over the
    ratings that may have an end-year award.
    """

    groups: Breakdown
    in_year: dict[str, tuple[tuple[int, int], ...]]
    end_year: dict[str, tuple[tuple[int, int], ...]]

    def __repr__(self) -> str:
        return f"<Awards by {self.groups.title.lower()}: {len(self.in_year)} groups>"


def awards(cohort: Cohort) -> Awards:
    """The awards of the year by final rating, reconciled to the payments (paras 49, 71, 90).

    Everyone in scope counts. Raises `ParameterError` when the export came without awards or the
    scheme says nothing of them, `PmstatsError` when a payment belongs to nobody in the export,
    is not in whole pence, or the rows do not add up.
    """
    rules, in_file = _held(cohort)
    scheme = cohort.scheme
    people = cohort.people
    inside = ~out_of_scope(people, scheme)
    rows, kind, pence = _payments(cohort)
    covered = inside[rows]
    this_year = len(rows)
    rows, kind, pence = rows[covered], kind[covered], pence[covered]
    codes = best_first_codes(cohort, rules.rating_stage)
    lines = []
    labels = (*scheme.best_first, NOT_RATED)
    for place, label in enumerate(labels):
        here = codes == (place if place < len(labels) - 1 else -1)
        each = [_sum(rows, pence, (kind == name) & here[rows]) for name in KINDS]
        lines.append(
            AwardRow(
                rating=label,
                people=int(people["count"].to_numpy()[here & inside].sum()),
                in_year=each[0],
                end_year=each[1],
            )
        )
    totals = [_sum(rows, pence, kind == name) for name in KINDS]
    return Awards(
        rows=tuple(lines),
        in_year=totals[0],
        end_year=totals[1],
        both=_sum(rows, pence, np.ones(len(rows), dtype=bool)),
        other_year=in_file - this_year,
        out_of_scope=this_year - len(rows),
    )


def award_breakdown(cohort: Cohort, characteristic: str) -> AwardBreakdown:
    """Who was paid in each group of one characteristic, given the final rating (para 71).

    Among those in the table at the end of the year. Raises as `awards` does.
    """
    rules, _ = _held(cohort)
    groups = breakdown(cohort, characteristic, stage=rules.rating_stage)
    known = cohort.scheme.characteristic(characteristic)
    group_of = known.groups_at(groups.level)
    answers = cohort.people[characteristic].cat
    names = np.array([*(group_of.get(name, name) for name in answers.categories), ""])
    mine = names[answers.codes.to_numpy()]
    inside = standing(cohort, stage=rules.rating_stage) == Standing.IN_TABLE.code
    codes = best_first_codes(cohort, rules.rating_stage)
    rows, kind, _ = _payments(cohort)
    counts = cohort.people["count"].to_numpy()
    best_first = cohort.scheme.best_first

    def paid_of(name: str, box: int, paid: NDArray[np.bool_]) -> tuple[int, int]:
        here = inside & (mine == name) & (codes == box)
        return int(counts[here & paid].sum()), int(counts[here].sum())

    paid = {name: np.isin(np.arange(len(mine)), rows[kind == name]) for name in KINDS}
    every = [*range(len(best_first)), -1]
    eligible = [best_first.index(name) for name in rules.end_year_ratings]
    listed = [row.name for row in groups.rows]
    return AwardBreakdown(
        groups=groups,
        in_year={
            name: tuple(paid_of(name, box, paid["in_year"]) for box in every) for name in listed
        },
        end_year={
            name: tuple(paid_of(name, box, paid["end_year"]) for box in eligible) for name in listed
        },
    )


def award_breakdowns(cohort: Cohort) -> tuple[AwardBreakdown, ...]:
    """Who was paid by every characteristic the export holds, in the scheme's order."""
    return tuple(award_breakdown(cohort, name) for name in cohort.characteristics)


def award_problems(cohort: Cohort) -> AwardProblems:
    """Every award rule broken (R18, R32-R38), as the check of the export finds them.

    Raises `ParameterError` without awards.
    """
    _held(cohort)
    here = {name: cohort.paybill[name] for name in cohort.departments if name in cohort.paybill}
    found = broken_award_rules(Records(cohort=cohort, mapping=Mapping(paybill=here)))
    return AwardProblems(each=tuple(found))


def pot(counted: Awards, *, cohort: Cohort) -> Pot:
    """What was spent beside what the scheme allows of the paybill that the mapping gives.

    The paybill is that of all the cohort's departments; not known where one of theirs is not.
    """
    rules, _ = _held(cohort)
    pounds = [cohort.paybill.get(name, 0.0) for name in cohort.departments]
    return Pot(
        paybill_pence=sum(round(each * 100) for each in pounds) if all(pounds) else 0,
        spent_pence=counted.both.pence,
        allowed_share=rules.pot_share,
    )


def _held(cohort: Cohort) -> tuple[AwardRules, int]:
    """The scheme's rules and how many payments the export came with."""
    rules = cohort.scheme.awards
    if rules is None:
        raise ParameterError(f"scheme {cohort.scheme.name}: says nothing of awards.")
    if cohort.awards is None:
        raise ParameterError(
            "The export came without awards. Name their file in the mapping, under [files]: "
            'awards = "...".'
        )
    return rules, len(cohort.awards)


def _payments(cohort: Cohort) -> tuple[NDArray[np.int64], NDArray[np.object_], NDArray[np.int64]]:
    """Each payment of this year: the row of its person, its kind, its pence."""
    held = cohort.awards
    assert held is not None
    year = cohort.scheme.year
    if "performance_year" in held and year:
        labels = held["performance_year"].astype(object)
        held = held[labels.isna() | (labels == year.label)]
    rows = _rows_of(held, cohort.people)
    if (rows < 0).any():
        raise PmstatsError(
            f"{int((rows < 0).sum()):,} awards belong to nobody in the export. Nothing was counted."
        )
    exact = held["award_amount"].to_numpy(dtype=np.float64) * 100
    if np.isnan(exact).any():
        raise PmstatsError("Some awards have no amount. Nothing was counted.")
    pence = np.rint(exact).astype(np.int64)
    if (np.abs(exact - pence) > 1e-4).any():
        raise PmstatsError("Some awards are not in whole pence. Nothing was counted.")
    return rows, held["award_type"].astype(object).to_numpy(), pence


def _rows_of(held: pd.DataFrame, people: pd.DataFrame) -> NDArray[np.int64]:
    """The row of each payment's person, -1 for a stranger's.

    Of a person whom several departments return it is the row of the one that paid.
    """
    returned = people[["person_id", "department"]].assign(row=np.arange(len(people)))
    paid = held[["person_id"]].assign(payment=np.arange(len(held)))
    both = paid.merge(returned, on="person_id", how="left")
    other = np.zeros(len(both), dtype=bool)
    if "department" in held:
        payer = held["department"].astype(object).to_numpy()[both["payment"]]
        other = (both["department"].astype(object) != payer).to_numpy()
    best = both.assign(other=other).sort_values(["payment", "other"], kind="stable")
    rows = best.drop_duplicates("payment")["row"].fillna(-1)
    return rows.to_numpy(dtype=np.int64)


def _sum(rows: NDArray[np.int64], pence: NDArray[np.int64], chosen: NDArray[np.bool_]) -> Payments:
    return Payments(
        payments=int(chosen.sum()),
        people=len(np.unique(rows[chosen])),
        pence=int(pence[chosen].sum()),
    )


def _must_agree(kind: str, what: str, parts: int, total: int) -> None:
    if parts != total:
        raise PmstatsError(
            f"Awards do not reconcile: {kind} {what} come to {parts:,} by rating and {total:,} in "
            "all. Nothing was counted."
        )
