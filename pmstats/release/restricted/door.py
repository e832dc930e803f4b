"""What the entitled readers of a restricted pack may see: group figures, no group too small.

Exact numbers, tests and intervals, at group level only. A group with fewer people rated than
the scheme's minimum is withheld; where the withheld groups of a table together are still that
few, the next smallest is withheld as well, so that subtraction gives no small group away.
This class claims no more protection than that: it is for the people named in its handling note.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pmstats.cohort.cohort import UNDECLARED, UNKNOWN
from pmstats.counts import Answer, Breakdown, Coverage, Distribution, GroupCoverage, Groups
from pmstats.counts.crossed import Crossed
from pmstats.errors import Problem
from pmstats.findings.adjusted import Adjusted, GivenGradeAndUnit
from pmstats.findings.calibration import Calibration
from pmstats.findings.crossing import Crossing
from pmstats.findings.curve import CurveReading
from pmstats.findings.disparity import Disparities, Disparity
from pmstats.findings.methods.intervals import share_interval
from pmstats.findings.sentences import capitalised
from pmstats.findings.within import WithinGrade
from pmstats.release.restricted.adjusted import adjusted_table, cuts_table
from pmstats.release.restricted.calibrated import calibration_table
from pmstats.release.restricted.comparisons import findings_table, verdicts_table
from pmstats.release.restricted.crossed import crossing_table, mix_table
from pmstats.release.restricted.framework import FrameworkSubject, framework_table
from pmstats.release.restricted.robustness import all_within_table
from pmstats.release.restricted.withholding import withheld
from pmstats.release.restricted.year import YearSubject, year_table
from pmstats.release.table import (
    TOO_FEW,
    Column,
    Kind,
    RestrictedTable,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pmstats.scheme import Scheme


Showable = (
    Coverage
    | GroupCoverage
    | Distribution
    | Groups
    | Breakdown
    | CurveReading
    | Disparity
    | Disparities
    | WithinGrade
    | GivenGradeAndUnit
    | Adjusted
    | Crossed
    | Crossing
    | FrameworkSubject
    | tuple[Problem, ...]
)


def restricted_table(  # noqa: PLR0912 - one branch for each thing that can be shown
    subject: Showable | YearSubject, *, scheme: Scheme
) -> RestrictedTable:
    """The table that the readers of a restricted pack may see of counts, findings or problems.

    Raises `TypeError` for anything else: rows of people have no such table.
    """
    if isinstance(subject, FrameworkSubject):
        return framework_table(subject, scheme=scheme)
    match subject:
        case Coverage():
            table = coverage_table(subject, scheme=scheme)
        case GroupCoverage():
            table = group_coverage_table(subject, scheme=scheme)
        case Distribution():
            table = distribution_table(subject, scheme=scheme)
        case Groups():
            table = groups_table(subject, scheme=scheme)
        case Breakdown():
            table = breakdown_table(subject, scheme=scheme)
        case CurveReading():
            table = curve_table(subject)
        case Disparity():
            table = findings_table(subject)
        case Disparities():
            table = verdicts_table(subject)
        case WithinGrade():
            table = all_within_table(subject)
        case GivenGradeAndUnit():
            table = adjusted_table(subject)
        case Adjusted():
            table = cuts_table(subject)
        case Crossed():
            table = mix_table(subject, scheme=scheme)
        case Crossing():
            table = crossing_table(subject)
        case Calibration():
            table = calibration_table(subject)
        case tuple():
            table = problems_table(subject)
        case _:
            table = year_table(subject, scheme=scheme)
    return table


def coverage_table(coverage: Coverage, *, scheme: Scheme) -> RestrictedTable:
    """The coverage ledger as a table: from everyone in the export to everyone rated."""
    lines: list[tuple[Value, ...]] = [("In the export", coverage.in_export, "")]
    lines += [
        (f"Left out: {line.reason.rstrip('.')}", line.count, line.paragraph)
        for line in coverage.exclusions
    ]
    lines += [
        ("In the table", coverage.in_table, ""),
        ("Rated", coverage.rated, ""),
        ("Not rated", coverage.unrated, ""),
    ]
    return RestrictedTable(
        id="coverage",
        caption="Who is counted, and who is not",
        columns=(
            Column(name=capitalised(scheme.counted.many)),
            Column(name="Number", kind=Kind.COUNT),
            Column(name="Paragraph"),
        ),
        rows=tuple(lines),
        notes=(
            f"These lines add up to all {scheme.counted.many} in the export; if they did not, the "
            "run would stop.",
        ),
    )


def group_coverage_table(subject: GroupCoverage, *, scheme: Scheme) -> RestrictedTable:
    """The coverage ledger group by group; groups too small are withheld by the class's rule."""
    minimum = scheme.practice.minimum_group
    hidden = withheld(
        {name: each.in_export for name, each in subject.groups},
        minimum=minimum,
        unanswered=frozenset({UNDECLARED, UNKNOWN}),
    )
    reasons = list(dict.fromkeys(x.reason for _, each in subject.groups for x in each.exclusions))
    rows: list[tuple[Value, ...]] = []
    for name, each in subject.groups:
        if name in hidden:
            rows.append((name, TOO_FEW, *([None] * (len(reasons) + 2))))
            continue
        left_out = {line.reason: line.count for line in each.exclusions}
        counts = [left_out.get(reason, 0) for reason in reasons]
        rows.append((name, each.in_export, *counts, each.in_table, each.rated))
    return RestrictedTable(
        id=f"coverage-by-{subject.characteristic}",
        caption=f"Who is counted, by {subject.title.lower()}",
        question="Who is counted,",
        by=subject.title.lower(),
        columns=(
            Column(name=subject.title),
            Column(name="In the export", kind=Kind.COUNT),
            *(Column(name=f"Left out: {r.rstrip('.')}", kind=Kind.COUNT) for r in reasons),
            Column(name="In the table", kind=Kind.COUNT),
            Column(name="Rated", kind=Kind.COUNT),
        ),
        rows=tuple(rows),
        notes=("Every line adds up: the export, less those left out, is the table.",),
    )


def distribution_table(distribution: Distribution, *, scheme: Scheme) -> RestrictedTable:
    """The count and share in each box with its interval, empty boxes included (para 17)."""
    rows = [
        _share_row(rating, distribution.count(rating), distribution.n, scheme)
        for rating in distribution.ratings
    ]
    rows.append(("Rated", distribution.n, None, None, None))
    rows.append(("Not rated", distribution.unrated, None, None, None))
    return _shares_table(rows, id="distribution", where="in each box", scheme=scheme)


def cumulative_table(distribution: Distribution, *, scheme: Scheme) -> RestrictedTable:
    """The share at each box or above, best box first."""
    best = scheme.best_first
    rows = [
        _share_row(
            f"{rating} or above" if place else rating,
            distribution.count(*best[: place + 1]),
            distribution.n,
            scheme,
        )
        for place, rating in enumerate(best[:-1])
    ]
    return _shares_table(rows, id="cumulative", where="at each box or above", scheme=scheme)


def _share_row(label: str, count: int, n: int, scheme: Scheme) -> tuple[Value, ...]:
    interval = share_interval(count, n, confidence=scheme.practice.confidence)
    return (label, count, interval.value, interval.low, interval.high)


def _shares_table(
    rows: list[tuple[Value, ...]], *, id: str, where: str, scheme: Scheme
) -> RestrictedTable:
    counted = capitalised(scheme.counted.many)
    return RestrictedTable(
        id=id,
        caption=f"{counted} {where}",
        columns=(
            Column(name="Rating"),
            Column(name=counted, kind=Kind.COUNT),
            Column(name="Share", kind=Kind.SHARE),
            Column(name="Low", kind=Kind.SHARE),
            Column(name="High", kind=Kind.SHARE),
        ),
        rows=tuple(rows),
        notes=(_interval_note(scheme, "Wilson score"),),
    )


def groups_table(
    groups: Groups, *, scheme: Scheme, id: str = "", unanswered: frozenset[str] = frozenset()
) -> RestrictedTable:
    """The share in each box for each group, groups too small withheld by the class's rule."""
    minimum = scheme.practice.minimum_group
    sizes = {name: each.n for name, each in groups.rows}
    hidden = withheld(sizes, minimum=minimum, unanswered=unanswered)
    boxes = scheme.rating_names
    rows: list[tuple[Value, ...]] = []
    for name, each in groups.rows:
        if name in hidden:
            rows.append((name, TOO_FEW, *([None] * (len(boxes) + 1))))
        else:
            rows.append((name, each.n, *each.shares, each.unrated))
    note = (
        f"Groups with fewer than {minimum} {scheme.counted.many} rated are not reported, "
        "nor is any group that subtraction would give away with them."
    )
    return RestrictedTable(
        id=id or f"by-{groups.heading.lower().replace(' ', '-')}",
        caption=f"Ratings by {groups.heading.lower()}",
        question="Ratings",
        by=groups.heading.lower(),
        columns=(
            Column(name=groups.heading),
            Column(name="Rated (n)", kind=Kind.COUNT),
            *(Column(name=box, kind=Kind.SHARE) for box in boxes),
            Column(name="Not rated", kind=Kind.COUNT),
        ),
        rows=tuple(rows),
        notes=(note,) if hidden else (),
    )


def detail_table(each: Breakdown, *, scheme: Scheme) -> RestrictedTable:
    """The same in finer detail than groups are compared at: for description only."""
    table = breakdown_table(each, scheme=scheme)
    return replace(
        table,
        id=f"{each.characteristic}-detail",
        caption=f"Ratings by {each.title.lower()}, {each.level}",
        question="Ratings",
        by=f"{each.title.lower()}, {each.level}",
        notes=("For description only: these groups are too small to be compared.", *table.notes),
    )


def breakdown_table(each: Breakdown, *, scheme: Scheme) -> RestrictedTable:
    """The share in each box for each group of a characteristic, non-answers beside them."""
    groups = Groups(
        heading=each.title,
        rows=tuple((row.name, row.distribution) for row in each.rows if row.distribution.people),
    )
    return groups_table(
        groups,
        scheme=scheme,
        id=f"{each.characteristic}-ratings",
        unanswered=frozenset(row.name for row in each.rows if row.answer is not Answer.DECLARED),
    )


def curve_table(curve: CurveReading) -> RestrictedTable:
    """Each expected share beside what was found and the counts chance alone would give."""
    return RestrictedTable(
        id="curve",
        caption="Beside the expected share",
        columns=(
            Column(name="Rating"),
            Column(name="Expected", kind=Kind.SHARE),
            Column(name="People", kind=Kind.COUNT),
            Column(name="n", kind=Kind.COUNT),
            Column(name="Share", kind=Kind.SHARE),
            Column(name="Low", kind=Kind.SHARE),
            Column(name="High", kind=Kind.SHARE),
            Column(name="Fewest by chance", kind=Kind.COUNT),
            Column(name="Most by chance", kind=Kind.COUNT),
            Column(name="p", kind=Kind.P_VALUE),
            Column(name="Reading"),
        ),
        rows=tuple(
            (
                each.rating,
                each.expected,
                each.count,
                each.n,
                each.interval.value,
                each.interval.low,
                each.interval.high,
                each.range_low,
                each.range_high,
                each.p_value,
                each.reading.value,
            )
            for each in curve.shares
        ),
    )


def problems_table(problems: Iterable[Problem]) -> RestrictedTable:
    """What the check of the export found, as counts of rows: no row is named in a pack."""
    return RestrictedTable(
        id="problems",
        caption="What the check of the export found",
        columns=(
            Column(name="Rule"),
            Column(name="Weight"),
            Column(name="What"),
            Column(name="Rows", kind=Kind.COUNT),
        ),
        rows=tuple(
            (each.rule, each.severity.value, each.message, len(each.rows) or None)
            for each in problems
        ),
        notes=("Counted over the whole export, all departments together.",),
    )


def _interval_note(scheme: Scheme, method: str) -> str:
    return (
        f"Low and high are the limits of a {100 * scheme.practice.confidence:.4g}% "
        f"interval ({method})."
    )
