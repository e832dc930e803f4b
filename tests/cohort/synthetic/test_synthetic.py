"""Made-up years hold what their truth says: proportions, curves, effects, boundaries, bytes."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from pmstats.cohort.synthetic import synthesise, write_synthetic
from pmstats.cohort.synthetic.departments import CURVES, EFFECTS
from pmstats.errors import ParameterError
from pmstats.scheme import load_scheme

SAMPLE = Path(__file__).parents[3] / "data" / "synthetic"
BEST_FIRST = ["E", "HP", "A", "PM"]


@pytest.fixture(scope="module")
def year():
    """The year of the committed sample."""
    return synthesise(seed=2024)


@pytest.fixture(scope="module")
def large():
    """The same eight departments with 120,000 people, so that shares are nearly certain."""
    return synthesise(seed=7, people=120_000)


def text(made):
    """The export as text, blank where a cell is empty."""
    return made.export.astype(object).fillna("").astype(str)


def department(made, name):
    """The rows of one department."""
    return made.export[made.export["department"] == name]


def test_the_committed_sample_is_what_the_seed_gives(tmp_path):
    """Both files in data/synthetic are remade byte for byte from their seed."""
    for path in write_synthetic(tmp_path, seed=2024):
        assert path.read_bytes() == (SAMPLE / path.name).read_bytes()


def test_another_seed_gives_another_year(year):
    """The seed matters, and sizes do not depend on it."""
    other = synthesise(seed=2025)
    assert len(other.export) == len(year.export) == 2190
    assert not other.export["rating_final"].equals(year.export["rating_final"])


def test_departments_have_the_sizes_asked_for(year):
    """Eight departments of 730, 530, 345, 300, 175, 60, 30 and 20 people."""
    sizes = year.export["department"].value_counts(sort=False).tolist()
    assert sizes == [730, 530, 345, 300, 175, 60, 30, 20]
    assert [plan["people"] for plan in year.truth["departments"]] == sizes


@pytest.mark.parametrize(("departments", "people"), [(1, 1), (3, 1000), (40, 5000), (8, 8)])
def test_any_number_of_departments_and_people(departments, people):
    """Every person asked for is there, and every department has someone."""
    made = synthesise(departments=departments, people=people)
    assert len(made.export) == people
    assert made.export["department"].nunique() == departments
    assert made.export["person_id"].is_unique


@pytest.mark.parametrize(("departments", "people"), [(0, None), (8, 7)])
def test_too_few_is_refused(departments, people):
    """No department, or fewer people than departments, cannot be made."""
    with pytest.raises(ParameterError, match="at least one"):
        synthesise(departments=departments, people=people)


def test_a_scheme_of_three_boxes_is_refused():
    """The recipe is for four ratings and a performance year."""
    with pytest.raises(ParameterError, match="four ratings"):
        synthesise(scheme=load_scheme("three_box_2013_14"))


@pytest.mark.parametrize(
    ("column", "group", "share"),
    [
        # Civil Service Statistics 2023, SCS in post, of those who declared.
        ("sex", "Female", 3535 / 7380),
        ("ethnicity", "White", 5720 / 6390),
        ("disability", "Declared disabled", 565 / 5670),
        ("sexual_orientation", "LGBO", 405 / 5755),
        ("age", "50-59", 2760 / 7380),
        # FTE 3,370 of 3,535 women and 3,770 of 3,845 men, part-timers at 0.75 on average.
        ("working_pattern", "Part-time", (165 + 75) / 0.25 / 7380),
    ],
)
def test_groups_have_their_published_shares(large, column, group, share):
    """Within 0.6 percentage points at 120,000 people, four standard errors of a share of half."""
    answers = large.export.loc[large.export["department"] != "Hedgerow Board", column]
    declared = answers[~answers.isin(["Undeclared", "Unknown"])]
    assert (declared == group).mean() == pytest.approx(share, abs=0.006)


def test_declaration_differs_between_departments_as_planted(large):
    """People long in the Civil Service answer at the rate of the truth file, within 1.5 points."""
    for plan in large.truth["departments"][:5]:
        rows = department(large, plan["name"])
        settled = rows[rows["cs_entry_date"].astype(str) < "2024-04-01"]
        for name, rate in plan["declaration_rates"].items():
            declared = ~settled[name].isin(["Undeclared", "Unknown"])
            assert declared.mean() == pytest.approx(rate, abs=0.015)


def test_entrants_have_answered_least(large):
    """Disability is Unknown for 57% of new entrants (170 of 300, published) and 18% of others."""
    entrant = large.export["cs_entry_date"].astype(str) >= "2024-04-01"
    unknown = large.export["disability"] == "Unknown"
    assert unknown[entrant].mean() == pytest.approx(170 / 300, abs=0.03)
    assert unknown[~entrant].mean() < 0.25


def test_one_department_records_ethnicity_in_full(year):
    """The Hedgerow Board uses labels of the 19 groups, which the scheme knows."""
    full = set(load_scheme().characteristic("ethnicity").level("19 groups").group_names)
    held = set(department(year, "Hedgerow Board")["ethnicity"].unique())
    assert held <= {*full, "Undeclared", "Unknown"}
    assert full.isdisjoint(department(year, "Office of Tides")["ethnicity"].unique())


def test_every_department_gives_its_curve(large):
    """Recommended ratings have the planted shares, within 1.5 points at these sizes."""
    for plan in large.truth["departments"][:5]:
        rated = department(large, plan["name"])["rating_recommended"].dropna()
        shares = rated.value_counts(normalize=True).reindex(BEST_FIRST, fill_value=0)
        assert shares.tolist() == pytest.approx(CURVES[plan["curve"]], abs=0.015)


def test_moderation_keeps_an_unused_box_unused(large):
    """Nobody is moderated into Exceeding or Partially Met where the department never uses it."""
    assert not (department(large, "Hedgerow Board")["rating_final"] == "E").any()
    assert not (department(large, "Belltower Bureau")["rating_final"] == "PM").any()


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("rating_q1", "rating_midyear"),
        ("rating_midyear", "rating_q3"),
        ("rating_q3", "rating_recommended"),
    ],
)
def test_adjacent_quarters_correlate(large, earlier, later):
    """About 0.7 between the box numbers of one quarter and the next, as the recipe asks."""
    rows = department(large, "Office of Tides")[[earlier, later]].dropna()
    boxes = rows.apply(lambda column: column.astype(str).map(BEST_FIRST.index))
    assert np.corrcoef(boxes.T)[0, 1] == pytest.approx(0.70, abs=0.03)


def test_runs_of_partially_met_occur(year):
    """Some people are Partially Met in two quarters running (para 57)."""
    rows = year.export
    assert ((rows["rating_midyear"] == "PM") & (rows["rating_q3"] == "PM")).sum() >= 10


def test_missing_ratings_are_as_the_truth_says(large):
    """Of people in post all year, 15-25% lack a first or third quarter and 3-8% a mid-year."""
    for plan in large.truth["departments"][:5]:
        rows = department(large, plan["name"])
        there = rows["leave_date"].isna() & (rows["grade"] != "Permanent Secretary")
        there &= rows["dept_entry_date"].astype(str) < "2024-04-01"
        there &= rows["scs_entry_date"].astype(str) < "2024-04-01"
        for name, rate in plan["missing_rates"].items():
            low, high = (0.03, 0.08) if name == "rating_midyear" else (0.15, 0.25)
            assert low <= rate <= high
            assert rows.loc[there, name].isna().mean() == pytest.approx(rate, abs=0.015)


def fitted_effects(rows, rating, cut):
    """Logistic coefficients and standard errors for a rating at or above a cut, by effect."""
    rated = rows.dropna(subset=[rating])
    terms = {
        f"{name}: {group}": (rated[name] == group).to_numpy(float)
        for name, groups in EFFECTS.items()
        for group in groups
    }
    better = rated[rating].astype(str).map(BEST_FIRST.index).to_numpy() <= cut
    fit = sm.Logit(better.astype(float), sm.add_constant(pd.DataFrame(terms))).fit(disp=0)
    return {name: (fit.params[name], fit.bse[name]) for name in terms}


@pytest.mark.parametrize("cut", [0, 1, 2])
def test_planted_effects_come_back_at_every_cut_of_the_scale(large, cut):
    """In 40,000 people each log-odds is within four standard errors of what was planted."""
    effects = fitted_effects(department(large, "Lighthouse Ministry"), "rating_recommended", cut)
    for name, groups in EFFECTS.items():
        for group, planted in groups.items():
            found, error = effects[f"{name}: {group}"]
            assert abs(found - planted) < 4 * error


@pytest.mark.parametrize("name", ["Office of Tides", "Lighthouse Ministry"])
def test_nothing_is_planted_where_nothing_should_be(large, name):
    """Without effects no group differs; with them, departments said to have none have none."""
    made = large if name == "Office of Tides" else synthesise(seed=7, people=120_000, effects=False)
    plan = next(plan for plan in made.truth["departments"] if plan["name"] == name)
    assert plan["effects"] == {}
    for found, error in fitted_effects(department(made, name), "rating_final", 1).values():
        assert abs(found) < 4 * error


def test_only_people_held_on_31_december_are_moderated(large):
    """In the Civil Service and the post on 31 December: rated; otherwise not (paras 67, 68)."""
    rows = text(large)
    here = (rows["cs_entry_date"] <= "2024-12-31") & (rows["dept_entry_date"] <= "2024-12-31")
    here &= rows["leave_date"].eq("") | (rows["leave_date"] >= "2024-12-31")
    here &= rows["grade"] != "Permanent Secretary"
    for stage in ("rating_recommended", "rating_local", "rating_overall", "rating_final"):
        assert large.export[stage].notna().equals(here)


@pytest.mark.parametrize("day", ["2024-12-31", "2025-01-01"])
def test_both_sides_of_the_boundary_are_in_the_sample(year, day):
    """Someone enters, someone arrives from another department and someone leaves on each day."""
    rows = year.export
    entered = rows["cs_entry_date"] == day
    assert entered.any()
    assert ((rows["dept_entry_date"] == day) & ~entered).any()
    assert (rows["leave_date"] == day).any()


def test_dates_are_in_order(large):
    """Civil Service, SCS, post, leaving; and Civil Service, department, post (DQ3)."""
    rows = text(large)
    for first, second in (
        ("cs_entry_date", "scs_entry_date"),
        ("scs_entry_date", "post_start"),
        ("cs_entry_date", "dept_entry_date"),
        ("dept_entry_date", "post_start"),
    ):
        assert (rows[first] <= rows[second]).all()
    left = rows[rows["leave_date"] != ""]
    assert (left["post_start"] <= left["leave_date"]).all()


def test_people_come_and_go_at_the_published_rates(large):
    """305 entrants, 390 movers and 725 leavers of 7,385 in post (Civil Service Statistics 2023)."""
    rows = large.export
    entered = rows["cs_entry_date"].astype(str) >= "2024-04-01"
    moved_in = (rows["dept_entry_date"].astype(str) >= "2024-04-01") & ~entered
    everyone = 7385 + 725 + 390
    assert entered.mean() == pytest.approx(305 / 7385, abs=0.003)
    assert moved_in.mean() == pytest.approx(390 / 7385, abs=0.003)
    left = (rows["leave_destination"] == "Left the Civil Service").mean()
    assert left == pytest.approx(725 / everyone, abs=0.006)


def test_kinds_of_employment_have_the_recipes_shares(large):
    """Temporary promotion 5-8%, outward secondees and job shares 1-2% each (our recipe)."""
    shares = large.export["employment_type"].value_counts(normalize=True)
    assert 0.05 < shares["Temporary promotion"] < 0.08
    assert 0.01 < shares["Secondee out"] < 0.02
    assert 0.01 < shares["Job share"] < 0.02


def test_grades_are_about_80_16_3_with_a_few_others(large):
    """The recipe's shares; one Permanent Secretary in each department large enough."""
    shares = large.export["grade"].value_counts(normalize=True)
    assert shares[["SCS1", "SCS2", "SCS3"]].tolist() == pytest.approx([0.80, 0.16, 0.034], abs=0.01)
    assert 0 < shares["SCS1A"] < 0.02
    assert (large.export["grade"] == "Permanent Secretary").sum() == 8


def test_every_change_in_moderation_has_a_reason(year):
    """A reason where a rating changed after the recommendation, and nowhere else (R41)."""
    steps = ["rating_recommended", "rating_local", "rating_overall", "rating_final"]
    rows = text(year)[steps]
    changed = sum((rows[a] != rows[b]) for a, b in itertools.pairwise(steps)) > 0
    assert year.export["change_reason"].notna().equals(changed)
    assert 0 < changed.mean() < 0.1


def test_the_truth_says_what_it_is(year):
    """The truth file is plain JSON and starts by saying that everything is invented."""
    truth = json.loads(json.dumps(year.truth))
    assert truth == year.truth
    assert "invented" in truth["made_up"]
    assert truth["violations"] == []
