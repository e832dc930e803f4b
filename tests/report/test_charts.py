"""Charts show what their table says: no more, no less, with no button that sends it away."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from pmstats import breakdowns, coverage, disparities, distribution, figure, restricted_table
from pmstats.errors import ParameterError
from pmstats.report.charts import DotIntervals, StackedBars
from pmstats.report.svg import svg
from pmstats.scheme import Scheme

if TYPE_CHECKING:
    from pmstats.release.table import RestrictedTable
    from tests.conftest import CohortOf

GROUPS = {
    "Female": (60, 90, 140, 6, 4),
    "Male": (20, 60, 190, 30, 9),
    "Unknown": (0, 1, 2, 0, 0),
}


@pytest.fixture(scope="module")
def ratings(cohort_of: CohortOf, scs: Scheme) -> RestrictedTable:
    """The shares in each box by sex, three people without an answer withheld."""
    (by_sex,) = breakdowns(cohort_of(GROUPS), stage="mid-year")
    return restricted_table(by_sex, scheme=scs)


@pytest.fixture(scope="module")
def comparisons(cohort_of: CohortOf, scs: Scheme) -> RestrictedTable:
    """Every comparison by sex."""
    found = disparities(breakdowns(cohort_of(GROUPS), stage="mid-year"), scheme=scs)
    return restricted_table(found["sex"], scheme=scs)


def test_bars_hold_the_shares_of_their_table(ratings: RestrictedTable, scs: Scheme) -> None:
    """Each bar has the row's n and shares; the withheld row has none."""
    chart = figure(ratings, scheme=scs).chart
    assert isinstance(chart, StackedBars)
    assert [bar.label for bar in chart.bars] == ["Female", "Male"]
    assert chart.bars[0].n == 296
    assert chart.bars[0].shares == ratings.rows[0][2:6]
    assert sum(chart.bars[1].shares) == pytest.approx(1)


def test_dots_hold_the_differences_of_their_table(
    comparisons: RestrictedTable, scs: Scheme
) -> None:
    """One dot for each framing, with interval, detectable difference and margin."""
    chart = figure(comparisons, scheme=scs).chart
    assert isinstance(chart, DotIntervals)
    assert [dot.value for dot in chart.dots] == list(comparisons.column("Effect")[1:])
    assert [dot.margin for dot in chart.dots] == [0.10, 0.025]


def test_a_notebook_gets_plotly_without_buttons_and_a_drawing(
    ratings: RestrictedTable, scs: Scheme
) -> None:
    """Plotly 7 uploads figures from its mode bar unless told not to; there is no bar at all."""
    bundle = figure(ratings, scheme=scs)._repr_mimebundle_()
    config = bundle["application/vnd.plotly.v1+json"]["config"]
    assert config["showSendToCloud"] is False
    assert config["displayModeBar"] is False
    assert bundle["image/svg+xml"].startswith("<svg")
    assert "bdata" not in json.dumps(bundle)


def test_a_drawing_is_the_same_every_time_and_speaks(
    ratings: RestrictedTable, comparisons: RestrictedTable, scs: Scheme
) -> None:
    """No random ids; title and description inside; marks placed in per cent so that it reflows."""
    for table in (ratings, comparisons):
        chart = figure(table, scheme=scs).chart
        drawn = svg(chart)
        assert drawn == svg(figure(table, scheme=scs).chart)
        assert "<title" in drawn
        assert "<desc" in drawn
        assert 'width="100%"' in drawn
        positions = [float(x) for x in re.findall(r'\bc?x[12]?="([\d.]+)%"', drawn)]
        assert positions
        assert all(0 <= x <= 100 for x in positions)


def test_a_table_no_chart_suits_says_so(cohort_of: CohortOf, scs: Scheme) -> None:
    """The coverage ledger is for reading, not for drawing."""
    ledger = restricted_table(coverage(cohort_of(GROUPS), stage="mid-year"), scheme=scs)
    with pytest.raises(ParameterError, match="No chart suits"):
        figure(ledger, scheme=scs)


def test_nobody_rated_draws_an_empty_chart(cohort_of: CohortOf, scs: Scheme) -> None:
    """A department without ratings has a chart without bars, not a division by zero."""
    nobody = distribution(cohort_of({"Male": (0, 0, 0, 0, 5)}), stage="mid-year")
    assert svg(figure(restricted_table(nobody, scheme=scs), scheme=scs).chart).endswith("</svg>")
