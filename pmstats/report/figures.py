"""Charts drawn by plotly for exploring in a notebook, with the page's drawing as a fallback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pmstats.errors import ParameterError
from pmstats.report.charts import (
    PALETTE,
    Chart,
    DotIntervals,
    Flow,
    StackedBars,
    dot_intervals,
    flow,
    overall_bar,
    stacked_bars,
)
from pmstats.report.svg import svg

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from pmstats.release.table import RestrictedTable
    from pmstats.scheme import Scheme

#: plotly 7 shows a button that uploads the figure to a cloud unless told not to.
QUIET = {"displayModeBar": False, "showSendToCloud": False, "displaylogo": False}


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart that shows itself in a notebook: interactive where plotly can, drawn elsewhere."""

    chart: Chart

    def plotly(self) -> go.Figure:
        """The chart as a plotly figure, for those who want to take it further."""
        if isinstance(self.chart, Flow):
            return _sankey(self.chart)
        return _bars(self.chart) if isinstance(self.chart, StackedBars) else _dots(self.chart)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        drawn = self.plotly().to_plotly_json()
        return {
            "application/vnd.plotly.v1+json": {
                "data": [dict(trace) for trace in drawn["data"]],
                "layout": dict(drawn["layout"]),
                "config": QUIET,
            },
            "image/svg+xml": svg(self.chart),
            "text/plain": self.chart.finding,
        }


def figure(table: RestrictedTable, *, scheme: Scheme) -> Figure:
    """The chart that suits a table: stacked bars of boxes, dots with intervals, or a flow.

    Raises `ParameterError` for a table that no chart suits.
    """
    headings = [column.name for column in table.columns]
    if "Effect" in headings:
        return Figure(
            dot_intervals(
                [table],
                questions=tuple(framing.name for framing in scheme.framings),
                id=f"{table.id}-chart",
                finding=f"{table.caption}: differences of shares, in percentage points",
            )
        )
    if "Rated (n)" in headings:
        return Figure(stacked_bars(table, scheme=scheme, finding=table.caption))
    if table.id == "distribution":
        return Figure(overall_bar(table, scheme=scheme, finding=table.caption))
    if headings[1:] == [*scheme.best_first, "All"]:
        return Figure(flow(table, scheme=scheme, finding=table.caption))
    raise ParameterError(f"No chart suits the table “{table.caption}”.")


def _bars(chart: StackedBars) -> go.Figure:
    import plotly.graph_objects as go

    labels = [f"{bar.label} (n = {bar.n:,})" for bar in chart.bars]
    figure = go.Figure()
    for place, (name, short) in enumerate(chart.boxes):
        shares = [100 * bar.shares[place] for bar in chart.bars]
        fill, ink = PALETTE[place % len(PALETTE)]
        figure.add_bar(
            x=shares,
            y=labels,
            name=name,
            orientation="h",
            marker={"color": fill, "line": {"color": "#FFFFFF", "width": 1.5}},
            text=[f"{short} {share:.0f}%" for share in shares],
            textfont={"color": ink},
            textposition="inside",
            hovertemplate=f"{name}: %{{x:.1f}}%<extra></extra>",
        )
    figure.update_layout(barmode="stack", xaxis={"range": [0, 100], "ticksuffix": "%"})
    return _laid_out(figure, chart, rows=len(labels))


def _dots(chart: DotIntervals) -> go.Figure:
    import plotly.graph_objects as go

    labels = [f"{dot.label}: {dot.verdict}" for dot in chart.dots]
    values = [100 * dot.value for dot in chart.dots]
    figure = go.Figure()
    figure.add_scatter(
        x=values,
        y=labels,
        mode="markers",
        marker={"color": "#12436D", "size": 11},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [100 * (dot.high - dot.value) for dot in chart.dots],
            "arrayminus": [100 * (dot.value - dot.low) for dot in chart.dots],
            "color": "#12436D",
            "thickness": 2.5,
        },
        hovertemplate="%{x:+.1f} points<extra></extra>",
        showlegend=False,
    )
    for place, dot in enumerate(chart.dots):
        figure.add_shape(
            type="rect",
            x0=-100 * dot.margin,
            x1=100 * dot.margin,
            y0=place - 0.45,
            y1=place + 0.45,
            fillcolor="#DFE7EF",
            line_width=0,
            layer="below",
        )
    figure.add_vline(x=0, line={"color": "#0B0C0C", "dash": "dash", "width": 1})
    figure.update_layout(xaxis={"title": {"text": "percentage points"}})
    return _laid_out(figure, chart, rows=len(labels))


def _sankey(chart: Flow) -> go.Figure:
    import plotly.graph_objects as go

    boxes = len(chart.boxes)
    colours = [PALETTE[place % len(PALETTE)][0] for place in range(boxes)]
    links = [
        (place, boxes + to, count)
        for place, row in enumerate(chart.counts)
        for to, count in enumerate(row)
        if count
    ]
    figure = go.Figure(
        go.Sankey(
            arrangement="snap",
            node={"label": [name for name, _ in chart.boxes] * 2, "color": colours * 2},
            link={
                "source": [link[0] for link in links],
                "target": [link[1] for link in links],
                "value": [link[2] for link in links],
            },
        )
    )
    return _laid_out(figure, chart, rows=boxes)


def _laid_out(figure: go.Figure, chart: Chart, *, rows: int) -> go.Figure:
    figure.update_layout(
        title={"text": chart.finding, "font": {"size": 15}},
        template="plotly_white",
        yaxis={"autorange": "reversed", "automargin": True},
        legend={"orientation": "h", "traceorder": "normal", "y": -0.2},
        height=170 + 46 * rows,
        margin={"l": 10, "r": 20, "t": 50, "b": 40},
    )
    return figure
