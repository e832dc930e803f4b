"""Indicators and the strategy map as the readers of a pack may see them."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from pmstats.release.table import Column, Kind, RestrictedTable, Value

if TYPE_CHECKING:
    from pmstats.counts.strategy import StrategyLinks
    from pmstats.findings.scorecard import Reading, Scorecard


def scorecard_table(card: Scorecard) -> RestrictedTable:
    """Each indicator at its last period: target, value, status, how far it came, its trend."""
    return RestrictedTable(
        id="scorecard",
        caption="Each indicator beside its target",
        columns=(
            Column(name="Indicator"),
            Column(name="Department"),
            Column(name="Perspective"),
            Column(name="Period"),
            Column(name="Target"),
            Column(name="Actual"),
            Column(name="Status"),
            Column(name="Part of the way", kind=Kind.SHARE),
            Column(name="Trend"),
            Column(name="Periods", kind=Kind.COUNT),
            Column(name="p, trend", kind=Kind.P_VALUE),
            Column(name="To look into"),
        ),
        rows=tuple(_row(each, card) for each in card.readings),
        notes=(
            "Part of the way is from baseline to target; 100% is the target. A trend is Mann's "
            "test over the periods, better or worse by the indicator's direction; each is judged "
            "on its own, so one in twenty may seem to move by chance.",
        ),
    )


def strategy_table(links: StrategyLinks) -> RestrictedTable:
    """The strategy map as rows: what is aimed at, what that needs, what is measured."""
    return RestrictedTable(
        id="strategy",
        caption=links.title,
        columns=tuple(Column(name=heading) for heading in links.headings),
        rows=tuple(tuple(cell or "no link" for cell in chain) for chain in links.chains),
        notes=(f"Every chain begins with: {links.top}.",),
    )


def _row(each: Reading, card: Scorecard) -> tuple[Value, ...]:
    matters = [f"no {link[:1].lower()}{link[1:]}" for link in each.unlinked]
    if isnan(each.target):
        matters.append("no target")
    if each.stale:
        matters.append(f"not reviewed for {card.stale_months} months")
    return (
        each.name,
        each.department,
        each.perspective,
        each.period,
        _number(each.target),
        _number(each.actual),
        each.status or "none",
        None if isnan(each.attainment) else each.attainment,
        each.trend.value,
        each.periods,
        None if isnan(each.p_value) else each.p_value,
        "; ".join(matters),
    )


def _number(value: float) -> str:
    return "" if isnan(value) else f"{value:,.10g}"
