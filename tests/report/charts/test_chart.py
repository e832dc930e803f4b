"""Charts show what their table says: no more, no less, with no button that sends it away."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from pmstats import breakdowns, coverage, disparities, distribution, figure, restricted_table
from pmstats.errors import ParameterError
from pmstats.release.restricted.door import cumulative_table
from pmstats.release.table import Column, Kind, RestrictedTable
from pmstats.report.charts.chart import (
    PALETTE,
    Chart,
    DotIntervals,
    Flow,
    Line,
    Lines,
    StackedBars,
)
from pmstats.report.charts.choice import chart_of, funnel, whole_scale
from pmstats.report.charts.figures import Figure
from pmstats.report.charts.planes import LEFT, WIDTH, plane
from pmstats.report.charts.plot import plot
from pmstats.report.charts.svg import svg
from pmstats.scheme import Scheme

if TYPE_CHECKING:
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


def test_what_is_higher_lies_on_the_side_that_says_so(
    comparisons: RestrictedTable, scs: Scheme
) -> None:
    """Women are rated higher, more often in the top boxes and less often in the lowest one."""
    whole = whole_scale(comparisons, finding="")
    framings = figure(comparisons, scheme=scs).chart
    assert isinstance(framings, DotIntervals)
    assert whole.ends == ("first group rated lower", "first group rated higher")
    assert framings.ends == ("smaller share in the first group", "larger share in the first group")
    drawn = svg(whole) + svg(framings)
    places = [float(at) for at in re.findall(r'<circle cx="([\d.]+)%"', drawn)]
    assert [at > 50 for at in places] == [True, True, False]


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


#: A table of every shape that a chart is made from, and the kind of its chart.
SHAPES = {
    "lines": (
        ("Group", "Q1", "Mid-year", "Q3", "End-year"),
        (Kind.SHARE,) * 4,
        (("Rated", 0.62, 0.91, None, 0.99), ("Reasons recorded", 0.5, 0.6, 0.7, 0.98)),
        Lines,
    ),
    "shrunken": (
        ("Cell", "n", "As counted", "Share", "Low", "High"),
        (Kind.COUNT, *(Kind.SHARE,) * 4),
        (
            ("Women, SCS2", 12, 0.25, 0.12, 0.03, 0.27),
            ("Men, SCS3", "too few to report", *[None] * 4),
        ),
        DotIntervals,
    ),
    "shares": (
        ("Panel", "People", "Share", "Low", "High"),
        (Kind.COUNT, *(Kind.SHARE,) * 3),
        (("Policy 1", 30, 0.1, 0.04, 0.26),),
        DotIntervals,
    ),
    "flow": (
        ("Local", "Exceeding", "High Performing", "Achieving", "Partially Met", "All"),
        (Kind.COUNT,) * 5,
        (
            ("Exceeding", 8, 2, 0, 0, 10),
            ("High Performing", 1, 20, 3, 0, 24),
            ("Achieving", 0, 2, 50, 1, 53),
            ("Partially Met", 0, 0, 1, 4, 5),
            ("All", 9, 24, 54, 5, 92),
        ),
        Flow,
    ),
}


def example(shape: str) -> RestrictedTable:
    """The example table of a shape."""
    headings, kinds, rows, _ = SHAPES[shape]
    return RestrictedTable(
        id=shape,
        caption="An example",
        columns=tuple(
            Column(name=name, kind=kind)
            for name, kind in zip(headings, (Kind.TEXT, *kinds), strict=True)
        ),
        rows=rows,
    )


@pytest.fixture(scope="module", params=SHAPES)
def drawn(request: pytest.FixtureRequest, scs: Scheme) -> Chart:
    """A chart of each kind that is made from a table of its shape."""
    chart = chart_of(example(request.param), scheme=scs)
    assert isinstance(chart, SHAPES[request.param][-1])
    return chart


def test_every_kind_of_chart_is_drawn_three_ways(drawn: Chart) -> None:
    """A picture that is whole XML, a plot for a page, a figure for a notebook."""
    picture = ElementTree.fromstring(svg(drawn))
    assert picture.get("role") == "img"
    assert picture.findtext("{http://www.w3.org/2000/svg}title") == drawn.finding
    ElementTree.fromstring(f"<div>{plot(drawn)}</div>")
    assert Figure(drawn).plotly().data
    assert "holds the same numbers" in drawn.description


def test_a_withheld_row_is_not_drawn(scs: Scheme) -> None:
    """A group that is too small has no dot, and leaves no place for one."""
    chart = chart_of(example("shrunken"), scheme=scs)
    assert isinstance(chart, DotIntervals)
    assert [(dot.label, dot.raw, dot.value) for dot in chart.dots] == [("Women, SCS2", 0.25, 0.12)]


def test_a_flow_has_a_band_for_every_pair_of_boxes_that_holds_anyone(scs: Scheme) -> None:
    """Ten of the sixteen pairs of the example do."""
    chart = chart_of(example("flow"), scheme=scs)
    assert chart
    assert svg(chart).count("<path") == 10


def test_a_funnel_says_how_many_units_lie_outside() -> None:
    """One unit of 40 with half in a box that holds 5% is outside; one of 4 is within chance."""
    table = RestrictedTable(
        id="by-business-unit",
        caption="Ratings by business unit",
        columns=(
            Column(name="Business unit"),
            Column(name="Rated (n)", kind=Kind.COUNT),
            Column(name="Partially Met", kind=Kind.SHARE),
        ),
        rows=(("A", 40, 0.5), ("B", 4, 0.25), ("C", 200, 0.05), ("D", "too few to report", None)),
    )
    chart = funnel(table, box="Partially Met", share=0.05)
    assert chart
    assert chart.finding.startswith("Partially Met: 1 of 3 business units lies outside")
    assert svg(chart).count("<circle") == 3
    assert Figure(chart).plotly().data
    assert funnel(replace(table, rows=table.rows[:2]), box="Partially Met", share=0.05) is None


def _luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_boxes_are_told_apart_and_their_words_read(scs: Scheme) -> None:
    """WCAG 2.2: 3:1 for a mark on white and beside its neighbour (1.4.11), 4.5:1 for words."""
    for place, (fill, ink) in enumerate(PALETTE):
        assert _contrast(fill, "#FFFFFF") >= 3
        assert _contrast(fill, ink) >= 4.5
        if place:
            assert _contrast(fill, PALETTE[place - 1][0]) >= 3
    assert len(PALETTE) >= len(scs.ratings)


@pytest.mark.parametrize(("last", "step"), [(1.0, 1), (0.6, 2)])
def test_lines_carry_their_numbers_where_they_lie_apart(last: float, step: int) -> None:
    """At the end; at the last point where they differ, when all end in one place."""
    lines = (Line(label="SCS1", shares=(0.9, 0.5, last)), Line(label="SCS2", shares=(0.9, 0.8, 1)))
    drawing, _ = plane(
        Lines(id="a", table="a", finding="", description="", points=("A", "B", "C"), lines=lines)
    )
    places = re.findall(r'<text x="([\d.]+)%" y="([\d.]+)" dx="10" class="name">(\d)<', drawing)
    assert {x for x, _, _ in places} == {f"{LEFT + WIDTH * step / 2:g}"}
    assert [number for _, _, number in places] == ["1", "2"]
    assert abs(float(places[0][1]) - float(places[1][1])) >= 16


def test_a_share_of_all_is_not_labelled_with_an_n_of_its_own(
    cohort_of: CohortOf, scs: Scheme
) -> None:
    """150 people at High Performing or above are a part of the 295 rated, not an n."""
    table = cumulative_table(distribution(cohort_of(GROUPS), stage="mid-year"), scheme=scs)
    chart = chart_of(table, scheme=scs)
    assert isinstance(chart, DotIntervals)
    assert [dot.people.endswith(" people") for dot in chart.dots] == [True] * 3
