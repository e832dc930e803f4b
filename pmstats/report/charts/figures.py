"""Charts drawn by plotly for exploring in a notebook, with the page's drawing as a fallback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pmstats.errors import ParameterError
from pmstats.report.charts.chart import (
    PALETTE,
    Chart,
    DotIntervals,
    Flow,
    Funnel,
    Lines,
    Links,
    Scale,
    StackedBars,
)
from pmstats.report.charts.choice import chart_of, funnel
from pmstats.report.charts.svg import svg

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
        match self.chart:
            case StackedBars():
                return _bars(self.chart)
            case DotIntervals():
                return _dots(self.chart)
            case Flow():
                return _sankey(self.chart)
            case Funnel():
                return _funnel(self.chart)
            case Lines():
                return _lines(self.chart)
            case Links():
                return _links(self.chart)

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
    """The chart that suits a table: stacked bars, dots with intervals, a flow or lines.

    Raises `ParameterError` for a table that no chart suits.
    """
    chart = chart_of(table, scheme=scheme)
    if chart is None:
        raise ParameterError(f"No chart suits the table “{table.caption}”.")
    return Figure(chart)


def funnel_figure(table: RestrictedTable, *, box: str, share: float) -> Figure:
    """The groups of a table by size, beside the limits of chance around a share of one box.

    Raises `ParameterError` where fewer than three groups can be shown.
    """
    chart = funnel(table, box=box, share=share)
    if chart is None:
        raise ParameterError(f"Too few groups for a funnel in the table “{table.caption}”.")
    return Figure(chart)


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
        hovertemplate=(
            "%{x:.1f}%<extra></extra>"
            if chart.scale is Scale.SHARE
            else "%{x:+.1f} points<extra></extra>"
        ),
        showlegend=False,
    )
    if chart.scale is Scale.SHARE:
        figure.update_layout(xaxis={"range": [0, 100], "ticksuffix": "%"})
        _raw(figure, chart, labels)
    else:
        figure.add_vline(x=0, line={"color": "#0B0C0C", "dash": "dash", "width": 1})
        figure.update_layout(xaxis={"title": {"text": "percentage points"}})
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
    return _laid_out(figure, chart, rows=len(labels))


def _raw(figure: go.Figure, chart: DotIntervals, labels: list[str]) -> None:
    """Crosses for the shares as counted, where the dots are drawn towards that of all."""
    counted = [
        (100 * dot.raw, label)
        for dot, label in zip(chart.dots, labels, strict=True)
        if dot.raw is not None
    ]
    if counted:
        figure.add_scatter(
            x=[share for share, _ in counted],
            y=[label for _, label in counted],
            mode="markers",
            name="as counted",
            marker={"symbol": "x-thin", "size": 9, "line": {"width": 2, "color": "#3D3D3D"}},
            hovertemplate="as counted %{x:.1f}%<extra></extra>",
        )


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


def _funnel(chart: Funnel) -> go.Figure:
    import plotly.graph_objects as go

    sizes = [limit.n for limit in chart.limits]
    figure = go.Figure()
    for name, dash, low, high in (
        ("19 times in 20", "solid", "low", "high"),
        ("499 times in 500", "dash", "lowest", "highest"),
    ):
        for side in (low, high):
            figure.add_scatter(
                x=sizes,
                y=[100 * float(getattr(limit, side)) for limit in chart.limits],
                mode="lines",
                name=name,
                showlegend=side is low,
                line={"color": "#3D3D3D", "dash": dash, "width": 1.5},
                hoverinfo="skip",
            )
    figure.add_scatter(
        x=[unit.n for unit in chart.units],
        y=[100 * unit.share for unit in chart.units],
        text=[unit.label for unit in chart.units],
        mode="markers+text",
        textposition="top center",
        name=chart.box,
        marker={"color": "#12436D", "size": 11},
        hovertemplate="%{text}: %{y:.1f}% of %{x}<extra></extra>",
    )
    figure.add_hline(y=100 * chart.share, line={"color": "#0B0C0C", "width": 1})
    figure = _laid_out(figure, chart, rows=6)
    return figure.update_layout(
        xaxis={"title": {"text": "people rated (n)"}, "rangemode": "tozero"},
        yaxis={"autorange": True, "ticksuffix": "%", "rangemode": "tozero"},
    )


def _lines(chart: Lines) -> go.Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    for place, line in enumerate(chart.lines):
        figure.add_scatter(
            x=list(chart.points),
            y=[None if share is None else 100 * share for share in line.shares],
            mode="lines+markers",
            name=line.label,
            line={"color": PALETTE[place % len(PALETTE)][0], "width": 3},
            hovertemplate=f"{line.label}: %{{y:.1f}}%<extra></extra>",
        )
    figure = _laid_out(figure, chart, rows=6)
    return figure.update_layout(yaxis={"autorange": False, "range": [0, 100], "ticksuffix": "%"})


def _links(chart: Links) -> go.Figure:
    import plotly.graph_objects as go

    places = range(len(chart.headings))
    names = list(dict.fromkeys((place, chain[place]) for place in places for chain in chart.chains))
    pairs = list(
        dict.fromkeys(
            ((place, chain[place]), (place + 1, chain[place + 1]))
            for chain in chart.chains
            for place in places[:-1]
        )
    )
    figure = go.Figure(
        go.Sankey(
            node={"label": [name for _, name in names], "color": "#12436D", "pad": 18},
            link={
                "source": [names.index(first) for first, _ in pairs],
                "target": [names.index(second) for _, second in pairs],
                "value": [1] * len(pairs),
            },
        )
    )
    return _laid_out(figure, chart, rows=len(chart.chains))


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
