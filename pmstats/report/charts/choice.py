"""The chart that suits a table, made from the table and nothing else."""

from __future__ import annotations

from dataclasses import replace
from math import isnan
from string import ascii_uppercase
from typing import TYPE_CHECKING

from pmstats.findings.finding import WHOLE_SCALE
from pmstats.findings.methods.units import funnel_limits
from pmstats.findings.unit_readings import INNER, OUTER
from pmstats.release.table import Kind
from pmstats.report.charts import titles
from pmstats.report.charts.chart import (
    Bar,
    Chart,
    Dot,
    DotIntervals,
    Flow,
    Funnel,
    Limits,
    Line,
    Lines,
    Links,
    Scale,
    StackedBars,
    Unit,
)
from pmstats.report.wording import counted

if TYPE_CHECKING:
    from pmstats.release.table import RestrictedTable, Value
    from pmstats.scheme import Scheme

#: Fewest units that make a funnel worth reading, and the most sizes its limits are drawn at.
FUNNEL_UNITS = 3
FUNNEL_STEPS = 150


def chart_of(table: RestrictedTable, *, scheme: Scheme, finding: str = "") -> Chart | None:
    """The chart of a table, under a finding or else its caption; None for one to read only."""
    headings = [column.name for column in table.columns]
    shares = {column.name for column in table.columns if column.kind is Kind.SHARE}
    finding = finding or titles.of_the_year(table, scheme=scheme) or f"{table.caption}."
    chart: Chart | None = None
    if {"Effect", "Verdict"} <= set(headings):
        chart = differences(table, finding=finding)
    elif "Rated (n)" in headings:
        chart = stacked_bars(table, scheme=scheme, finding=finding)
    elif table.id == "distribution":
        chart = overall_bar(table, scheme=scheme, finding=finding)
    elif table.id == "declaration":
        chart = declaration_bars(table, finding=finding)
    elif headings[1:] == [*scheme.best_first, "All"] and len(table.rows) >= len(scheme.ratings):
        said = titles.moved(table, boxes=scheme.best_first)
        chart = flow(table, scheme=scheme, finding=said)
    elif "As counted" in headings:
        chart = shrunken(table, finding=finding)
    elif {"Share", "Low", "High"} <= shares and "Reading" not in headings:
        chart = share_dots(table, finding=finding)
    elif scheme.strategy and headings == _strategy_headings(scheme):
        chart = links(table, finding=finding)
    elif len(headings) > 2 and len(shares) == len(headings) - 1:
        chart = lines(table, finding=finding)
    return chart


def stacked_bars(table: RestrictedTable, *, scheme: Scheme, finding: str) -> StackedBars:
    """Stacked bars of a table of groups by box; withheld rows have no bar."""
    labels = table.column(table.columns[0].name)
    boxes = tuple(column.name for column in table.columns if column.kind is Kind.SHARE)
    shares = zip(*(table.column(box) for box in boxes), strict=True)
    bars = tuple(
        Bar(label=str(label), n=n, shares=tuple(_number(share) for share in row))
        for label, n, row in zip(labels, table.column("Rated (n)"), shares, strict=True)
        if isinstance(n, int) and n
    )
    return _stacked(table, bars, boxes, scheme, finding)


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
    return _stacked(table, (everyone,) if n else (), scheme.rating_names, scheme, finding)


def _stacked(
    table: RestrictedTable,
    bars: tuple[Bar, ...],
    boxes: tuple[str, ...],
    scheme: Scheme,
    finding: str,
) -> StackedBars:
    """Bars over these boxes; a box of another scheme's table is short for its initials."""
    short = {rating.name: rating.abbreviation for rating in scheme.ratings}
    initials = {
        box: "".join(word[0] for word in box.split()).upper() if " " in box else box
        for box in boxes
    }
    return StackedBars(
        id=f"{table.id}-chart",
        table=table.id,
        finding=finding,
        description=(
            f"{counted(len(bars), 'stacked bar')} of the share in each box, {boxes[0]} on the left "
            f"to {boxes[-1]} on the right; the table “{table.caption}” holds the same numbers."
        ),
        boxes=tuple((box, short.get(box, initials[box])) for box in boxes),
        bars=bars,
    )


def declaration_bars(table: RestrictedTable, *, finding: str) -> StackedBars:
    """One bar for each characteristic: the share with a usable answer, and the rest."""
    return StackedBars(
        id=f"{table.id}-chart",
        table=table.id,
        finding=finding,
        description=(
            f"{counted(len(table.rows), 'bar')}, one for each characteristic, of the share of "
            f"people with a usable answer; the table “{table.caption}” holds the same numbers."
        ),
        boxes=(("Usable answer", "yes"), ("No usable answer", "no")),
        bars=tuple(
            Bar(label=str(label), n=n, shares=(_number(share), 1 - _number(share)))
            for label, n, _, share, _ in table.rows
            if isinstance(n, int) and n
        ),
    )


def differences(table: RestrictedTable, *, finding: str) -> DotIntervals:
    """Every comparison of shares in a table of comparisons, in percentage points."""
    return _differences(
        table,
        questions=tuple(
            dict.fromkeys(str(row[1]) for row in table.rows if row[1] not in (None, WHOLE_SCALE))
        ),
        ends=("smaller share in the first group", "larger share in the first group"),
        finding=finding,
    )


def whole_scale(table: RestrictedTable, *, finding: str) -> DotIntervals:
    """Every whole-scale comparison in a table of comparisons, in points from an even chance."""
    return _differences(
        table,
        questions=(WHOLE_SCALE,),
        ends=("first group rated lower", "first group rated higher"),
        finding=finding,
    )


def _differences(
    table: RestrictedTable, *, questions: tuple[str, ...], ends: tuple[str, str], finding: str
) -> DotIntervals:
    dots = []
    for row in table.rows:
        compared, question, n, n_comparator, value, low, high, detectable, margin, *_ = row
        if question in questions:
            several = f"{question}: " if len(questions) > 1 else ""
            dots.append(
                Dot(
                    label=f"{several}{compared}",
                    people=f"n = {n:,} and {n_comparator:,}",
                    value=_number(value),
                    low=_number(low),
                    high=_number(high),
                    detectable=detectable if isinstance(detectable, float) else None,
                    margin=_number(margin),
                    verdict=str(row[-1]),
                )
            )
    return DotIntervals(
        id=f"{table.id}-chart",
        table=table.id,
        finding=finding,
        description=(
            f"{counted(len(dots), 'dot')} with interval lines around a line at zero, where there "
            "is no difference. The shaded band is the margin within which a difference is not "
            "material; the two short upright lines mark the smallest difference likely to be "
            f"detected. The table “{table.caption}” holds the same numbers."
        ),
        scale=Scale.POINTS,
        ends=ends,
        dots=tuple(dots),
    )


def share_dots(table: RestrictedTable, *, finding: str) -> DotIntervals:
    """A dot with its interval for each row that holds a share, on an axis from none to all."""
    heading = next((c.name for c in table.columns if c.kind is Kind.COUNT), None)
    counts = table.column(heading) if heading else (None,) * len(table.rows)
    form = "n = {:,}" if heading == "n" else f"{{:,}} {str(heading).lower()}"
    limits = zip(*(table.column(name) for name in ("Share", "Low", "High")), strict=True)
    return _share_axis(
        table,
        finding,
        tuple(
            Dot(
                label=str(row[0]),
                people=form.format(count) if isinstance(count, int) else "",
                value=_number(value),
                low=_number(low),
                high=_number(high),
                verdict=f"{100 * _number(value):.0f}%",
            )
            for row, count, (value, low, high) in zip(table.rows, counts, limits, strict=True)
            if isinstance(value, float) and not isnan(value)
        ),
        "",
    )


def shrunken(table: RestrictedTable, *, finding: str) -> DotIntervals:
    """Each share as counted, joined to the share drawn towards that of all."""
    names = ("n", "As counted", "Share", "Low", "High")
    rows = zip(*(table.column(name) for name in names), strict=True)
    return _share_axis(
        table,
        finding,
        tuple(
            Dot(
                label=str(label),
                people=f"n = {n:,}",
                raw=_number(raw),
                value=_number(value),
                low=_number(low),
                high=_number(high),
                verdict=f"{100 * _number(value):.0f}%",
            )
            for (label, *_), (n, raw, value, low, high) in zip(table.rows, rows, strict=True)
            if isinstance(n, int)
        ),
        " Crosses are shares as counted; each is joined to the dot it is drawn towards.",
    )


def _share_axis(
    table: RestrictedTable, finding: str, dots: tuple[Dot, ...], more: str
) -> DotIntervals:
    return DotIntervals(
        id=f"{table.id}-chart",
        table=table.id,
        finding=finding,
        description=(
            f"{counted(len(dots), 'dot')} with interval lines on an axis of shares from 0%.{more} "
            f"The table “{table.caption}” holds the same numbers."
        ),
        scale=Scale.SHARE,
        dots=dots,
    )


def flow(table: RestrictedTable, *, scheme: Scheme, finding: str) -> Flow:
    """The flow of a transition matrix: a table of boxes before by boxes after."""
    boxes = scheme.best_first
    rows = [row[1:-1] for row in table.rows if row[0] in boxes]
    return Flow(
        id=f"{table.id}-chart",
        table=table.id,
        finding=finding,
        description=(
            f"Bands from {len(boxes)} boxes before, on the left, to the same boxes after, on the "
            "right, as thick as the number moved; bands that slope up were raised. "
            f"The table “{table.caption}” holds the same numbers."
        ),
        boxes=tuple((name, scheme.rating(name).abbreviation) for name in boxes),
        counts=tuple(tuple(int(_number(count)) for count in row) for row in rows),
    )


def funnel(table: RestrictedTable, *, box: str, share: float) -> Funnel | None:
    """The groups of a table by size beside a share of everyone; None where they are too few."""
    units = tuple(
        Unit(label=str(row[0]), n=n, share=_number(value))
        for row, n, value in zip(
            table.rows, table.column("Rated (n)"), table.column(box), strict=True
        )
        if isinstance(n, int) and n
    )
    if len(units) < FUNNEL_UNITS:
        return None
    most = max(unit.n for unit in units) * 11 // 10 + 1
    steps = {max(1, most * step // FUNNEL_STEPS) for step in range(1, FUNNEL_STEPS + 1)}
    sizes = sorted(steps | {unit.n for unit in units})
    drawn = Funnel(
        id=f"{table.id}-funnel",
        table=table.id,
        finding="",
        description=(
            f"{len(units)} units by number of people rated, from left to right, and by share in "
            f"{box}, from bottom to top, with the limits of chance around the share of everyone. "
            f"The table “{table.caption}” holds the same numbers."
        ),
        box=box,
        share=share,
        units=units,
        limits=tuple(_limits(n, share) for n in sizes),
    )
    return replace(drawn, finding=titles.beyond(drawn))


def _limits(n: int, share: float) -> Limits:
    low, high = funnel_limits(n, share=share, coverage=INNER)
    lowest, highest = funnel_limits(n, share=share, coverage=OUTER)
    return Limits(n=n, low=low, high=high, lowest=lowest, highest=highest)


def lines(table: RestrictedTable, *, finding: str) -> Lines:
    """One line for each row with a share to draw, over the table's columns from left to right."""
    rows = [row for row in table.rows if any(isinstance(cell, float) for cell in row)]
    return Lines(
        id=f"{table.id}-chart",
        table=table.id,
        finding=finding,
        description=(
            f"{counted(len(rows), 'line')} over {len(table.columns) - 1} points of the "
            f"year, A to {ascii_uppercase[len(table.columns) - 2]}; the table “{table.caption}” "
            "holds the same numbers."
        ),
        points=tuple(column.name for column in table.columns[1:]),
        lines=tuple(
            Line(
                label=str(label),
                shares=tuple(share if isinstance(share, float) else None for share in shares),
            )
            for label, *shares in rows
        ),
    )


def links(table: RestrictedTable, *, finding: str) -> Links:
    """A strategy map: the rows of the table as chains."""
    return Links(
        id=f"{table.id}-chart",
        table=table.id,
        finding=finding,
        description=(
            f"A map of {len(table.rows)} chains from {table.columns[0].name.lower()} at the left "
            f"to {table.columns[-1].name.lower()} at the right, joined by lines; the table "
            f"“{table.caption}” holds the same links."
        ),
        headings=tuple(column.name for column in table.columns),
        chains=table.printed(),
    )


def _strategy_headings(scheme: Scheme) -> list[str]:
    assert scheme.strategy is not None
    titles = {column.name: column.title for column in scheme.columns}
    return [titles[name] for name in scheme.strategy.columns]


def _number(value: Value) -> float:
    assert isinstance(value, int | float)
    return float(value)
