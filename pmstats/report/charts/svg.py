"""Charts drawn as SVG: no script, the same bytes every time.

Widths are percentages and text keeps its size, so that a chart reflows at 320 pixels instead
of shrinking. `marks` and `axis` draw one row and its axis, which `plot` sets beside labels on a
page; `svg` draws a whole chart that stands alone.
"""

from __future__ import annotations

from functools import cache
from html import escape
from importlib import resources
from textwrap import wrap

from pmstats.report.charts import planes
from pmstats.report.charts.chart import (
    PALETTE,
    Bar,
    Chart,
    Dot,
    DotIntervals,
    Links,
    Scale,
    StackedBars,
)
from pmstats.report.charts.linked import linked
from pmstats.report.charts.planes import across, text

#: Share of the width that bars use; the rest is for the last box's label.
BAR_WIDTH = 86.0
#: Pixels of a row of bars on a narrow and on a wide page, and of a letter on a bar.
NARROW, WIDE, LETTER = 280, 560, 7.5
#: Letters in one line of a label that stands above its row in a chart of 280 pixels.
LETTERS = 40
#: Letters that stand beside a bar, in the rest of the width on a narrow page.
BESIDE = 6
#: What marks a share as counted beside the one drawn towards that of all.
CROSS = "\N{MULTIPLICATION SIGN}"
BAR_HEIGHT, DOT_HEIGHT, AXIS_HEIGHT, LINE_HEIGHT = 28, 34, 20, 18


def svg(chart: Chart) -> str:
    """The chart as an `<svg>` element that stands alone, with a title and a description."""
    if isinstance(chart, StackedBars | DotIntervals):
        body, height = _rows(chart)
    elif isinstance(chart, Links):
        body, height = linked(chart)
    else:
        body, height = planes.plane(chart)
    return (
        f'<svg role="img" aria-labelledby="{chart.id}-t {chart.id}-d" width="100%" '
        f'height="{height}" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{chart.id}-t">{escape(chart.finding)}</title>'
        f'<desc id="{chart.id}-d">{escape(chart.description)}</desc>'
        f"<style>{style()}</style>{body}</svg>"
    )


@cache
def style() -> str:
    """How marks look, for pages and for drawings that stand alone: colours by place, `b0` on."""
    colours = "".join(
        f".b{place}{{fill:{fill};background:{fill}}}.i{place}{{fill:{ink};text-anchor:middle}}"
        for place, (fill, ink) in enumerate(PALETTE)
    )
    return resources.files("pmstats.report").joinpath("templates/marks.css").read_text() + colours


def _rows(chart: StackedBars | DotIntervals) -> tuple[str, int]:
    parts: list[str] = []
    y = 0
    for label, drawn, height in _labelled(chart):
        for line in wrap(label, LETTERS):
            y += LINE_HEIGHT
            parts.append(text(0, y - 4, line))
        parts.append(f'<svg y="{y}" width="100%" height="{height}">{drawn}</svg>')
        y += height + 8
    if isinstance(chart, DotIntervals) and chart.dots:
        parts.append(f'<svg y="{y}" width="100%" height="{AXIS_HEIGHT}">{axis(chart)}</svg>')
        y += AXIS_HEIGHT
        left, right = chart.ends
        if left:
            parts.append(text(0, y + 14, f"← {left}"))
            parts.append(text(100, y + 34, f"{right} →", kind="right"))
            y += 40
    return "".join(parts), y


def _labelled(chart: StackedBars | DotIntervals) -> list[tuple[str, str, int]]:
    if isinstance(chart, StackedBars):
        return [
            (f"{bar.label} (n = {bar.n:,})", bar_marks(chart, bar), BAR_HEIGHT)
            for bar in chart.bars
        ]
    return [
        (_dot_label(dot), dot_marks(chart, dot, grid=grid_marks(), zero=zero_mark()), DOT_HEIGHT)
        for dot in chart.dots
    ]


def _dot_label(dot: Dot) -> str:
    people = f" ({dot.people})" if dot.people else ""
    return f"{dot.label}{people}: {dot.verdict}"


def bar_marks(chart: StackedBars, bar: Bar) -> str:
    """One stacked bar, labelled inside where the words fit and after its last box."""
    parts = []
    x = 0.0
    for place, share in enumerate(bar.shares):
        colour = place % len(PALETTE)
        width = BAR_WIDTH * share
        if share:
            parts.append(f'<rect x="{across(x)}" width="{across(width)}" class="box b{colour}"/>')
        label = f"{chart.boxes[place][1]} {100 * share:.0f}%"
        needed = LETTER * (len(label) + 1)
        if needed <= width / 100 * NARROW:
            parts.append(text(x + width / 2, 19, label, kind=f"i{colour}"))
        elif place == len(bar.shares) - 1:
            fits = len(label) <= BESIDE
            parts.append(text(x + width, 19, label if fits else f"{100 * share:.0f}%", dx=5))
        elif needed <= width / 100 * WIDE:
            parts.append(text(x + width / 2, 19, label, kind=f"i{colour} tight"))
        x += width
    return "".join(parts)


def grid_marks() -> str:
    """The five lines of an axis of shares, at the same places in every chart."""
    return "".join(_upright(across(_at(tick, 0, 4)), "grid") for tick in range(5))


def zero_mark() -> str:
    """The line of no difference, in the middle of every axis of points."""
    return _upright("50%", "zero")


def dot_marks(chart: DotIntervals, dot: Dot, *, grid: str, zero: str) -> str:
    """One dot with its interval and what belongs to it, at heights in per cent of the row.

    Behind it `grid` is drawn on an axis of shares, `zero` on one of points.
    """
    low, high = _ends(chart)

    def at(value: float) -> str:
        return across(_at(value, low, high))

    parts = []
    if chart.scale is Scale.POINTS:
        width = across(_at(dot.margin, low, high) - _at(-dot.margin, low, high))
        parts += [
            f'<rect x="{at(-dot.margin)}" y="0" width="{width}" height="100%" class="band"/>',
            zero,
        ]
    else:
        parts.append(grid)
    if dot.detectable is not None and dot.detectable <= high:
        parts += [_upright(at(side * dot.detectable), "seen", 25, 75) for side in (-1, 1)]
    if dot.raw is not None:
        ends = f'x1="{at(dot.raw)}" x2="{at(dot.value)}" y1="50%" y2="50%"'
        parts.append(f'<line {ends} class="pull"/>')
    parts.append(
        f'<line x1="{at(dot.low)}" x2="{at(dot.high)}" y1="50%" y2="50%" class="interval"/>'
        f'<circle cx="{at(dot.value)}" cy="50%" r="5" class="dot"/>'
    )
    if dot.raw is not None:
        parts.append(f'<text x="{at(dot.raw)}" y="50%" dy=".33em" class="cross">{CROSS}</text>')
    return "".join(parts)


def axis(chart: DotIntervals) -> str:
    """The numbers under the rows."""
    low, high = _ends(chart)
    parts = []
    for step in range(5):
        value = low + (high - low) * step / 4
        shown = f"{100 * value:+.3g}" if chart.scale is Scale.POINTS else f"{100 * value:.3g}%"
        kind = ("", "middle", "middle", "middle", "right")[step]
        edge = (0.0, None, None, None, 100.0)[step]
        x = _at(value, low, high) if edge is None else edge
        parts.append(text(x, 14, shown if value or low == 0 else "0", kind=kind))
    return "".join(parts)


def _ends(chart: DotIntervals) -> tuple[float, float]:
    """Where the axis ends: past every interval, to the next 10 points, no further than 100."""
    ends = [
        abs(value) for dot in chart.dots for value in (dot.low, dot.high, dot.raw or 0, dot.margin)
    ]
    reach = min(1.0, (int(max(ends, default=0.0) * 10) + 1) / 10)
    return (0.0, reach) if chart.scale is Scale.SHARE else (-reach, reach)


def _at(value: float, low: float, high: float) -> float:
    """A place on the axis in per cent of the width, with room for a dot at either end."""
    return 2 + 96 * (min(max(value, low), high) - low) / (high - low)


def _upright(x: str, kind: str, top: int = 0, bottom: int = 100) -> str:
    return f'<line x1="{x}" x2="{x}" y1="{top}%" y2="{bottom}%" class="{kind}"/>'
