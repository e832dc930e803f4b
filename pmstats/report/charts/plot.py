"""Charts set on a page: labels as words that wrap and grow, marks as SVG beside them.

A chart is an image to a screen reader, with its finding as name and a description; everything
in it is in the table that belongs to it.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

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
from pmstats.report.charts.linked import linked
from pmstats.report.charts.planes import NUMBERED, plane
from pmstats.report.charts.svg import (
    CROSS,
    axis,
    bar_marks,
    dot_marks,
    grid_marks,
    zero_mark,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


#: The lines behind every row of shares and of points, drawn once on a page.
GRID, ZERO = '<use href="#key-grid"/>', '<use href="#key-zero"/>'


def plot(chart: Chart) -> str:
    """The key of a chart and the chart, named by the element `{chart.id}-finding`."""
    if isinstance(chart, StackedBars):
        kind, key, inside = "bars", boxes_key(chart), _bars(chart)
    elif isinstance(chart, DotIntervals):
        kind, key, inside = "dots", _dots_key(chart), _dots(chart)
    elif isinstance(chart, Links):
        drawn, height = linked(chart)
        kind, key, inside = "plane", "", _svg(drawn, f'height="{height}"')
    else:
        drawn, height = plane(chart)
        kind, key = "plane", _plane_key(chart)
        inside = _svg(drawn, f'height="{height}"')
    return (
        f'{key}<div class="plot {kind}" role="img" aria-labelledby="{chart.id}-finding" '
        f'aria-describedby="{chart.id}-description">{inside}</div>'
        f'<p class="hidden" id="{chart.id}-description">{escape(chart.description)}</p>'
    )


def boxes_key(chart: StackedBars) -> str:
    """The boxes with their colours and the short names written on the bars."""
    return _colours(_named(chart))


def _named(chart: StackedBars | Flow) -> Iterator[str]:
    return (name if name == short else f"{name} ({short})" for name, short in chart.boxes)


def _bars(chart: StackedBars) -> str:
    return "".join(
        f'<div class="row"><div class="label">{escape(bar.label)} '
        f"<small>n = {bar.n:,}</small></div><svg>{bar_marks(chart, bar)}</svg></div>"
        for bar in chart.bars
    )


def _dots(chart: DotIntervals) -> str:
    rows = "".join(
        f'<div class="row"><div class="label">{escape(dot.label)} '
        f"<small>{escape(dot.people)}</small></div>"
        f"<svg>{dot_marks(chart, dot, grid=GRID, zero=ZERO)}</svg>"
        f'<div class="verdict">{escape(dot.verdict)}</div></div>'
        for dot in chart.dots
    )
    if not chart.dots:
        return ""
    ends = "".join(f"<span>{escape(end)}</span>" for end in chart.ends if end)
    return (
        f'{rows}<div class="row axis"><svg>{axis(chart)}</svg><div class="ends">{ends}</div></div>'
    )


def _svg(inside: str, size: str) -> str:
    return f'<svg width="100%" {size}>{inside}</svg>'


def _dots_key(chart: DotIntervals) -> str:
    items = [("dot", "value with its interval")]
    if any(dot.raw is not None for dot in chart.dots):
        items.append(("cross", "share as counted"))
    if chart.scale is Scale.POINTS:
        items = [
            ("dot", "difference with its interval, in percentage points"),
            ("seen", "smallest difference likely to be detected"),
            ("band", "no material gap"),
        ]
    return _marks(items)


def _plane_key(chart: Flow | Funnel | Lines) -> str:
    if isinstance(chart, Flow):
        return _colours(_named(chart))
    if isinstance(chart, Lines):
        points = "".join(f"<li>{escape(point)}</li>" for point in chart.points)
        key = _colours(f"{n} {line.label}" for n, line in enumerate(chart.lines, start=1))
        return f'{key}<ol class="units" type="A">{points}</ol>'
    key = _marks(
        [
            ("line", f"everyone: {100 * chart.share:.1f}%"),
            ("inner", "range of chance, 19 times in 20, in steps since people are whole"),
            ("outer", "499 times in 500"),
        ]
    )
    if len(chart.units) > NUMBERED:
        return key
    units = "".join(f"<li>{escape(unit.label)}</li>" for unit in chart.units)
    return f'{key}<ol class="units">{units}</ol>'


def _marks(items: list[tuple[str, str]]) -> str:
    return _key(
        f'<svg width="28" height="16" aria-hidden="true"><use href="#key-{mark}"/></svg>'
        f"{escape(words)}"
        for mark, words in items
    )


def key_marks() -> str:
    """The marks that keys explain, drawn once on a page and used by every key."""
    drawn = {
        "dot": '<line x1="0" x2="28" y1="8" y2="8" class="interval"/>'
        '<circle cx="14" cy="8" r="5" class="dot"/>',
        "seen": '<line x1="6" x2="6" y1="2" y2="14" class="seen"/>'
        '<line x1="22" x2="22" y1="2" y2="14" class="seen"/>',
        "cross": f'<text x="14" y="8" dy=".33em" class="cross">{CROSS}</text>',
        "band": '<rect width="28" height="16" class="band"/>',
        "line": '<line x1="0" x2="28" y1="8" y2="8" class="line"/>',
        "inner": '<line x1="0" x2="28" y1="8" y2="8" class="limit inner"/>',
        "outer": '<line x1="0" x2="28" y1="8" y2="8" class="limit outer"/>',
    }
    drawn |= {"grid": grid_marks(), "zero": zero_mark()}
    held = "".join(f'<g id="key-{mark}">{shape}</g>' for mark, shape in drawn.items())
    return f'<svg class="hidden" aria-hidden="true"><defs>{held}</defs></svg>'


def _colours(names: Iterable[str]) -> str:
    return _key(
        f'<span class="swatch b{place % len(PALETTE)}"></span>{escape(name)}'
        for place, name in enumerate(names)
    )


def _key(items: Iterable[str]) -> str:
    return f'<ul class="key">{"".join(f"<li>{item}</li>" for item in items)}</ul>'
