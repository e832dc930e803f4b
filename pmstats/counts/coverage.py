"""The coverage ledger: everyone in the export, in the table or excluded for a stated reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pmstats.cohort.cohort import UNDECLARED, UNKNOWN
from pmstats.cohort.eligibility import Standing, standing
from pmstats.counts.breakdown import breakdown
from pmstats.counts.tally import rating_codes
from pmstats.errors import PmstatsError

if TYPE_CHECKING:
    from pmstats.cohort.cohort import Cohort
    from pmstats.scheme import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """People left out of the table for one reason, with the paragraph that says so."""

    reason: str
    count: int
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Who is in the table of a stage and who is not; the lines add up to the export.

    Raises `PmstatsError` with the difference when they do not: a pack that loses people
    must not be made.
    """

    stage: str
    in_export: int
    exclusions: tuple[Exclusion, ...]
    in_table: int
    rated: int

    def __post_init__(self) -> None:
        excluded = sum(line.count for line in self.exclusions)
        difference = self.in_export - excluded - self.in_table
        if difference:
            raise PmstatsError(
                f"The coverage ledger does not reconcile: {self.in_export:,} people in the export, "
                f"{excluded:,} excluded and {self.in_table:,} in the table leave "
                f"{difference:,} unexplained. No pack was made."
            )

    @property
    def unrated(self) -> int:
        """People in the table without a rating at this stage."""
        return self.in_table - self.rated

    @property
    def completion(self) -> float:
        """Share of the people in the table who are rated; nan for an empty table."""
        return self.rated / self.in_table if self.in_table else float("nan")


def coverage(cohort: Cohort, *, stage: str) -> Coverage:
    """The coverage ledger of a stage (R1, R15-R17), reconciled to the export.

    Raises `KeyError` for a stage the scheme or the export lacks.
    """
    reasons = standing(cohort, stage=stage)
    people = cohort.people["count"].to_numpy()
    counts = {each: int(people[reasons == each.code].sum()) for each in Standing}
    rated = (reasons == Standing.IN_TABLE.code) & (rating_codes(cohort, stage) >= 0)
    return Coverage(
        stage=stage,
        in_export=int(people.sum()),
        exclusions=tuple(
            _exclusion(each, count, cohort.scheme)
            for each, count in counts.items()
            if count and each.reason
        ),
        in_table=counts[Standing.IN_TABLE],
        rated=int(people[rated].sum()),
    )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupCoverage:
    """The coverage ledger of each group of a characteristic, non-answers as groups of their own.

    The ledgers add up to the department's. The repr shows no count.
    """

    characteristic: str
    title: str
    groups: tuple[tuple[str, Coverage], ...]

    def __repr__(self) -> str:
        return f"<GroupCoverage by {self.title.lower()}: {len(self.groups)} groups>"


def coverage_by(cohort: Cohort, characteristic: str, *, stage: str) -> GroupCoverage:
    """Who is in the table and who is not, group by group, each ledger reconciled.

    At the level at which the groups are compared. Raises `ParameterError` for a characteristic
    or stage that is not held.
    """
    compared = breakdown(cohort, characteristic, stage=stage)
    known = cohort.scheme.characteristic(characteristic)
    group_of = known.groups_at(compared.level) | {UNDECLARED: UNDECLARED, UNKNOWN: UNKNOWN}
    recorded = cohort.people[characteristic].map(group_of)
    parts = ((row.name, cohort.people[recorded == row.name]) for row in compared.rows)
    return GroupCoverage(
        characteristic=characteristic,
        title=known.title,
        groups=tuple(
            (name, coverage(replace(cohort, people=people), stage=stage))
            for name, people in parts
            if len(people)
        ),
    )


def _exclusion(each: Standing, count: int, scheme: Scheme) -> Exclusion:
    """Those left out for one reason, in the scheme's words where it has some."""
    words = scheme.words_for(each.reason) if each.reason else None
    if words is None:
        return Exclusion(reason=each.sentence, count=count, paragraph="")
    return Exclusion(reason=words.sentence, count=count, paragraph=words.paragraph)
