"""The quarters of the year as the entitled readers of a restricted pack may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmstats.release.restricted.withholding import withheld
from pmstats.release.table import TOO_FEW, Column, Kind, RestrictedTable, Value
from pmstats.scheme.words import cited

if TYPE_CHECKING:
    from pmstats.counts.quarters import Boundaries, Completion, Quarters, Support
    from pmstats.findings.quarters import QuarterReadings
    from pmstats.scheme import Scheme


def quarters_table(quarters: Quarters, *, scheme: Scheme) -> RestrictedTable:
    """The distribution of each quarter among those rated, and how many were not (paras 47-48)."""
    minimum = scheme.practice.minimum_group
    boxes = scheme.rating_names
    rows: list[tuple[Value, ...]] = []
    for each in quarters.each:
        counted = each.distribution
        if counted.n < minimum:
            rows.append((each.title, TOO_FEW, *([None] * (len(boxes) + 1))))
        else:
            rows.append((each.title, counted.n, *counted.shares, counted.unrated))
    return RestrictedTable(
        id="quarters",
        caption="The quarters of the year",
        columns=(
            Column(name="Quarter"),
            Column(name="Rated (n)", kind=Kind.COUNT),
            *(Column(name=box, kind=Kind.SHARE) for box in boxes),
            Column(name="Not rated", kind=Kind.COUNT),
        ),
        rows=tuple(rows),
        notes=(
            "Among those in post at the end of the quarter. The same people are rated again, so "
            "the quarters are not independent of each other; four points make no trend.",
        ),
    )


def completion_table(completion: Completion, *, scheme: Scheme) -> RestrictedTable:
    """The share of those due who were rated, by quarter and group; small groups withheld."""
    minimum = scheme.practice.minimum_group
    sizes = {name: max(due for _, due in each) for name, each in completion.rows}
    hidden = withheld(sizes, minimum=minimum, unanswered=completion.unanswered)
    rows: list[tuple[Value, ...]] = []
    for name, each in completion.rows:
        if name in hidden:
            rows.append((name, TOO_FEW, *([None] * (len(each) - 1))))
        else:
            rows.append(
                (name, *(rated / due if due >= minimum else TOO_FEW for rated, due in each))
            )
    heading = completion.heading.lower()
    withholding = (
        (
            f"Groups with fewer than {minimum} people due are not reported, nor is any group that "
            "subtraction would give away with them.",
        )
        if hidden
        else ()
    )
    return RestrictedTable(
        id=f"completion-by-{heading.replace(' ', '-')}",
        caption=f"Rated, of those due, by {heading}",
        question="Rated, of those due,",
        by=heading,
        columns=(
            Column(name=completion.heading),
            *(Column(name=title, kind=Kind.SHARE) for title in completion.titles),
        ),
        rows=tuple(rows),
        notes=(_people_due([sizes[name] for name in sizes if name not in hidden]), *withholding),
    )


def _people_due(sizes: list[int]) -> str:
    return f"Due: n from {min(sizes):,} to {max(sizes):,}." if sizes else "Due: n = 0."


def quarter_shares_table(readings: QuarterReadings) -> RestrictedTable:
    """Each framing's share by quarter, with the ordinary interval and that for repeated looks."""
    return RestrictedTable(
        id="quarter-shares",
        caption="Shares by quarter, with intervals for one look and for many",
        columns=(
            Column(name="Share of"),
            Column(name="Quarter"),
            Column(name="People", kind=Kind.COUNT),
            Column(name="n", kind=Kind.COUNT),
            Column(name="Share", kind=Kind.SHARE),
            Column(name="Low, one look", kind=Kind.SHARE),
            Column(name="High, one look", kind=Kind.SHARE),
            Column(name="Low, many looks", kind=Kind.SHARE),
            Column(name="High, many looks", kind=Kind.SHARE),
        ),
        rows=tuple(
            (
                each.framing,
                each.title,
                each.count,
                each.n,
                each.once.value,
                each.once.low,
                each.once.high,
                each.repeated.low,
                each.repeated.high,
            )
            for each in readings.shares
        ),
        notes=(
            "The interval for one look is Wilson's. The one for many looks stays valid however "
            "often a quarter is looked at as its ratings come in (confidence sequence), and for "
            "all quarters together.",
        ),
    )


def support_table(support: Support, *, scheme: Scheme) -> RestrictedTable:
    """Where support and formal measures were due and where they are on record (R27-R31)."""
    rules = scheme.support
    assert rules is not None
    rating, due, measures = support.rating, rules.due_paragraph, rules.measures_paragraph
    lines: tuple[tuple[str, int | None, str], ...] = (
        (f"{rating} in two consecutive quarters", support.twice, due),
        ("of them, with a plan, support or review on record", support.with_plan, due),
        (f"{rating} on both sides of a quarter without a rating", support.unclear, due),
        (f"{rating} again after two consecutive quarters", support.again, due),
        ("of them, on formal measures", support.with_measures, due),
        ("of them, with exceptional circumstances on record", support.excused, due),
        ("On formal poor-performance measures, everyone", support.on_measures, measures),
        ("of them, with at most one such rating this year", support.early, rules.single_paragraph),
    )
    return RestrictedTable(
        id="support",
        caption="Support and formal measures: due and on record",
        columns=(
            Column(name="People"),
            Column(name="Number", kind=Kind.COUNT),
            Column(name="Paragraph"),
        ),
        rows=tuple(
            (what, "not recorded" if count is None else count, paragraph)
            for what, count, paragraph in lines
        ),
        notes=(
            "Counts of people in scope, whenever they were in post. One such rating alone is a "
            "prompt for support and no trigger for formal measures "
            f"({cited(rules.single_paragraph)}).",
        ),
    )


def boundaries_table(boundaries: Boundaries, *, scheme: Scheme) -> RestrictedTable:
    """People whose quarters stood on both sides of a line between boxes, and where they ended."""
    minimum = scheme.practice.minimum_group
    return RestrictedTable(
        id="boundaries",
        caption="People near a line between two boxes, by their quarters",
        columns=(
            Column(name="Line between"),
            Column(name="People", kind=Kind.COUNT),
            Column(name="Recommended above it", kind=Kind.COUNT),
            Column(name="Rated above it in the end", kind=Kind.COUNT),
        ),
        rows=tuple(
            (
                f"{each.above} and {each.below}",
                *(
                    (TOO_FEW, None, None)
                    if each.people < minimum
                    else (each.people, each.recommended_above, each.final_above)
                ),
            )
            for each in boundaries.each
        ),
        notes=(
            "Among those in the table at the end of the year. A person may stand at more than one "
            "line. Counts only: the table asks for no rating to be changed.",
        ),
    )
