"""The tables of the rest of the year: which maker suits which count or finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmstats.counts.movement import Ceilings, Movement, MovementBreakdown, Movements
from pmstats.counts.quarters import Boundaries, Completion, Quarters, Support
from pmstats.findings.panels import Panels
from pmstats.findings.quarters import QuarterReadings
from pmstats.findings.steps import Steps
from pmstats.release import moderation, quarters

if TYPE_CHECKING:
    from pmstats.release.table import RestrictedTable
    from pmstats.scheme import Scheme

YearSubject = (
    Movement
    | Movements
    | MovementBreakdown
    | Ceilings
    | Steps
    | Panels
    | Quarters
    | Completion
    | QuarterReadings
    | Support
    | Boundaries
)


def year_table(subject: YearSubject, *, scheme: Scheme) -> RestrictedTable:
    """The table that the readers of a restricted pack may see of the year around the ratings.

    Raises `TypeError` for anything that has none.
    """
    match subject:
        case Movement():
            table = moderation.movement_table(subject, scheme=scheme)
        case Movements():
            table = moderation.movements_table(subject, scheme=scheme)
        case MovementBreakdown():
            table = moderation.movement_breakdown_table(subject, scheme=scheme)
        case Ceilings():
            table = moderation.ceilings_table(subject, scheme=scheme)
        case Steps():
            table = moderation.steps_table(subject)
        case Panels():
            table = moderation.panels_table(subject, scheme=scheme)
        case Quarters():
            table = quarters.quarters_table(subject, scheme=scheme)
        case Completion():
            table = quarters.completion_table(subject, scheme=scheme)
        case QuarterReadings():
            table = quarters.quarter_shares_table(subject)
        case Support():
            table = quarters.support_table(subject)
        case Boundaries():
            table = quarters.boundaries_table(subject, scheme=scheme)
        case _:
            raise TypeError(f"a restricted table cannot be made of {type(subject).__name__}")
    return table
