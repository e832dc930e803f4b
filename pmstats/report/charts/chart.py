"""What a chart shows, apart from how it is drawn: plain values, every one of them in a table.

`choice` makes charts from tables that are safe to show. `plot` draws them on a page, `svg` as
pictures that stand alone, `figures` by plotly in a notebook.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: Government Analysis Function categorical palette, in its order (afcharts 1.2.0): every colour
#: has at least 3:1 contrast with white and with its neighbour. The second value is the text on it.
PALETTE = (
    ("#12436D", "#FFFFFF"),
    ("#28A197", "#000000"),
    ("#801650", "#FFFFFF"),
    ("#F46A25", "#000000"),
    ("#3D3D3D", "#FFFFFF"),
    ("#A285D1", "#000000"),
    # Ours, for scales of seven to nine boxes, with the same contrast.
    ("#5A3A00", "#FFFFFF"),
    ("#4C9BD6", "#000000"),
    ("#0B4F3A", "#FFFFFF"),
)


class Scale(StrEnum):
    """What an axis counts: points either side of no difference, or shares from none to all."""

    POINTS = "points"
    SHARE = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What every chart has: `finding` is the sentence above it, `table` the id of its numbers."""

    id: str
    table: str
    finding: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One stacked bar: its label, how many people, and the share in each box (0 to 1)."""

    label: str
    n: int
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedBars(Drawn):
    """Bars of shares by box; a box is its name and the short name written on the bar."""

    boxes: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One value with its interval, as shares (0 to 1), and what is said of it.

    `detectable` is the smallest difference likely to be seen, `margin` the band called no
    material gap, `raw` the share as counted where `value` is drawn towards that of all.
    """

    label: str
    people: str
    value: float
    low: float
    high: float
    verdict: str
    detectable: float | None = None
    margin: float = 0.0
    raw: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DotIntervals(Drawn):
    """Dots on one axis; `ends` says in words what lies to the left and to the right."""

    scale: Scale
    dots: tuple[Dot, ...]
    ends: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow(Drawn):
    """People flowing from boxes on the left to boxes on the right: counts, best box first."""

    boxes: tuple[tuple[str, str], ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit of a funnel: how many people, and the share of them in the box."""

    label: str
    n: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The shares that chance alone gives n people, 19 times in 20 and 499 in 500."""

    n: int
    low: float
    high: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel(Drawn):
    """Units by size beside the share of everyone, with what chance allows at each size."""

    box: str
    share: float
    units: tuple[Unit, ...]
    limits: tuple[Limits, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: its label and a share at each point, None where there is no number."""

    label: str
    shares: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines(Drawn):
    """Shares over the points of a year."""

    points: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Links(Drawn):
    """Chains of links in columns: what is aimed at on the left, what is measured on the right."""

    headings: tuple[str, ...]
    chains: tuple[tuple[str, ...], ...]


Chart = StackedBars | DotIntervals | Flow | Funnel | Lines | Links
