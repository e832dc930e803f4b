"""Data-quality rules that look across rows (DQ1, DQ12); the others are found while reading."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pmstats.cohort.rules.rule import Records, Rule
from pmstats.errors import Problem, Severity


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
            fix="Keep one row for each: the latest evaluation, or the one that counts.",
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


def _key(records: Records) -> list[str]:
    optional = [name for name in ("performance_year",) if name in records.people]
    return ["person_id", "department", *optional]


QUALITY = (
    Rule(code="DQ1", paragraph="", needs=("person_id", "department"), find=duplicate_people),
    Rule(
        code="DQ12",
        paragraph="68; FAQ",
        needs=("person_id", "department"),
        find=people_in_two_departments,
    ),
)
