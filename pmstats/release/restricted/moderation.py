"""Moderation as the entitled readers of a restricted pack may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmstats.counts.breakdown import Answer
from pmstats.release.restricted.withholding import withheld
from pmstats.release.table import TOO_FEW, Column, Kind, RestrictedTable, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pmstats.counts.movement import Ceilings, Movement, MovementBreakdown, Movements
    from pmstats.findings.panels import Panels
    from pmstats.findings.steps import Steps
    from pmstats.scheme import Scheme


def movement_table(movement: Movement, *, scheme: Scheme) -> RestrictedTable:
    """The transition matrix of one step: the box before in rows, the box after in columns."""
    start, end = (
        title or scheme.stage(name).title
        for title, name in zip(movement.titles, (movement.start, movement.end), strict=True)
    )
    rows: list[tuple[Value, ...]] = [
        (box, *counts, sum(counts))
        for box, counts in zip(movement.ratings, movement.table, strict=True)
    ]
    rows.append(("All", *movement.after, movement.n))
    if movement.n < scheme.practice.minimum_group:
        rows = [("All", TOO_FEW, *([None] * len(movement.ratings)))]
    return RestrictedTable(
        id=f"{movement.start}-to-{movement.end}",
        caption=f"From {_small(start)} (rows) to {_small(end)} (columns)",
        columns=(
            Column(name=start),
            *(Column(name=box, kind=Kind.COUNT) for box in movement.ratings),
            Column(name="All", kind=Kind.COUNT),
        ),
        rows=tuple(rows),
        notes=_unmatched(movement),
    )


def steps_table(steps: Steps) -> RestrictedTable:
    """Each step of moderation in one line: who moved, and the two tests."""
    return RestrictedTable(
        id="moderation-steps",
        caption="Each step of moderation",
        columns=(
            Column(name="Step"),
            Column(name="Rated at both", kind=Kind.COUNT),
            Column(name="Raised", kind=Kind.COUNT),
            Column(name="Lowered", kind=Kind.COUNT),
            Column(name="No reason recorded", kind=Kind.COUNT),
            Column(name="p, ups and downs", kind=Kind.P_VALUE),
            Column(name="p, distribution", kind=Kind.P_VALUE),
            Column(name="p, every two boxes", kind=Kind.P_VALUE),
        ),
        rows=tuple(
            (
                each.title,
                each.movement.n,
                each.movement.raised,
                each.movement.lowered,
                "not recorded" if each.movement.unexplained is None else each.movement.unexplained,
                each.up_down.p_value if each.movement.changed else None,
                each.homogeneity.p_value if each.movement.changed else None,
                each.symmetry.p_value if each.movement.changed else None,
            )
            for each in steps.each
        ),
        notes=(
            "Ups and downs: whether as many were raised as lowered (exact sign test). "
            "Distribution: whether the shares of the boxes changed (Stuart-Maxwell statistic). "
            "Every two boxes: whether as many moved one way as the other between them (Bowker's "
            "statistic). Both by exchanging the two stages within people.",
        ),
    )


def movements_table(movements: Movements, *, scheme: Scheme) -> RestrictedTable:
    """Who was raised and lowered in each panel, business unit or grade; small ones withheld."""
    return _rows_table(
        movements.heading,
        movements.rows,
        id=f"moderation-by-{movements.heading.lower().replace(' ', '-')}",
        hidden=withheld(
            {name: each.n for name, each in movements.rows},
            minimum=scheme.practice.minimum_group,
        ),
        minimum=scheme.practice.minimum_group,
    )


def movement_breakdown_table(each: MovementBreakdown, *, scheme: Scheme) -> RestrictedTable:
    """Who was raised and lowered in each group of a characteristic; small ones withheld."""
    rows = tuple((name, moved) for name, moved in each.rows if moved.n + moved.unmatched)
    unanswered = (row.name for row in each.groups.rows if row.answer is not Answer.DECLARED)
    return _rows_table(
        each.groups.title,
        rows,
        id=f"moderation-by-{each.groups.characteristic.replace('_', '-')}",
        hidden=withheld(
            {name: moved.n for name, moved in rows},
            minimum=scheme.practice.minimum_group,
            unanswered=frozenset(unanswered),
        ),
        minimum=scheme.practice.minimum_group,
    )


def panels_table(panels: Panels, *, scheme: Scheme) -> RestrictedTable:
    """Each panel's share lowered beside all panels' share; no panel below the minimum is named."""
    minimum = scheme.practice.minimum_group
    hidden = withheld(
        {each.panel: each.movement.could_be_lowered for each in panels.severity}, minimum=minimum
    )
    rows: list[tuple[Value, ...]] = []
    for each in panels.severity:
        moved = each.movement
        if each.panel in hidden:
            rows.append((each.panel, TOO_FEW, *([None] * 7)))
            continue
        shares = each.lowered.value, each.lowered.low, each.lowered.high
        counted = moved.lowered / moved.could_be_lowered
        rows.append(
            (
                each.panel,
                moved.could_be_lowered,
                moved.lowered,
                counted,
                *shares,
                each.adjusted_p,
                each.reading.value,
            )
        )
    return RestrictedTable(
        id="panels",
        caption="Panels beside each other",
        columns=(
            Column(name="Panel"),
            Column(name="n", kind=Kind.COUNT),
            Column(name="Lowered", kind=Kind.COUNT),
            Column(name="As counted", kind=Kind.SHARE),
            Column(name="Share", kind=Kind.SHARE),
            Column(name="Low", kind=Kind.SHARE),
            Column(name="High", kind=Kind.SHARE),
            Column(name="p, adjusted", kind=Kind.P_VALUE),
            Column(name="Reading"),
        ),
        rows=tuple(rows),
        notes=(
            "In the export's order, which is no ranking; n is the people who could be lowered. "
            "Shares are drawn towards that of all panels, the more so the fewer people a panel has "
            "(empirical Bayes). p is of the panel against all others from the same starting "
            "boxes, adjusted for the number of panels.",
            *_withheld_note(bool(hidden), minimum),
        ),
    )


def ceilings_table(ceilings: Ceilings, *, scheme: Scheme) -> RestrictedTable:
    """Ratings above what the record allows, stage by stage (Annex D 4a)."""
    rows = tuple(
        (scheme.stage(each.stage).title, each.answer, each.highest, each.people, each.above)
        for each in ceilings.each
    )
    return RestrictedTable(
        id="ceilings",
        caption="Ratings above what the record allows",
        columns=(
            Column(name="Stage"),
            Column(name="On record"),
            Column(name="Highest rating open"),
            Column(name="People", kind=Kind.COUNT),
            Column(name="Rated above", kind=Kind.COUNT),
        ),
        rows=rows,
        notes=() if rows else ("The export does not hold the record this rests on.",),
    )


def _rows_table(
    heading: str,
    rows: Iterable[tuple[str, Movement]],
    *,
    id: str,
    hidden: frozenset[str],
    minimum: int,
) -> RestrictedTable:
    lines: list[tuple[Value, ...]] = []
    for name, each in rows:
        if name in hidden:
            lines.append((name, TOO_FEW, *([None] * 4)))
            continue
        share = each.changed / each.n if each.n else None
        reasons = "not recorded" if each.unexplained is None else each.unexplained
        lines.append((name, each.n, each.raised, each.lowered, share, reasons))
    return RestrictedTable(
        id=id,
        caption=f"Raised and lowered by {heading.lower()}",
        question="Raised and lowered",
        by=heading.lower(),
        columns=(
            Column(name=heading),
            Column(name="Rated at both", kind=Kind.COUNT),
            Column(name="Raised", kind=Kind.COUNT),
            Column(name="Lowered", kind=Kind.COUNT),
            Column(name="Changed", kind=Kind.SHARE),
            Column(name="No reason recorded", kind=Kind.COUNT),
        ),
        rows=tuple(lines),
        notes=_withheld_note(bool(hidden), minimum),
    )


def _small(title: str) -> str:
    return title[:1].lower() + title[1:]


def _withheld_note(any_hidden: bool, minimum: int) -> tuple[str, ...]:
    if not any_hidden:
        return ()
    return (
        f"Groups with fewer than {minimum} people rated are not reported, nor is any group that "
        "subtraction would give away with them.",
    )


def _unmatched(movement: Movement) -> tuple[str, ...]:
    if not movement.unmatched:
        return ()
    who = "1 person is" if movement.unmatched == 1 else f"{movement.unmatched:,} people are"
    return (f"{who} rated at one of the two stages only.",)
