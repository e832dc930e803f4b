"""Data-quality rules that look across cells; those about one cell are found while reading."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from pmstats.cohort.cohort import UNDECLARED, UNKNOWN
from pmstats.cohort.eligibility import after, before, out_of_scope
from pmstats.cohort.rules.rule import Records, Rule, breach, has_year
from pmstats.errors import Problem, Severity
from pmstats.scheme.scheme import Unit


def duplicate_people(records: Records) -> Iterator[Problem]:
    """DQ1: a person has one row in a department and year."""
    if records.people["person_id"].is_unique:
        return
    twice = records.people.duplicated(_key(records), keep=False).to_numpy()
    if twice.any():
        people = records.people.loc[twice, "person_id"].nunique()
        noun = "person has" if people == 1 else "people have"
        yield Problem(
            rule="DQ1",
            severity=Severity.ERROR,
            column="person_id",
            rows=records.rows(twice),
            message=f"{people:,} {noun} more than one row in the same department and year.",
            fix="Keep one row for each: the latest evaluation, or the one that counts; where rows "
            "are of several years, those of one.",
        )


def rows_of_one_year(records: Records) -> Iterator[Problem]:
    """DQ10: rows of several years would count people twice, and earlier ratings as this year's."""
    assert records.scheme.year is not None
    label = records.scheme.year.label
    years = records.people["performance_year"].astype(object)
    other = (years.notna() & (years != label)).to_numpy()
    several = years.nunique() > 1
    yield from breach(
        records,
        other,
        rule="DQ10",
        severity=Severity.ERROR if several else Severity.WARNING,
        paragraph="",
        column="performance_year",
        message=f"The export holds rows of {years.nunique()} performance years, and these are not "
        f"of {label}; everybody would be counted once for each."
        if several
        else f"The rows give another performance year than {label}, whose rules are applied.",
        fix=f"Export {label} alone."
        if several
        else "Read them under the edition of their year (--scheme). If it is the same year, say "
        f'under [values.performance_year] in the mapping: "..." = "{label}".',
    )


def people_in_two_departments(records: Records) -> Iterator[Problem]:
    """DQ12: a person returned by two departments is moderated by one of them (R16)."""
    people = records.people
    if people["person_id"].is_unique:
        return
    year = [name for name in _key(records) if name != "department"]
    among = ~people.duplicated(_key(records)).to_numpy()
    repeated = np.zeros(len(people), dtype=bool)
    repeated[among] = people.loc[among].duplicated(year, keep=False).to_numpy()
    if repeated.any():
        yield Problem(
            rule="DQ12",
            severity=Severity.WARNING,
            column="person_id",
            rows=records.rows(repeated),
            paragraph="68; FAQ",
            message="The same people are returned by more than one department.",
            fix="Check the dates: the department holding the post on 31 December moderates.",
        )


def dates_in_order(records: Records) -> Iterator[Problem]:
    """DQ3: into the Civil Service, the SCS and the post, and out, in that order."""
    pairs = (
        ("cs_entry_date", "scs_entry_date"),
        ("cs_entry_date", "dept_entry_date"),
        ("scs_entry_date", "post_start"),
        ("post_start", "leave_date"),
    )
    for earlier, later in pairs:
        if {earlier, later} <= set(records.people.columns):
            yield from breach(
                records,
                (records.people[earlier] > records.people[later]).to_numpy(),
                rule="DQ3",
                severity=Severity.WARNING,
                paragraph="",
                column=later,
                message=f"{later} is before {earlier}.",
                fix="Correct the date that is wrong.",
            )


def hours_of_one_person(records: Records) -> Iterator[Problem]:
    """DQ8: full-time equivalent above 0 and at most 1."""
    hours = records.people["fte"].to_numpy()
    yield from breach(
        records,
        (hours <= 0) | (hours > 1),
        rule="DQ8",
        severity=Severity.WARNING,
        paragraph="",
        column="fte",
        message="Full-time equivalent is not above 0 and at most 1.",
        fix="Correct it; 1 is full time.",
    )


def ratings_dated_in_the_year(records: Records) -> Iterator[Problem]:
    """DQ10: a rating of the year is dated in it, or in the months it takes to moderate."""
    assert records.scheme.year is not None
    first = np.datetime64(records.scheme.year.start, "s")
    last = np.datetime64(records.scheme.year.end, "D") + _MONTHS_TO_MODERATE
    for stage in records.stages:
        column = f"{stage.column}_date"
        if column in records.people:
            dated = records.people[column].to_numpy()
            yield from breach(
                records,
                (dated < first) | (dated > last),
                rule="DQ10",
                severity=Severity.WARNING,
                paragraph="",
                column=column,
                message="The rating is dated outside the performance year.",
                fix="Correct the date, or leave out ratings of other years.",
            )


def few_answers(records: Records) -> Iterator[Problem]:
    """DQ7: a characteristic that few have declared is not broken down; department by department."""
    gate = records.scheme.practice.declaration_gate
    inside = ~out_of_scope(records.people, records.scheme)
    people = records.people[inside]
    departments = people["department"].astype(object)
    for characteristic in records.scheme.characteristics:
        if characteristic.name not in people:
            continue
        declared = ~people[characteristic.name].isin([UNDECLARED, UNKNOWN])
        counted = people["count"].groupby(departments).sum()
        answered = (people["count"] * declared).groupby(departments).sum()
        low = sorted(counted.index[answered < gate * counted])
        if low:
            yield Problem(
                rule="DQ7",
                severity=Severity.WARNING,
                column=characteristic.name,
                message=f"{characteristic.title}: fewer than {gate:.0%} declared it in: "
                f"{', '.join(low)}. There it is not broken down by group.",
                fix="Ask people to declare, or look at departments together.",
            )


def headcounts(records: Records) -> Iterator[Problem]:
    """DQ9: as many people in post as the payroll or the last return says, within 5%."""
    if not records.mapping.headcount:
        yield Problem(
            rule="DQ9",
            severity=Severity.INFORMATION,
            message="Not checked: no headcount to hold the export against.",
            fix='Give it in the mapping, under [headcount]: "department" = people in post.',
        )
        return
    day = _day_of_count(records)
    there = ~out_of_scope(records.people, records.scheme)
    if day:
        there &= ~before(records.people, "leave_date", day)
        for column in ("cs_entry_date", "scs_entry_date", "dept_entry_date"):
            there &= ~after(records.people, column, day)
    people = records.people[there]
    held = people["count"].groupby(people["department"].astype(object)).sum()
    for department, expected in sorted(records.mapping.headcount.items()):
        counted = int(held.get(department, 0))
        if abs(counted - expected) > _HEADCOUNT_TOLERANCE * expected:
            yield Problem(
                rule="DQ9",
                severity=Severity.WARNING,
                column="department",
                message=f"{department}: {counted:,} people in post in the export, {expected:,} "
                f"expected: a difference of {counted - expected:+,}.",
                fix="Find out who is missing or here twice before figures are made.",
            )


def _day_of_count(records: Records) -> date | None:
    year = records.scheme.year
    if records.cohort.cut_off or year is None:
        return records.cohort.cut_off
    moderated = records.stage and records.scheme.stage(records.stage).moderated
    return year.end if moderated else year.mid_year_cut_off


def _key(records: Records) -> list[str]:
    optional = [name for name in ("performance_year",) if name in records.people]
    return ["person_id", "department", *optional]


#: Ratings of a year are moderated in the months after it: dates up to a year later are right.
_MONTHS_TO_MODERATE = np.timedelta64(365, "D")

#: A department's people may differ from its payroll by this share (1 for all) before it is said.
_HEADCOUNT_TOLERANCE = 0.05

QUALITY = (
    Rule(code="DQ1", paragraph="", needs=("person_id", "department"), find=duplicate_people),
    Rule(
        code="DQ10",
        paragraph="",
        needs=(),
        find=rows_of_one_year,
        applies=lambda records: has_year(records) and "performance_year" in records.people,
    ),
    Rule(
        code="DQ12",
        paragraph="68; FAQ",
        needs=("person_id", "department"),
        find=people_in_two_departments,
    ),
)
ORDER = (
    Rule(code="DQ3", paragraph="", needs=("cs_entry_date",), find=dates_in_order),
    Rule(
        code="DQ7",
        paragraph="",
        needs=("department",),
        find=few_answers,
        applies=lambda records: records.scheme.fairness,
    ),
    Rule(code="DQ8", paragraph="", needs=("fte",), find=hours_of_one_person),
    Rule(
        code="DQ9",
        paragraph="",
        needs=("department",),
        find=headcounts,
        applies=lambda records: records.scheme.unit is Unit.PERSON,
    ),
    Rule(
        code="DQ10",
        paragraph="",
        needs=(),
        find=ratings_dated_in_the_year,
        applies=has_year,
    ),
)
