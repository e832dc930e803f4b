"""Who is in scope, eligible and moderated where: rules R1 and R15 to R17."""

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
from pmstats.cohort.rules.rule import Records, Rule
from pmstats.errors import Problem, Severity


def grades_out_of_scope(records: Records) -> Iterator[Problem]:
    """R1: people in grades the framework does not cover are counted apart."""
    outside = out_of_scope(records.people, records.scheme)
    if outside.any():
        yield Problem(
            rule="R1",
            severity=Severity.WARNING,
            paragraph="6",
            column="grade",
            rows=records.rows(outside),
            message="The grade is outside the framework: listed as out of scope, in no table.",
            fix="Leave these people out of the export, or correct the grade.",
        )
    unknown = records.people["grade"].isna().to_numpy()
    if unknown.any():
        yield Problem(
            rule="R1",
            severity=Severity.WARNING,
            paragraph="6",
            column="grade",
            rows=records.rows(unknown),
            message="The grade is blank; the people are taken as in scope.",
            fix="Fill in the grade.",
        )


def eligible_people(records: Records) -> Iterator[Problem]:
    """R15: rated at a moderated stage if and only if employed on or before 31 December."""
    in_scope = ~out_of_scope(records.people, records.scheme)
    no_date = in_scope & records.people["cs_entry_date"].isna().to_numpy()
    for stage in records.moderated_stages:
        reasons = standing(records.cohort, stage=stage.name)
        rated = records.people[stage.column].notna().to_numpy()
        late = rated & (reasons == Standing.JOINED_TOO_LATE.code)
        if late.any():
            yield Problem(
                rule="R15",
                severity=Severity.ERROR,
                paragraph="67",
                column=stage.column,
                rows=records.rows(late),
                message="Rated, though they joined the Civil Service after 31 December.",
                fix="Take the rating out, or correct the date of entry.",
            )
        missing = ~rated & (reasons == Standing.IN_TABLE.code)
        if missing.any() and stage.column == records.moderated_stages[-1].column:
            closed = records.mapping.year_closed
            yield Problem(
                rule="R15",
                severity=Severity.ERROR if closed else Severity.WARNING,
                paragraph="67",
                column=stage.column,
                rows=records.rows(missing),
                message="Eligible, and no rating is recorded.",
                fix="Record the rating, or correct the dates if they are not eligible.",
            )
    if no_date.any():
        yield Problem(
            rule="R15",
            severity=Severity.INFORMATION,
            paragraph="67",
            column="cs_entry_date",
            rows=records.rows(no_date),
            message="No date of entry, so eligibility cannot be determined; kept in scope.",
            fix="Fill in the date if it is held.",
        )


def moderating_departments(records: Records) -> Iterator[Problem]:
    """R16: the department holding the post on 31 December moderates."""
    if records.scheme.year is None:
        return
    last_day = records.scheme.year.eligible_by
    held = ~after(records.people, "dept_entry_date", last_day)
    held &= ~before(records.people, "leave_date", last_day)
    named = records.people["moderating_department"].notna().to_numpy()
    elsewhere = another_department(records.people)
    for mask, message in (
        (held & elsewhere, "Another department moderates, though the post was held here"),
        (~held & named & ~elsewhere, "Moderated here, though the post was not held here"),
    ):
        if mask.any():
            yield Problem(
                rule="R16",
                severity=Severity.ERROR,
                paragraph="68; FAQ",
                column="moderating_department",
                rows=records.rows(mask),
                message=f"{message} on 31 December.",
                fix="Correct the moderating department or the dates of arrival and leaving.",
            )


def leavers(records: Records) -> Iterator[Problem]:
    """R17: who left before 1 January is not moderated at the end of the year."""
    quiet = np.zeros(len(records.people), dtype=bool)
    for stage in records.moderated_stages:
        reasons = standing(records.cohort, stage=stage.name)
        gone = reasons == Standing.LEFT_BEFORE_JANUARY.code
        rated = gone & records.people[stage.column].notna().to_numpy()
        quiet = (quiet | gone) & ~rated
        if rated.any():
            yield Problem(
                rule="R17",
                severity=Severity.WARNING,
                paragraph="68",
                column=stage.column,
                rows=records.rows(rated),
                message="Rated, though they left before 1 January; not counted.",
                fix="Check the leave date; take the rating out if it is right.",
            )
    if quiet.any():
        yield Problem(
            rule="R17",
            severity=Severity.INFORMATION,
            paragraph="68",
            column="leave_date",
            rows=records.rows(quiet),
            message="Left before 1 January: outside end-year moderation.",
            fix="",
        )


def _has_moderated_stages(records: Records) -> bool:
    return bool(records.moderated_stages) and records.scheme.year is not None


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
