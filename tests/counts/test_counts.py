"""Counting: zero boxes stay, nobody is lost, small groups merge by the scheme's own roll-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmstats.counts import (
    Coverage,
    Distribution,
    Exclusion,
    breakdown,
    coverage,
    coverage_by,
    detailed_breakdowns,
    distribution,
)
from pmstats.counts.distribution import distributions_by
from pmstats.errors import ParameterError, PmstatsError
from pmstats.release import restricted_table

if TYPE_CHECKING:
    from tests.conftest import CohortOf


def test_an_unused_box_is_counted_as_zero(cohort_of: CohortOf) -> None:
    """A box nobody is in keeps its place: a groupby would have dropped it."""
    cohort = cohort_of({"Female": (0, 3, 9, 1, 2), "Male": (0, 4, 8, 0, 0)})
    counted = distribution(cohort, stage="mid-year")
    assert counted.counts == (0, 7, 17, 1)
    assert (counted.n, counted.unrated, counted.people) == (25, 2, 27)


def test_a_row_that_stands_for_several_people_counts_as_that_many(cohort_of: CohortOf) -> None:
    """The count column is a weight, so that published tables can be read."""
    cohort = cohort_of({"Female": (13786, 45715, 3962, 0, 0)})  # women at DWP, PQ 209494
    assert distribution(cohort, stage="mid-year").n == 63463


def test_a_stage_that_is_not_held_names_those_that_are(cohort_of: CohortOf) -> None:
    """Asking for a stage without a column is refused with the stages there are."""
    with pytest.raises(ParameterError, match="'final'; it holds: mid-year"):
        distribution(cohort_of({"Male": (1, 0, 0, 0, 0)}), stage="final")


def test_people_who_chose_not_to_say_and_people_unknown_are_two_rows(cohort_of: CohortOf) -> None:
    """DQ6: the two kinds of missing answer are never merged in a breakdown."""
    cohort = cohort_of(
        {
            "Female": (1, 2, 6, 1, 0),
            "Male": (1, 2, 6, 1, 0),
            "Undeclared": (0, 1, 2, 0, 0),
            "Unknown": (0, 0, 5, 0, 2),
        }
    )
    by_sex = breakdown(cohort, "sex", stage="mid-year")
    assert [row.name for row in by_sex.rows] == ["Female", "Male", "Undeclared", "Unknown"]
    assert [row.distribution.n for row in by_sex.rows] == [10, 10, 3, 5]
    assert by_sex.declaration_rate == 20 / 30


def test_the_declaration_rate_is_of_everyone_in_the_table(cohort_of: CohortOf) -> None:
    """Who answered and is not yet rated has answered: 24 of 34, not 20 of 28."""
    groups = {"Female": (1, 2, 6, 1, 4), "Male": (1, 2, 6, 1, 0), "Unknown": (0, 2, 6, 0, 2)}
    assert breakdown(cohort_of(groups), "sex", stage="mid-year").declaration_rate == 24 / 34


def test_bands_too_small_to_report_merge_into_coarser_ones(cohort_of: CohortOf) -> None:
    """With three people of 60 and over, age is compared in two bands instead of four."""
    few = {"30-39": (1, 4, 6, 1, 0), "40-49": (2, 9, 14, 1, 0), "50-59": (1, 6, 12, 1, 0)}
    cohort = cohort_of({**few, "60-64": (0, 1, 2, 0, 0)}, characteristic="age")
    merged = breakdown(cohort, "age", stage="mid-year")
    assert merged.level == "2 bands"
    assert [row.distribution.n for row in merged.declared] == [38, 23]
    cohort = cohort_of({**few, "60-64": (0, 1, 4, 0, 0)}, characteristic="age")
    assert breakdown(cohort, "age", stage="mid-year").level == "4 bands"


def test_detail_is_the_finest_level_with_nobody_too_few(cohort_of: CohortOf) -> None:
    """Five ethnic groups are described where each has five people rated, else not at all."""
    enough = dict.fromkeys(("Mixed", "Asian", "Black", "Other ethnicity"), (1, 1, 2, 1, 0))
    groups = {"White": (4, 10, 20, 2, 0), **enough}
    (detail,) = detailed_breakdowns(cohort_of(groups, characteristic="ethnicity"), stage="mid-year")
    assert detail.level == "5 groups"
    groups["Black"] = (0, 1, 2, 1, 1)
    assert not detailed_breakdowns(cohort_of(groups, characteristic="ethnicity"), stage="mid-year")


def test_detail_finer_than_what_was_recorded_is_refused(cohort_of: CohortOf) -> None:
    """Five recorded groups cannot be shown as nineteen."""
    cohort = cohort_of(
        {"White": (3, 9, 20, 2, 0), "Asian": (1, 2, 6, 1, 0)}, characteristic="ethnicity"
    )
    with pytest.raises(ParameterError, match="no level '19 groups' in this export"):
        breakdown(cohort, "ethnicity", stage="mid-year", level="19 groups")


def test_a_characteristic_not_held_is_refused_by_name(cohort_of: CohortOf) -> None:
    """A breakdown by something the export lacks says what it has."""
    with pytest.raises(ParameterError, match="no characteristic 'age'; it holds: sex"):
        breakdown(cohort_of({"Male": (1, 0, 0, 0, 0)}), "age", stage="mid-year")


def test_grouping_by_a_personal_column_is_refused(cohort_of: CohortOf) -> None:
    """Only the structure of a department can be grouped by, never a person."""
    with pytest.raises(ParameterError, match="Group by one of grade, business_unit, panel"):
        distributions_by(cohort_of({"Male": (1, 0, 0, 0, 0)}), "person_id", stage="mid-year")


def test_a_ledger_that_does_not_add_up_stops_with_the_difference() -> None:
    """Losing one person of ten is refused in words that say so."""
    with pytest.raises(PmstatsError, match="leave 1 unexplained"):
        Coverage(
            stage="mid-year",
            in_export=10,
            exclusions=(Exclusion(reason="r", count=2, paragraph="6"),),
            in_table=7,
            rated=7,
        )


def test_the_ledgers_of_groups_add_up_to_the_departments(cohort_of: CohortOf) -> None:
    """Who is counted is said group by group, people without an answer among them."""
    cohort = cohort_of(
        {"Female": (1, 4, 6, 1, 2), "Male": (2, 3, 9, 0, 1), "Unknown": (0, 1, 4, 0, 3)}
    )
    by_sex = coverage_by(cohort, "sex", stage="mid-year")
    assert [name for name, _ in by_sex.groups] == ["Female", "Male", "Unknown"]
    whole = coverage(cohort, stage="mid-year")
    for part in ("in_export", "in_table", "rated"):
        assert sum(getattr(each, part) for _, each in by_sex.groups) == getattr(whole, part)
    table = restricted_table(by_sex, scheme=cohort.scheme)
    assert table.column("Rated") == (12, 14, 5)


def test_the_repr_of_counts_shows_no_count(cohort_of: CohortOf) -> None:
    """What is shown of a breakdown is decided on its way out, not by printing it."""
    cohort = cohort_of({"Female": (1, 2, 6, 1, 0), "Male": (1, 2, 6, 1, 0)})
    by_sex = breakdown(cohort, "sex", stage="mid-year")
    assert repr(by_sex) == "<Breakdown by sex: 2 groups (2 groups)>"


boxes = st.tuples(*[st.integers(0, 40)] * 5)


@given(female=boxes, male=boxes, unknown=boxes)
def test_groups_add_up_to_the_whole(
    cohort_of: CohortOf,
    female: tuple[int, ...],
    male: tuple[int, ...],
    unknown: tuple[int, ...],
) -> None:
    """Whatever the counts, the rows of a breakdown add up to the distribution and the ledger."""
    cohort = cohort_of({"Female": female, "Male": male, "Unknown": unknown})
    whole = distribution(cohort, stage="mid-year")
    rows = breakdown(cohort, "sex", stage="mid-year").rows
    empty = Distribution(ratings=whole.ratings, counts=(0,) * 4)
    assert sum((row.distribution for row in rows), start=empty) == whole
    ledger = coverage(cohort, stage="mid-year")
    assert (ledger.in_table, ledger.rated) == (whole.people, whole.n)
