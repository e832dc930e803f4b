"""Charts with two axes drawn as SVG: flows between boxes, funnels, lines over a year.

Curves stretch in a drawing of their own; the words and dots over it keep their size.
"""

from __future__ import annotations

from html import escape
from string import ascii_uppercase

from pmstats.report.charts.chart import PALETTE, Flow, Funnel, Lines

TOP, HEIGHT, GAP = 8, 260, 14
#: Where the drawing begins and how wide it is, in per cent, beside the labels of its axis.
LEFT, WIDTH = 14.0, 72.0
#: The same for a flow, whose labels say how many people.
FLOW_LEFT, FLOW_WIDTH = 22.0, 56.0
#: How far the labels of a flow stand off its bands, in per cent.
GUTTER = 1.5
#: Height that the name of a line takes.
LABEL = 16
#: Units that may carry their number beside the dot before the numbers run into each other.
NUMBERED = 26


def plane(chart: Flow | Funnel | Lines) -> tuple[str, int]:
    """The inside of the drawing and its height in pixels."""
    if isinstance(chart, Flow):
        return _flow(chart)
    return _funnel(chart) if isinstance(chart, Funnel) else _lines(chart)


def _flow(chart: Flow) -> tuple[str, int]:
    total = sum(map(sum, chart.counts)) or 1
    scale = HEIGHT / total
    befores = [sum(row) for row in chart.counts]
    afters = [sum(column) for column in zip(*chart.counts, strict=True)]
    left, right = _tops(befores, scale), _tops(afters, scale)
    into = list(right)
    bands = []
    for place, row in enumerate(chart.counts):
        out = left[place]
        colour = place % len(PALETTE)
        for to, count in enumerate(row):
            thick = count * scale
            if count:
                y, z = out, into[to]
                bands.append(
                    f'<path d="M0 {y:.2f}C500 {y:.2f} 500 {z:.2f} 1000 {z:.2f}V{z + thick:.2f}'
                    f'C500 {z + thick:.2f} 500 {y + thick:.2f} 0 {y + thick:.2f}Z" '
                    f'class="b{colour}" fill-opacity="{0.9 if place != to else 0.45}"/>'
                )
            out, into[to] = out + thick, into[to] + thick
    top = TOP + 30
    before, after = FLOW_LEFT - GUTTER, FLOW_LEFT + FLOW_WIDTH + GUTTER
    words = [text(before, TOP + 10, "Before", kind="right"), text(after, TOP + 10, "After")]
    for place, (_, short) in enumerate(chart.boxes):
        y = top + left[place] + befores[place] * scale / 2 + 4
        words.append(text(before, y, f"{short} {befores[place]:,}", kind="right"))
        y = top + right[place] + afters[place] * scale / 2 + 4
        words.append(text(after, y, f"{short} {afters[place]:,}"))
    height = HEIGHT + GAP * len(chart.boxes)
    drawing = _stretched(bands, top, height, f"0 0 1000 {height}", left=FLOW_LEFT, width=FLOW_WIDTH)
    return drawing + "".join(words), top + height + TOP


def _tops(sizes: list[int], scale: float) -> list[float]:
    """Where each box begins, from the top."""
    places, y = [], 0.0
    for n in sizes:
        places.append(y)
        y += n * scale + GAP
    return places


def _funnel(chart: Funnel) -> tuple[str, int]:
    most = chart.limits[-1].n
    tallest = max([chart.share, *(unit.share for unit in chart.units)])
    reach = min(1.0, (int(tallest * 10 * 1.2) + 1) / 10)

    def y(share: float) -> float:
        return HEIGHT * (1 - min(share, reach) / reach)

    def curve(shares: list[float], kind: str) -> str:
        points = " ".join(
            f"{1000 * limit.n / most:.1f},{y(share):.2f}"
            for limit, share in zip(chart.limits, shares, strict=True)
        )
        return f'<polyline points="{points}" class="limit {kind}"/>'

    curves = [
        f'<line x1="0" x2="1000" y1="{y(chart.share):.2f}" y2="{y(chart.share):.2f}" '
        'class="line"/>',
        curve([limit.low for limit in chart.limits], "inner"),
        curve([limit.high for limit in chart.limits], "inner"),
        curve([limit.lowest for limit in chart.limits], "outer"),
        curve([limit.highest for limit in chart.limits], "outer"),
    ]
    words = _share_axis(reach)
    for n in _numbers_of_people(most):
        x = LEFT + WIDTH * n / most
        words.append(text(x, TOP + HEIGHT + 18, f"{n:,}", kind="middle"))
    words.append(text(LEFT + WIDTH / 2, TOP + HEIGHT + 36, "people rated (n)", kind="middle"))
    for number, unit in enumerate(chart.units, start=1):
        x, height = LEFT + WIDTH * unit.n / most, TOP + y(unit.share)
        words.append(f'<circle cx="{across(x)}" cy="{height:.2f}" r="5" class="dot"/>')
        if len(chart.units) <= NUMBERED:
            words.append(text(x, height - 9, str(number), kind="middle name"))
    drawing = _stretched(curves, TOP, HEIGHT, f"0 0 1000 {HEIGHT}")
    return drawing + "".join(words), TOP + HEIGHT + 44


def _lines(chart: Lines) -> tuple[str, int]:
    steps = max(1, len(chart.points) - 1)
    curves, words = [], _share_axis(1.0)
    ends: list[float] = []
    apart = _furthest_apart(chart)
    for place, line in enumerate(chart.lines):
        held = [(step, share) for step, share in enumerate(line.shares) if share is not None]
        if not held:
            continue
        points = " ".join(
            f"{1000 * step / steps:.1f},{HEIGHT * (1 - share):.2f}" for step, share in held
        )
        colour = PALETTE[place % len(PALETTE)][0]
        curves.append(f'<polyline points="{points}" class="line" style="stroke:{colour}"/>')
        for step, share in held:
            x = LEFT + WIDTH * step / steps
            y = TOP + HEIGHT * (1 - share)
            words.append(f'<circle cx="{across(x)}" cy="{y:.2f}" r="4" class="dot"/>')
        step, share = (apart, line.shares[apart] or 0.0) if apart in dict(held) else held[-1]
        y = HEIGHT * (1 - share)
        # a label stands a line below the one before it where both lines meet
        while any(abs(y - other) < LABEL for other in ends):
            y += LABEL
        ends.append(y)
        x = LEFT + WIDTH * step / steps
        words.append(text(x, TOP + y + 5, f"{place + 1}", dx=10, kind="name"))
    for step, letter in enumerate(ascii_uppercase[: len(chart.points)]):
        x = LEFT + WIDTH * step / steps
        words.append(text(x, TOP + HEIGHT + 20, letter, kind="middle"))
    drawing = _stretched(curves, TOP, HEIGHT, f"0 0 1000 {HEIGHT}")
    return drawing + "".join(words), TOP + HEIGHT + 30


def _furthest_apart(chart: Lines) -> int:
    """The last of the points where most lines have a place of their own: they are named there."""

    def places(step: int) -> int:
        held = [line.shares[step] for line in chart.lines]
        return len({round(HEIGHT * share / LABEL) for share in held if share is not None})

    return max(range(len(chart.points)), key=lambda step: (places(step), step), default=0)


def _numbers_of_people(most: int) -> range:
    """Round numbers from none up to `most`, three to six of them.

    >>> list(_numbers_of_people(93)), list(_numbers_of_people(7))
    ([0, 20, 40, 60, 80], [0, 2, 4, 6])
    """
    power = 10 ** max(0, len(str(most)) - 2)
    step = next(each * power for each in (1, 2, 5, 10, 20, 50) if most / (each * power) < 6)
    return range(0, most + 1, step)


def _share_axis(reach: float) -> list[str]:
    """Lines across at five shares, with the share before each."""
    parts, left, right = [], across(LEFT), across(LEFT + WIDTH)
    for step in range(5):
        y = TOP + HEIGHT * (1 - step / 4)
        parts.append(
            f'<line x1="{left}" x2="{right}" y1="{y}" y2="{y}" class="grid"/>'
            + text(LEFT - 2, y + 5, f"{100 * reach * step / 4:.3g}%", kind="right")
        )
    return parts


def _stretched(
    parts: list[str], y: int, height: int, box: str, *, left: float = LEFT, width: float = WIDTH
) -> str:
    return (
        f'<svg x="{across(left)}" y="{y}" width="{across(width)}" height="{height}" '
        f'viewBox="{box}" preserveAspectRatio="none">{"".join(parts)}</svg>'
    )


def text(
    x: float,
    y: float,
    words: str,
    *,
    kind: str = "",
    dx: int = 0,
) -> str:
    """Words at a place: x in per cent of the width, y in pixels; `kind` as `marks.css` has it."""
    attributes = "".join(
        f' {name}="{value}"' for name, value in (("dx", dx), ("class", kind)) if value
    )
    return f'<text x="{across(x)}" y="{y:g}"{attributes}>{escape(words)}</text>'


def across(x: float) -> str:
    """A place in per cent of the width, to a hundredth.

    >>> across(50), across(100 / 3)
    ('50%', '33.33%')
    """
    return f"{x:.2f}".rstrip("0").rstrip(".") + "%"
