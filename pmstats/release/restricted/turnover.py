"""Two points in time as the entitled readers of a restricted pack may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmstats.release.table import TOO_FEW, Column, Kind, RestrictedTable, Value

if TYPE_CHECKING:
    from pmstats.counts.distribution import Distribution
    from pmstats.counts.turnover import RecordChanges, Turnover
    from pmstats.findings.turnover import ChangeReadings, FollowUps
    from pmstats.scheme import Scheme


def turnover_table(turnover: Turnover, *, scheme: Scheme) -> RestrictedTable:
    """Who is in both tables, in one alone, and what changed for those in both (paras 48, 88)."""
    minimum = scheme.practice.minimum_group
    stayed = turnover.after.people - turnover.joined.people
    first, second = turnover.titles
    rows: list[tuple[Value, ...]] = [
        (f"In the first table: {first}", turnover.before.people, turnover.before.n),
        ("In both tables", stayed, turnover.stayed.n),
        ("In the first alone (left)", *_size(turnover.left, minimum)),
        ("In the second alone (joined)", *_size(turnover.joined, minimum)),
        (f"In the second table: {second}", turnover.after.people, turnover.after.n),
        ("Rated higher the second time", None, turnover.stayed.raised),
        ("Rated lower the second time", None, turnover.stayed.lowered),
    ]
    return RestrictedTable(
        id="turnover",
        caption="Who stayed, joined and left",
        columns=(
            Column(name="People"),
            Column(name="Number", kind=Kind.COUNT),
            Column(name="Rated", kind=Kind.COUNT),
        ),
        rows=tuple(rows),
        notes=("Of people in both tables, rated means rated both times.",),
    )


def record_changes_table(changes: RecordChanges) -> RestrictedTable:
    """What changed on record for the people in both tables: grade, unit and answers."""
    return RestrictedTable(
        id="record-changes",
        caption="What changed on record for people in both tables",
        columns=(
            Column(name="On record"),
            Column(name="People held at both", kind=Kind.COUNT),
            Column(name="Changed", kind=Kind.COUNT),
            Column(name="Answered since", kind=Kind.COUNT),
        ),
        rows=tuple((each.what, each.people, each.changed, each.answered) for each in changes.each),
        notes=(
            "Answered since: no usable answer the first time, one the second. Other changes of "
            "answers may be corrections of the record.",
        ),
    )


def change_readings_table(readings: ChangeReadings, *, scheme: Scheme) -> RestrictedTable:
    """The change in each share split into other people and other ratings (Kitagawa)."""
    minimum = scheme.practice.minimum_group
    rows: list[tuple[Value, ...]] = []
    for each in readings.each:
        if min(each.n_before, each.n_after) < minimum:
            rows.append((each.by, each.framing, TOO_FEW, *([None] * 6)))
            continue
        split = each.split
        rows.append(
            (
                each.by,
                each.framing,
                each.share_before,
                each.share_after,
                split.difference,
                split.composition,
                split.rates,
                each.rates.low,
                each.rates.high,
            )
        )
    return RestrictedTable(
        id="change-split",
        caption="Why shares changed: other people, or other ratings of like people",
        columns=(
            Column(name="Split by"),
            Column(name="Share of"),
            Column(name="Before", kind=Kind.SHARE),
            Column(name="After", kind=Kind.SHARE),
            Column(name="Change", kind=Kind.POINTS),
            Column(name="Other people", kind=Kind.POINTS),
            Column(name="Other ratings", kind=Kind.POINTS),
            Column(name="Low", kind=Kind.POINTS),
            Column(name="High", kind=Kind.POINTS),
        ),
        rows=tuple(rows),
        notes=(
            "The change is the sum of its two parts (Kitagawa 1955), by one column at a time. Low "
            "and high are limits for the difference within groups, pooled; they treat the two "
            "points as different people, and are wider than need be where many are the same.",
        ),
    )


def follow_ups_table(follow_ups: FollowUps) -> RestrictedTable:
    """What was said of each matter at both points, and whether it is for next year (R44, R50)."""
    return RestrictedTable(
        id="follow-up",
        caption="What was flagged, and what became of it",
        columns=(
            Column(name="Matter"),
            Column(name="First point"),
            Column(name="Second point"),
            Column(name="For the next expectation-setting meeting"),
        ),
        rows=tuple(
            (
                each.title,
                each.before,
                each.after,
                "yes" if each.for_next_year else "no",
            )
            for each in follow_ups.each
        ),
        notes=("An entry asks about standards and process next year; it changes no rating.",),
    )


def _size(each: Distribution, minimum: int) -> tuple[Value, Value]:
    """People and how many of them are rated, the latter unless they are too few."""
    return each.people, each.n if each.people >= minimum else TOO_FEW
