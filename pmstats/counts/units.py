"""Business units or departments as they are: each with its boxes and its mix of grades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pmstats.counts.distribution import Distribution, Groups, from_row
from pmstats.counts.tally import tally
from pmstats.errors import ParameterError

if TYPE_CHECKING:
    from pmstats.cohort.cohort import Cohort

#: What units may be.
KINDS = ("business_unit", "panel", "department")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit's ratings, whole and grade by grade in the order of `Units.grades`."""

    name: str
    distribution: Distribution
    by_grade: tuple[Distribution, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Units:
    """Units in alphabetical order, which is no ranking; those with nobody left out."""

    heading: str
    grades: tuple[str, ...]
    rows: tuple[Unit, ...]

    @property
    def groups(self) -> Groups:
        """The distribution of each unit, to be shown as groups are."""
        return Groups(
            heading=self.heading, rows=tuple((each.name, each.distribution) for each in self.rows)
        )

    def __repr__(self) -> str:
        return f"<Units by {self.heading.lower()}: {len(self.rows)}>"


def units(cohort: Cohort, *, stage: str, by: str = "business_unit") -> Units:
    """The ratings of a stage in each business unit, panel or department (paras 79, 84).

    Where the export has no grades everyone is of one grade without a name. No rows when it
    does not hold the column. Raises `ParameterError` for a column of another kind.
    """
    if by not in KINDS:
        raise ParameterError(f"Units are one of {', '.join(KINDS)}, not {by!r}.")
    heading = by.replace("_", " ").capitalize()
    if by not in cohort.people.columns:
        return Units(heading=heading, grades=(), rows=())
    people = cohort.people
    values = people[by].cat
    if "grade" in people.columns:
        grades = tuple(str(name) for name in people["grade"].cat.categories)
        grade = people["grade"].cat.codes.to_numpy().astype(np.int64)
    else:
        grades, grade = ("",), np.zeros(len(people), dtype=np.int64)
    # one more grade, for people whose own is blank
    width = len(grades) + 1
    code = values.codes.to_numpy().astype(np.int64)
    cells = np.where(code < 0, -1, code * width + np.where(grade < 0, width - 1, grade))
    table = tally(cohort, stage, by=cells, groups=len(values.categories) * width)
    table = table.reshape(len(values.categories), width, -1)
    ratings = cohort.scheme.rating_names
    rows = [
        Unit(
            name=str(name),
            distribution=from_row(ratings, each.sum(axis=0)),
            by_grade=tuple(from_row(ratings, row) for row in each),
        )
        for name, each in zip(values.categories, table, strict=True)
        if each.sum()
    ]
    return Units(
        heading=heading,
        grades=(*grades, "Not recorded"),
        rows=tuple(sorted(rows, key=lambda unit: unit.name)),
    )
