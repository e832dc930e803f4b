"""The strategy map is drawn from its table: every name, every link, the same bytes."""

from __future__ import annotations

from pathlib import Path

from pmstats import figure, load_scheme, read_export, restricted_table
from pmstats.counts import strategy_links
from pmstats.report.charts.chart import Links
from pmstats.report.charts.choice import chart_of
from pmstats.report.charts.svg import svg

EXPORT = Path(__file__).parents[3] / "data/synthetic/scorecard/scorecard.csv"


def test_every_link_of_the_table_is_drawn_once() -> None:
    """As many boxes as names in each column, as many lines as pairs, and no address outside."""
    scheme = load_scheme("public_sector_scorecard")
    cohort = read_export(EXPORT, scheme=scheme).department("Benefits Office")
    table = restricted_table(strategy_links(cohort), scheme=scheme)
    chart = chart_of(table, scheme=scheme)
    assert isinstance(chart, Links)
    drawn = svg(chart)
    columns = list(zip(*chart.chains, strict=True))
    pairs = {(i, c[i], c[i + 1]) for c in chart.chains for i in range(2)}
    assert drawn.count("<rect ") == sum(len(set(column)) for column in columns)
    assert drawn.count("<line ") == len(pairs)
    assert drawn == svg(chart)
    assert drawn.count("http") == 1, "the namespace alone"


def test_a_notebook_shows_the_same_links() -> None:
    """plotly's picture has a link for each pair."""
    scheme = load_scheme("public_sector_scorecard")
    cohort = read_export(EXPORT, scheme=scheme).department("Benefits Office")
    table = restricted_table(strategy_links(cohort), scheme=scheme)
    shown = figure(table, scheme=scheme).plotly().data[0]
    assert len(shown.link.source) == len({(c[i], c[i + 1]) for c in table.rows for i in range(2)})
