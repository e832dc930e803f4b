"""Indicators: trends against scipy's exact law, published counters, matters to look into."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmstats import load_scheme, read_export, restricted_table, sentences
from pmstats.cohort import Cohort
from pmstats.counts import strategy_links
from pmstats.errors import ParameterError
from pmstats.findings import scorecard
from pmstats.findings.scorecard import Reading, Trend, mann_trend

DATA = Path(__file__).parents[2] / "data"


def readings(export: str, scheme: str) -> dict[tuple[str, str], Reading]:
    """The reading of each indicator of each department of an export in `data/`."""
    cohort = read_export(DATA / export, scheme=load_scheme(scheme))
    return {(each.department, each.name): each for each in scorecard(cohort).readings}


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=9, unique=True))
def test_the_exact_trend_is_kendall_s_of_scipy(values: list[int]) -> None:
    """Mann's test is Kendall's tau between the values and their order (scipy, exact)."""
    from scipy.stats import kendalltau

    expected = kendalltau(range(len(values)), values, method="exact").pvalue
    assert mann_trend(values).p_value == pytest.approx(expected, rel=1e-9)


def test_five_rising_values_are_the_fewest_that_show_a_trend() -> None:
    """All in order: p is 2/5! = 0.0167 for five values and 2/4! = 0.083 for four, by counting."""
    assert mann_trend([1, 2, 3, 4, 5]).p_value == pytest.approx(2 / 120)
    assert mann_trend([1, 2, 3, 4]).p_value == pytest.approx(2 / 24)
    assert isnan(mann_trend([3, 3, 3]).p_value)


def test_ties_take_the_normal_law_with_both_corrections() -> None:
    """1, 1, 2, 3, 3, 4, 5, 6: S = 26, variance 63.33, z = 25 / 7.958 = 3.1413 (by hand)."""
    found = mann_trend([1, 1, 2, 3, 3, 4, 5, 6])
    assert found.statistic == 26
    assert found.p_value == pytest.approx(0.001682, abs=2e-6)


def test_the_published_boards_are_twice_their_target() -> None:
    """30 boards where 15 were intended; the other counters have no target and no status."""
    found = readings("published/workforce_programme_2024.csv", "workforce_programme_2024")
    boards = found.pop(
        ("Releasing the Power of our Profession", "Local Skills Accountability Boards")
    )
    assert (boards.status, boards.attainment, boards.trend) == ("Reached", 2.0, Trend.TOO_FEW)
    assert {each.status for each in found.values()} == {""}
    assert all(isnan(each.target) for each in found.values())


def test_what_was_planted_in_the_made_up_scorecard_is_found() -> None:
    """One without links, one stale, one without a target; errors and rework get worse."""
    found = readings("synthetic/scorecard/scorecard.csv", "public_sector_scorecard")
    assert [key for key, each in found.items() if each.unlinked] == [
        ("Parks Service", "Training days")
    ]
    assert [key for key, each in found.items() if each.stale] == [
        ("Licensing Office", "Cost per request")
    ]
    assert [key for key, each in found.items() if isnan(each.target)] == [
        ("Licensing Office", "Staff engagement")
    ]
    for department in ("Benefits Office", "Licensing Office", "Parks Service"):
        assert found[department, "Errors and rework"].trend is Trend.WORSE
        assert found[department, "Citizen satisfaction"].trend is Trend.BETTER


def one(direction: str, values: list[float], **cells: object) -> Reading:
    """The reading of a made-up indicator with these values, one a period."""
    scheme = load_scheme("public_sector_scorecard")
    n = len(values)
    given = {
        "department": "D",
        "indicator": "I",
        "direction": direction,
        "strategic_objective": "O",
        "success_factor": "F",
        **cells,
    }
    people = pd.DataFrame({name: [cell] * n for name, cell in given.items()})
    people["period"] = [f"P{i}" for i in range(n)]
    people["actual"] = values
    people["status"] = "Green"
    people["count"] = 1
    cohort = Cohort(scheme=scheme, people=people, export_name="m.csv", export_sha256="0" * 64)
    (reading,) = scorecard(cohort).readings
    return reading


def test_better_depends_on_the_direction() -> None:
    """Falling values are better when lower is, worse when higher is; within, nearer is better."""
    falling = [9.0, 8.0, 7.0, 6.0, 5.0]
    cells = {"baseline": 10.0, "target": 5.0, "tolerance": float("nan")}
    assert one("lower", falling, **cells).trend is Trend.BETTER
    assert one("higher", falling, **cells).trend is Trend.WORSE
    assert one("within", falling, **cells).trend is Trend.BETTER
    assert one("lower", falling, **cells).attainment == pytest.approx(1.0)
    assert one("lower", falling[:4], **cells).trend is Trend.TOO_FEW


def test_the_map_and_the_card_are_shown_with_what_is_missing() -> None:
    """A missing link is named in the table of the map and among the matters to look into."""
    scheme = load_scheme("public_sector_scorecard")
    cohort = read_export(DATA / "synthetic/scorecard/scorecard.csv", scheme=scheme)
    parks = cohort.department("Parks Service")
    shown = repr(restricted_table(strategy_links(parks), scheme=scheme))
    assert "no link\tno link\tTraining days" in shown
    assert "Not linked to what they serve: Training days." in repr(sentences(scorecard(parks)))
    assert "no strategic objective" in repr(restricted_table(scorecard(parks), scheme=scheme))


def test_a_scheme_without_indicators_or_a_map_says_so() -> None:
    """Both are refused in words."""
    scheme = load_scheme("provider_quality_2024")
    cohort = read_export(DATA / "synthetic/providers/providers.csv", scheme=scheme)
    with pytest.raises(ParameterError, match="has no indicators"):
        scorecard(cohort)
    with pytest.raises(ParameterError, match="holds no strategy map"):
        strategy_links(cohort)
