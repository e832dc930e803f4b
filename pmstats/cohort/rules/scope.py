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
from pmstats.cohort.rules.rule import Records, Rule, breach, has_year
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
        rated_at_all(records) & (reasons == Standing.JOINED_TOO_LATE.code),
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
        unrated & ~_left_since(records) & ~records.says("employment_type", "Secondee out"),
        rule="R15",
        severity=omission(records),
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
    unsaid = records.missing("moderating_department")
    here = ~unsaid & ~elsewhere
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
    arrived = after(records.people, "dept_entry_date", last_day)
    arrived &= ~after(records.people, "cs_entry_date", last_day)
    yield from breach(
        records,
        arrived & unsaid & rated_at_all(records),
        rule="R16",
        severity=Severity.WARNING,
        paragraph="68; FAQ",
        column="moderating_department",
        message="Came after 31 December and is rated, and the export does not say who moderates; "
        "the rating is left to the department of 31 December.",
        fix="Fill in the moderating department.",
    )


def leavers(records: Records) -> Iterator[Problem]:
    """R17: who left before 1 January is not moderated at the end of the year; later, they are."""
    last = records.moderated_stages[-1]
    reasons = standing(records.cohort, stage=last.name)
    gone = reasons == Standing.LEFT_BEFORE_JANUARY.code
    rated = rated_at_all(records)
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
            omission(records),
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


def rated_at_all(records: Records) -> np.ndarray:
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


def omission(records: Records) -> Severity:
    """A missing rating is an error only once the mapping says that the year is closed."""
    return Severity.ERROR if records.mapping.year_closed else Severity.WARNING


def has_moderated_stages(records: Records) -> bool:
    """Whether paragraphs 67 and 68 have anything to say of what is checked."""
    return bool(records.moderated_stages) and has_year(records)


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
        applies=has_moderated_stages,
    ),
    Rule(
        code="R16",
        paragraph="68; FAQ",
        needs=("department", "moderating_department"),
        find=moderating_departments,
        applies=has_moderated_stages,
    ),
    Rule(
        code="R17",
        paragraph="68",
        needs=("leave_date",),
        find=leavers,
        applies=has_moderated_stages,
    ),
)
