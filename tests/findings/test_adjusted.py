"""Grade and unit held fixed at once: what is only their mix goes, what is not stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from pmstats import breakdowns, disparities, restricted_table, sentences
from pmstats.cohort import Cohort
from pmstats.findings import given_grade_and_unit
from pmstats.findings.adjusted import GivenGradeAndUnit, _Pair
from pmstats.findings.finding import Verdict
from pmstats.findings.methods.proportional_odds import proportional_odds
from pmstats.scheme import Scheme

if TYPE_CHECKING:
    from tests.conftest import CohortOf

Places = dict[tuple[str | None, str | None], dict[str, tuple[int, ...]]]

#: Women are mostly in SCS1 of Policy, whose boxes are low; in each grade and unit both are alike.
MIXED: Places = {
    ("SCS1", "Policy"): {"Female": (4, 20, 112, 24, 0), "Male": (1, 5, 28, 6, 0)},
    ("SCS1", "Ops"): {"Female": (8, 16, 52, 4, 0), "Male": (6, 12, 39, 3, 0)},
    ("SCS2", "Policy"): {"Female": (6, 12, 39, 3, 0), "Male": (8, 16, 52, 4, 0)},
    ("SCS2", "Ops"): {"Female": (10, 14, 16, 0, 0), "Male": (40, 56, 64, 0, 0)},
}


def placed(cohort_of: CohortOf, places: Places) -> Cohort:
    """One cohort of people by grade and unit, each given as counts by group."""
    parts = [
        cohort_of(groups).people.assign(grade=grade, business_unit=unit)
        for (grade, unit), groups in places.items()
    ]
    people = pd.concat(parts, ignore_index=True)
    for column in ("grade", "business_unit"):
        people[column] = people[column].astype("category")
    for column in ("sex", "rating_midyear", "department"):
        people[column] = people[column].astype(parts[0][column].dtype)
    scheme = cohort_of({"Male": (1, 0, 0, 0, 0)}).scheme
    return Cohort(scheme=scheme, people=people, export_name="made.csv", export_sha256="0" * 64)


def held_fixed(cohort: Cohort) -> GivenGradeAndUnit:
    """The comparisons of a cohort with grade and unit held fixed."""
    found = disparities(breakdowns(cohort, stage="mid-year"), scheme=cohort.scheme)
    return given_grade_and_unit(cohort, found, stage="mid-year")


def test_a_difference_of_mix_alone_disappears(cohort_of: CohortOf) -> None:
    """Alike in every grade and unit: a gap as ratings stand, an odds ratio near 1 held fixed."""
    sex = held_fixed(placed(cohort_of, MIXED))["sex"]
    assert sex.overall.verdict is Verdict.GAP
    assert sex.given == "grade and business unit"
    assert sex.odds is not None
    assert sex.odds.value == pytest.approx(1, abs=0.05)
    assert sex.finding is not None
    assert sex.finding.verdict is Verdict.NO_MATERIAL_GAP
    assert "without it is \N{LEFT DOUBLE QUOTATION MARK}gap" in sex.finding.sentence


def test_the_odds_ratio_is_that_of_the_model_on_every_person(cohort_of: CohortOf) -> None:
    """The same as a fit to one row for each person, coded by hand."""
    rows = [
        ((float(group == "Female"), float(grade == "SCS2"), float(unit == "Policy")), box)
        for (grade, unit), groups in MIXED.items()
        for group, counts in groups.items()
        for box, n in enumerate(reversed(counts[:4]))
        for _ in range(n)
    ]
    fit = proportional_odds(
        np.eye(4)[[box for _, box in rows]], [own for own, _ in rows], names=("sex", "g", "u")
    )
    sex = held_fixed(placed(cohort_of, MIXED))["sex"]
    assert sex.odds is not None
    known = fit.odds_ratio("sex")
    got = (sex.odds.value, sex.odds.low, sex.odds.high)
    assert got == pytest.approx((known.value, known.low, known.high), rel=1e-6)


def test_a_difference_in_every_grade_and_unit_stays(cohort_of: CohortOf) -> None:
    """The same difference everywhere is the same held fixed; every cut is above 1."""
    alike = {"Female": (30, 45, 70, 5, 0), "Male": (10, 30, 95, 15, 0)}
    places: Places = dict.fromkeys([("SCS1", "Ops"), ("SCS2", "Ops"), ("SCS1", "HR")], alike)
    sex = held_fixed(placed(cohort_of, places))["sex"]
    assert sex.finding is not None
    assert sex.finding.effect is not None
    assert sex.overall.effect is not None
    assert sex.finding.verdict is Verdict.GAP
    assert sex.finding.effect.value == pytest.approx(sex.overall.effect.value, abs=0.01)
    assert "as it is without" in sex.finding.sentence
    assert [box for box, _ in sex.cuts] == [
        "Exceeding",
        "High Performing or above",
        "Achieving or above",
    ]
    assert all(odds.low > 1 for _, odds in sex.cuts)


def test_a_ratio_that_does_not_hold_along_the_scale_says_so(cohort_of: CohortOf) -> None:
    """Women at both ends of the scale, men in the middle: one ratio describes neither cut."""
    ends = {"Female": (40, 20, 60, 40, 0), "Male": (8, 40, 104, 8, 0)}
    places: Places = dict.fromkeys([("SCS1", "Ops"), ("SCS2", "Ops")], ends)
    sex = held_fixed(placed(cohort_of, places))["sex"]
    assert sex.alike is not None
    assert sex.alike.p_value < 0.001
    assert sex.finding is not None
    assert "One ratio does not describe the whole scale" in sex.finding.sentence
    assert [odds.value > 1 for _, odds in sex.cuts] == [True, True, False]


def test_separation_is_penalised_in_words_and_never_a_gap(cohort_of: CohortOf) -> None:
    """All women in the best box used: a finite estimate, no test, at most a possible gap."""
    apart = {"Female": (0, 30, 0, 0, 0), "Male": (0, 0, 60, 0, 0)}
    places: Places = dict.fromkeys([("SCS1", "Ops"), ("SCS2", "Ops")], apart)
    sex = held_fixed(placed(cohort_of, places))["sex"]
    assert sex.overall.verdict is Verdict.GAP
    assert sex.finding is not None
    assert sex.finding.p_value is None
    assert sex.finding.verdict is Verdict.POSSIBLE_GAP
    assert "Firth's penalty" in sex.finding.sentence
    assert sex.odds is not None
    assert np.isfinite(sex.odds.high)


@pytest.mark.parametrize(
    ("places", "given"),
    [
        ([("SCS1", "Ops"), ("SCS2", "Ops")], "grade"),
        ([("SCS1", "Ops"), ("SCS1", "HR")], "business unit"),
        ([("SCS1", "Ops"), (None, None), ("SCS1", None)], "grade and business unit"),
        ([("SCS1", "Ops"), (None, None)], "grade"),
        ([("SCS1", "Ops")], ""),
    ],
)
def test_what_varies_is_held_fixed_and_blanks_are_an_answer(
    cohort_of: CohortOf, places: list[tuple[str, str]], given: str
) -> None:
    """One grade or one unit is not held fixed; people without an answer stay in."""
    alike = {"Female": (10, 20, 65, 5, 0), "Male": (12, 18, 64, 6, 0)}
    sex = held_fixed(placed(cohort_of, dict.fromkeys(places, alike)))["sex"]
    assert sex.given == given
    assert (sex.finding is None) is not given


def test_too_few_people_for_both_hold_what_they_can(cohort_of: CohortOf) -> None:
    """51 people in two grades and two units carry one of the two; 24 neither, and it says so."""
    some = {"Female": (1, 2, 5, 0, 0), "Male": (2, 2, 5, 0, 0)}
    units = [("SCS1", "Ops"), ("SCS2", "HR"), ("SCS2", "Ops")]
    assert held_fixed(placed(cohort_of, dict.fromkeys(units, some)))["sex"].given == "grade"
    few = held_fixed(
        placed(
            cohort_of,
            {
                ("SCS1", "Ops"): {"Female": (2, 3, 7, 0, 0)},
                ("SCS2", "HR"): {"Male": (2, 3, 7, 0, 0)},
            },
        )
    )
    assert few["sex"].finding is None
    assert "20 rated people" in sentences(few).sentences[0]
    with pytest.raises(KeyError):
        few["age"]


def test_a_handful_of_people_in_a_grade_is_no_column_of_its_own(cohort_of: CohortOf) -> None:
    """Four people in one box of one grade do not separate the model: they join the other few."""
    places = dict(MIXED)
    places["SCS3", "Ops"] = {"Male": (4, 0, 0, 0, 0)}
    places["SCS1A", "Ops"] = {"Female": (0, 1, 2, 0, 0)}
    sex = held_fixed(placed(cohort_of, places))["sex"]
    assert sex.finding is not None
    assert sex.finding.p_value is not None


def test_nothing_shows_itself_but_through_the_door(cohort_of: CohortOf, scs: Scheme) -> None:
    """No number in a repr; the tables hold n, effect, limits, detectable, verdict and the cuts."""
    given = held_fixed(placed(cohort_of, MIXED))
    assert repr(given) == "<GivenGradeAndUnit: 1 characteristics>"
    assert repr(given["sex"]) == "<Adjusted: sex, given grade and business unit>"
    (row,) = restricted_table(given, scheme=scs).rows
    assert row[:4] == ("Sex: Female v Male", "grade and business unit", 340, 340)
    assert row[12] == "no material gap"
    cuts = restricted_table(given["sex"], scheme=scs)
    assert [line[0] for line in cuts.rows] == [
        "Whole scale",
        "Exceeding",
        "High Performing or above",
        "Achieving or above",
    ]


@pytest.mark.parametrize("ratings", [(5, 60, 22, 13), (0, 50, 50, 0), (3, 0, 40, 0)])
@pytest.mark.parametrize("weight", [0.5, 0.9])
def test_the_whole_scale_effect_of_an_odds_ratio(ratings: tuple[int, ...], weight: float) -> None:
    """1 is no difference, more is more up to certainty, and groups that change places mirror."""
    pair = _Pair(np.array(ratings, dtype=float), weight)
    other = _Pair(np.array(ratings, dtype=float), 1 - weight)
    odds = (0.0, 1e-9, 0.5, 1.0, 2.0, 1e9, np.inf)
    values = [pair.superiority(each) for each in odds]
    assert values[3] == pytest.approx(0.5)
    assert values == sorted(values)
    assert (values[0], values[-1]) == pytest.approx((0, 1), abs=1e-9)
    assert other.superiority(0.5) == pytest.approx(1 - values[4])
