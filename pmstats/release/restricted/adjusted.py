"""Comparisons with grade and unit held fixed, as the entitled readers of a pack may see them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pmstats.findings.within import CAUTION
from pmstats.release.table import Column, Kind, RestrictedTable, Value

if TYPE_CHECKING:
    from pmstats.findings.adjusted import Adjusted, GivenGradeAndUnit

_PENALISED = "penalised (Firth): a box is empty or holds everyone"


def adjusted_table(found: GivenGradeAndUnit) -> RestrictedTable:
    """The primary pair of each characteristic as ratings stand, and with grade and unit fixed."""
    return RestrictedTable(
        id="given-grade-and-unit",
        caption="Whole scale, given grade and business unit at once",
        columns=(
            Column(name="Compared"),
            Column(name="Given"),
            Column(name="n", kind=Kind.COUNT),
            Column(name="n, comparator", kind=Kind.COUNT),
            Column(name="Overall", kind=Kind.POINTS),
            Column(name="Given these", kind=Kind.POINTS),
            Column(name="Low", kind=Kind.POINTS),
            Column(name="High", kind=Kind.POINTS),
            Column(name="Detectable", kind=Kind.SIZE),
            Column(name="p", kind=Kind.P_VALUE),
            Column(name="p, adjusted", kind=Kind.P_VALUE),
            Column(name="Verdict overall"),
            Column(name="Verdict given these"),
            Column(name="Odds ratio", kind=Kind.RATIO),
            Column(name="Holds along the scale, p", kind=Kind.P_VALUE),
        ),
        rows=tuple(_adjusted_row(each) for each in found.each),
        notes=(
            f"{CAUTION} The odds ratio of a better box is that of a proportional odds model; the "
            "points are the whole-scale difference of two groups that far apart. Low, high and "
            "detectable (by its standard error) belong to the figure given these. It is "
            "exploratory: a gap only where the primary comparison is one.",
            *(f"{each.title}: {each.reason}" for each in found.each if each.reason),
        ),
    )


def _adjusted_row(each: Adjusted) -> tuple[Value, ...]:
    overall, finding = each.overall, each.finding
    assert overall.effect is not None
    compared = f"{each.title}: {overall.group} v {overall.comparator}"
    crude = overall.effect.value - 0.5
    numbers = overall.n_group, overall.n_comparator
    if finding is None or finding.effect is None or each.odds is None or each.alike is None:
        nothing = [None] * 6
        verdicts = (overall.verdict.value, "not held fixed", None, None)
        return (compared, "nothing", *numbers, crude, *nothing, *verdicts)
    alike: Value = "too small to test" if math.isnan(each.alike.p_value) else each.alike.p_value
    return (
        compared,
        each.given,
        *numbers,
        crude,
        finding.effect.value - 0.5,
        finding.effect.low - 0.5,
        finding.effect.high - 0.5,
        finding.detectable,
        "penalised" if finding.p_value is None else finding.p_value,
        finding.adjusted_p,
        overall.verdict.value,
        finding.verdict.value,
        each.odds.value,
        alike,
    )


def cuts_table(each: Adjusted) -> RestrictedTable:
    """The odds ratio of each box or above alone, beside the one for the whole scale."""
    lines = [("Whole scale", each.odds)] if each.odds else []
    lines += list(each.cuts)
    return RestrictedTable(
        id=f"{each.overall.characteristic}-cuts",
        caption=f"Odds ratio at each cut of the scale, by {each.title.lower()}",
        question="Odds ratio at each cut of the scale,",
        by=each.title.lower(),
        columns=(
            Column(name="Box"),
            Column(name="Odds ratio", kind=Kind.RATIO),
            Column(name="Low", kind=Kind.RATIO),
            Column(name="High", kind=Kind.RATIO),
            Column(name="Fitted by"),
        ),
        rows=tuple(
            (
                box,
                odds.value,
                odds.low,
                odds.high,
                _PENALISED if "penalised" in odds.method else "maximum likelihood",
            )
            for box, odds in lines
        ),
        notes=(
            f"{each.overall.group} v {each.overall.comparator}, given {each.given}. Above 1 the "
            "first group is more often in the box or above. Cuts are fitted one by one; where they "
            "differ from each other, the one ratio is an average that describes none of them.",
        )
        if each.odds
        else (each.reason,),
    )
