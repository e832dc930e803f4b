"""Within grade: a difference that is only the mix of grades disappears, and a sentence says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from pmstats import breakdowns, disparities, restricted_table, within_grade
from pmstats.cohort import Cohort
from pmstats.findings.finding import Verdict
from pmstats.scheme import Scheme

if TYPE_CHECKING:
    from tests.conftest import CohortOf


def in_grades(cohort_of: CohortOf, grades: dict[str, dict[str, tuple[int, ...]]]) -> Cohort:
    """One cohort of people in several grades, each given as counts by group."""
    parts = []
    for grade, groups in grades.items():
        people = cohort_of(groups).people
        parts.append(people.assign(grade=grade))
    people = pd.concat(parts, ignore_index=True)
    people["grade"] = pd.Categorical(people["grade"], categories=list(grades))
    for column in ("sex", "rating_midyear", "department"):
        people[column] = people[column].astype(parts[0][column].dtype)
    whole = cohort_of({"Male": (1, 0, 0, 0, 0)})
    return Cohort(
        scheme=whole.scheme, people=people, export_name="made.csv", export_sha256="0" * 64
    )


def test_a_difference_of_mix_alone_disappears_within_grade(
    cohort_of: CohortOf, scs: Scheme
) -> None:
    """Women mostly in a grade with few top boxes: 40% beside 70% overall, equal in each grade."""
    cohort = in_grades(
        cohort_of,
        {
            "SCS1": {"Female": (10, 30, 120, 0, 0), "Male": (2, 8, 30, 0, 0)},
            "SCS2": {"Female": (20, 14, 6, 0, 0), "Male": (80, 56, 24, 0, 0)},
        },
    )
    found = disparities(breakdowns(cohort, stage="mid-year"), scheme=scs)
    top = within_grade(cohort, found, stage="mid-year").each["sex"][0]
    assert top.overall.verdict is Verdict.GAP
    assert top.within.effect is not None
    assert top.within.effect.value == pytest.approx(0, abs=0.01)
    assert top.within.verdict is not Verdict.GAP
    assert "part of the difference goes with the mix of grades" in top.sentence


def test_a_difference_in_every_grade_stays(cohort_of: CohortOf, scs: Scheme) -> None:
    """The same difference in both grades is the same within grade, and nothing more is said."""
    alike = {"Female": (30, 45, 70, 5, 0), "Male": (10, 30, 95, 15, 0)}
    cohort = in_grades(cohort_of, {"SCS1": alike, "SCS2": alike})
    found = disparities(breakdowns(cohort, stage="mid-year"), scheme=scs)
    top = within_grade(cohort, found, stage="mid-year").each["sex"][0]
    assert top.overall.effect is not None
    assert top.within.effect is not None
    assert top.within.effect.value == pytest.approx(top.overall.effect.value)
    assert top.sentence == ""
    assert top.alike.p_value == pytest.approx(1)


def test_a_figure_within_grade_is_no_gap_where_the_primary_comparison_is_none(
    cohort_of: CohortOf, scs: Scheme
) -> None:
    """Where only the ends of the scale differ, Partially Met within grade is a possible gap."""
    ends = {"Female": (0, 30, 70, 0, 0), "Male": (0, 30, 60, 10, 0)}
    cohort = in_grades(cohort_of, {"SCS1": ends, "SCS2": ends})
    found = disparities(breakdowns(cohort, stage="mid-year"), scheme=scs)
    within = within_grade(cohort, found, stage="mid-year").each["sex"][1].within
    assert within.question == "Partially Met, within grade"
    assert within.p_value is not None
    assert within.p_value < 0.001
    assert within.verdict is Verdict.POSSIBLE_GAP


def test_one_grade_has_nothing_within(cohort_of: CohortOf, scs: Scheme) -> None:
    """With a single grade there is no figure within grade and an empty table."""
    cohort = cohort_of({"Female": (5, 9, 20, 2, 0), "Male": (5, 9, 20, 2, 0)})
    found = disparities(breakdowns(cohort, stage="mid-year"), scheme=scs)
    within = within_grade(cohort, found, stage="mid-year")
    assert within.each == {}
    assert restricted_table(within, scheme=scs).rows == ()


def test_those_without_an_answer_bound_the_difference(cohort_of: CohortOf, scs: Scheme) -> None:
    """Ten silent people among thirty: the least and greatest difference, worked by hand.

    Female 6 of 10 and Male 5 of 10 in the top boxes, silent 4 in and 6 out. Least: the six go to
    the women and the four to the men, 6/16 - 9/14; greatest: the reverse, 10/14 - 5/16.
    """
    cohort = cohort_of(
        {
            "Female": (2, 4, 4, 0, 0),
            "Male": (2, 3, 5, 0, 0),
            "Unknown": (1, 3, 6, 0, 0),
        }
    )
    found = disparities(breakdowns(cohort, stage="mid-year"), scheme=scs)["sex"]
    assert found.primary is not None
    top = found.sensitivities[0]
    assert top.bounds.low == pytest.approx(6 / 16 - 9 / 14)
    assert top.bounds.high == pytest.approx(10 / 14 - 5 / 16)
    assert "10 people without an answer" in top.sentence
