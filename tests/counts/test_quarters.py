"""The quarters counted: who is due, where support is, on both sides of every line and date."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from pmstats.cohort import Cohort
from pmstats.counts.quarters import boundaries, completion_by, quarters, support
from pmstats.scheme import Scheme

COLUMNS = ("rating_q1", "rating_midyear", "rating_q3", "rating_recommended", "rating_final")
BOXES = {"E": "Exceeding", "H": "High Performing", "A": "Achieving", "P": "Partially Met"}

Year = Callable[..., Cohort]


@pytest.fixture
def year(scs: Scheme) -> Year:
    """A maker of cohorts from ratings such as "AAPPA": three quarters, recommended, final.

    A dot is no rating. Further columns are given as lists.
    """

    def make(ratings: Sequence[str], **columns: Sequence[object]) -> Cohort:
        data: dict[str, object] = {
            "department": pd.Categorical(["Ministry of Examples"] * len(ratings)),
            "grade": pd.Categorical(["SCS1"] * len(ratings)),
            "count": np.ones(len(ratings), dtype=np.int64),
        }
        for place, name in enumerate(COLUMNS):
            data[name] = pd.Categorical(
                [BOXES.get(row[place]) for row in ratings], categories=list(scs.rating_names)
            )
        for name, values in columns.items():
            dated = name.endswith(("date", "start", "review"))
            data[name] = (
                pd.to_datetime(pd.Series(values)) if dated else pd.Categorical(list(values))
            )
        people = pd.DataFrame(data)
        return Cohort(scheme=scs, people=people, export_name="made.csv", export_sha256="0" * 64)

    return make


@pytest.mark.parametrize(
    ("ratings", "twice", "unclear", "again"),
    [
        ("PPAAA", 1, 0, 0),
        ("APPAA", 1, 0, 0),
        ("AAPPA", 1, 0, 0),  # the last conversation is the fourth quarter's (para 65)
        ("PAPAA", 0, 0, 0),
        ("P.PAA", 0, 1, 0),
        ("AAAPP", 0, 0, 0),  # the moderated rating is no quarter of its own
        ("PPPAA", 1, 0, 1),
        ("PPAAP", 1, 0, 1),  # "including as part of their end of year discussion"
        ("PPAPA", 1, 0, 1),
        ("APPAP", 1, 0, 1),
        ("AAAAA", 0, 0, 0),
    ],
)
def test_two_consecutive_quarters_and_once_more(
    year: Year, ratings: str, twice: int, unclear: int, again: int
) -> None:
    """R27 and R28 on both sides of the line, by the words of paragraph 57."""
    found = support(year([ratings]))
    assert found is not None
    assert (found.twice, found.unclear, found.again) == (twice, unclear, again)


def test_what_is_on_record_is_counted_among_those_it_is_due_for(year: Year) -> None:
    """Of three with a run two have a plan; of two again one is on measures, one excused."""
    found = support(
        year(
            ["PPAAA", "PPPAA", "APPAP", "AAPAA"],
            pdp_start=["2024-11-01", "2024-11-01", None, None],
            formal_pp_stage=["none", "1", "none", "1"],
            exceptional_circumstances=["No", "No", "Yes", "No"],
        )
    )
    assert found is not None
    assert (found.twice, found.with_plan) == (3, 2)
    assert (found.again, found.with_measures, found.excused) == (2, 1, 1)
    assert (found.on_measures, found.early) == (2, 1)


def test_a_record_that_is_not_held_is_none_and_not_zero(year: Year) -> None:
    """Without its columns nothing is said of plans, measures or circumstances."""
    found = support(year(["PPPAA"]))
    assert found is not None
    assert (found.with_plan, found.with_measures, found.excused) == (None, None, None)
    assert (found.on_measures, found.early) == (None, None)


@pytest.mark.parametrize(("leaves", "due"), [("2024-06-29", (0, 0, 0)), ("2024-06-30", (1, 0, 0))])
def test_a_rating_is_due_from_those_in_post_on_the_last_day_of_the_quarter(
    year: Year, leaves: str, due: tuple[int, ...]
) -> None:
    """The first quarter ends on 30 June: leaving on that day, the last in post, is still due."""
    found = quarters(year(["AAAAA"], leave_date=[leaves]))
    assert tuple(each.distribution.people for each in found.each)[:3] == due


@pytest.mark.parametrize(("enters", "due"), [("2024-12-31", 1), ("2025-01-01", 0)])
def test_joining_after_the_third_quarter_no_rating_of_it_is_due(
    year: Year, enters: str, due: int
) -> None:
    """The third quarter ends on 31 December; whoever enters on 1 January owes it nothing."""
    found = quarters(year(["...AA"], cs_entry_date=[enters]))
    assert found.each[2].distribution.people == due


def test_completion_adds_up_over_groups(year: Year) -> None:
    """Rated and due in each quarter, grade by grade, as in the whole."""
    cohort = year(["AA.AA", "A.AAA", "..AAA"])
    assert completion_by(cohort, "grade").rows == (("SCS1", ((2, 3), (1, 3), (2, 3), (3, 3))),)


def test_people_near_a_line_stood_on_both_sides_of_it(year: Year) -> None:
    """Indicative ratings decide who is near; the recommendation only where they ended."""
    found = boundaries(year(["HAHHH", "HAAAH", "HHHAA", "EHAAA", "AA.PP"])).each
    top, middle, bottom = found
    assert (top.people, top.recommended_above, top.final_above) == (1, 0, 0)
    assert (middle.people, middle.recommended_above, middle.final_above) == (3, 1, 2)
    assert bottom.people == 0


def test_who_has_no_final_rating_did_not_end_above_the_line(year: Year) -> None:
    """Of three near a line two are finally rated, and one of the two above it."""
    _, middle, _ = boundaries(year(["HAHHH", "HAAAA", "HAAA."])).each
    assert (middle.people, middle.final, middle.final_above) == (3, 2, 1)


def test_the_counts_of_a_made_up_year_are_those_of_its_truth(scs: Scheme) -> None:
    """The generator's own count of runs and repetitions, person by person, is ours."""
    from pmstats.cohort.synthetic import synthesise

    made = synthesise(record=True, people=600)
    for truth in made.truth["departments"]:
        rows = made.export[made.export["department"] == truth["name"]]
        people = pd.DataFrame({"department": pd.Categorical(rows["department"])})
        names = {rating.abbreviation: rating.name for rating in scs.ratings}
        for column in COLUMNS:
            people[column] = pd.Categorical(
                rows[column].astype(object).map(names).to_numpy(),
                categories=list(scs.rating_names),
            )
        people["count"] = 1
        found = support(
            Cohort(scheme=scs, people=people, export_name="made.csv", export_sha256="0" * 64)
        )
        assert found is not None
        assert found.twice == truth["partially_met_twice_running"]
        assert found.again == truth["partially_met_again"]
