"""Two groupings at once: everyone with both answers in one cell, no cell too small to show."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pmstats import read_export
from pmstats.cohort import Cohort
from pmstats.cohort.eligibility import Standing, standing
from pmstats.counts import breakdown, crossed, grade_mixes, pairs
from pmstats.counts.crossed import merged
from pmstats.scheme import Scheme

EXPORT = Path(__file__).parents[2] / "data/synthetic/scs_2024_25.csv"


@pytest.fixture(scope="module")
def large(scs: Scheme) -> Cohort:
    """The largest department of the synthetic export."""
    return read_export(EXPORT, scheme=scs, stage="mid-year").department("Lighthouse Ministry")


def test_the_rows_of_a_grade_mix_are_those_of_the_breakdown(large: Cohort) -> None:
    """Everyone has a grade, so each group's boxes add up to its distribution."""
    mix = crossed(large, "sex", "grade", stage="mid-year")
    groups = {row.name: row.distribution for row in breakdown(large, "sex", stage="mid-year").rows}
    for name, row in zip(mix.rows, mix.counts, strict=True):
        assert tuple(map(sum, zip(*row, strict=True))) == groups[name].counts


def test_a_cell_is_a_count_of_rows(large: Cohort) -> None:
    """A cell is what selecting its people by hand gives."""
    mix = crossed(large, "sex", "grade", stage="mid-year")
    people = large.people[standing(large, stage="mid-year") == Standing.IN_TABLE.code]
    rated = people[people["rating_midyear"].notna()]
    women = rated[(rated["sex"] == "Female") & (rated["grade"] == "SCS2")]
    assert mix.people[mix.rows.index("Female")][mix.columns.index("SCS2")] == len(women)


def test_pairs_are_of_two_groups_and_show_no_count(large: Cohort) -> None:
    """Sex by each other protected characteristic of two groups; a repr gives no number away."""
    found = pairs(large, stage="mid-year")
    assert [pair.names[1] for pair in found] == ["ethnicity", "disability", "sexual_orientation"]
    assert repr(found[0]) == "<Sex by ethnicity>"
    assert len(grade_mixes(large, stage="mid-year")) == len(large.characteristics)


def test_columns_are_taken_together_until_no_cell_is_small() -> None:
    """Over 500 random tables: parts are neighbours, nobody is lost, no cell holds 1 to 4."""
    chance = random.Random(7)
    for _ in range(500):
        width = chance.randint(1, 6)
        table = [[chance.choice((0, 1, 3, 5, 9, 40)) for _ in range(width)] for _ in range(3)]
        parts = merged(table, minimum=5)
        assert [place for part in parts for place in part] == list(range(width))
        cells = [sum(row[place] for place in part) for row in table for part in parts]
        assert len(parts) == 1 or not any(0 < cell < 5 for cell in cells)
