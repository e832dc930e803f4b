"""The optional parts of a made-up year: moderation signals, the record, awards, the year before."""

from __future__ import annotations

import pytest

from pmstats.cohort.synthetic import synthesise, write_synthetic
from pmstats.cohort.synthetic.departments import CURVES

BEST_FIRST = ["E", "HP", "A", "PM"]
QUARTERS = ["rating_q1", "rating_midyear", "rating_q3", "rating_recommended"]
MODERATED = ["rating_recommended", "rating_local", "rating_overall", "rating_final"]


def text(table):
    """The table as text, blank where a cell is empty."""
    return table.astype(object).fillna("").astype(str)


@pytest.fixture(scope="module")
def plain():
    """The committed sample's people with nothing planted in moderation."""
    return synthesise(people=40_000)


@pytest.fixture(scope="module")
def full():
    """The same people with moderation signals, records, awards and the year before."""
    return synthesise(people=40_000, moderation=True, record=True, previous=True)


def test_every_part_leaves_the_others_as_they_are(plain, full):
    """Quarterly ratings, people and the moderation of other departments stay the same."""
    same = [name for name in plain.export if name not in (*MODERATED[1:], "change_reason")]
    assert full.export[same].equals(plain.export[same])
    signalled = {signal["department"] for signal in full.truth["moderation"]}
    others = ~plain.export["department"].isin(signalled)
    assert full.export.loc[others, MODERATED].equals(plain.export.loc[others, MODERATED])
    assert plain.truth["moderation"] == []


def test_all_files_are_written_and_the_same_each_time(tmp_path):
    """Two years of export, truth and awards; byte for byte the same on a second run."""
    recipe = {"people": 300, "moderation": True, "record": True, "previous": True}
    first = write_synthetic(tmp_path / "one", violations=True, **recipe)
    again = write_synthetic(tmp_path / "two", violations=True, **recipe)
    assert [path.name for path in first] == [
        f"scs_{year}.{kind}"
        for year in ("2024_25", "2023_24")
        for kind in ("csv", "truth.json", "awards.csv")
    ]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]


def moved_down(rows):
    """Whose local rating is a box or more below the recommendation."""
    ranks = rows[MODERATED[:2]].map(BEST_FIRST.index)
    return ranks["rating_local"] > ranks["rating_recommended"]


def local_moves(made, department, box):
    """People of one department recommended for one box."""
    rows = text(made.export)
    return rows[(rows["department"] == department) & (rows["rating_recommended"] == box)]


def test_without_signals_the_moderation_is_alike_for_everyone(plain):
    """A local panel moves 2.5% down from the box, women and men alike, in 10,000 people."""
    rows = local_moves(plain, "Office of Tides", "A")
    down = moved_down(rows).groupby(rows["sex"]).mean()
    assert down.tolist() == pytest.approx([0.025, 0.025], abs=0.02)


@pytest.mark.parametrize("box", ["E", "HP", "A"])
def test_one_group_is_moved_down_15_points_more_from_the_same_box(full, box):
    """Women of the Office of Tides, whatever their box; 0.15 of those not moved anyway."""
    rows = local_moves(full, "Office of Tides", box)
    down = moved_down(rows).groupby(rows["sex"]).mean()
    assert down["Female"] - down["Male"] == pytest.approx(0.15, abs=0.05)


def test_one_panel_is_harsh(full):
    """Its members are moved down 30 points more often than the rest of their department."""
    signal = next(s for s in full.truth["moderation"] if s["signal"] == "one panel harsh")
    rows = text(full.export)
    rows = rows[(rows["department"] == signal["department"]) & (rows["rating_local"] != "")]
    rows = rows[rows["rating_recommended"] != "PM"]
    down = moved_down(rows).groupby(rows["panel"] == signal["where"]).mean()
    assert down[True] - down[False] == pytest.approx(0.30, abs=0.20)
    assert down[False] < 0.04


def test_panels_that_fit_too_well_have_the_guide_s_counts(full):
    """Every panel of the Hedgerow Board is within one person of its curve in every box."""
    rows = text(full.export)
    rows = rows[(rows["department"] == "Hedgerow Board") & (rows["rating_local"] != "")]
    for _, panel in rows.groupby("panel"):
        counts = panel["rating_local"].value_counts().reindex(BEST_FIRST, fill_value=0)
        expected = [share * len(panel) for share in CURVES["top box unused"]]
        assert counts.tolist() == pytest.approx(expected, abs=1.0)


def test_the_record_keeps_the_rules_on_ratings(full):
    """Finance objective, corporate contribution and behaviours allow each rating (R22-R24)."""
    rows = text(full.export)
    for stage in MODERATED:
        above = rows[stage].isin(["E", "HP"])
        assert (rows.loc[above, "finance_objective_met"] == "Yes").all()
        assert (rows.loc[rows[stage] == "E", "corporate_contribution_significant"] == "Yes").all()
        assert (rows.loc[rows[stage].isin(["E", "HP", "A"]), "behaviours"] == "Yes").all()
    assert (rows["finance_objective_met"] == "No").any()
    assert (rows["behaviours"] == "No").any()


def runs(rows):
    """The first quarter (1-3) that completes two Partially Met in a row; 0 for none."""
    met = [(rows[name] == "PM").tolist() for name in QUARTERS]
    quarters = zip(*met, strict=True)
    return [next((i for i in (1, 2, 3) if q[i - 1] and q[i]), 0) for q in quarters]


def test_support_and_measures_follow_partially_met(full):
    """A plan after two quarters running, formal measures after a third, else neither (R27-R29)."""
    rows = text(full.export)
    rows["second"] = runs(rows)
    ran = rows["second"] > 0
    assert ((rows["pdp_start"] != "") == ran).all()
    assert ((rows["pdp_review"] != "") == ran).all()
    again = [
        second > 0 and "PM" in (*ratings[second + 1 :], final)
        for second, final, *ratings in rows[["second", "rating_final", *QUARTERS]].to_numpy()
    ]
    assert ((rows["formal_pp_stage"] == "1") == again).all()
    assert ran.sum() == sum(d["partially_met_twice_running"] for d in full.truth["departments"])
    assert sum(again) == sum(d["partially_met_again"] for d in full.truth["departments"])


def test_moderation_dates_are_in_order(full):
    """Conversation in March, local panel, then the overall meeting (R12, R39)."""
    rows = text(full.export)
    rows = rows[rows["rating_final"] != ""]
    assert rows["rating_recommended_date"].between("2025-03-01", "2025-03-31").all()
    assert (rows["rating_recommended_date"] < rows["rating_local_date"]).all()
    assert (rows["rating_local_date"] < rows["rating_overall_date"]).all()


def test_a_temporary_promotion_lasts_most_of_the_year(full):
    """It starts by 30 September, so that the grade held longest is the higher one (R19)."""
    rows = text(full.export)
    promoted = rows["employment_type"] == "Temporary promotion"
    assert (rows.loc[promoted, "tp_start"] <= "2024-09-30").all()
    assert (rows.loc[~promoted, "tp_start"] == "").all()


def test_final_ratings_differ_from_overall_only_after_an_appeal(full):
    """Appeals are upheld or not; only an upheld one changes the rating (R45)."""
    rows = text(full.export)
    changed = rows["rating_final"] != rows["rating_overall"]
    assert ((rows["appeal"] == "Upheld") == changed).all()
    assert (rows["appeal"] == "Not upheld").any()


def awards_with_people(made):
    """Each award beside its person."""
    return text(made.awards).merge(text(made.export), on="person_id", validate="many_to_one")


def test_awards_keep_every_cap(full):
    """5,000 for one in-year award, 17,500 in the year, 3.3% of paybill (R33, R34, R37)."""
    both = awards_with_people(full)
    both["amount"] = both["amount"].astype(float)
    assert both.loc[both["type"] == "in_year", "amount"].max() == 5000
    assert both.groupby("person_id")["amount"].sum().max() <= 17_500
    spent = both.groupby("department")["amount"].sum()
    for department in full.truth["departments"]:
        assert spent[department["name"]] <= 0.033 * department["paybill"]


def test_awards_go_to_those_who_may_have_them(full):
    """Nobody on formal measures or gone; end-year only for the top boxes (R18, R32, R35, R36)."""
    both = awards_with_people(full)
    end_year = both[both["type"] == "end_year"]
    assert (both["formal_pp_stage"] == "none").all()
    assert end_year["rating_final"].isin(["E", "HP"]).all()
    assert (end_year["leave_destination"] != "Left the Civil Service").all()
    left = both["leave_date"] != ""
    in_year = both["type"] == "in_year"
    assert (both.loc[left & in_year, "date"] <= both.loc[left & in_year, "leave_date"]).all()
    rows = text(full.export)
    best = rows[(rows["rating_final"] == "E") & (rows["leave_date"] == "")]
    assert best["person_id"].isin(end_year["person_id"]).all()


@pytest.fixture(scope="module")
def stayers(full):
    """Everyone in both exports, a row for each with both years' columns."""
    before, now = text(full.previous.export), text(full.export)
    return before.merge(now, on="person_id", suffixes=("_before", ""), validate="one_to_one")


def test_people_are_linked_across_the_years(full, stayers):
    """Stayers keep sex, entry date and department; unit, grade and declaration change for some."""
    for name in ("sex", "cs_entry_date", "department", "age", "religion_belief"):
        assert (stayers[f"{name}_before"] == stayers[name]).all()
    for name in ("business_unit", "grade", "disability"):
        changed = (stayers[f"{name}_before"] != stayers[name]).mean()
        assert 0 < changed < 0.06
    assert len(stayers) < len(full.previous.export)
    assert full.previous.export["person_id"].is_unique
    assert full.previous.truth["year"] == "2023-24"


def test_leavers_of_the_year_before_are_gone(full, stayers):
    """Who is in the first export alone left in its year, and who stayed has no leave date."""
    before = text(full.previous.export)
    gone = ~before["person_id"].isin(stayers["person_id"])
    assert before.loc[gone, "leave_date"].between("2023-04-01", "2024-03-31").all()
    assert (before.loc[~gone, "leave_date"] == "").all()


def top_two(made, department):
    """Rated people of one department, with whether they are in the top two boxes."""
    rows = text(made.export)
    rows = rows[(rows["department"] == department) & (rows["rating_recommended"] != "")]
    return rows.assign(top=rows["rating_recommended"].isin(["E", "HP"]))


def test_a_changed_composition_changes_the_share_and_not_the_rates(full):
    """Lighthouse Ministry, 13,000 people: ages alike in both years, fewer aged 60-64 now."""
    before, now = (top_two(made, "Lighthouse Ministry") for made in (full.previous, full))
    assert now["top"].mean() - before["top"].mean() > 0.02
    older = [(rows["age"] == "60-64").mean() for rows in (before, now)]
    assert older[0] - older[1] > 0.15
    for age in ("40-49", "50-59", "60-64"):
        rates = [rows.loc[rows["age"] == age, "top"].mean() for rows in (before, now)]
        assert rates[0] == pytest.approx(rates[1], abs=0.04)


def test_one_department_was_rated_otherwise_the_year_before(full):
    """Office of Tides: typical then (E 12%), the top box used freely now (E 30%)."""
    for made, share in ((full.previous, 0.12), (full, 0.30)):
        rows = top_two(made, "Office of Tides")
        assert (rows["rating_recommended"] == "E").mean() == pytest.approx(share, abs=0.02)
