"""Who is in scope, eligible and moderated where: rules R1, R15 to R17 and R19 to R21."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pmstats.cohort.eligibility import (
    Standing,
    after,
    another_department,
    before,
    out_of_scope,
    standing,
)
from pmstats.cohort.rules.rule import Records, Rule, breach
from pmstats.errors import Problem, Severity


def grades_out_of_scope(records: Records) -> Iterator[Problem]:
    """R1: people in grades the framework does not cover are counted apart."""
    yield from breach(
        records,
        out_of_scope(records.people, records.scheme),
        rule="R1",
        severity=Severity.WARNING,
        paragraph="6",
        column="grade",
        message="The grade is outside the framework: listed as out of scope, in no table.",
        fix="Leave these people out of the export, or correct the grade.",
    )
    yield from breach(
        records,
        records.missing("grade"),
        rule="R1",
        severity=Severity.WARNING,
        paragraph="6",
        column="grade",
        message="The grade is blank; the people are taken as in scope.",
        fix="Fill in the grade.",
    )


def eligible_people(records: Records) -> Iterator[Problem]:
    """R15: rated at a moderated stage if and only if employed on or before 31 December."""
    last = records.moderated_stages[-1]
    reasons = standing(records.cohort, stage=last.name)
    yield from breach(
        records,
        _rated_at_all(records) & (reasons == Standing.JOINED_TOO_LATE.code),
        rule="R15",
        severity=Severity.ERROR,
        paragraph="67",
        column=last.column,
        message="Rated, though they joined the Civil Service after 31 December.",
        fix="Take the rating out, or correct the date of entry.",
    )
    unrated = (reasons == Standing.IN_TABLE.code) & records.missing(last.column)
    yield from breach(
        records,
        unrated & ~_left_since(records),
        rule="R15",
        severity=_omission(records),
        paragraph="67",
        column=last.column,
        message="Eligible, and no rating is recorded.",
        fix="Record the rating, or correct the dates if they are not eligible.",
    )
    in_scope = ~out_of_scope(records.people, records.scheme)
    yield from breach(
        records,
        in_scope & records.missing("cs_entry_date"),
        rule="R15",
        severity=Severity.INFORMATION,
        paragraph="67",
        column="cs_entry_date",
        message="No date of entry, so eligibility cannot be determined; kept in scope.",
        fix="Fill in the date if it is held.",
    )


def moderating_departments(records: Records) -> Iterator[Problem]:
    """R16: the department holding the post on 31 December moderates."""
    assert records.scheme.year is not None
    last_day = records.scheme.year.eligible_by
    held = ~after(records.people, "dept_entry_date", last_day)
    held &= ~before(records.people, "leave_date", last_day)
    elsewhere = another_department(records.people)
    here = ~records.missing("moderating_department") & ~elsewhere
    for mask, message in (
        (held & elsewhere, "Another department moderates, though the post was held here"),
        (~held & here, "Moderated here, though the post was not held here"),
    ):
        yield from breach(
            records,
            mask,
            rule="R16",
            severity=Severity.ERROR,
            paragraph="68; FAQ",
            column="moderating_department",
            message=f"{message} on 31 December.",
            fix="Correct the moderating department or the dates of arrival and leaving.",
        )


def leavers(records: Records) -> Iterator[Problem]:
    """R17: who left before 1 January is not moderated at the end of the year; later, they are."""
    last = records.moderated_stages[-1]
    reasons = standing(records.cohort, stage=last.name)
    gone = reasons == Standing.LEFT_BEFORE_JANUARY.code
    rated = _rated_at_all(records)
    omitted = (reasons == Standing.IN_TABLE.code) & records.missing(last.column)
    for mask, severity, column, message, fix in (
        (
            gone & rated,
            Severity.WARNING,
            last.column,
            "Rated, though they left before 1 January; not counted.",
            "Check the leave date; take the rating out if it is right.",
        ),
        (
            omitted & _left_since(records),
            _omission(records),
            last.column,
            "Left on or after 31 December, so still moderated here, and no rating is recorded.",
            "Record the rating, or correct the leave date.",
        ),
        (
            gone & ~rated,
            Severity.INFORMATION,
            "leave_date",
            "Left before 1 January: outside end-year moderation.",
            "",
        ),
    ):
        yield from breach(
            records,
            mask,
            rule="R17",
            severity=severity,
            paragraph="68",
            column=column,
            message=message,
            fix=fix,
        )


def temporary_promotions(records: Records) -> Iterator[Problem]:
    """R19: assessed at the grade held for most days of the year in post."""
    days, promoted = _days_in_post(records)
    higher, lower = records.people["grade"].astype(str), records.people["substantive_grade"]
    assessed = records.people["assessed_grade"].astype(str).to_numpy()
    most = np.where(2 * promoted > days, higher, lower.astype(str))
    asked = ~records.missing("tp_start") & ~records.missing("assessed_grade")
    asked &= ~records.missing("substantive_grade") & (days > 0)
    tie = 2 * promoted == days
    for mask, severity, message in (
        (asked & ~tie & (assessed != most), Severity.WARNING, "Not assessed at the grade held"),
        (asked & tie, Severity.INFORMATION, "Held both grades equally long; no single grade was"),
    ):
        yield from breach(
            records,
            mask,
            rule="R19",
            severity=severity,
            paragraph="FAQ",
            column="assessed_grade",
            message=f"{message} for most days of the year.",
            fix="Treat like cases in the same way.",
        )


def secondees(records: Records) -> Iterator[Problem]:
    """R20: a secondee stays under the home employer's process."""
    yield from breach(
        records,
        records.says("employment_type", "Secondee in") & _rated_at_all(records),
        rule="R20",
        severity=Severity.WARNING,
        paragraph="FAQ",
        column="employment_type",
        message="Seconded in from elsewhere and rated here; the home employer's process holds.",
        fix="Agree with the home employer which of the two rates.",
    )


def job_shares(records: Records) -> Iterator[Problem]:
    """R21: job shares are for departmental policy; both partners are counted."""
    yield from breach(
        records,
        records.says("employment_type", "Job share"),
        rule="R21",
        severity=Severity.INFORMATION,
        paragraph="FAQ",
        column="employment_type",
        message="Job share: each partner is counted as a person with a rating of their own.",
    )


def _rated_at_all(records: Records) -> np.ndarray:
    """True for people with a rating at any moderated stage."""
    columns = [stage.column for stage in records.moderated_stages]
    rated: np.ndarray = np.logical_or.reduce([~records.missing(column) for column in columns])
    return rated


def _left_since(records: Records) -> np.ndarray:
    assert records.scheme.year is not None
    last_day = records.scheme.year.eligible_by
    if "leave_date" not in records.people:
        return np.zeros(len(records.people), dtype=bool)
    since: np.ndarray = ~(
        records.missing("leave_date") | before(records.people, "leave_date", last_day)
    )
    return since


def _omission(records: Records) -> Severity:
    """A missing rating is an error only once the mapping says that the year is closed."""
    return Severity.ERROR if records.mapping.year_closed else Severity.WARNING


def _days_in_post(records: Records) -> tuple[np.ndarray, np.ndarray]:
    """Days of the year in post, and those of them on temporary promotion."""
    assert records.scheme.year is not None
    first = np.datetime64(records.scheme.year.start, "D")
    last = np.datetime64(records.scheme.year.end, "D")

    def day(column: str, otherwise: np.datetime64) -> np.ndarray:
        if column not in records.people:
            return np.full(len(records.people), otherwise)
        dates = records.people[column].to_numpy().astype("datetime64[D]")
        return np.where(np.isnat(dates), otherwise, dates)

    came = np.maximum(day("dept_entry_date", first), first)
    went = np.minimum(day("leave_date", last), last)
    start = np.maximum(day("tp_start", last + 1), came)
    end = np.minimum(day("tp_end", last), went)
    one = np.timedelta64(1, "D")
    in_post = np.maximum((went - came + one) // one, 0)
    promoted = np.maximum((end - start + one) // one, 0)
    return in_post, promoted


def _has_moderated_stages(records: Records) -> bool:
    return bool(records.moderated_stages) and records.scheme.year is not None


def _has_year(records: Records) -> bool:
    return records.scheme.year is not None


SCOPE = (
    Rule(
        code="R1",
        paragraph="6",
        needs=("grade",),
        find=grades_out_of_scope,
        applies=lambda records: bool(records.scheme.grades),
    ),
    Rule(
        code="R15",
        paragraph="67",
        needs=("cs_entry_date",),
        find=eligible_people,
        applies=_has_moderated_stages,
    ),
    Rule(
        code="R16",
        paragraph="68; FAQ",
        needs=("department", "moderating_department"),
        find=moderating_departments,
        applies=_has_moderated_stages,
    ),
    Rule(
        code="R17",
        paragraph="68",
        needs=("leave_date",),
        find=leavers,
        applies=_has_moderated_stages,
    ),
)
EMPLOYMENT = (
    Rule(
        code="R19",
        paragraph="FAQ",
        needs=("grade", "substantive_grade", "assessed_grade", "tp_start"),
        find=temporary_promotions,
        applies=_has_year,
    ),
    Rule(
        code="R20",
        paragraph="FAQ",
        needs=("employment_type",),
        find=secondees,
        applies=_has_moderated_stages,
    ),
    Rule(
        code="R21", paragraph="FAQ", needs=("employment_type",), find=job_shares, applies=_has_year
    ),
)
