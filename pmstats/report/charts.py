"""What a chart shows, apart from how it is drawn: made only from tables that are safe to show.

Two kinds carry a pack: stacked bars of the boxes, in the scheme's order, and dots with
intervals for differences. `svg` draws them on a page, `figures` in a notebook.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pmstats.release.table import RestrictedTable
    from pmstats.scheme import Scheme

#: Government Analysis Function categorical palette, in its order (afcharts 1.2.0): every colour
#: has at least 3:1 contrast with white and with its neighbour. The second value is the text on it.
PALETTE = (
    ("#12436D", "#FFFFFF"),
    ("#28A197", "#000000"),
    ("#801650", "#FFFFFF"),
    ("#F46A25", "#000000"),
    ("#3D3D3D", "#FFFFFF"),
    ("#A285D1", "#000000"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One stacked bar: its label, how many people, and the share in each box (0 to 1)."""

    label: str
    n: int
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedBars:
    """Bars of shares by box. `finding` is the sentence above the chart."""

    id: str
    finding: str
    description: str
    boxes: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One difference with its interval and what could have been detected, as shares (0 to 1)."""

    label: str
    value: float
    low: float
    high: float
    detectable: float | None
    margin: float
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DotIntervals:
    """Differences around zero; each dot's margin is the band called no material gap."""

    id: str
    finding: str
    description: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """People flowing from boxes on the left to boxes on the right: counts, best box first."""

    id: str
    finding: str
    description: str
    boxes: tuple[tuple[str, str], ...]
    counts: tuple[tuple[int, ...], ...]


Chart = StackedBars | DotIntervals | Flow


def flow(table: RestrictedTable, *, scheme: Scheme, finding: str) -> Flow:
    """The flow of a transition matrix: a table of boxes before by boxes after."""
    boxes = scheme.best_first
    rows = [row[1:-1] for row in table.rows if row[0] in boxes]
    return Flow(
        id=f"{table.id}-chart",
        finding=finding,
        description=(
            f"Bands from {len(boxes)} boxes before, on the left, to the same boxes after, on the "
            "right, as thick as the number of people; bands that slope up were raised. "
            f"The table “{table.caption}” holds the same numbers."
        ),
        boxes=tuple((name, scheme.rating(name).abbreviation) for name in boxes),
        counts=tuple(tuple(int(_number(count)) for count in row) for row in rows),
    )


def stacked_bars(table: RestrictedTable, *, scheme: Scheme, finding: str) -> StackedBars:
    """Stacked bars of a table of groups by box; withheld rows have no bar."""
    labels = table.column(table.columns[0].name)
    shares = zip(*(table.column(box) for box in scheme.rating_names), strict=True)
    bars = tuple(
        Bar(label=str(label), n=n, shares=tuple(_number(share) for share in row))
        for label, n, row in zip(labels, table.column("Rated (n)"), shares, strict=True)
        if isinstance(n, int) and n
    )
    return _stacked(table, bars, scheme, finding)


def overall_bar(table: RestrictedTable, *, scheme: Scheme, finding: str) -> StackedBars:
    """One stacked bar of the distribution table; none when nobody is rated."""
    rows = {row[0]: row for row in table.rows}
    n = rows["Rated"][1]
    assert isinstance(n, int)
    everyone = Bar(
        label="Everyone rated",
        n=n,
        shares=tuple(_number(rows[box][2]) for box in scheme.rating_names),
    )
    return _stacked(table, (everyone,) if n else (), scheme, finding)


def _stacked(
    table: RestrictedTable, bars: tuple[Bar, ...], scheme: Scheme, finding: str
) -> StackedBars:
    first, last = scheme.rating_names[0], scheme.rating_names[-1]
    return StackedBars(
        id=f"{table.id}-chart",
        finding=finding,
        description=(
            f"{len(bars)} stacked bars of the share of people in each box, {first} on the left "
            f"to {last} on the right; the table “{table.caption}” holds the same numbers."
        ),
        boxes=tuple((rating.name, rating.abbreviation) for rating in scheme.ratings),
        bars=bars,
    )


def dot_intervals(
    tables: Iterable[RestrictedTable],
    *,
    questions: tuple[str, ...],
    id: str,
    finding: str,
) -> DotIntervals:
    """Every comparison that asks one of these questions, from tables of comparisons."""
    dots = []
    for table in tables:
        for row in table.rows:
            compared, question, n, n_comparator, value, low, high, detectable, margin, *_ = row
            if question in questions:
                dots.append(
                    Dot(
                        label=_dot_label(compared, question, n, n_comparator, questions),
                        value=_number(value),
                        low=_number(low),
                        high=_number(high),
                        detectable=detectable if isinstance(detectable, float) else None,
                        margin=_number(margin),
                        verdict=str(row[-1]),
                    )
                )
    return DotIntervals(
        id=id,
        finding=finding,
        description=(
            f"Dots with interval lines for {len(dots)} comparisons around a line at zero, where "
            "there is no difference. The shaded band is the margin within which a difference is "
            "not material; small triangles mark the smallest difference likely to be detected."
        ),
        dots=tuple(dots),
    )


def _dot_label(
    compared: object, question: object, n: object, n_comparator: object, asked: tuple[str, ...]
) -> str:
    several = f"{question}, " if len(asked) > 1 else ""
    return f"{several}{compared} (n = {n:,} and {n_comparator:,})"


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
