"""Chains of links drawn as columns of boxes joined by lines: a strategy map."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from pmstats.report.charts.planes import text

if TYPE_CHECKING:
    from pmstats.report.charts.chart import Links

#: Height of a line of words and of the gap below a box, and letters in one line of a box.
LINE, GAP, LETTERS = 17, 14, 22
#: Share of a column's width that its boxes take; the rest is for the lines.
BOX = 0.74


def linked(chart: Links) -> tuple[str, int]:
    """The inside of the drawing and its height in pixels; the same chains give the same bytes."""
    width = 100 / max(len(chart.headings), 1)
    columns = [list(dict.fromkeys(chain[i] for chain in chart.chains)) for i in _places(chart)]
    middles = [_middles(names) for names in columns]
    height = max((sum(_tall(name) + GAP for name in names) for names in columns), default=0) + 30
    lines, boxes = [], []
    for place, names in enumerate(columns):
        left = place * width
        boxes.append(text(left, 14, chart.headings[place]))
        for name in names:
            boxes += _box(name, left, width * BOX, middles[place][name])
    for place in _places(chart)[:-1]:
        start, end = (place + BOX) * width, (place + 1) * width
        pairs = dict.fromkeys((chain[place], chain[place + 1]) for chain in chart.chains)
        lines += [
            f'<line x1="{start:.2f}%" y1="{middles[place][a]:.1f}" x2="{end:.2f}%" '
            f'y2="{middles[place + 1][b]:.1f}" stroke="#3D3D3D" stroke-width="1.5"/>'
            for a, b in pairs
        ]
    return "".join([*lines, *boxes]), height


def _places(chart: Links) -> range:
    return range(len(chart.headings))


def _tall(name: str) -> int:
    return LINE * len(wrap(name, LETTERS)) + 10


def _middles(names: list[str]) -> dict[str, float]:
    """The height at which the middle of each box lies, boxes one below the other."""
    found, top = {}, 26.0
    for name in names:
        found[name] = top + _tall(name) / 2
        top += _tall(name) + GAP
    return found


def _box(name: str, left: float, width: float, middle: float) -> list[str]:
    tall = _tall(name)
    top = middle - tall / 2
    words = wrap(name, LETTERS)
    return [
        f'<rect x="{left:.2f}%" y="{top:.1f}" width="{width:.2f}%" height="{tall}" rx="4" '
        'fill="#FFFFFF" stroke="#12436D" stroke-width="1.5"/>',
        *(
            text(left + width / 2, round(top + 5 + LINE * (i + 0.75)), word, kind="middle")
            for i, word in enumerate(words)
        ),
    ]
