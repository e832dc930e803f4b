"""How firmly a comparison stands: within grade, with other answers, with other ratings."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from pmstats.findings.within import CAUTION
from pmstats.release.table import Column, Kind, RestrictedTable, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pmstats.findings.disparity import Disparity
    from pmstats.findings.sensitivity import EveryoneElse
    from pmstats.findings.within import Within, WithinGrade


def within_table(each: Disparity, within: WithinGrade) -> RestrictedTable:
    """The framings of one characteristic overall and within grade, side by side."""
    name, title = each.breakdown.characteristic, each.breakdown.title.lower()
    table = _side_by_side(
        ((f"{w.overall.group} v {w.overall.comparator}", w) for w in within.each.get(name, ())),
        id=f"{name}-within-grade",
        caption=f"Overall and within grade, by {title}",
    )
    return replace(table, question="Overall and within grade,", by=title)


def all_within_table(within: WithinGrade) -> RestrictedTable:
    """The framings of every characteristic overall and within grade."""
    return _side_by_side(
        (
            (f"{w.overall.group} v {w.overall.comparator}", w)
            for framings in within.each.values()
            for w in framings
        ),
        id="within-grade",
        caption="Overall and within grade",
    )


def _side_by_side(rows: Iterable[tuple[str, Within]], *, id: str, caption: str) -> RestrictedTable:
    return RestrictedTable(
        id=id,
        caption=caption,
        columns=(
            Column(name="Compared"),
            Column(name="Question"),
            Column(name="Overall", kind=Kind.POINTS),
            Column(name="Within grade", kind=Kind.POINTS),
            Column(name="Low", kind=Kind.POINTS),
            Column(name="High", kind=Kind.POINTS),
            Column(name="p, within", kind=Kind.P_VALUE),
            Column(name="Verdict overall"),
            Column(name="Verdict within grade"),
            Column(name="Grades alike, p", kind=Kind.P_VALUE),
        ),
        rows=tuple((compared, *_within_row(each)) for compared, each in rows),
        notes=(
            f"{CAUTION} Differences in percentage points; low and high belong to the figure "
            "within grade. A small last p means that the grades differ among themselves.",
        ),
    )


def _within_row(each: Within) -> tuple[Value, ...]:
    assert each.overall.effect is not None
    assert each.within.effect is not None
    effect = each.within.effect
    alike: Value = "too small to test" if math.isnan(each.alike.p_value) else each.alike.p_value
    return (
        each.overall.question,
        each.overall.effect.value,
        effect.value,
        effect.low,
        effect.high,
        each.within.p_value,
        each.overall.verdict.value,
        each.within.verdict.value,
        alike,
    )


def firmness_table(each: Disparity) -> RestrictedTable:
    """For each framing, how few people decide it: by another rating, or by an answer not given."""
    flips = {
        (finding.group, finding.question): finding.flips_with
        for finding in each.exploratory
        if finding.share_group is not None
    }
    return RestrictedTable(
        id=f"{each.breakdown.characteristic}-firmness",
        caption=f"How few people decide it, by {each.breakdown.title.lower()}",
        question="How few people decide it,",
        by=each.breakdown.title.lower(),
        columns=(
            Column(name="Compared"),
            Column(name="Question"),
            Column(name="Turns with other ratings of", kind=Kind.COUNT),
            Column(name="Without an answer", kind=Kind.COUNT),
            Column(name="Least difference", kind=Kind.POINTS),
            Column(name="Greatest difference", kind=Kind.POINTS),
            Column(name="Turns with answers of", kind=Kind.COUNT),
        ),
        rows=tuple(
            (
                f"{one.group} v {one.comparator}",
                one.question,
                flips[one.group, one.question] or "none",
                one.bounds.undeclared,
                one.bounds.low,
                one.bounds.high,
                one.tipping.people if one.tipping else "none",
            )
            for one in each.sensitivities
        ),
        notes=(
            "The evidence (p at or below 5%, taken alone) would turn if so many people of the "
            "first group were rated otherwise, or if so many of those without an answer belonged "
            "where they weigh most. Least and greatest are the limits of the difference whatever "
            "their answers; nobody's answer is guessed.",
        ),
    )


def everyone_else_table(each: Disparity) -> RestrictedTable:
    """Each group beside all the other groups together: another comparator, without a verdict."""
    return RestrictedTable(
        id=f"{each.breakdown.characteristic}-everyone-else",
        caption=f"Beside everyone else, by {each.breakdown.title.lower()}",
        question="Beside everyone else,",
        by=each.breakdown.title.lower(),
        columns=(
            Column(name="Group"),
            Column(name="Question"),
            Column(name="n", kind=Kind.COUNT),
            Column(name="n, everyone else", kind=Kind.COUNT),
            Column(name="Effect", kind=Kind.POINTS),
            Column(name="Low", kind=Kind.POINTS),
            Column(name="High", kind=Kind.POINTS),
        ),
        rows=tuple(
            (
                one.group,
                one.question,
                one.n_group,
                one.n_others,
                *(limit - (0.5 if one.share_group is None else 0.0) for limit in _three(one)),
            )
            for one in each.everyone_else
        ),
        notes=(
            "The same effects with all other groups shown as the comparator. There is no p and no "
            "verdict: the two comparators overlap, and overlapping comparators are never tested "
            "together.",
        ),
    )


def _three(one: EveryoneElse) -> tuple[float, float, float]:
    return one.effect.value, one.effect.low, one.effect.high
