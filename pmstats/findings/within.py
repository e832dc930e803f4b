"""The same comparisons within grade, beside the crude ones (paragraph 84; Annex D).

A difference can come from the mix of grades, or be hidden by it. Grade may itself be an
outcome, so neither figure replaces the other: both stand side by side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pmstats.counts.breakdown import breakdowns_within
from pmstats.findings.finding import Finding, Interval, TestResult
from pmstats.findings.methods.multiplicity import holm
from pmstats.findings.methods.reconcile import compare_within
from pmstats.findings.methods.simpson import simpson_sentence
from pmstats.findings.methods.stratified import Stratum, homogeneity
from pmstats.findings.methods.verdict import verdict

if TYPE_CHECKING:
    from pmstats.cohort import Cohort
    from pmstats.counts import Breakdown, GroupRow
    from pmstats.findings.disparity import Disparities, Disparity
    from pmstats.scheme import Scheme

#: What a page says beside every figure within grade.
CAUTION = "Grade may itself be an outcome: read both figures, not the one instead of the other."


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """One framing overall and within grade; `alike` asks whether the grades agree.

    `sentence` says so when the two differ in direction or verdict, and is empty otherwise.
    """

    overall: Finding
    within: Finding
    alike: TestResult
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class WithinGrade:
    """Every framing of every characteristic within grade, by characteristic."""

    grades: int
    each: dict[str, tuple[Within, ...]]

    def __repr__(self) -> str:
        return f"<WithinGrade: {self.grades} grades, {len(self.each)} characteristics>"


def within_grade(cohort: Cohort, found: Disparities, *, stage: str) -> WithinGrade:
    """The framings of every comparison again within grade, for the same groups.

    Empty where the export holds no grades or only one. A figure within grade is exploratory:
    it is a gap only where the characteristic's primary comparison is one.
    """
    if "grade" not in cohort.people.columns:
        return WithinGrade(grades=0, each={})
    grades = cohort.people["grade"].nunique()
    if grades < 2:
        return WithinGrade(grades=grades, each={})
    compared = [each.breakdown for each in found.each if each.primary]
    levels = {each.characteristic: each.level for each in compared}
    parts = breakdowns_within(cohort, "grade", stage=stage, levels=levels)
    return WithinGrade(
        grades=grades,
        each={name: _framings(found[name], parts[name], cohort.scheme) for name in levels},
    )


def _framings(each: Disparity, strata: tuple[Breakdown, ...], scheme: Scheme) -> tuple[Within, ...]:
    assert each.primary is not None
    crude = [finding for finding in each.exploratory if finding.share_group is not None]
    tables = [
        [_stratum(part, finding, scheme.framing(finding.question).ratings) for part in strata]
        for finding in crude
    ]
    pairs = [compare_within(parts, confidence=scheme.practice.confidence) for parts in tables]
    # adjusted as the crude framings are, so that the two verdicts differ by the figures alone
    own = holm([test.p_value for _, test in pairs])
    primary_p = math.nan if each.primary.adjusted_p is None else each.primary.adjusted_p
    return tuple(
        _within(finding, pair, homogeneity(parts), max(adjusted, primary_p), scheme)
        for finding, parts, pair, adjusted in zip(crude, tables, pairs, own, strict=True)
    )


def _within(
    crude: Finding,
    pair: tuple[Interval, TestResult],
    alike: TestResult,
    adjusted_p: float,
    scheme: Scheme,
) -> Within:
    assert crude.effect is not None
    assert crude.margin is not None
    effect, test = pair
    answer = verdict(
        p_value=test.p_value,
        adjusted_p=adjusted_p,
        interval=effect,
        null=0.0,
        margin=crude.margin,
        significance=scheme.practice.significance,
    )
    within = replace(
        crude,
        question=f"{crude.question}, within grade",
        effect=effect,
        ratio=None,
        detectable=None,
        p_value=test.p_value,
        adjusted_p=None if math.isnan(adjusted_p) else adjusted_p,
        p_method=test.method,
        method=effect.method,
        verdict=answer,
        sentence="",
        flips_with=None,
    )
    return Within(
        overall=crude,
        within=within,
        alike=alike,
        sentence=simpson_sentence(
            crude=crude.effect,
            adjusted=effect,
            crude_verdict=crude.verdict,
            adjusted_verdict=answer,
            null=0.0,
        ),
    )


def _stratum(part: Breakdown, crude: Finding, boxes: tuple[str, ...]) -> Stratum:
    group, comparator = _row(part, crude.group), _row(part, crude.comparator)
    return Stratum(
        count_group=group.distribution.count(*boxes),
        n_group=group.distribution.n,
        count_comparator=comparator.distribution.count(*boxes),
        n_comparator=comparator.distribution.n,
    )


def _row(part: Breakdown, name: str) -> GroupRow:
    return next(row for row in part.declared if row.name == name)
