"""Charts drawn as SVG for the page: no script, the same bytes every time.

Widths are percentages and text keeps its size, so that a chart reflows at 320 pixels instead
of shrinking. Labels stand above their bar; colour is never the only signal.
"""

from __future__ import annotations

from html import escape

from pmstats.report.charts import PALETTE, Chart, DotIntervals, Flow, StackedBars

#: Share of the width that bars use; the rest is for the last box's label.
BAR_WIDTH = 86.0
#: A box narrower than this share carries no label inside; the table has its number.
LABEL_FITS = 0.13
ROW, TOP = 52, 8


def svg(chart: Chart) -> str:
    """The chart as an `<svg>` element with a title and a description."""
    if isinstance(chart, StackedBars):
        body, height = _bars(chart)
    elif isinstance(chart, Flow):
        body, height = _flow(chart)
    else:
        body, height = _dots(chart)
    return (
        f'<svg role="img" aria-labelledby="{chart.id}-t {chart.id}-d" width="100%" '
        f'height="{height}" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{chart.id}-t">{escape(chart.finding)}</title>'
        f'<desc id="{chart.id}-d">{escape(chart.description)}</desc>{body}</svg>'
    )


def _bars(chart: StackedBars) -> tuple[str, int]:
    parts = []
    y = TOP
    for bar in chart.bars:
        parts.append(_text(0, y + 14, f"{bar.label} (n = {bar.n:,})"))
        x = 0.0
        for place, share in enumerate(bar.shares):
            fill, ink = PALETTE[place % len(PALETTE)]
            width = BAR_WIDTH * share
            if share:
                parts.append(
                    f'<rect x="{x:.3f}%" y="{y + 20}" width="{width:.3f}%" height="24" '
                    f'fill="{fill}" class="box"/>'
                )
            label = f"{chart.boxes[place][1]} {100 * share:.0f}%"
            if share >= LABEL_FITS:
                parts.append(_text(x + width / 2, y + 37, label, ink=ink, anchor="middle"))
            elif place == len(bar.shares) - 1:
                parts.append(_text(x + width, y + 37, label, dx=5))
            x += width
        y += ROW
    return "".join(parts), y + TOP


def _flow(chart: Flow) -> tuple[str, int]:
    """Bands in a drawing of their own that stretches; the words beside it keep their size."""
    total = sum(map(sum, chart.counts)) or 1
    gap, tall = 14, 300
    scale = tall / total
    left, right = _tops(chart, scale, gap)
    into = list(right)
    bands, words = [], []
    for place, row in enumerate(chart.counts):
        out = left[place]
        fill = PALETTE[place % len(PALETTE)][0]
        for to, count in enumerate(row):
            thick = count * scale
            if count:
                y, z = out, into[to]
                bands.append(
                    f'<path d="M0 {y:.2f}C500 {y:.2f} 500 {z:.2f} 1000 {z:.2f}V{z + thick:.2f}'
                    f'C500 {z + thick:.2f} 500 {y + thick:.2f} 0 {y + thick:.2f}Z" '
                    f'fill="{fill}" fill-opacity="{0.9 if place != to else 0.45}"/>'
                )
            out, into[to] = out + thick, into[to] + thick
    afters = [sum(column) for column in zip(*chart.counts, strict=True)]
    top = TOP + 30
    for place, (_, short) in enumerate(chart.boxes):
        n = sum(chart.counts[place])
        words.append(_text(0, top + left[place] + n * scale / 2 + 4, f"{short} {n:,}"))
        y = top + right[place] + afters[place] * scale / 2 + 4
        words.append(_text(100, y, f"{short} {afters[place]:,}", anchor="end"))
    height = tall + gap * len(chart.boxes)
    words.append(_text(0, TOP + 10, "Before"))
    words.append(_text(100, TOP + 10, "After", anchor="end"))
    drawing = (
        f'<svg x="12%" y="{top}" width="76%" height="{height}" viewBox="0 0 1000 {height}" '
        f'preserveAspectRatio="none">{"".join(bands)}</svg>'
    )
    return drawing + "".join(words), top + height + TOP


def _tops(chart: Flow, scale: float, gap: int) -> tuple[list[float], list[float]]:
    """Where each box begins on the left and on the right."""
    tops = []
    for sizes in (
        [sum(row) for row in chart.counts],
        [sum(column) for column in zip(*chart.counts, strict=True)],
    ):
        y, places = 0.0, []
        for n in sizes:
            places.append(y)
            y += n * scale + gap
        tops.append(places)
    return tops[0], tops[1]


def legend(chart: Chart) -> str:
    """What the marks of a chart mean: the boxes as a list, or the band and the triangles."""
    if isinstance(chart, DotIntervals):
        return (
            '<p class="key">● difference with its interval in percentage points '
            "<span>▲ smallest difference likely to be detected</span> "
            '<span><span class="swatch band-swatch"></span>no material gap</span></p>'
        )
    items = "".join(
        f'<li><span class="swatch" style="background:{PALETTE[place % len(PALETTE)][0]}"></span>'
        f"{escape(name)} ({escape(short)})</li>"
        for place, (name, short) in enumerate(chart.boxes)
    )
    return f'<ul class="legend">{items}</ul>'


def _dots(chart: DotIntervals) -> tuple[str, int]:
    reach = _reach(chart)
    height = TOP + ROW * len(chart.dots) + 30

    def at(value: float) -> float:
        return 2 + 96 * (min(max(value, -reach), reach) + reach) / (2 * reach)

    bottom = height - 26
    parts = [
        f'<rect x="{at(-dot.margin):.3f}%" y="{TOP + place * ROW + 17}" '
        f'width="{at(dot.margin) - at(-dot.margin):.3f}%" height="32" class="band"/>'
        for place, dot in enumerate(chart.dots)
    ]
    parts.append(f'<line x1="50%" x2="50%" y1="0" y2="{bottom}" class="zero"/>')
    for tick in (-reach, -reach / 2, 0.0, reach / 2, reach):
        anchor = "start" if tick == -reach else "end" if tick == reach else "middle"
        place = 0 if tick == -reach else 100 if tick == reach else at(tick)
        parts.append(_text(place, height - 8, f"{100 * tick:+.0f}" if tick else "0", anchor=anchor))
    y = TOP
    for dot in chart.dots:
        parts.append(_text(0, y + 12, f"{dot.label}: {dot.verdict}"))
        middle = y + 30
        parts.append(
            f'<line x1="{at(dot.low):.3f}%" x2="{at(dot.high):.3f}%" y1="{middle}" y2="{middle}" '
            'class="interval"/>'
            f'<circle cx="{at(dot.value):.3f}%" cy="{middle}" r="5" class="dot"/>'
        )
        if dot.detectable is not None:
            parts += [
                _text(at(side * dot.detectable), middle + 15, "▲", anchor="middle", size=9)
                for side in (-1, 1)
                if dot.detectable <= reach
            ]
        y += ROW
    return "".join(parts), height


def _reach(chart: DotIntervals) -> float:
    """The axis reaches past every interval, to the next 10 points, and no further than 100."""
    ends = [abs(v) for dot in chart.dots for v in (dot.low, dot.high)]
    furthest = max([0.0, *ends, *(dot.margin for dot in chart.dots)])
    return min(1.0, (int(furthest * 10) + 1) / 10)


def _text(
    x: float, y: float, text: str, *, ink: str = "", anchor: str = "", dx: int = 0, size: int = 0
) -> str:
    style = "".join(
        f' {name}="{value}"'
        for name, value in (
            ("style", ink and f"fill:{ink}"),
            ("text-anchor", anchor),
            ("dx", dx),
            ("font-size", size),
        )
        if value
    )
    return f'<text x="{x:.3f}%" y="{y}"{style}>{escape(text)}</text>'
