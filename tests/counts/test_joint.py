"""One pass for many tables: the same counts as one at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from pmstats.counts.joint import patterns, tallies
from pmstats.counts.tally import tally

if TYPE_CHECKING:
    from pmstats.cohort import Cohort
    from tests.conftest import CohortOf

GROUPS = {"Female": (3, 5, 20, 2, 4), "Male": (4, 9, 25, 0, 1), "Unknown": (0, 1, 2, 1, 0)}
STAGES = ("quarter-1", "mid-year", "quarter-3", "recommended", "final")


@pytest.fixture
def people(cohort_of: CohortOf) -> Cohort:
    """A cohort with five stages, one row per person, in an order of no meaning."""
    made = cohort_of(GROUPS)
    table = made.people.loc[made.people.index.repeat(made.people["count"])].reset_index(drop=True)
    table["count"] = np.int64(1)
    generator = np.random.default_rng(1)
    rated = table[made.scheme.stage("mid-year").column]
    for stage in STAGES:
        shuffled = rated.to_numpy()[generator.permutation(len(table))]
        table[made.scheme.stage(stage).column] = pd.Categorical(
            shuffled, categories=list(rated.cat.categories)
        )
    return replace(made, people=table)


def test_one_pass_counts_what_each_table_counts(people: Cohort) -> None:
    """Every table of the joint pass is the one counted alone, five stages and two groupings."""
    found = tallies(people, by=["sex", "grade"], stages=STAGES)
    assert len(found) == 10
    for (column, stage), table in found.items():
        codes = people.people[column].cat.codes.to_numpy()
        groups = len(people.people[column].cat.categories)
        assert (table == tally(people, stage, by=codes, groups=groups)).all()


def test_cells_of_a_published_table_keep_their_weight(cohort_of: CohortOf) -> None:
    """Rows that stand for many people count as that many."""
    made = cohort_of(GROUPS)
    table = tallies(made, by=["sex"], stages=["mid-year"])["sex", "mid-year"]
    assert table[:2].tolist() == [list(GROUPS["Female"]), list(GROUPS["Male"])]


def test_patterns_hold_everyone_rated(people: Cohort) -> None:
    """Patterns count the rated once, worst box first, with a column per answer but the first."""
    found = patterns(people, columns=["sex", "grade"], stage="mid-year")
    assert found.counts.sum() == len(people) - sum(
        people.people[people.scheme.stage("mid-year").column].isna()
    )
    assert found.names == ("sex: Male", "sex: Unknown")
    assert found.design.tolist() == [[0, 0], [1, 0], [0, 1]]


def test_patterns_are_worst_box_first(cohort_of: CohortOf) -> None:
    """The scheme's best-first counts come out turned round."""
    found = patterns(cohort_of(GROUPS), columns=["sex"], stage="mid-year")
    assert found.counts[0].tolist() == list(GROUPS["Female"][3::-1])
